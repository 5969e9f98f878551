"""``linkerd check -o json``: a stream of documents without delimiters, one for the core and one for each extension.

linkerd prints a document only when it is complete (linkerd2 ``pkg/healthcheck/healthcheck_output.go``), so a cut
document, text between documents or behind them means that something ended before its time or printed over it.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

from attestor import limits
from attestor.evidence import Defect, ReportFile
from attestor.reports.defects import capped, defect, whole_documents
from attestor.reports.shape import Misshapen, mapping, sequence, text, text_or_empty, truth
from attestor.strict_json import Json

RESULTS = ("success", "warning", "error")
"""Every word that linkerd writes as a ``result``; any other is an unknown word and denies."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Check:
    """One check with its result, and linkerd's own error text and hint link where it has them."""

    description: str
    result: str
    error: str = ""
    hint: str = ""

    def to_dict(self) -> dict[str, object]:
        """Return the check in the key order of the predicate."""
        found: dict[str, object] = {"description": self.description}
        if self.hint:
            found["hint"] = self.hint
        if self.error:
            found["error"] = self.error
        found["result"] = self.result
        return found


@dataclass(frozen=True, slots=True, kw_only=True)
class Category:
    """A named group of checks."""

    name: str
    checks: tuple[Check, ...]

    def count(self, result: str) -> int:
        """Return how many checks have ``result``."""
        return sum(check.result == result for check in self.checks)

    def descriptions(self, result: str) -> list[str]:
        """Return what the checks with ``result`` are about."""
        return [check.description for check in self.checks if check.result == result]


@dataclass(frozen=True, slots=True, kw_only=True)
class CheckReport:
    """The documents of one run merged: categories in order, ``success`` only where every document says so."""

    success: bool
    categories: tuple[Category, ...]

    def count(self, result: str) -> int:
        """Return how many checks of the whole report have ``result``."""
        return sum(category.count(result) for category in self.categories)


def read(report: ReportFile, defects: list[Defect]) -> CheckReport | None:
    """Merge every well-formed document of ``report``; append a defect for whatever is not one.

    Returns ``None`` where no document could be read: there is then no check report.
    """
    found: list[CheckReport] = []
    for number, document in enumerate(whole_documents(report, "check-not-json", defects), start=1):
        try:
            found.append(_document(document.value, f"document {number}"))
        except Misshapen as error:
            defects.append(defect("check-document-shape", report, document.offset, str(error)))
    if not found:
        return None
    merged = CheckReport(
        success=all(part.success for part in found),
        categories=tuple(category for part in found for category in part.categories),
    )
    number = sum(len(category.checks) for category in merged.categories)
    if number > limits.CHECKS:
        detail = f"{number} checks, more than the {limits.CHECKS} that are looked at"
        defects.append(defect("check-too-many", report, 0, detail))
        return None
    defects.extend(capped(_unknown_results(merged, report), report))
    return merged


def _document(value: Json, where: str) -> CheckReport:
    holder = mapping(value, where)
    # `null`, or an empty list, is what linkerd prints for an extension that answered `{}`: nothing was checked.
    categories = sequence(holder.get("categories"), f"{where}.categories")
    if not categories:
        message = f"{where}.categories is empty"
        raise Misshapen(message)
    return CheckReport(
        success=truth(holder, "success", where),
        categories=tuple(category(item, f"{where}.categories[{i}]") for i, item in enumerate(categories)),
    )


def category(value: Json, where: str) -> Category:
    """Return the category that ``value`` is; raises ``Misshapen``."""
    holder = mapping(value, where)
    name = text(holder, "categoryName", where)
    if not name.strip():
        message = f"{where}.categoryName is empty"
        raise Misshapen(message)
    checks = sequence(holder.get("checks"), f"{where}.checks")
    return Category(name=name, checks=tuple(_check(item, f"{where}.checks[{i}]") for i, item in enumerate(checks)))


def _check(value: Json, where: str) -> Check:
    holder = mapping(value, where)
    return Check(
        description=text(holder, "description", where),
        result=text(holder, "result", where),
        error=text_or_empty(holder, "error", where),
        hint=text_or_empty(holder, "hint", where),
    )


def _unknown_results(report: CheckReport, file: ReportFile) -> Iterator[Defect]:
    words: dict[str, int] = {}
    for category in report.categories:
        for check in category.checks:
            if check.result not in RESULTS:
                words[check.result] = words.get(check.result, 0) + 1
    for word in sorted(words):
        yield defect("check-unknown-result", file, 0, f"{words[word]} checks have the unknown result {word!r}")
