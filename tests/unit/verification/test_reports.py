"""The summaries of linkerd-check follow from the rows beside them, or the evidence contradicts itself."""

from __future__ import annotations

import copy
from collections.abc import Callable
from typing import Any

import pytest

from attestor.collection import Opened
from attestor.reports.edges import FIELDS
from attestor.reports.shape import Misshapen
from attestor.verification import reports
from attestor.verification.finding import Finding, State

Body = dict[str, Any]


@pytest.fixture
def body(golden_collection: Opened) -> Body:
    """The linkerd-check of the golden capture."""
    return copy.deepcopy(dict(golden_collection.linkerd_check))


def checks(body: Body) -> tuple[State, str]:
    found = reports.examine(body)[0]
    assert found.check == "check summary"
    return found.state, found.detail


def edges(body: Body) -> tuple[State, str]:
    found = reports.examine(body)[1]
    assert found.check == "edges summary"
    return found.state, found.detail


def test_summaries_that_follow_are_good(body: Body) -> None:
    """With how many rows they follow from."""
    count = sum(len(category["checks"]) for category in body["check_report"]["categories"])
    assert reports.examine(body) == (
        Finding(check="check summary", state=State.OK, detail=f"follows from {count} checks"),
        Finding(check="edges summary", state=State.OK, detail=f"follows from {len(body['edge_report'])} edges"),
    )


@pytest.mark.parametrize(
    ("key", "value"),
    [
        ("pass", 0),
        ("warn", 99),
        ("error", 1),
        ("error", False),
        ("error", 0.0),
        ("distinct_categories", 1),
        ("overall_success", False),
        ("overall_success", 1),
        ("categories", []),
        ("categories", {}),
        ("categories", 5),
    ],
)
def test_a_check_summary_that_says_something_else_fails(body: Body, key: str, value: object) -> None:
    """In value or in type: what Python holds to be equal is not the same JSON."""
    body["check_summary"][key] = value
    assert checks(body) == (State.FAILED, f"check_summary.{key} is not what check_report gives")


@pytest.mark.parametrize("key", ["pass", "overall_success", "categories"])
def test_a_check_summary_that_leaves_something_out_fails(body: Body, key: str) -> None:
    """Each of its fields is there."""
    del body["check_summary"][key]
    assert checks(body) == (State.FAILED, f"check_summary.{key} is not what check_report gives")


def test_a_check_summary_with_something_more_fails(body: Body) -> None:
    """A field that the report does not give is not in it."""
    body["check_summary"]["more"] = 1
    assert checks(body) == (State.FAILED, "check_summary.more is not what check_report gives")


@pytest.mark.parametrize("change", [{"pass": 99}, {"category": "x"}, {"more": 1}])
def test_a_rollup_that_says_something_else_fails(body: Body, change: dict[str, object]) -> None:
    """Every category is compared, to its last field."""
    body["check_summary"]["categories"][-1].update(change)
    assert checks(body) == (State.FAILED, "check_summary.categories is not what check_report gives")


def test_a_rollup_that_is_left_out_fails(body: Body) -> None:
    """As many categories as the report has."""
    body["check_summary"]["categories"].pop()
    assert checks(body) == (State.FAILED, "check_summary.categories is not what check_report gives")


@pytest.mark.parametrize("summary", [None, [], "none"])
def test_a_summary_that_is_no_object_fails_as_a_whole(body: Body, summary: object) -> None:
    """There is nothing in it to compare."""
    body["check_summary"], body["edges_summary"] = summary, summary
    assert checks(body) == (State.FAILED, "check_summary.(the whole) is not what check_report gives")
    assert edges(body) == (State.FAILED, "edges_summary.(the whole) is not what edge_report gives")


@pytest.mark.parametrize(
    ("change", "said"),
    [
        (lambda b: b.pop("check_report"), "check_report"),
        (lambda b: b.update(check_report=[]), "check_report"),
        (lambda b: b["check_report"].update(categories={}), "check_report.categories"),
        (lambda b: b["check_report"].update(success="true"), "check_report.success"),
        (lambda b: b["check_report"]["categories"].insert(1, 3), "check_report.categories[1]"),
    ],
)
def test_a_check_report_of_another_shape_fails(body: Body, change: Callable[[Body], object], said: str) -> None:
    """With the place."""
    change(body)
    state, detail = checks(body)
    assert (state, detail.startswith(said)) == (State.FAILED, True), detail


def test_no_edges_report_cannot_be_checked(body: Body) -> None:
    """Where neither rows nor a summary of them are in the evidence."""
    rows, summary = body.pop("edge_report"), body.pop("edges_summary")
    assert edges(body) == (State.UNCHECKED, "no edges report was captured")
    assert edges(body | {"edge_report": rows}) == (
        State.FAILED,
        "edges_summary.(the whole) is not what edge_report gives",
    )
    assert edges(body | {"edges_summary": summary})[0] is State.FAILED


