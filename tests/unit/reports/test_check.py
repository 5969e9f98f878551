"""``linkerd check -o json``: documents merged, and a defect for whatever is not one."""

from __future__ import annotations

import json
from typing import Any

import pytest

from attestor import limits
from attestor.evidence import Defect, ReportFile
from attestor.reports.check import Category, Check, CheckReport, read
from attestor.reports.defects import defect
from tests.conftest import RECORDINGS

CHECK: dict[str, Any] = {"description": "is ready", "result": "success"}
CATEGORY: dict[str, Any] = {"categoryName": "kubernetes-api", "checks": [CHECK]}
DOCUMENT: dict[str, Any] = {"success": True, "categories": [CATEGORY]}


def parsed(*documents: object, tail: str = "") -> tuple[CheckReport | None, list[tuple[str, int, str]]]:
    data = "\n".join(json.dumps(document) for document in documents) + tail
    return raw(data.encode())


def raw(data: bytes) -> tuple[CheckReport | None, list[tuple[str, int, str]]]:
    defects: list[Defect] = []
    report = read(ReportFile(path="linkerd-check.json", data=data, sha256="00"), defects)
    assert {defect.file for defect in defects} <= {"linkerd-check.json"}
    return report, [(defect.code, defect.offset, defect.detail) for defect in defects]


def document(**changes: object) -> dict[str, Any]:
    return DOCUMENT | changes


def with_check(**changes: object) -> dict[str, Any]:
    return document(categories=[CATEGORY | {"checks": [CHECK | changes]}])


def test_one_document_is_read() -> None:
    """Every check with its result, and linkerd's own error and hint."""
    bad = {"description": "certs", "result": "error", "error": "expired", "hint": "https://linkerd.io/x"}
    report, defects = parsed(document(success=False, categories=[{"categoryName": "c", "checks": [CHECK, bad]}]))
    assert defects == []
    checks = (
        Check(description="is ready", result="success"),
        Check(description="certs", result="error", error="expired", hint="https://linkerd.io/x"),
    )
    assert report == CheckReport(success=False, categories=(Category(name="c", checks=checks),))
    assert checks[1].to_dict() == {
        "description": "certs",
        "hint": "https://linkerd.io/x",
        "error": "expired",
        "result": "error",
    }
    assert checks[0].to_dict() == {"description": "is ready", "result": "success"}


def test_documents_are_merged_in_order() -> None:
    """The core's and each extension's, also where two categories share a name; success is all of theirs."""
    report, defects = parsed(DOCUMENT, document(success=False), DOCUMENT)
    assert report is not None
    assert ([category.name for category in report.categories], report.success) == (["kubernetes-api"] * 3, False)
    assert defects == []
    merged, _ = parsed(DOCUMENT, DOCUMENT)
    assert merged is not None
    assert merged.success


def test_a_short_report_is_read_like_any_other() -> None:
    """The peer drops a report whose first document is shorter than 3 KiB and has another behind it."""
    report, defects = parsed(document(success=False), DOCUMENT)
    assert defects == []
    assert report is not None
    assert report.count("success") == 2


def test_results_are_counted_by_word() -> None:
    """Over the whole report and in each category."""
    checks = [CHECK, CHECK | {"result": "warning", "description": "w"}, CHECK | {"result": "error", "description": "e"}]
    report, _ = parsed(document(categories=[CATEGORY | {"checks": checks}, CATEGORY]))
    assert report is not None
    assert [report.count(word) for word in ("success", "warning", "error")] == [2, 1, 1]
    first = report.categories[0]
    assert [first.count(word) for word in ("success", "warning", "error")] == [1, 1, 1]
    assert (first.descriptions("warning"), first.descriptions("error")) == (["w"], ["e"])


def test_a_category_without_checks_is_kept() -> None:
    """Linkerd prints it where a check was to be retried; what it means is for a rule to say."""
    report, defects = parsed(document(categories=[CATEGORY | {"checks": []}]))
    assert defects == []
    assert report is not None
    assert report.categories == (Category(name="kubernetes-api", checks=()),)


def test_keys_that_are_not_known_are_passed_over() -> None:
    """A newer linkerd may say more."""
    report, defects = parsed(document(more=1, categories=[CATEGORY | {"more": 1, "checks": [CHECK | {"more": 1}]}]))
    assert (report is not None, defects) == (True, [])


@pytest.mark.parametrize("word", ["Success", "ERROR", "skipped", "", " success"])
def test_a_result_of_another_word_is_counted_nowhere_and_is_a_defect(word: str) -> None:
    """It is kept in the report, and named with how often it stands there."""
    report, defects = parsed(with_check(result=word), with_check(result=word), DOCUMENT)
    assert report is not None
    assert report.count("success") == 1
    assert report.categories[0].checks[0].result == word
    assert defects == [("check-unknown-result", 0, f"2 checks have the unknown result {word!r}")]


