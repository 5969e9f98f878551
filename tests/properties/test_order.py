"""What comes in another order says the same: linkerd lists rows, categories and files as it happens to find them."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

from hypothesis import given
from hypothesis import strategies as st

from attestor import redaction, reports
from attestor.clock import Span
from attestor.evidence import Defect, File, Tree
from attestor.predicates import linkerd_check, material
from attestor.reports import check, edges
from attestor.statement import Collection, Predicate, Subject
from tests import golden
from tests.fuzz import bases
from tests.properties.meshes import ROWS, STREAMS, TEXT, WORDS, printed, quick, report

SPAN = Span(started=golden.BEGUN, finished=golden.BEGUN)


def edges_said(rows: list[Any]) -> tuple[object, list[str]]:
    """Return the summary of an edges report, and the codes of its defects."""
    defects: list[Defect] = []
    found = edges.read(report(printed([rows])), (), defects)
    assert found is not None
    return linkerd_check.edges_summary(found), sorted(defect.code for defect in defects)


@quick
@given(st.lists(ROWS, max_size=6), st.data())
def test_edges_in_another_order_have_the_same_summary(rows: list[Any], data: st.DataObject) -> None:
    """Also where rows stand twice or contradict each other."""
    rows = rows + rows[:1]
    assert edges_said(data.draw(st.permutations(rows))) == edges_said(rows)


def check_said(documents: list[Any]) -> tuple[dict[str, Any], list[str]]:
    """Return the summary of a check report, and the codes of its defects."""
    defects: list[Defect] = []
    found = check.read(report(printed(documents)), defects)
    assert found is not None
    summary: dict[str, Any] = linkerd_check.check_summary(found)
    return summary | {"categories": sorted(map(repr, summary["categories"]))}, [defect.code for defect in defects]


@quick
@given(STREAMS, st.data())
def test_documents_and_categories_in_another_order_have_the_same_counts(
    documents: list[Any], data: st.DataObject
) -> None:
    """Each category keeps its own rollup, and one document without success is enough in any place."""
    mixed = [
        document | {"categories": data.draw(st.permutations(document["categories"]))}
        for document in data.draw(st.permutations(documents))
    ]
    assert check_said(mixed) == check_said(documents)


@quick
@given(st.dictionaries(WORDS, st.binary(max_size=2), max_size=8), st.data())
def test_a_tree_that_is_listed_in_another_order_has_the_same_root(found: dict[str, bytes], data: st.DataObject) -> None:
    """Its size and its leaves are the same, too."""
    files = [File(path=path, sha256=bases.report("x", content).sha256) for path, content in found.items()]
    seen = golden.evidence()
    bodies = []
    for listed in (files, data.draw(st.permutations(files))):
        evidence = replace(seen, material=Tree(span=SPAN, files=tuple(listed)))
        body: dict[str, Any] = dict(material.build(evidence, reports.read(seen)).body)
        bodies.append(body | {"leaves": sorted(map(repr, body["leaves"]))})
    assert bodies[0] == bodies[1]


@quick
@given(st.dictionaries(TEXT, WORDS, max_size=6), st.data())
def test_subjects_and_variables_are_sorted(named: dict[str, str], data: st.DataObject) -> None:
    """The same run gives the same bytes, in whatever order a mapping was filled."""
    shuffled = dict(data.draw(st.permutations(list(named.items()))))
    assert list(redaction.variables(shuffled, ()).items()) == list(redaction.variables(named, ()).items())
    subjects = []
    for names in (named, shuffled):
        listed = [Subject(name=name, digest={"sha256": "00"}) for name in names]
        collection = Collection(step="s", predicates=[Predicate(type="t", span=SPAN, body={}, subjects=listed)])
        subjects.append(collection.subjects())
    assert subjects[0] == subjects[1]