def test_a_report_without_an_edge_may_leave_its_rows_out(body: Body) -> None:
    """So it is written: an empty list is no list."""
    del body["edge_report"]
    body["edges_summary"] = {"total_edges": 0, "secured": 0, "insecure": 0}
    assert edges(body) == (State.OK, "follows from 0 edges")


@pytest.mark.parametrize(
    ("key", "value"),
    [
        ("total_edges", 1),
        ("total_edges", None),
        ("secured", 0),
        ("insecure", 1),
        ("insecure", False),
        ("distinct_src_namespaces", ["elsewhere"]),
        ("distinct_dst_namespaces", []),
        ("distinct_dst_namespaces", "emojivoto"),
    ],
)
def test_an_edges_summary_that_says_something_else_fails(body: Body, key: str, value: object) -> None:
    """Figures and namespaces, in value or in type."""
    body["edges_summary"][key] = value
    assert edges(body) == (State.FAILED, f"edges_summary.{key} is not what edge_report gives")


@pytest.mark.parametrize("key", ["distinct_src_namespaces", "distinct_dst_namespaces"])
def test_namespaces_stand_in_any_order(body: Body, key: str) -> None:
    """The peer writes them as its map gives them."""
    first = dict(body["edge_report"][0]) | {"src_namespace": "zz", "dst_namespace": "zz"}
    body["edge_report"].append(first)
    summary = body["edges_summary"]
    summary["total_edges"] += 1
    summary["secured"] += 1
    for name in ("distinct_src_namespaces", "distinct_dst_namespaces"):
        summary[name] = [*summary[name], "zz"]
    assert edges(body)[0] is State.OK
    summary[key].reverse()
    assert edges(body)[0] is State.OK
    summary[key][0] = 1
    assert edges(body) == (State.FAILED, f"edges_summary.{key} is not what edge_report gives")


@pytest.mark.parametrize("field", ["client_id", "server_id", "no_tls_reason"])
def test_a_field_that_may_be_empty_may_be_left_out(body: Body, field: str) -> None:
    """It counts as the empty text."""
    row = body["edge_report"][0]
    row.pop(field, None)
    found = reports.edge_report(body).edges[0]
    assert getattr(found, field) == ""
    assert (found.src, found.dst) == (row["src"], row["dst"])


@pytest.mark.parametrize("field", ["src", "src_namespace", "dst", "dst_namespace"])
@pytest.mark.parametrize("value", [None, 1, ["a"]])
def test_a_name_that_is_no_text_has_its_place(body: Body, field: str, value: object) -> None:
    """The row is no edge."""
    body["edge_report"][1][field] = value
    with pytest.raises(Misshapen, match=rf"edge_report\[1\].{field}"):
        reports.edge_report(body)
    assert edges(body)[0] is State.FAILED


@pytest.mark.parametrize("field", ["src", "src_namespace", "dst", "dst_namespace"])
def test_an_edge_without_a_name_has_its_place(body: Body, field: str) -> None:
    """Each name is there."""
    del body["edge_report"][2][field]
    with pytest.raises(Misshapen, match=rf"edge_report\[2\].{field}"):
        reports.edge_report(body)


@pytest.mark.parametrize("field", ["client_id", "server_id", "no_tls_reason"])
def test_an_identity_that_is_no_text_has_its_place(body: Body, field: str) -> None:
    """A number is no identity, and true no reason."""
    body["edge_report"][0][field] = True
    with pytest.raises(Misshapen, match=rf"edge_report\[0\].{field}"):
        reports.edge_report(body)


@pytest.mark.parametrize("row", [None, "web", ["web"]])
def test_a_row_that_is_no_object_has_its_place(body: Body, row: object) -> None:
    """It connects nothing."""
    body["edge_report"].insert(1, row)
    with pytest.raises(Misshapen, match=r"edge_report\[1\]") as caught:
        reports.edge_report(body)
    assert edges(body) == (State.FAILED, str(caught.value))


def test_rows_that_are_no_list_are_no_report(body: Body) -> None:
    """An object of rows has no order."""
    body["edge_report"] = {}
    with pytest.raises(Misshapen, match=r"^edge_report is not"):
        reports.edge_report(body)


def test_a_row_of_which_nothing_is_a_text_is_no_edge(body: Body) -> None:
    """Seven numbers connect nothing, and prove nothing."""
    body["edge_report"][0] = dict.fromkeys(FIELDS, 1)
    with pytest.raises(Misshapen, match=r"edge_report\[0\].src"):
        reports.edge_report(body)