@pytest.mark.parametrize(
    ("broken", "detail"),
    [
        ([], "document 2 is not an object"),
        ("x", "document 2 is not an object"),
        (None, "document 2 is not an object"),
        ({}, "document 2.categories is not an array"),
        (document(categories=None), "document 2.categories is not an array"),
        (document(categories={}), "document 2.categories is not an array"),
        (document(categories=[]), "document 2.categories is empty"),
        (document(success="true"), "document 2.success is not a boolean"),
        (document(success=None), "document 2.success is not a boolean"),
        ({"categories": [CATEGORY]}, "document 2.success is missing"),
        (document(categories=["x"]), "document 2.categories[0] is not an object"),
        (document(categories=[{"checks": []}]), "document 2.categories[0].categoryName is missing"),
        (
            document(categories=[CATEGORY | {"categoryName": 1}]),
            "document 2.categories[0].categoryName is not a string",
        ),
        (document(categories=[CATEGORY | {"categoryName": " "}]), "document 2.categories[0].categoryName is empty"),
        (document(categories=[CATEGORY, {"categoryName": "x"}]), "document 2.categories[1].checks is not an array"),
        (document(categories=[CATEGORY | {"checks": None}]), "document 2.categories[0].checks is not an array"),
        (document(categories=[CATEGORY | {"checks": [1]}]), "document 2.categories[0].checks[0] is not an object"),
        (with_check(description=None), "document 2.categories[0].checks[0].description is not a string"),
        (with_check(result=True), "document 2.categories[0].checks[0].result is not a string"),
        (with_check(error=None), "document 2.categories[0].checks[0].error is not a string"),
        (with_check(hint=["x"]), "document 2.categories[0].checks[0].hint is not a string"),
    ],
)
def test_a_document_of_another_shape_is_a_defect_and_the_others_are_read(broken: object, detail: str) -> None:
    """It is named with its number and its place, and nothing of it is taken for a check."""
    report, defects = parsed(DOCUMENT, broken, DOCUMENT)
    offset = len(json.dumps(DOCUMENT)) + 1
    assert defects == [("check-document-shape", offset, detail)]
    assert report is not None
    assert report.count("success") == 2


@pytest.mark.parametrize(
    ("tail", "offset", "detail"),
    [
        ("garbage", 0, "Expecting value"),
        ('{"success": tru', 12, "Expecting value"),
        ('{"success": true', 16, "Expecting ',' delimiter"),
        ("Status check results are √", 0, "Expecting value"),
        ('{"a": 1, "a": 2}', 0, "an object names a key twice"),
        ("\x1b[2K", 0, "Expecting value"),
    ],
)
def test_what_is_not_json_behind_a_document_is_a_defect(tail: str, offset: int, detail: str) -> None:
    """It is named with its byte; what stands before it was complete when it was printed."""
    report, defects = parsed(DOCUMENT, tail="\n" + tail)
    assert defects == [("check-not-json", len(json.dumps(DOCUMENT)) + 1 + offset, detail)]
    assert report is not None
    assert report.success


def test_what_is_not_json_before_the_first_document_hides_it() -> None:
    """A byte order mark, or a panic: nothing behind it is believed."""
    for junk in (b"\xef\xbb\xbf", b"panic: x\n", b"\xff"):
        report, defects = raw(junk + json.dumps(DOCUMENT).encode())
        assert report is None
        assert [(code, offset) for code, offset, _ in defects] == [("check-not-json", 0)]


@pytest.mark.parametrize("data", [b"", b"\n \n"])
def test_an_empty_report_is_none(data: bytes) -> None:
    """Nothing was printed: that is no defect of a report, there is no report."""
    assert raw(data) == (None, [])


def test_several_defects_are_all_named() -> None:
    """In the order of the report, unknown words last."""
    _, defects = parsed(with_check(result="b"), {}, with_check(result="a"), tail="x")
    assert [code for code, _, _ in defects] == [
        "check-document-shape",
        "check-not-json",
        "check-unknown-result",
        "check-unknown-result",
    ]
    assert [detail for _, _, detail in defects[2:]] == [
        "1 checks have the unknown result 'a'",
        "1 checks have the unknown result 'b'",
    ]


def test_a_detail_has_its_limit() -> None:
    """A word without end does not become a defect without end."""
    _, ((_, _, detail),) = parsed(with_check(result="x" * 10_000))
    assert len(detail) == limits.DETAIL_CHARACTERS
    assert detail.endswith("…")


@pytest.mark.parametrize("recording", ["healthy", "stable-2.14", "expired-issuer", "no-viz", "bare-cluster"])
def test_what_a_real_linkerd_prints_has_no_defect(recording: str) -> None:
    """Whatever it says about the mesh."""
    report, defects = raw((RECORDINGS / recording / "check.json").read_bytes())
    assert report is not None
    assert defects == []


def test_a_detail_at_its_limit_is_whole() -> None:
    """Two hundred characters: nothing of them is cut, and of one more something is."""
    assert limits.DETAIL_CHARACTERS == 200
    report = ReportFile(path="linkerd-check.json", data=b"", sha256="")
    whole = "x" * limits.DETAIL_CHARACTERS
    assert defect("a", report, 7, whole) == Defect(code="a", file="linkerd-check.json", offset=7, detail=whole)
    assert defect("a", report, 7, whole + "x").detail == "x" * (limits.DETAIL_CHARACTERS - 1) + "…"
