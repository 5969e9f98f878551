"""For programs: one JSON object with the verdict, what was checked, and every reason."""

from __future__ import annotations

import json
from collections.abc import Mapping
from typing import Any

from attestor.errors import AttestorError
from attestor.report import Report
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
        "violations": [{"rule": reason.rule, "message": reason.message} for reason in verdict.violations]
        if verdict
        else [],
        "unknown_types": [entry.type for entry in report.opened.unknown],
        **({"drift": report.drift.to_dict()} if report.drift is not None else {}),
    }


def of_error(error: AttestorError) -> dict[str, Any]:
    """Return evidence that is not what it claims, or that nothing could judge, as JSON values."""
    found: dict[str, Any] = {"verdict": "error", "exit_code": error.exit_code, "problem": error.problem}
    if isinstance(error, Contradiction):
        found["findings"] = [_finding(finding) for finding in error.findings]
    return found


def _finding(finding: Finding) -> dict[str, str]:
    return {"check": finding.check, "result": finding.state.value, "detail": finding.detail}
