"""How a reader says what it could not take: a named defect with its file and byte, and the documents before it."""

from __future__ import annotations

from collections.abc import Iterable, Iterator

from attestor import limits
from attestor.evidence import Defect, ReportFile
from attestor.strict_json import Document, NotJson, documents, require_shallow


def defect(code: str, report: ReportFile, offset: int, detail: str) -> Defect:
    """Return a defect of ``report`` at ``offset`` bytes, its detail cut to what a defect may hold."""
    shown = detail if len(detail) <= limits.DETAIL_CHARACTERS else detail[: limits.DETAIL_CHARACTERS - 1] + "…"
    return Defect(code=code, file=report.path, offset=offset, detail=shown)


def capped(defects: Iterable[Defect], report: ReportFile) -> Iterator[Defect]:
    """Yield ``defects``, of each code no more than ``limits.DEFECTS``, and how many more of it there are."""
    found: dict[str, int] = {}
    for each in defects:
        found[each.code] = found.get(each.code, 0) + 1
        if found[each.code] <= limits.DEFECTS:
            yield each
    for code, count in found.items():
        if count > limits.DEFECTS:
            yield defect(code, report, 0, f"and {count - limits.DEFECTS} more of this kind")


def whole_documents(report: ReportFile, code: str, defects: list[Defect]) -> Iterator[Document]:
    """Yield each whole JSON document of ``report``; what is behind the last one becomes a defect named ``code``."""
    try:
        for document in documents(report.data):
            require_shallow(document)
            yield document
    except NotJson as error:
        defects.append(defect(code, report, error.offset, error.reason))
