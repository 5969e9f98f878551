"""What a verifier found out about one property of the evidence."""

from __future__ import annotations

from dataclasses import dataclass
from enum import Enum


class State(Enum):
    """How a check ended."""

    OK = "ok"
    FAILED = "failed"
    UNCHECKED = "not checkable"


@dataclass(frozen=True, slots=True, kw_only=True)
class Finding:
    """One named check with its outcome; ``detail`` is a sentence or a figure for a person."""

    check: str
    state: State
    detail: str


class Refuted(Exception):
    """A property does not hold; the text says which and where, without repeating what the evidence says at length."""


def ok(check: str, detail: str) -> Finding:
    """Return a finding that the property holds."""
    return Finding(check=check, state=State.OK, detail=detail)


def failed(check: str, detail: str) -> Finding:
    """Return a finding that the property does not hold."""
    return Finding(check=check, state=State.FAILED, detail=detail)


def unchecked(check: str, detail: str) -> Finding:
    """Return a finding that the evidence does not allow the check."""
    return Finding(check=check, state=State.UNCHECKED, detail=detail)
