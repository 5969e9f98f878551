"""A report that was cut anywhere never says more than the whole one, and never says it without a defect."""

from __future__ import annotations

from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from attestor.evidence import Defect
from attestor.reports import check, edges
from attestor.strict_json import NotJson, documents
from tests.fuzz import bases, judged, model
from tests.properties.meshes import JSON, ROWS, STREAMS, printed, quick, report


def values(data: bytes) -> tuple[list[Any], bool]:
    """Return the documents that can be read, and whether that is all there is."""
    found: list[Any] = []
    try:
        found.extend(document.value for document in documents(data))
    except NotJson:
        return found, False
    return found, True


@quick
@given(st.lists(JSON.map(lambda value: [value]), max_size=3), st.data())
def test_what_is_read_of_a_part_is_how_the_whole_begins(stream: list[Any], data: st.DataObject) -> None:
    """No cut makes a document that was not there, and only one between two documents goes unseen."""
    whole = printed(stream)
    at = data.draw(st.integers(0, len(whole)))
    found, complete = values(whole[:at])
    assert found == values(whole)[0][: len(found)]
    if complete:
        assert whole[:at].strip() == printed(stream[: len(found)]).strip()


@quick
@given(STREAMS, st.data())
def test_a_cut_check_report_has_fewer_documents_or_a_defect(stream: list[Any], data: st.DataObject) -> None:
    """What was lost inside a document is named; behind one, its categories are missing."""
    whole = printed(stream, indent=data.draw(st.sampled_from([None, 2])))
    at = data.draw(st.integers(0, len(whole) - 1))
    complete, cut = [list[Defect](), list[Defect]()]
    first = check.read(report(whole), complete)
    second = check.read(report(whole[:at]), cut)
    assert first is not None
    assert not complete
    if second is None:
        return
    assert second.categories == first.categories[: len(second.categories)]
    assert cut or second.categories != first.categories or whole[at:].strip() == b""


@quick
@given(st.data())
def test_no_part_of_a_healthy_check_is_healthy(data: st.DataObject) -> None:
    """A defect, or a category that a full run has and this one lacks: either denies."""
    whole = printed(bases.check())
    at = data.draw(st.integers(0, len(whole) - 1))
    defects: list[Defect] = []
    found = check.read(report(whole[:at]), defects)
    names = {category.name for category in found.categories} if found is not None else set()
    assert defects or not names >= model.CATEGORIES


@quick
@given(st.lists(ROWS, max_size=4), st.data())
def test_a_cut_edges_report_is_none_or_has_a_defect(rows: list[Any], data: st.DataObject) -> None:
    """One array has one end."""
    whole = printed([rows])
    at = data.draw(st.integers(1, len(whole) - 1))
    defects: list[Defect] = []
    assert edges.read(report(whole[:at]), (), defects) is None
    assert [defect.code for defect in defects] == ["edges-not-json"]


@quick
@given(STREAMS, st.binary(min_size=1, max_size=20).filter(lambda text: bool(text.strip(b" \t\r\n"))))
def test_bytes_behind_a_check_report_do_not_go_unseen(stream: list[Any], trailing: bytes) -> None:
    """They are a defect: linkerd prints nothing there."""
    defects: list[Defect] = []
    found = check.read(report(printed(stream) + b"\n" + trailing), defects)
    assert found is not None
    assert defects


@pytest.mark.parametrize("name", ["check", "edges"])
def test_the_policy_allows_no_part_of_a_healthy_run(name: str) -> None:
    """Cuts all over a report, and each between two documents: signed, verified and judged, none is an allow."""
    wholes = {"check": printed(bases.check()), "edges": printed(bases.edges())}
    whole = wholes[name]
    cuts = {*range(0, len(whole), len(whole) // 25), whole.find(b"\n"), len(whole) - 1} - {-1}
    opened = []
    for at in sorted(cuts):
        statement = bases.statement(
            bases.evidence(**{f"{key}_text": text for key, text in (wholes | {name: whole[:at]}).items()})
        )
        found = judged.examined(statement.payload)
        assert found is not None
        opened.append(found)
    first, *verdicts = judged._verdicts([judged.healthy(), *opened])
    assert first is not None
    assert first.allowed
    assert [verdict is not None and verdict.allowed for verdict in verdicts] == [False] * len(cuts)
    assert len(cuts) > 25
