"""The gate: verified payload in, verdict out, with one opa call in between.

Exit codes of ``opa eval`` do not tell a clean result from a rule that is not there (opa ``cmd/eval.go``), so nothing is
decided by them: the answer must be one object of exactly the expected shape, from exactly the expected rules.
Anything else is a ``GateError``, never an allow.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from attestor import limits
from attestor.clock import rfc3339
from attestor.collection import Opened
from attestor.engine import Engine, uncertain, value
from attestor.policies import EMBEDDED, Policy, catalogue, own
from attestor.policies.embedded import ENTRY, modules, policy_folder, rule_id
from attestor.statement import encode
from attestor.verdict import Verdict, Violation, Waived

QUERY = "data.gate.decision"
_QUERY_ALL = f"[decision | document := input.documents[_]; decision := {QUERY} with input as document]"
"""In words of the older Rego, too: opa reads the query as it reads the modules."""
_TREES = ("material", "product")
_KEYS = frozenset({"allow", "checked", "off", "violations", "warnings", "waived", "exempt"})

__all__ = ["ENTRY", "QUERY", "gate_input", "judge", "judge_all", "modules", "parse", "policy_folder", "rule_id"]


@dataclass(frozen=True, slots=True, kw_only=True)
class Expected:
    """What an answer must speak of: the ids of the rules that are looked at, and of those that are off.

    ``unloaded`` are off, too, but for everything that is judged, so that opa need not even compile them.
    """

    checked: frozenset[str]
    off: frozenset[str] = frozenset()
    unloaded: frozenset[str] = frozenset()
    policy: Policy = EMBEDDED

    @property
    def all(self) -> frozenset[str]:
        """Every rule that there is."""
        return self.checked | self.off | self.unloaded


def judge(opened: Opened, engine: Engine, *, now: datetime, allow_replay: bool, policy: Policy = EMBEDDED) -> Verdict:
    """Evaluate the policy over ``opened``; raises ``GateError`` where there is no certain answer."""
    policy = own.compiled(policy, engine)
    unloaded = _unloaded(opened, policy=policy)
    document = gate_input(opened, now, allow_replay=allow_replay, policy=policy)
    answer = _answer(QUERY, document, engine, policy, unloaded)
    return parse(answer, _expected(opened, policy, unloaded))


def judge_all(
    collections: Sequence[Opened],
    engine: Engine,
    *,
    now: datetime,
    allow_replay: bool,
    policy: Policy = EMBEDDED,
) -> list[Verdict]:
    """Return the verdict over each of ``collections``, in their order, by one call of opa; raises as ``judge``."""
    policy = own.compiled(policy, engine)
    unloaded = _unloaded(*collections, policy=policy)
    documents = [
        gate_input(opened, now, allow_replay=allow_replay, policy=policy, loaded=True) for opened in collections
    ]
    answer = _answer(_QUERY_ALL, {"documents": documents}, engine, policy, unloaded)
    decisions = _list(value(answer))
    if len(decisions) != len(documents):
        raise uncertain(f"there are {len(decisions)} decisions on {len(documents)} collections")
    pairs = zip(decisions, collections, strict=True)
    return [_verdict(decision, _expected(opened, policy, unloaded)) for decision, opened in pairs]


def _unloaded(*collections: Opened, policy: Policy) -> frozenset[str]:
    """Return what is off for all of them, but never of the floor: whatever a policy says, opa is asked for that."""
    everywhere = [policy.off(_cluster(opened), covered=opened.covered) for opened in collections] or [frozenset[str]()]
    return frozenset(rule for rule in frozenset.intersection(*everywhere) if not catalogue.is_of_the_floor(rule))


def _expected(opened: Opened, policy: Policy, unloaded: frozenset[str]) -> Expected:
    embedded = frozenset(rule_id(module) for module in modules(policy_folder())[1:])
    off = policy.off(_cluster(opened), covered=opened.covered)
    checked = (embedded - off) | policy.own_ids
    return Expected(checked=checked, off=off - unloaded, unloaded=unloaded, policy=policy)


def _cluster(opened: Opened) -> str:
    return str(opened.linkerd_check.get("cluster_name", ""))


def _answer(query: str, document: Mapping[str, Any], engine: Engine, policy: Policy, unloaded: frozenset[str]) -> bytes:
    embedded = [module for module in modules(policy_folder()) if rule_id(module) not in unloaded]
    loaded = [*embedded, *own.loaded(policy, engine)]
    done = engine.evaluate(query, loaded, encode(document), legacy=policy.rego_version == "v0")
    if done.exit_code != 0:
        raise uncertain(f"opa ended with exit code {done.exit_code}", done)
    return done.stdout


def gate_input(
    opened: Opened, now: datetime, *, allow_replay: bool, policy: Policy = EMBEDDED, loaded: bool = False
) -> dict[str, Any]:
    """Return opa's input: every body of the collection under its name, times, and what the caller decided.

    With ``loaded``, rules that are not asked of this collection may be there for another one, and are switched off.
    The trees are there for rules of one's own: no embedded rule looks at a leaf, and a large tree is most of the input.
    """
    found = _without_trees(opened) if not policy.own else _named(opened.bodies)
    found["run"] = _times(opened) | {"now": rfc3339(now)}
    found["config"] = {"allow_replay": allow_replay, **policy.config(_cluster(opened))}
    if loaded and not opened.covered:
        found["config"]["levels"] |= dict.fromkeys(policy.unasked(_cluster(opened)), "off")
    found["waivers"] = [waiver.to_dict() for waiver in policy.waivers]
    if policy.baseline is not None:
        earlier = policy.baseline.opened
        found["baseline"] = _without_trees(earlier) | {"run": _times(earlier)}
    return found


def _named(bodies: Mapping[str, Any]) -> dict[str, Any]:
    return {name.replace("-", "_"): body for name, body in bodies.items()}


def _without_trees(opened: Opened) -> dict[str, Any]:
    return _named({name: body for name, body in opened.bodies.items() if name not in _TREES})


def _times(opened: Opened) -> dict[str, str]:
    starts = [started for started, _ in opened.times.values() if started]
    ends = [finished for _, finished in opened.times.values() if finished]
    return {"started": rfc3339(min(starts)) if starts else "", "finished": rfc3339(max(ends)) if ends else ""}


def parse(answer: bytes, expected: Expected) -> Verdict:
    """Read opa's answer, which must be one decision by exactly the rules that are expected; raises ``GateError``."""
    return _verdict(value(answer), expected)


