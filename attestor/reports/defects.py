"""How a reader says what it could not take: a named defect with its file and byte, and the documents before it."""

from __future__ import annotations

from collections.abc import Iterator

from attestor.evidence import Defect, ReportFile
from attestor.strict_json import Document, NotJson, documents

DETAIL_LIMIT = 200
"""Most characters of a defect's detail."""


def defect(code: str, report: ReportFile, offset: int, detail: str) -> Defect:
    """Return a defect of ``report`` at ``offset`` bytes, its detail cut to what a defect may hold."""
    shown = detail if len(detail) <= DETAIL_LIMIT else detail[: DETAIL_LIMIT - 1] + "…"
    return Defect(code=code, file=report.path, offset=offset, detail=shown)


def whole_documents(report: ReportFile, code: str, defects: list[Defect]) -> Iterator[Document]:
    """Yield each whole JSON document of ``report``; what is behind the last one becomes a defect named ``code``."""
    try:
        yield from documents(report.data)
    except NotJson as error:
        defects.append(defect(code, report, error.offset, error.reason))
