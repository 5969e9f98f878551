"""``linkerd-check/v0.1``: both reports, parsed, with their rollups (rookery ``plugins/attestors/linkerd-check``).

``cluster_name`` and ``hostname`` are always written, also when empty: where one is absent the peer's verifier puts
its own environment in its place. Namespace lists are sorted; the peer's come in random order.
"""

from __future__ import annotations

import hashlib

from attestor.evidence import Evidence
from attestor.reports import CheckReport, EdgeReport, Reports
from attestor.reports.check import Category
from attestor.statement import ATTESTATIONS, Predicate, Subject, encoded

TYPE = ATTESTATIONS + "linkerd-check/v0.1"


def build(evidence: Evidence, reports: Reports) -> Predicate | None:
    """Return the predicate, or ``None`` without a check report; without an edge report it has no ``edges_summary``."""
    if evidence.check is None or reports.check is None:
        return None
    body: dict[str, object] = {
        "check_file": evidence.check.path,
        "check_digest_set": {"sha256": evidence.check.sha256},
    }
    if evidence.edges is not None and reports.edges is not None:
        body |= {"edges_file": evidence.edges.path, "edges_digest_set": {"sha256": evidence.edges.sha256}}
    body |= {
        "cluster_name": evidence.cluster,
        "hostname": evidence.host.hostname,
        "check_summary": check_summary(reports.check),
        "check_report": check_report(reports.check),
    }
    if reports.edges is not None:
        body["edges_summary"] = edges_summary(reports.edges)
        if reports.edges.edges:
            body["edge_report"] = [edge.to_dict() for edge in reports.edges.edges]
    return Predicate(type=TYPE, span=evidence.reports_span, body=body, subjects=_subjects(evidence, reports))


def check_summary(report: CheckReport) -> dict[str, object]:
    """Return the counts of ``report``; a result that is none of linkerd's words is counted in none of them."""
    summary: dict[str, object] = {
        "pass": report.count("success"),
        "warn": report.count("warning"),
        "error": report.count("error"),
        "distinct_categories": len(report.categories),
        "overall_success": report.success,
    }
    if report.categories:
        summary["categories"] = [_category_summary(category) for category in report.categories]
    return summary


def _category_summary(category: Category) -> dict[str, object]:
    summary: dict[str, object] = {
        "category": category.name,
        "pass": category.count("success"),
        "warn": category.count("warning"),
        "error": category.count("error"),
    }
    for key, result in (("warnings", "warning"), ("errors", "error")):
        if descriptions := category.descriptions(result):
            summary[key] = descriptions
    return summary


def check_report(report: CheckReport) -> dict[str, object]:
    """Return the merged report in linkerd's own key order."""
    return {
        "success": report.success,
        "categories": [
            {"categoryName": category.name, "checks": [check.to_dict() for check in category.checks]}
            for category in report.categories
        ],
    }


def edges_summary(report: EdgeReport) -> dict[str, object]:
    """Return the counts of ``report`` and the namespaces at either end, sorted."""
    edges = report.edges
    secured = report.secured
    summary: dict[str, object] = {"total_edges": len(edges), "secured": secured, "insecure": len(edges) - secured}
    if edges:
        summary["distinct_src_namespaces"] = sorted({edge.src_namespace for edge in edges})
        summary["distinct_dst_namespaces"] = sorted({edge.dst_namespace for edge in edges})
    return summary


def _subjects(evidence: Evidence, reports: Reports) -> list[Subject]:
    found = []
    if evidence.check is not None and reports.check is not None:
        found.append(Subject(name=f"check_file:{evidence.check.path}", digest={"sha256": evidence.check.sha256}))
        word = "success" if reports.check.success else "fail"
        found.append(_word_subject("linkerd-overall", word))
    if evidence.edges is not None and reports.edges is not None:
        found.append(Subject(name=f"edges_file:{evidence.edges.path}", digest={"sha256": evidence.edges.sha256}))
    if evidence.cluster:
        found.append(_word_subject("cluster", evidence.cluster))
    return found


def _word_subject(kind: str, word: str) -> Subject:
    return Subject(name=f"{kind}:{word}", digest={"sha256": hashlib.sha256(encoded(word)).hexdigest()})
