"""``linkerd-check/v0.1``: both reports with their rollups, and what stands for them outside."""

from __future__ import annotations

import hashlib
import json
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest

from attestor import reports
from attestor.evidence import Evidence, ReportFile
from attestor.predicates import linkerd_check
from attestor.statement import Predicate
from tests import golden

FIXTURES = Path(__file__).parent.parent.parent / "fixtures" / "rookery-recorded"
VECTORS = json.loads((FIXTURES / "derived-vectors.json").read_bytes())
EVIDENCE = golden.evidence()
CHECK = {"description": "d", "result": "success"}


def file(name: str, data: bytes) -> ReportFile:
    return ReportFile(path=name, data=data, sha256=hashlib.sha256(data).hexdigest())


def evidence(check: object = None, edges: object = None, **changes: object) -> Evidence:
    checked = {"success": True, "categories": [{"categoryName": "c", "checks": [CHECK]}]} if check is None else check
    return replace(
        EVIDENCE,
        check=file("linkerd-check.json", json.dumps(checked).encode()),
        edges=None if edges is None else file("linkerd-edges.json", json.dumps(edges).encode()),
        **changes,  # type: ignore[arg-type]
    )


def build(observed: Evidence) -> Predicate:
    predicate = linkerd_check.build(observed, reports.read(observed))
    assert predicate is not None
    return predicate


def body(observed: Evidence) -> dict[str, Any]:
    return dict(build(observed).body)


def subjects(observed: Evidence) -> dict[str, str]:
    return {subject.name: subject.digest["sha256"] for subject in build(observed).subjects}


@pytest.mark.parametrize("name", ["linkerd-check.json", "check-real.json"])
def test_summaries_of_recorded_reports_are_the_vectors(name: str) -> None:
    """Counted by an independent implementation."""
    summary = body(replace(EVIDENCE, check=file(name, (FIXTURES / name).read_bytes())))["check_summary"]
    assert {key: summary[key] for key in VECTORS["linkerd_summaries"][name]} == VECTORS["linkerd_summaries"][name]


def test_the_summary_of_recorded_edges_is_the_vectors() -> None:
    """With the namespaces of either end, sorted."""
    edges = file("edges-real.json", (FIXTURES / "edges-real.json").read_bytes())
    summary = body(replace(EVIDENCE, edges=edges))["edges_summary"]
    assert summary == VECTORS["linkerd_summaries"]["edges-real.json"]


def test_cluster_and_host_are_always_written() -> None:
    """Where one is absent, the peer's verifier puts its own environment in its place."""
    found = body(evidence(cluster="", host=replace(EVIDENCE.host, hostname="")))
    assert (found["cluster_name"], found["hostname"]) == ("", "")


def test_without_an_edges_report_there_is_no_summary_of_edges() -> None:
    """Not captured is not zero."""
    found = body(evidence())
    assert not [key for key in found if "edge" in key]
    assert sorted(subjects(evidence())) == [
        "check_file:linkerd-check.json",
        "cluster:golden",
        "linkerd-overall:success",
    ]


def test_zero_edges_are_a_summary_without_rows() -> None:
    """The peer leaves the empty lists out, and keeps the counts."""
    found = body(evidence(edges=[]))
    assert found["edges_summary"] == {"total_edges": 0, "secured": 0, "insecure": 0}
    assert "edge_report" not in found
    assert found["edges_file"] == "linkerd-edges.json"


def test_an_edges_report_that_cannot_be_read_is_none() -> None:
    """Nothing of it is claimed, and it is no subject."""
    observed = replace(evidence(), edges=file("linkerd-edges.json", b"["))
    assert not [key for key in body(observed) if "edge" in key]
    assert not [name for name in subjects(observed) if name.startswith("edges_file")]


def test_reports_are_subjects_by_their_digests_and_words_by_theirs() -> None:
    """Whoever has the file, the cluster's name or the result can look the evidence up."""
    observed = evidence(edges=[], check={"success": False, "categories": [{"categoryName": "c", "checks": []}]})
    assert observed.check is not None
    assert observed.edges is not None
    assert subjects(observed) == {
        "check_file:linkerd-check.json": observed.check.sha256,
        "edges_file:linkerd-edges.json": observed.edges.sha256,
        "cluster:golden": hashlib.sha256(b"golden").hexdigest(),
        "linkerd-overall:fail": VECTORS["subject_digests"]["linkerd-overall:fail"],
    }
    assert subjects(evidence())["linkerd-overall:success"] == VECTORS["subject_digests"]["linkerd-overall:success"]


def test_a_cluster_without_a_name_is_no_subject() -> None:
    """Anybody's nameless cluster would match it."""
    assert not [name for name in subjects(evidence(cluster="")) if name.startswith("cluster")]


def test_warnings_and_errors_are_listed_by_description() -> None:
    """Each in its category; an unknown word is counted in none, and stands in the report."""
    checks = [CHECK, *({"description": word, "result": word} for word in ("warning", "error", "skipped"))]
    found = body(evidence({"success": False, "categories": [{"categoryName": "c", "checks": checks}]}))
    assert found["check_summary"] == {
        "pass": 1,
        "warn": 1,
        "error": 1,
        "distinct_categories": 1,
        "overall_success": False,
        "categories": [
            {"category": "c", "pass": 1, "warn": 1, "error": 1, "warnings": ["warning"], "errors": ["error"]}
        ],
    }
    assert [check["result"] for check in found["check_report"]["categories"][0]["checks"]][-1] == "skipped"


def test_categories_of_one_name_are_counted_as_they_stand() -> None:
    """The peer does not merge them."""
    category = {"categoryName": "c", "checks": [CHECK]}
    found = body(evidence({"success": True, "categories": [category, category]}))
    assert found["check_summary"]["distinct_categories"] == 2
