"""Errors say what happened, why that usually happens, and what to do; each has its stage's exit code."""

from __future__ import annotations

import pytest

from attestor import limits
from attestor.errors import (
    AttestorError,
    CaptureError,
    EvidenceError,
    GateError,
    SettingsError,
    SigningError,
)


@pytest.mark.parametrize(
    ("kind", "code"),
    [(SettingsError, 2), (CaptureError, 3), (SigningError, 4), (EvidenceError, 4), (GateError, 5), (AttestorError, 3)],
)
def test_each_stage_has_its_exit_code(kind: type[AttestorError], code: int) -> None:
    """None of them is 0 or 1: those are verdicts."""
    assert kind("problem").exit_code == code


def test_an_error_is_told_in_three_lines() -> None:
    """Those that there are."""
    assert GateError("p", cause="c", remedy="r").lines() == ["p", "why: c", "do:  r"]
    assert GateError("p").lines() == ["p"]
    assert str(GateError("p", cause="c")) == "p"


def test_several_complaints_are_one_error() -> None:
    """Each with its own lines, in the order found."""
    first, second = SettingsError("a", remedy="x"), SettingsError("b", cause="y")
    both = SettingsError([first, second])
    assert both.lines() == ["a", "do:  x", "b", "why: y"]
    assert (both.problem, both.complaints) == ("a; b", [first, second])
    assert SettingsError(first).lines() == first.lines()
    assert first.complaints == [first]


def test_linkerds_last_words_stand_behind_a_capture_error() -> None:
    """The end of its output, where the reason is."""
    output = "".join(f"line {number}\n" for number in range(limits.STDERR_LINES + 5))
    said = CaptureError("p", remedy="r", output=output).lines()
    assert said[:3] == ["p", "do:  r", "linkerd: line 5"]
    assert len(said) == 2 + limits.STDERR_LINES
