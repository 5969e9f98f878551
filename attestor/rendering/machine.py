"""For programs: one JSON object with the verdict, what was checked, and every reason."""

from __future__ import annotations

import json
from collections.abc import Sequence

from attestor.errors import EvidenceError
from attestor.report import Report
from attestor.verification.finding import Finding


def text(report: Report, strangers: Sequence[str]) -> str:
    """Return ``report`` as one JSON object and a newline; ``strangers`` are key ids of untrusted signatures."""
    verdict = report.verdict
    found = {
        "verdict": "deny" if report.denies else "allow",
        "exit_code": report.exit_code,
        "signers": list(report.signers),
        "untrusted_signatures": list(strangers),
        "findings": [_finding(finding) for finding in report.findings],
        "asked": [_finding(pin) for pin in report.pins],
        "rules": list(verdict.checked) if verdict else [],
        "violations": [{"rule": reason.rule, "message": reason.message} for reason in verdict.violations]
        if verdict
        else [],
        "unknown_types": list(report.opened.unknown),
    }
    return json.dumps(found, indent=1) + "\n"


def error_text(error: EvidenceError) -> str:
    """Return evidence that is not what it claims, as one JSON object and a newline."""
    return json.dumps({"verdict": "error", "exit_code": error.exit_code, "problem": error.problem}, indent=1) + "\n"


def _finding(finding: Finding) -> dict[str, str]:
    return {"check": finding.check, "result": finding.state.value, "detail": finding.detail}
