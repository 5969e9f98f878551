"""How a run ended: a verdict, an error, or an error after the evidence was sealed."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace

import pytest

from attestor.errors import AttestorError, CaptureError, GateError, MissingSecret, SettingsError
from attestor.outcome import Audience, Outcome, attempt
from attestor.report import Report
from tests.unit.test_report import ALLOW, DENY, OPENED

SEALED = Report(opened=OPENED, signers=())
ALLOWED = Report(opened=OPENED, signers=(), verdict=ALLOW)
DENIED = Report(opened=OPENED, signers=(), verdict=DENY)


def fails(error: AttestorError, *, sealed: bool = False, skips: bool = False) -> Outcome:
    def run(seal: Callable[[Report], None]) -> Report:
        if sealed:
            seal(SEALED)
        raise error

    return attempt(run, skips=skips, withheld="a fork")


def test_a_verdict_is_the_end() -> None:
    """Its word and its code."""
    assert [(found.verdict, found.exit_code) for found in (Outcome(report=ALLOWED), Outcome(report=DENIED))] == [
        ("allow", 0),
        ("deny", 1),
    ]
    assert attempt(lambda _: ALLOWED, skips=True) == Outcome(report=ALLOWED)
    assert Outcome(report=DENIED).violations == (("mesh.a", "1 edge is bad"), ("mesh.b", "no edge is good"))


def test_without_a_verdict_it_is_an_error() -> None:
    """Nothing that is not understood is an allow."""
    for found in (Outcome(), Outcome(report=SEALED), Outcome(report=ALLOWED, error=GateError("x"))):
        assert found.verdict == "error"
        assert found.violations == ()
    assert (Outcome().exit_code, Outcome(report=ALLOWED, error=GateError("x")).exit_code) == (3, 5)


def test_what_was_sealed_before_the_error_is_kept() -> None:
    """The evidence is on disk whatever came later."""
    found = fails(CaptureError("gone"), sealed=True)
    assert (found.report, found.exit_code, found.verdict) == (SEALED, 3, "error")
    assert fails(CaptureError("gone")).report is None


@pytest.mark.parametrize(
    ("complaints", "skipped"),
    [
        ([MissingSecret("key")], True),
        ([MissingSecret("key"), MissingSecret("kubeconfig")], True),
        ([MissingSecret("key"), SettingsError("mode")], False),
        ([SettingsError("mode")], False),
    ],
)
def test_only_missing_secrets_are_skipped(complaints: list[AttestorError], skipped: bool) -> None:
    """A wrong setting beside them is not forgiven, and without being asked nothing is."""
    found = fails(SettingsError(complaints), skips=True)
    assert (found.skipped, found.exit_code, found.verdict) == (skipped, 0 if skipped else 2, "error")
    assert fails(SettingsError(complaints)).exit_code == 2


def test_no_other_error_is_skipped() -> None:
    """A gate that failed is not a secret that is missing."""
    assert not fails(GateError("x"), skips=True).skipped


def test_the_sentence_says_what_there_is_to_say() -> None:
    """One for each end."""
    assert Outcome(report=ALLOWED).sentence() == "ALLOW: 2 rules were looked at and none of them denies"
    assert Outcome(report=DENIED).sentence() == "DENY: 2 reasons by 2 rules"
    assert Outcome(report=DENIED, enforces=False).sentence().endswith("(mode: report, so this does not fail the job)")
    assert Outcome(error=GateError("opa died")).sentence() == "NO VERDICT (gate): opa died"
    assert "NOT GATED" in fails(MissingSecret("key"), skips=True).sentence()


def test_one_reason_is_one_reason() -> None:
    """And none is none, where nobody judged: that is no allow either."""
    one = replace(DENY, violations=DENY.violations[:1])
    assert Outcome(report=replace(DENIED, verdict=one)).sentence() == "DENY: 1 reason by 2 rules"
    assert Outcome(report=SEALED).sentence() == "DENY: 0 reasons by 0 rules"


def test_several_complaints_are_counted_behind_the_first() -> None:
    """The first is told, and how many more there are."""
    complaints: list[AttestorError] = [SettingsError("mode"), SettingsError("step"), SettingsError("key")]
    assert Outcome(error=SettingsError(complaints)).sentence() == "NO VERDICT (settings): mode (and 2 more)"
    assert Outcome(error=SettingsError(complaints[:2])).sentence() == "NO VERDICT (settings): mode (and 1 more)"
    assert Outcome(error=SettingsError(complaints[1:2])).sentence() == "NO VERDICT (settings): step"


def test_an_error_keeps_what_was_known_of_the_run() -> None:
    """Whether it enforces, and why a secret is withheld; a good end keeps the first."""

    def run(_: Callable[[Report], None]) -> Report:
        raise CaptureError("gone")

    found = attempt(run, skips=False, enforces=False, withheld="a fork")
    assert (found.enforces, found.withheld, found.skipped) == (False, "a fork", False)
    assert attempt(lambda _: ALLOWED, skips=False, enforces=False) == Outcome(report=ALLOWED, enforces=False)
    assert fails(CaptureError("gone")).withheld == "a fork"


def test_what_is_not_said_of_an_end_is_nothing() -> None:
    """Neither a report nor an error, not skipped, enforced, and no reason."""
    bare = Outcome()
    assert (bare.report, bare.error, bare.skipped, bare.enforces, bare.withheld) == (None, None, False, True, "")

    def run(_: Callable[[Report], None]) -> Report:
        raise CaptureError("gone")

    found = attempt(run, skips=False)
    assert (found.enforces, found.withheld) == (True, "")


def test_an_audience_may_listen_to_the_progress_alone() -> None:
    """The rest is said to nobody."""
    heard: list[float] = []
    audience = Audience(progress=heard.append)
    said: list[object] = [audience.say("x"), audience.sealed(SEALED)]  # type: ignore[func-returns-value]
    audience.progress(1.0)
    assert said == [None, None]
    assert heard == [1.0]
