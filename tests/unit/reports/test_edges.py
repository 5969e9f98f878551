"""``linkerd viz edges``: every distinct row, and a defect for whatever is not as linkerd writes it."""

from __future__ import annotations

import json
from dataclasses import replace
from typing import Any

import pytest

from attestor import reports
from attestor.evidence import Defect, ReportFile
from attestor.reports.edges import FIELDS, EdgeReport, read
from tests import golden
from tests.conftest import RECORDINGS

ROW: dict[str, Any] = {
    "src": "web",
    "src_namespace": "a",
    "dst": "db",
    "dst_namespace": "b",
    "client_id": "web.a",
    "server_id": "db.b",
    "no_tls_reason": "",
}


def raw(data: bytes, *namespaces: str) -> tuple[EdgeReport | None, list[tuple[str, int, str]]]:
    defects: list[Defect] = []
    report = read(ReportFile(path="linkerd-edges.json", data=data, sha256="00"), namespaces, defects)
    assert {defect.file for defect in defects} <= {"linkerd-edges.json"}
    return report, [(defect.code, defect.offset, defect.detail) for defect in defects]


def parsed(*arrays: object, namespaces: tuple[str, ...] = ()) -> tuple[EdgeReport | None, list[tuple[str, int, str]]]:
    return raw("\n".join(json.dumps(array) for array in arrays).encode(), *namespaces)


def whole(*arrays: object, namespaces: tuple[str, ...] = ()) -> EdgeReport:
    report, defects = parsed(*arrays, namespaces=namespaces)
    assert report is not None
    assert defects == []
    return report


def test_rows_are_read_in_linkerds_order() -> None:
    """With all seven fields."""
    rows = [ROW, ROW | {"src": "x"}, ROW | {"src": "b"}]
    report = whole(rows)
    assert [edge.src for edge in report.edges] == ["web", "x", "b"]
    assert [getattr(report.edges[0], name) for name in FIELDS] == list(ROW.values())


@pytest.mark.parametrize(
    ("change", "secured"),
    [
        ({}, True),
        ({"client_id": ""}, False),
        ({"server_id": ""}, False),
        ({"no_tls_reason": "not provided by remote"}, False),
        ({"client_id": "", "server_id": ""}, False),
    ],
)
def test_an_edge_is_secured_by_two_identities_and_no_reason(change: dict[str, str], secured: bool) -> None:
    """Exactly then; the report counts them."""
    report = whole([ROW | change, ROW | {"src": "other"}])
    assert report.edges[0].secured is secured
    assert report.secured == 1 + secured


def test_an_edge_is_written_without_its_empty_identities() -> None:
    """As the peer does; names always stand."""
    (edge,) = whole([ROW | {"client_id": "", "no_tls_reason": "loopback"}]).edges
    assert list(edge.to_dict().items()) == [
        ("src", "web"),
        ("src_namespace", "a"),
        ("dst", "db"),
        ("dst_namespace", "b"),
        ("server_id", "db.b"),
        ("no_tls_reason", "loopback"),
    ]


def test_identical_rows_count_once() -> None:
    """In one array, and in the arrays of two namespaces that both see the edge."""
    assert len(whole([ROW, ROW]).edges) == 1
    assert len(whole([ROW], [ROW], namespaces=("a", "b")).edges) == 1


def test_an_empty_array_is_a_report_of_no_edges() -> None:
    """Linkerd looked and saw none."""
    assert whole([]) == EdgeReport(edges=())


@pytest.mark.parametrize("data", [b"", b" \n"])
def test_nothing_is_no_report(data: bytes) -> None:
    """Linkerd failed and printed nothing; a missing report is denied elsewhere."""
    assert raw(data) == (None, [])


@pytest.mark.parametrize(
    ("row", "detail"),
    [
        ("x", "row 1 is not an object"),
        (None, "row 1 is not an object"),
        ({}, "row 1.src is missing"),
        ({key: ROW[key] for key in FIELDS[:-1]}, "row 1.no_tls_reason is missing"),
        (ROW | {"src": ""}, "row 1.src is empty"),
        (ROW | {"dst_namespace": ""}, "row 1.dst_namespace is empty"),
        (ROW | {"src": 1}, "row 1.src is not a string"),
        (ROW | {"client_id": None}, "row 1.client_id is not a string"),
        (ROW | {"client_id": " "}, "row 1.client_id is padded with white space"),
        (ROW | {"server_id": "x\n"}, "row 1.server_id is padded with white space"),
        (ROW | {"no_tls_reason": "\t"}, "row 1.no_tls_reason is padded with white space"),
        (ROW | {"src": "\u00a0web"}, "row 1.src is padded with white space"),
    ],
)
def test_a_row_of_another_shape_is_a_defect(row: object, detail: str) -> None:
    """An absent or empty field could pass for a secured edge; the rows before it are kept."""
    report, defects = parsed([ROW, row, ROW | {"src": "x"}])
    assert defects == [("edges-row-shape", 0, detail)]
    assert report is not None
    assert [edge.src for edge in report.edges] == ["web"]


