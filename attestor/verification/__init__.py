"""Verification re-derives: every root, digest and summary of the evidence is made again from what lies beside it.

Nothing of the verifier's own environment has a part in it; its clock only through ``now``. Pure.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from datetime import datetime

from attestor.collection import REQUIRED, Opened
from attestor.errors import EvidenceError
from attestor.verification import reports, shapes, structure, subjects, times, trees
from attestor.verification.finding import Finding, State

__all__ = ["Contradiction", "examine", "require"]

_TREES = ("material", "product")


class Contradiction(EvidenceError):
    """Evidence of which at least one thing does not follow; ``findings`` holds everything that was looked at."""

    def __init__(
        self,
        problem: str,
        findings: tuple[Finding, ...],
        *,
        remedy: str = "capture the mesh again, and ask who used the signing key",
    ) -> None:
        super().__init__(
            problem,
            cause="it was made by a program with other rules, or by somebody who holds the key and lies",
            remedy=remedy,
        )
        self.findings = findings


def examine(
    opened: Opened, on_disk: Sequence[tuple[str, str]], now: datetime, *, required: Iterable[str] = REQUIRED
) -> tuple[Finding, ...]:
    """Return every finding about the evidence in itself.

    ``on_disk`` holds name and hex SHA-256 of report files, ``required`` the short names of the predicates it must have.
    """
    return (
        *structure.examine(opened, required),
        shapes.examine(opened),
        *(trees.examine(name, opened.bodies[name]) for name in _TREES if name in opened.bodies),
        *subjects.examine(opened, on_disk),
        *(reports.examine(opened.linkerd_check) if "linkerd-check" in opened.bodies else ()),
        *_coverage(opened),
        times.examine(opened, now),
    )


def _coverage(opened: Opened) -> Iterator[Finding]:
    if opened.covered:
        from attestor.verification import coverage

        yield coverage.examine(opened.bodies["coverage"])


def require(findings: tuple[Finding, ...]) -> None:
    """Raise ``Contradiction`` with every finding that failed; none is left out."""
    wrong = [f"{finding.check}: {finding.detail}" for finding in findings if finding.state is State.FAILED]
    if wrong:
        raise Contradiction("the evidence contradicts itself: " + "; ".join(wrong), findings)