def _verdict(decision: object, expected: Expected) -> Verdict:
    if not isinstance(decision, dict):
        raise uncertain("the decision is not an object")
    if set(decision) != _KEYS or not isinstance(decision["allow"], bool):
        raise uncertain("the decision is not of the expected shape")
    if not expected.checked:
        raise uncertain("there is no rule to look at")
    checked = _exactly(decision["checked"], expected.checked, "is by", "looked at")
    off = _exactly(decision["off"], expected.off, "leaves out", "switched off")
    violations = _violations(decision["violations"], expected)
    if decision["allow"] == bool(violations):
        raise uncertain("the decision contradicts its own violations")
    return Verdict(
        allowed=decision["allow"],
        checked=checked,
        violations=violations,
        warnings=_excepted(decision["warnings"], expected),
        waived=tuple(_waived(item, expected) for item in _list(decision["waived"])),
        exempt=_excepted(decision["exempt"], expected),
        off=tuple(sorted({*off, *expected.unloaded})),
        policy=expected.policy,
    )


def _exactly(listed: object, expected: frozenset[str], verb: str, done: str) -> tuple[str, ...]:
    """Return the rules that are ``listed``, which must be those of ``expected``, each once."""
    if not isinstance(listed, list) or not all(isinstance(rule, str) for rule in listed):
        raise uncertain(f"the decision does not list the rules that it {verb}")
    if set(listed) != expected or len(listed) != len(expected):
        raise uncertain(f"the decision {verb} {len(listed)} rules, and {len(expected)} were to be {done}")
    return tuple(sorted(listed))


def _list(value: object) -> list[Any]:
    if not isinstance(value, list):
        raise uncertain("the decision's violations are not a list, or there is no list of decisions")
    return value


def _violations(listed: object, expected: Expected) -> tuple[Violation, ...]:
    return tuple(sorted(_violation(item, expected, {"rule", "message", "about"}) for item in _list(listed)))


def _violation(item: object, expected: Expected, keys: set[str]) -> Violation:
    if not isinstance(item, dict) or set(item) != keys or not isinstance(item["about"], dict):
        raise uncertain("a finding is not of the expected shape")
    rule, message = item["rule"], item["message"]
    if not isinstance(rule, str) or rule not in expected.checked or not isinstance(message, str) or not message:
        raise uncertain("a finding names an unknown rule or has no message")
    about = tuple(sorted((key, found) for key, found in item["about"].items() if isinstance(found, str)))
    return Violation(rule=rule, message=_cut(message), about=about)


def _excepted(listed: object, expected: Expected) -> tuple[Violation, ...]:
    """Return findings that do not deny; none of them may be of the floor."""
    found = _violations(listed, expected)
    if any(catalogue.is_of_the_floor(violation.rule) for violation in found):
        raise uncertain("the decision lets pass what a rule of the floor found")
    return found


def _waived(item: object, expected: Expected) -> Waived:
    violation = _violation(item, expected, {"rule", "message", "about", "waivers"})
    assert isinstance(item, dict)
    known = expected.policy.waivers
    numbers = item["waivers"]
    if not isinstance(numbers, list) or not numbers:
        raise uncertain("a waived finding does not say by which waiver")
    if not all(type(number) is int and 0 <= number < len(known) for number in numbers):  # true would be one, too
        raise uncertain("a waived finding names a waiver that nobody gave")
    if catalogue.is_of_the_floor(violation.rule) and violation.rule != catalogue.WAIVABLE:
        raise uncertain("the decision waives what a rule of the floor found")
    covering = tuple(known[number] for number in numbers)
    if any(waiver.rule != violation.rule for waiver in covering):
        raise uncertain("a finding is waived by a waiver of another rule")
    return Waived(violation=violation, waivers=covering)


def _cut(message: str) -> str:
    """Return ``message`` no longer than a reason may be, and how much of it is not told."""
    more = len(message) - limits.MESSAGE_CHARACTERS
    return message if more <= 0 else f"{message[: limits.MESSAGE_CHARACTERS]}… and {more} more characters"
