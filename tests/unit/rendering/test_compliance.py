"""The compliance report says for each control what the others say of its rules, and decides nothing."""

from __future__ import annotations

import json
from dataclasses import replace
from datetime import UTC, datetime
from typing import Any

import pytest

from attestor.compliance import NOT_SHOWN, Controls, Entry, mapping
from attestor.errors import SigningError
from attestor.outcome import Outcome
from attestor.rendering import compliance, log, page
from attestor.report import Table
from attestor.verdict import Verdict
from tests import found
from tests.rendered import render
from tests.unit.test_report_hostile import HOSTILE

CONTROLS = Controls(
    entries=(
        Entry(framework="acme", id="A", title="Edges", statement="So.", rules=("mesh.edges_mtls",)),
        Entry(
            framework="acme", id="B", title="Pairs", statement="So.", rules=("mesh.allowed_pairs",), parts=("links",)
        ),
        Entry(framework="acme", id="C", title="Checks", statement="So.", rules=("mesh.known_results",)),
    ),
    frameworks={"acme": "Ours"},
    embedded_sha256="e0" * 32,
    file_sha256="f0" * 32,
)
VERDICT = replace(found.VERDICT, checked=(*found.CHECKED, "mesh.known_results"))


def outcome(verdict: Verdict | None = VERDICT, controls: Controls | None = CONTROLS, **change: Any) -> Outcome:
    """The end of a run with a control of each status."""
    ended = found.outcome(verdict, **change)
    assert ended.report is not None
    moment = datetime(2026, 11, 21, 10, tzinfo=UTC)
    report = replace(
        ended.report, controls=controls, envelope="/somewhere/a.json", judged_at=moment if verdict else None
    )
    return replace(ended, report=report)


def told(ended: Outcome) -> dict[str, Any]:
    answer: dict[str, Any] = json.loads(compliance.render(ended, found.SURROUNDINGS))
    return answer


def statuses(ended: Outcome) -> list[str]:
    return [control["status"] for control in told(ended)["controls"]]


def test_it_says_what_it_is_about_and_by_which_files() -> None:
    """The envelope's digest, the cluster, the time, the verdict and the mode."""
    answer = told(outcome())
    assert {name: value for name, value in answer.items() if name not in {"controls", "sentence"}} == {
        "format": "urn:mesh-attestor:compliance:v0.1",
        "subject": {"name": "a.json", "sha256": "cd34"},
        "cluster": "golden",
        "judged_at": "2026-11-21T10:00:00Z",
        "verdict": "deny",
        "mode": "enforce",
        "mapping": {
            "version": "0.1.0",
            "embedded_sha256": "e0" * 32,
            "file_sha256": "f0" * 32,
            "frameworks": {"acme": "Ours"},
        },
    }
    assert told(outcome(enforces=False))["mode"] == "report"


def test_each_control_has_its_status_with_rules_and_parts() -> None:
    """In the order of the mapping."""
    first, second, third = told(outcome())["controls"]
    assert [control["status"] for control in (first, second, third)] == ["not met", "not shown", "met"]
    assert first["rules"][0] == {
        "rule": "mesh.edges_mtls",
        "code": "MESH005",
        "result": "denied",
        "evidence": "https://aflock.ai/attestations/linkerd-check/v0.1",
    }
    assert "waived for Ada through 2027-01-31" in " ".join(first["reasons"])
    assert second["parts"] == [{"part": "links", "complete": False}]
    assert (third["framework"], third["id"], third["needs"], third["not_shown"]) == ("acme", "C", [], "")


@pytest.mark.parametrize("ended", [outcome(None), outcome(error=SigningError("the disk is full"))])
def test_where_a_run_failed_nothing_is_shown(ended: Outcome) -> None:
    """Also where rules had looked before: what they said does not stand."""
    assert statuses(ended) == [NOT_SHOWN] * 3
    assert told(ended)["controls"][0]["reasons"] == ["nothing judged the evidence"]
    assert told(ended)["verdict"] == "error"


def test_without_a_mapping_it_is_about_the_embedded_controls() -> None:
    """None of them is left out."""
    answer = told(outcome(controls=None))
    assert [control["id"] for control in answer["controls"]] == [entry.id for entry in mapping.embedded().entries]
    assert answer["mapping"]["embedded_sha256"] == mapping.embedded().embedded_sha256


def test_no_text_leaves_the_json() -> None:
    """It is ASCII, whatever messages hold."""
    ended = found.spoiled(HOSTILE)
    assert ended.report is not None
    rules = tuple({HOSTILE: None, "mesh.edges_mtls": None})
    entry = Entry(framework="a", id="A", title=HOSTILE, statement=HOSTILE, rules=rules)
    report = replace(ended.report, controls=Controls(entries=(entry,), frameworks={"a": HOSTILE}))
    text = compliance.render(replace(ended, report=report), found.SURROUNDINGS)
    assert text.isascii()
    assert all(character.isprintable() or character == "\n" for character in text)
    json.loads(text)


def test_the_reports_have_a_line_for_each_before_the_verdict() -> None:
    """With the first reason and how many more there are, and that it decides nothing."""
    report = outcome().report
    assert report is not None
    titles = [section.title for section in report.sections()]
    assert titles[-3:] == ["Findings that do not deny", "Compliance", "Verdict"]
    table = next(section for section in report.sections() if section.title == "Compliance")
    assert isinstance(table, Table)
    assert [row[:2] for row in table.rows] == [("A Edges", "not met"), ("B Pairs", "not shown"), ("C Checks", "met")]
    assert table.rows[0][2] == "MESH005 mesh.edges_mtls denies: 2 of 9 edges are not mTLS, 7 are (and 2 more reasons)"
    assert table.marks == (False, None, True)
    assert table.note == "1 met, 1 not met, 1 not shown; this decides nothing"
    assert "\n| C Checks  met        1 rule looked, and found nothing\n" in log.text([table])


def test_the_page_has_the_same_table() -> None:
    """Before what was not looked at."""
    text = page.render(outcome(), found.SURROUNDINGS)
    assert text.index("### Compliance: 1 met, 1 not met, 1 not shown") < text.index("### What was not looked at")
    rows = [row[:3] for row in render(text).rows if row[1:2] in (["A Edges"], ["B Pairs"], ["C Checks"])]
    assert rows == [["❌", "A Edges", "not met"], ["❔", "B Pairs", "not shown"], ["✅", "C Checks", "met"]]


@pytest.mark.parametrize("ended", [outcome(None), outcome(controls=None), outcome(error=SigningError("full"))])
def test_without_a_verdict_or_a_mapping_the_page_says_nothing_of_it(ended: Outcome) -> None:
    """The file has each control all the same."""
    assert "Compliance" not in page.render(ended, found.SURROUNDINGS)
    report = ended.report
    assert report is not None
    if ended.error is None:
        assert "Compliance" not in [section.title for section in report.sections()]


def test_a_long_reason_is_a_short_line() -> None:
    """The file has it longer."""
    verdict = Verdict(
        allowed=False, checked=("mesh.edges_mtls",), violations=(replace(found.COUNTED, message="x" * 900),)
    )
    report = outcome(verdict).report
    assert report is not None
    table = next(section for section in report.sections() if section.title == "Compliance")
    assert isinstance(table, Table)
    assert max(len(cell) for row in table.rows for cell in row) < 250
