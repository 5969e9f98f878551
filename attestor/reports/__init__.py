"""What linkerd's two reports say: bytes in, frozen records and named defects out. Pure."""

from __future__ import annotations

from dataclasses import dataclass

from attestor.evidence import Defect, Evidence
from attestor.reports.check import CheckReport
from attestor.reports.check import read as read_check
from attestor.reports.edges import EdgeReport
from attestor.reports.edges import read as read_edges

__all__ = ["CheckReport", "EdgeReport", "Reports", "read"]


@dataclass(frozen=True, slots=True, kw_only=True)
class Reports:
    """Both reports as they were understood; ``None`` where nothing could be."""

    check: CheckReport | None
    edges: EdgeReport | None
    defects: tuple[Defect, ...]


def read(evidence: Evidence) -> Reports:
    """Read both report files; the defects of the capture come first, then those of check, then those of edges."""
    defects = list(evidence.defects)
    check = read_check(evidence.check, defects) if evidence.check else None
    edges = read_edges(evidence.edges, evidence.namespaces, defects) if evidence.edges else None
    return Reports(check=check, edges=edges, defects=tuple(defects))
