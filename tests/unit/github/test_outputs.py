"""Every output on every exit; what was not observed is empty and never 0."""

from __future__ import annotations

import json
from pathlib import Path

from hypothesis import given
from hypothesis import strategies as st

from attestor.errors import GateError, SettingsError
from attestor.github import outputs
from attestor.outcome import Outcome
from attestor.report import Report
from tests.unit.test_report import ALLOW, DENY, OPENED, opened

SPACE = Path("/github/workspace")
REPORT = Report(
    opened=OPENED, signers=("ab12",), verdict=ALLOW, envelope="/github/workspace/sub/a.json", envelope_sha256="cd34"
)
COUNTS = [name for name in outputs.NAMES if name.startswith(("checks-", "edges-"))]


def test_an_allow_has_every_output() -> None:
    """Counts as they were signed, paths from the workspace on, and nothing of reports that are not written."""
    found = outputs.of(Outcome(report=REPORT), SPACE, {"report": SPACE / "sub" / "a.report.md"})
    assert tuple(found) == outputs.NAMES
    assert (found["verdict"], found["violations"], found["keyid"]) == ("allow", "[]", "ab12")
    assert (found["attestation"], found["attestation-sha256"]) == ("sub/a.json", "cd34")
    body = OPENED.linkerd_check
    assert found["checks-pass"] == str(body["check_summary"]["pass"])
    assert found["edges-total"] == str(body["edges_summary"]["total_edges"])
    assert all(found[name].isdigit() for name in COUNTS)
    assert [found[name] for name in ("report", "sarif", "junit", "verdict-attestation")] == [""] * 4


def test_a_denial_names_its_reasons() -> None:
    """As JSON; the mode changes no output."""
    expected = [{"rule": found.rule, "code": "", "message": found.message} for found in DENY.violations]
    for enforces in (True, False):
        report = Report(opened=OPENED, signers=(), verdict=DENY, enforces=enforces)
        found = outputs.of(Outcome(report=report, enforces=enforces), SPACE, {})
        assert (found["verdict"], json.loads(found["violations"])) == ("deny", expected)


def test_a_run_that_sealed_nothing_has_every_output_too() -> None:
    """All empty but the verdict and the empty list."""
    found = outputs.of(Outcome(error=SettingsError("no")), SPACE, {})
    assert found == dict.fromkeys(outputs.NAMES, "") | {"verdict": "error", "violations": "[]"}
    assert outputs.failed() == found


def test_a_run_that_failed_after_sealing_names_its_evidence() -> None:
    """The envelope is there; the verdict is not."""
    report = Report(opened=OPENED, signers=("ab12",), envelope="/github/workspace/a.json", envelope_sha256="cd34")
    found = outputs.of(Outcome(report=report, error=GateError("no")), SPACE, {})
    assert (found["verdict"], found["attestation"], found["keyid"]) == ("error", "a.json", "ab12")


def test_what_was_not_observed_is_empty() -> None:
    """No report, no number; a number that is none is no number either."""
    bare = opened(lambda bodies: bodies.pop("linkerd-check"))
    assert all(outputs.of(Outcome(report=Report(opened=bare, signers=())), SPACE, {})[name] == "" for name in COUNTS)
    odd = opened(lambda bodies: bodies["linkerd-check"]["check_summary"].update({"pass": True, "warn": "1"}))
    found = outputs.of(Outcome(report=Report(opened=odd, signers=())), SPACE, {})
    assert (found["checks-pass"], found["checks-warn"]) == ("", "")


def test_a_path_outside_the_workspace_stays_whole(tmp_path: Path) -> None:
    """A relative one would lead elsewhere."""
    assert outputs.relative(Path("/elsewhere/a.json"), tmp_path) == "/elsewhere/a.json"
    assert outputs.relative(tmp_path / "a.json", tmp_path) == "a.json"


@given(st.lists(st.tuples(st.text(max_size=20), st.text(max_size=200)), max_size=30), st.integers(300, 3000))
def test_violations_stay_below_their_limit(found: list[tuple[str, str]], limit: int) -> None:
    """They are JSON whatever they hold, and say how many are left out."""
    written = outputs.violations(found, limit)
    assert len(written.encode()) <= limit
    entries = json.loads(written)
    if len(entries) == len(found) and not (entries and "more violations" in entries[-1]["message"]):
        return
    left = int(entries[-1]["message"].split()[0])
    assert left + len(entries) - 1 == len(found)
