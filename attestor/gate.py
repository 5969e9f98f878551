"""The gate: verified payload in, verdict out, with one opa call in between.

Exit codes of ``opa eval`` do not tell a clean result from a rule that is not there (opa ``cmd/eval.go``), so nothing is
decided by them: the answer must be one object of exactly the expected shape, from exactly the expected rules.
Anything else is a ``GateError``, never an allow.
"""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime
from pathlib import Path
from typing import Any

from attestor import strict_json
from attestor.clock import rfc3339
from attestor.collection import Opened
from attestor.engine import Engine
from attestor.errors import GateError
from attestor.process import Completed
from attestor.statement import encode
from attestor.verdict import Verdict, Violation

QUERY = "data.gate.decision"
ENTRY = "gate.rego"
FAMILIES = ("mesh", "collection")
"""Rules of ``mesh`` see the bare linkerd-check predicate, those of ``collection`` the whole input below."""


def policy_folder() -> Path:
    """Return the embedded policy: inside the installed package, or beside it in a checkout."""
    package = Path(__file__).resolve().parent
    return next(folder for folder in (package / "policy", package.parent / "policy") if (folder / ENTRY).is_file())


def modules(policy: Path) -> list[Path]:
    """Return the policy's modules, the entry first, without their tests."""
    rules = [path for family in FAMILIES for path in sorted((policy / family).glob("*.rego"))]
    return [policy / ENTRY, *(path for path in rules if not path.stem.endswith("_test"))]


def rule_id(module: Path) -> str:
    """Return a rule's id, which is its package and its path."""
    return f"{module.parent.name}.{module.stem}"


def judge(opened: Opened, engine: Engine, *, now: datetime, allow_replay: bool) -> Verdict:
    """Evaluate the embedded policy over ``opened``; raises ``GateError`` where there is no certain answer."""
    loaded = modules(policy_folder())
    document = encode(gate_input(opened, now, allow_replay=allow_replay))
    done = engine.evaluate(QUERY, loaded, document)
    if done.exit_code != 0:
        raise _failed(f"opa ended with exit code {done.exit_code}: {_complaint(done)}")
    return parse(done.stdout, frozenset(rule_id(module) for module in loaded[1:]))


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
    decision = _decision(answer)
    if set(decision) != {"allow", "checked", "violations"} or not isinstance(decision["allow"], bool):
        raise _failed("the decision is not of the expected shape")
    checked = decision["checked"]
    if not isinstance(checked, list) or not all(isinstance(rule, str) for rule in checked):
        raise _failed("the decision does not list the rules that it looked at")
    if not expected or set(checked) != expected or len(checked) != len(expected):
        raise _failed(f"the decision is by {len(checked)} rules, and {len(expected)} were to be looked at")
    violations = tuple(sorted(_violation(item, expected) for item in _list(decision["violations"])))
    if decision["allow"] == bool(violations):
        raise _failed("the decision contradicts its own violations")
    return Verdict(allowed=decision["allow"], checked=tuple(sorted(checked)), violations=violations)


def _decision(answer: bytes) -> Mapping[str, Any]:
    try:
        found = strict_json.loads(answer)
    except strict_json.NotJson as error:
        raise _failed(f"the answer is not JSON: {error.reason}") from error
    if not isinstance(found, dict) or set(found) != {"result"}:
        raise _failed("the answer is undefined, or reports errors")
    try:
        ((expression,),) = (result["expressions"] for result in found["result"])
        value = expression["value"]
    except (ValueError, KeyError, TypeError) as error:
        raise _failed("the answer does not hold exactly one value") from error
    if not isinstance(value, dict):
        raise _failed("the decision is not an object")
    return value


def _list(value: object) -> list[Any]:
    if not isinstance(value, list):
        raise _failed("the decision's violations are not a list")
    return value


def _violation(item: object, expected: frozenset[str]) -> Violation:
    if not isinstance(item, dict) or set(item) != {"rule", "message"}:
        raise _failed("a violation is not of the expected shape")
    rule, message = item["rule"], item["message"]
    if not isinstance(rule, str) or rule not in expected or not isinstance(message, str) or not message:
        raise _failed("a violation names an unknown rule or has no message")
    return Violation(rule=rule, message=message)


def _complaint(done: Completed) -> str:
    """Return the first error of opa's answer, or else the first line that it printed."""
    try:
        said = str(strict_json.loads(done.stdout)["errors"][0]["message"])
    except (strict_json.NotJson, LookupError, TypeError):
        said = (done.stderr or done.stdout).decode("utf-8", "replace")
    lines = said.strip().splitlines()
    return lines[0][:300] if lines else "it printed nothing"


def _failed(problem: str) -> GateError:
    return GateError(
        f"the gate has no certain answer: {problem}",
        cause="the opa binary is not the one of the set-up, ran out of memory or time, or the policy was changed",
        remedy="run `make setup` again; the signed evidence is on disk and can be judged with `mesh-attestor verify`",
    )