@pytest.mark.parametrize("array", [{}, ROW, "x", 1, None])
def test_a_report_that_is_no_array_is_a_defect(array: object) -> None:
    """Of no row at all."""
    report, defects = parsed(array)
    assert defects == [("edges-row-shape", 0, "the report is not an array")]
    assert report == EdgeReport(edges=())


@pytest.mark.parametrize(
    ("tail", "offset", "detail"),
    [
        (" x", 1, "Expecting value"),
        (" [", 2, "Expecting value"),
        (" Error: lost", 1, "Expecting value"),
        ("\ufeff", 0, "Expecting value"),
    ],
)
def test_what_is_not_json_behind_the_array_is_a_defect(tail: str, offset: int, detail: str) -> None:
    """It is named with its byte."""
    whole_array = json.dumps([ROW])
    report, defects = raw((whole_array + tail).encode())
    assert defects == [("edges-not-json", len(whole_array) + offset, detail)]
    assert report is not None
    assert len(report.edges) == 1


def test_half_an_array_is_no_report() -> None:
    """Nothing of it was complete."""
    report, defects = raw(json.dumps([ROW, ROW]).encode()[:-20])
    assert report is None
    assert [code for code, _, _ in defects] == ["edges-not-json"]


@pytest.mark.parametrize(
    ("arrays", "namespaces", "detail"),
    [
        ([[ROW], [ROW]], (), "2 arrays where 1 were asked for"),
        ([[ROW]], ("a", "b"), "1 arrays where 2 were asked for"),
        ([[ROW], [ROW], []], ("a", "b"), "3 arrays where 2 were asked for"),
    ],
)
def test_there_are_as_many_arrays_as_were_asked_for(
    arrays: list[object], namespaces: tuple[str, ...], detail: str
) -> None:
    """One for all namespaces, or one for each: which is whose could not be told otherwise."""
    _, defects = parsed(*arrays, namespaces=namespaces)
    assert defects == [("edges-array-count", 0, detail)]


def test_a_namespace_without_an_edge_is_a_defect() -> None:
    """Somebody asked for it, and nothing was seen in it."""
    _, defects = parsed([ROW], [], namespaces=("a", "c"))
    assert defects == [("edges-namespace-empty", 0, "namespace c has no edge")]


def test_rows_that_do_not_touch_their_namespace_are_a_defect() -> None:
    """Either end counts; linkerd lists inbound and outbound edges."""
    _, defects = parsed([ROW, ROW | {"src_namespace": "x", "dst_namespace": "y"}], [ROW], namespaces=("a", "b"))
    assert defects == [("edges-out-of-scope", 0, "1 rows asked for with namespace a do not touch it")]


def test_two_rows_that_disagree_about_one_pair_are_a_defect() -> None:
    """Both are kept, so that neither hides the other."""
    report, defects = parsed([ROW, ROW | {"client_id": ""}])
    assert defects == [("edges-contradiction", 0, "two rows disagree about a/web -> b/db")]
    assert report is not None
    assert (len(report.edges), report.secured) == (2, 1)


@pytest.mark.parametrize("recording", ["healthy", "stable-2.14", "insecure-edge", "no-edges"])
def test_what_a_real_linkerd_prints_has_no_defect(recording: str) -> None:
    """Whatever it says about the mesh."""
    report, defects = raw((RECORDINGS / recording / "edges.json").read_bytes())
    assert report is not None
    assert defects == []


def test_both_reports_are_read_and_defects_of_the_capture_come_first() -> None:
    """Then those of check, then those of edges; a report that is not there is none."""
    capture = Defect(code="capture-stopped", file="", offset=0, detail="x")
    evidence = golden.evidence()
    check = ReportFile(path="linkerd-check.json", data=b"x", sha256="00")
    edges = ReportFile(path="linkerd-edges.json", data=b"x", sha256="00")
    found = reports.read(replace(evidence, check=check, edges=edges, defects=(capture,)))
    assert [defect.code for defect in found.defects] == ["capture-stopped", "check-not-json", "edges-not-json"]
    assert (found.check, found.edges) == (None, None)
    missing = reports.read(replace(evidence, check=None, edges=None))
    assert missing == reports.Reports(check=None, edges=None, defects=())
