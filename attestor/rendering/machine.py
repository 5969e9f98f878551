"""For programs: one JSON object with the verdict, what was checked, and every reason."""

from __future__ import annotations

import json
from collections.abc import Mapping
from typing import Any

from attestor import results
from attestor.compliance import told
from attestor.errors import AttestorError
from attestor.policies import Policy
from attestor.report import Report
from attestor.results import Result
from attestor.verdict import Verdict
from attestor.verification import Contradiction
from attestor.verification.finding import Finding


def text(answer: Mapping[str, object]) -> str:
    """Return ``answer`` as one JSON object and a newline."""
    return json.dumps(answer, indent=1) + "\n"


def of_report(report: Report) -> dict[str, Any]:
    """Return a report as JSON values."""
    verdict = report.verdict
    return {
        "verdict": "deny" if report.denies else "allow",
        "exit_code": report.exit_code,
        "signers": list(report.signers),
        "untrusted_signatures": list(report.strangers),
        "findings": [_finding(finding) for finding in report.findings],
        "asked": [_finding(pin) for pin in report.pins],
        "rules": list(verdict.checked) if verdict else [],
        "off": list(verdict.off) if verdict else [],
        "violations": [_result(item) for item in results.denials(verdict)] if verdict else [],
        "excepted": [_result(item) for item in results.excepted(verdict)] if verdict else [],
        "policy": _policy(verdict) if verdict else {},
        "unknown_types": [entry.type for entry in report.opened.unknown],
        **(_own(verdict.policy) if verdict and verdict.policy.own else {}),
        **({"drift": report.drift.to_dict()} if report.drift is not None else {}),
        **(told.values(report.controls, report.compliance) if report.controls is not None else {}),
    }


def _own(policy: Policy) -> dict[str, Any]:
    """Return which modules of one's own had a part in it, and as which Rego they were read."""
    modules = [{"path": module.path, "sha256": module.sha256} for module in policy.own]
    return {"policy_sha256": policy.own_sha256, "rego_version": policy.rego_version, "modules": modules}


def _result(item: Result) -> dict[str, Any]:
    """Return a finding with its rule; of one that does not deny also its state and who let it pass."""
    violation, advice = item.violation, item.advice
    found: dict[str, Any] = {"rule": violation.rule, "code": violation.code, "message": violation.message}
    if violation.about:
        found["about"] = dict(violation.about)
    if advice is not None:
        found["advice"] = {"meaning": advice.meaning, "command": advice.command}
    if item.state != results.DENIED:
        found["state"] = item.state
    if item.waivers:
        found["waivers"] = [waiver.to_dict() for waiver in item.waivers]
    return found


def _policy(verdict: Verdict) -> dict[str, str]:
    """Return the digests of what decided besides the embedded rules; empty where there was no such file."""
    return {"config_sha256": verdict.policy.config_sha256, "waivers_sha256": verdict.policy.waivers_sha256}


def of_error(error: AttestorError) -> dict[str, Any]:
    """Return evidence that is not what it claims, or that nothing could judge, as JSON values."""
    found: dict[str, Any] = {"verdict": "error", "exit_code": error.exit_code, "problem": error.problem}
    if isinstance(error, Contradiction):
        found["findings"] = [_finding(finding) for finding in error.findings]
    return found


def _finding(finding: Finding) -> dict[str, str]:
    return {"check": finding.check, "result": finding.state.value, "detail": finding.detail}
