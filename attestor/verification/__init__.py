"""Verification re-derives: every root, digest and summary of the evidence is made again from what lies beside it.

Nothing of the verifier's own environment has a part in it; its clock only through ``now``. Pure.
"""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime

from attestor.collection import Opened
from attestor.errors import EvidenceError
from attestor.verification import reports, subjects, times, trees
from attestor.verification.finding import Finding, State

__all__ = ["examine", "require"]


def examine(opened: Opened, on_disk: Mapping[str, str], now: datetime) -> tuple[Finding, ...]:
    """Return every finding about the evidence in itself; ``on_disk`` holds report files' hex SHA-256 by name."""
    return (
        *(trees.examine(name, opened.bodies[name]) for name in ("material", "product")),
        *subjects.examine(opened, on_disk),
        *(reports.examine(opened.linkerd_check) if opened.linkerd_check else ()),
        times.examine(opened, now),
    )


def require(findings: tuple[Finding, ...]) -> None:
    """Raise ``EvidenceError`` with every finding that failed; none is left out."""
    wrong = [f"{finding.check}: {finding.detail}" for finding in findings if finding.state is State.FAILED]
    if wrong:
        raise EvidenceError(
            "the evidence contradicts itself: " + "; ".join(wrong),
            cause="it was made by a program with other rules, or by somebody who holds the key and lies",
            remedy="capture the mesh again, and ask who used the signing key",
        )
