"""The rollups of linkerd-check, made again from the report and the rows beside them.

A summary that its report does not support is a forgery, or a loss on the way: no linkerd and no attestor writes one.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from attestor.predicates import linkerd_check
from attestor.reports import CheckReport, EdgeReport
from attestor.reports.check import category
from attestor.reports.edges import FIELDS, Edge
from attestor.reports.shape import Misshapen, mapping, sequence, text, text_or_empty, truth
from attestor.verification.finding import Finding, failed, ok, unchecked

_NAMES = frozenset(FIELDS[:4])
_NAMESPACES = ("distinct_src_namespaces", "distinct_dst_namespaces")


def examine(body: Mapping[str, Any]) -> tuple[Finding, Finding]:
    """Return what is found out about the check summary and the edges summary of a linkerd-check predicate."""
    return _check(body), _edges(body)


def _check(body: Mapping[str, Any]) -> Finding:
    name = "check summary"
    try:
        report = check_report(body)
    except Misshapen as error:
        return failed(name, str(error))
    expected = linkerd_check.check_summary(report)
    if mismatch := _mismatch(body.get("check_summary"), expected):
        return failed(name, f"check_summary.{mismatch} is not what check_report gives")
    return ok(name, f"follows from {sum(len(category.checks) for category in report.categories)} checks")


def check_report(body: Mapping[str, Any]) -> CheckReport:
    """Return the check report of a linkerd-check predicate; raises ``Misshapen`` where it is not one."""
    holder = mapping(body.get("check_report"), "check_report")
    categories = sequence(holder.get("categories"), "check_report.categories")
    return CheckReport(
        success=truth(holder, "success", "check_report"),
        categories=tuple(category(item, f"check_report.categories[{i}]") for i, item in enumerate(categories)),
    )


def _edges(body: Mapping[str, Any]) -> Finding:
    name = "edges summary"
    if "edges_summary" not in body and "edge_report" not in body:
        return unchecked(name, "no edges report was captured")
    try:
        report = edge_report(body)
    except Misshapen as error:
        return failed(name, str(error))
    expected = linkerd_check.edges_summary(report)
    if mismatch := _mismatch(_sorted_namespaces(body.get("edges_summary")), expected):
        return failed(name, f"edges_summary.{mismatch} is not what edge_report gives")
    return ok(name, f"follows from {len(report.edges)} edges")


def edge_report(body: Mapping[str, Any]) -> EdgeReport:
    """Return the edges of a linkerd-check predicate; raises ``Misshapen`` where a row is not one."""
    rows = sequence(body.get("edge_report", []), "edge_report")
    return EdgeReport(edges=tuple(_edge(item, i) for i, item in enumerate(rows)))


def _edge(value: object, where: int) -> Edge:
    if isinstance(value, dict) and value.keys() >= _NAMES:
        fields = [value.get(name, "") for name in FIELDS]
        if all(type(field) is str for field in fields):
            return Edge(*fields)
    return _odd_edge(value, f"edge_report[{where}]")


def _odd_edge(value: object, where: str) -> Edge:
    """Name what is wrong with a row; costly, and needed for the first such row only."""
    holder = mapping(value, where)
    named = [text(holder, field, where) for field in FIELDS[:4]]
    return Edge(*named, *(text_or_empty(holder, field, where) for field in FIELDS[4:]))


def _sorted_namespaces(summary: object) -> object:
    """Return the summary with its namespaces sorted: the peer writes them in random order."""
    if not isinstance(summary, dict):
        return summary
    lists = {key: summary[key] for key in _NAMESPACES if isinstance(summary.get(key), list)}
    return summary | {key: sorted(map(str, value)) for key, value in lists.items()}


def _mismatch(found: object, expected: Mapping[str, object]) -> str:
    """Return the first key whose value is another than expected, also in type, or ``""``."""
    if not isinstance(found, dict):
        return "(the whole)"
    for key in (*expected, *found):
        if key not in found or key not in expected or not _same(found[key], expected[key]):
            return str(key)
    return ""


def _same(left: object, right: object) -> bool:
    """Tell whether two JSON values are the same, without Python's ``1 == True == 1.0``."""
    if isinstance(left, dict) and isinstance(right, dict):
        return left.keys() == right.keys() and all(_same(left[key], right[key]) for key in left)
    if isinstance(left, list) and isinstance(right, list):
        return len(left) == len(right) and all(_same(a, b) for a, b in zip(left, right, strict=True))
    return type(left) is type(right) and left == right
