"""The gate: verified payload in, verdict out, with one opa call in between.

Exit codes of ``opa eval`` do not tell a clean result from a rule that is not there (opa ``cmd/eval.go``), so nothing is
decided by them: the answer must be one object of exactly the expected shape, from exactly the expected rules.
Anything else is a ``GateError``, never an allow.
"""

from __future__ import annotations

import errno
from collections.abc import Mapping, Sequence
from datetime import datetime
from pathlib import Path
from typing import Any

from attestor import limits
from attestor.clock import rfc3339
from attestor.collection import Opened
from attestor.engine import Engine, uncertain, value
from attestor.errors import GateError
from attestor.statement import encode
from attestor.verdict import Verdict, Violation

QUERY = "data.gate.decision"
_QUERY_ALL = f"[decision | some document in input.documents; decision := {QUERY} with input as document]"
ENTRY = "gate.rego"
FAMILIES = ("mesh", "collection")
"""Rules of ``mesh`` see the bare linkerd-check predicate, those of ``collection`` the whole input below."""


def policy_folder() -> Path:
    """Return the embedded policy: inside the installed package, or beside it in a checkout; raises ``GateError``."""
    package = Path(__file__).resolve().parent
    try:
        return next(folder for folder in (package / "policy", package.parent / "policy") if (folder / ENTRY).is_file())
    except (OSError, StopIteration) as error:
        raise _no_rules(error) from error


def modules(policy: Path) -> list[Path]:
    """Return the policy's modules, the entry first, without their tests.

    Raises ``GateError`` where a family cannot be listed or is empty: what is not listed could not deny.
    """
    rules = [path for family in FAMILIES for path in _family(policy / family)]
    return [policy / ENTRY, *rules]


def _family(folder: Path) -> list[Path]:
    try:
        # Not glob(), for which a folder that may not be read is an empty one.
        found = sorted(path for path in folder.iterdir() if path.suffix == ".rego" and not path.stem.endswith("_test"))
    except OSError as error:
        raise _no_rules(error) from error
    if not found:
        raise _no_rules(FileNotFoundError(errno.ENOENT, f"there are no rules in {folder.name}"))
    return found


def _no_rules(error: Exception) -> GateError:
    reason = error.strerror if isinstance(error, OSError) else "they are not there"
    return GateError(
        f"the embedded rules cannot be read: {reason}",
        cause="the installation is not whole, or belongs to another user",
        remedy="install it anew; the signed evidence is on disk and can be judged with `mesh-attestor verify`",
    )


def rule_id(module: Path) -> str:
    """Return a rule's id, which is its package and its path."""
    return f"{module.parent.name}.{module.stem}"


def judge(opened: Opened, engine: Engine, *, now: datetime, allow_replay: bool) -> Verdict:
    """Evaluate the embedded policy over ``opened``; raises ``GateError`` where there is no certain answer."""
    answer, expected = _answer(QUERY, gate_input(opened, now, allow_replay=allow_replay), engine)
    return parse(answer, expected)


def judge_all(collections: Sequence[Opened], engine: Engine, *, now: datetime, allow_replay: bool) -> list[Verdict]:
    """Return the verdict over each of ``collections``, in their order, by one call of opa; raises as ``judge``."""
    documents = [gate_input(opened, now, allow_replay=allow_replay) for opened in collections]
    answer, expected = _answer(_QUERY_ALL, {"documents": documents}, engine)
    decisions = _list(value(answer))
    if len(decisions) != len(documents):
        raise uncertain(f"there are {len(decisions)} decisions on {len(documents)} collections")
    return [_verdict(decision, expected) for decision in decisions]


def _answer(query: str, document: Mapping[str, Any], engine: Engine) -> tuple[bytes, frozenset[str]]:
    """Return what opa printed, and the ids of the rules that it was given."""
    loaded = modules(policy_folder())
    done = engine.evaluate(query, loaded, encode(document))
    if done.exit_code != 0:
        raise uncertain(f"opa ended with exit code {done.exit_code}", done)
    return done.stdout, frozenset(rule_id(module) for module in loaded[1:])


def gate_input(opened: Opened, now: datetime, *, allow_replay: bool) -> dict[str, Any]:
    """Return opa's input: every body of the collection under its name, times, and what the caller allows."""
    starts = [started for started, _ in opened.times.values() if started]
    ends = [finished for _, finished in opened.times.values() if finished]
    found: dict[str, Any] = {name.replace("-", "_"): body for name, body in opened.bodies.items()}
    found["run"] = {
        "started": rfc3339(min(starts)) if starts else "",
        "finished": rfc3339(max(ends)) if ends else "",
        "now": rfc3339(now),
    }
    found["config"] = {"allow_replay": allow_replay}
    found["waivers"] = []
    return found


def parse(answer: bytes, expected: frozenset[str]) -> Verdict:
    """Read opa's answer, which must be one decision by exactly the rules of ``expected``; raises ``GateError``."""
    return _verdict(value(answer), expected)


def _verdict(decision: object, expected: frozenset[str]) -> Verdict:
    if not isinstance(decision, dict):
        raise uncertain("the decision is not an object")
    if set(decision) != {"allow", "checked", "violations"} or not isinstance(decision["allow"], bool):
        raise uncertain("the decision is not of the expected shape")
    checked = decision["checked"]
    if not isinstance(checked, list) or not all(isinstance(rule, str) for rule in checked):
        raise uncertain("the decision does not list the rules that it looked at")
    if not expected or set(checked) != expected or len(checked) != len(expected):
        raise uncertain(f"the decision is by {len(checked)} rules, and {len(expected)} were to be looked at")
    violations = tuple(sorted(_violation(item, expected) for item in _list(decision["violations"])))
    if decision["allow"] == bool(violations):
        raise uncertain("the decision contradicts its own violations")
    return Verdict(allowed=decision["allow"], checked=tuple(sorted(checked)), violations=violations)


def _list(value: object) -> list[Any]:
    if not isinstance(value, list):
        raise uncertain("the decision's violations are not a list, or there is no list of decisions")
    return value


def _violation(item: object, expected: frozenset[str]) -> Violation:
    if not isinstance(item, dict) or set(item) != {"rule", "message"}:
        raise uncertain("a violation is not of the expected shape")
    rule, message = item["rule"], item["message"]
    if not isinstance(rule, str) or rule not in expected or not isinstance(message, str) or not message:
        raise uncertain("a violation names an unknown rule or has no message")
    return Violation(rule=rule, message=_cut(message))


def _cut(message: str) -> str:
    """Return ``message`` no longer than a reason may be, and how much of it is not told."""
    more = len(message) - limits.MESSAGE_CHARACTERS
    return message if more <= 0 else f"{message[: limits.MESSAGE_CHARACTERS]}… and {more} more characters"
