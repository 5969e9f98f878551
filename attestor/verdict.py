"""The verdict: a refusal is a value, with the rule and the sentence for every reason."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True, slots=True, kw_only=True, order=True)
class Violation:
    """One reason for a denial: the rule's id (its package) and a sentence."""

    rule: str
    message: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Verdict:
    """What the gate decided, by which rules."""

    allowed: bool
    checked: tuple[str, ...]
    violations: tuple[Violation, ...]
