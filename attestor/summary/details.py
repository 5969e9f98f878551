"""What a verification summary has no field for: rules with their results, findings, waivers, counts. Pure.

``docs/verdict.md`` describes every field.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from attestor import __version__
from attestor.lenient import mapping
from attestor.policies import catalogue, parts
from attestor.summary import Decision
from attestor.verdict import Verdict, Violation, Waived

DENIED, WARNED, WAIVED, EXEMPT, PASSED = "denied", "warned", "waived", "exempt", "passed"
OFF, UNJUDGED = "off", "unjudged"

_CHECKS = {"pass": "pass", "warn": "warn", "error": "error"}
_EDGES = {"total": "total_edges", "secured": "secured", "insecure": "insecure"}


def of(decision: Decision) -> dict[str, Any]:
    """Return the extension's value."""
    report, policy = decision.report, decision.policy
    # Behind an error, whatever the rules said before does not stand.
    verdict = report.verdict if decision.error is None else None
    body = report.opened.linkerd_check
    found: dict[str, Any] = {
        "verdict": decision.word,
        "mode": "enforce" if report.enforces else "report",
        "cluster": decision.cluster,
        "step": report.opened.step,
        "allow_replay": decision.allow_replay,
        "policy": {
            "version": __version__,
            "parts": [{"name": part.name, "sha256": part.sha256} for part in parts.parts(policy)],
        },
        "engine": {"name": "opa", "version": decision.judge.version, "sha256": decision.judge.sha256},
        "config": {"sha256": policy.config_sha256},
        "waivers": {"sha256": policy.waivers_sha256, "applied": _applied(verdict)},
        "baseline": {"sha256": policy.baseline.sha256 if policy.baseline is not None else ""},
        "rules": rules(decision, verdict),
        **_findings(verdict),
        "checks": _counts(mapping(body.get("check_summary")), _CHECKS),
        "edges": _counts(mapping(body.get("edges_summary")), _EDGES),
    }
    if decision.error is not None:
        error = decision.error
        found["error"] = {"stage": error.stage, "exit_code": error.exit_code, "problem": error.problem}
    return found


def rules(decision: Decision, verdict: Verdict | None) -> list[dict[str, str]]:
    """Return every rule with its level for the cluster and its result, by id."""
    levels = decision.policy.levels(decision.cluster, covered=decision.report.opened.covered)
    results = _results(verdict) if verdict else {rule: UNJUDGED for rule, level in levels.items() if level != OFF}
    results |= {rule: OFF for rule, level in levels.items() if level == OFF and rule not in results}
    return [
        {"id": rule, "code": catalogue.code(rule), "level": levels.get(rule, "deny"), "result": results[rule]}
        for rule in sorted(results)
    ]


def _results(verdict: Verdict) -> dict[str, str]:
    """Return the gravest thing that each rule found."""
    found = dict.fromkeys(verdict.off, OFF) | dict.fromkeys(verdict.checked, PASSED)
    found |= dict.fromkeys((violation.rule for violation in verdict.exempt), EXEMPT)
    found |= dict.fromkeys((waived.violation.rule for waived in verdict.waived), WAIVED)
    found |= dict.fromkeys((violation.rule for violation in verdict.warnings), WARNED)
    return found | dict.fromkeys((violation.rule for violation in verdict.violations), DENIED)


def _findings(verdict: Verdict | None) -> dict[str, Any]:
    """Return what was found; of each rule no more than is told, which the gate sees to."""
    if verdict is None:
        return {"violations": [], "warnings": [], "waived": [], "exempt": []}
    return {
        "violations": [_finding(violation) for violation in verdict.violations],
        "warnings": [_finding(violation) for violation in verdict.warnings],
        "waived": sorted((_waived(waived) for waived in verdict.waived), key=_by_text),
        "exempt": [_finding(violation) for violation in verdict.exempt],
    }


def _finding(violation: Violation) -> dict[str, Any]:
    return {
        "rule": violation.rule,
        "code": violation.code,
        "message": violation.message,
        "about": dict(violation.about),
    }


def _waived(waived: Waived) -> dict[str, Any]:
    return {**_finding(waived.violation), "by": [waiver.to_dict() for waiver in waived.waivers]}


def _applied(verdict: Verdict | None) -> list[dict[str, Any]]:
    """Return the waivers that cover a finding, each once, in the order of their file."""
    if verdict is None:
        return []
    used = [waiver for waived in verdict.waived for waiver in waived.waivers]
    return [waiver.to_dict() for waiver in verdict.policy.waivers if waiver in used]


def _by_text(entry: Mapping[str, Any]) -> tuple[str, str, str]:
    return (entry["rule"], entry["message"], str(entry["by"]))


def _counts(summary: Mapping[str, Any], keys: Mapping[str, str]) -> dict[str, int]:
    """Return the counts that were observed: none is never 0."""
    found = {name: summary.get(key) for name, key in keys.items()}
    return {name: count for name, count in found.items() if isinstance(count, int) and not isinstance(count, bool)}
