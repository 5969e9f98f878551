"""The verdict: a refusal is a value, with the rule and the sentence for every reason."""

from __future__ import annotations

from dataclasses import dataclass

from attestor.policies import EMBEDDED, Policy, Waiver, catalogue


@dataclass(frozen=True, slots=True, kw_only=True, order=True)
class Violation:
    """One finding: the rule's id (its package) and a sentence; what it is about, as pairs, where the rule says."""

    rule: str
    message: str
    about: tuple[tuple[str, str], ...] = ()

    @property
    def code(self) -> str:
        """The rule's stable code; for a rule of one's own what it says itself, if anything."""
        return catalogue.code(self.rule) or dict(self.about).get("code", "")


@dataclass(frozen=True, slots=True, kw_only=True)
class Waived:
    """A finding that does not count, and the waivers that cover it."""

    violation: Violation
    waivers: tuple[Waiver, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class Verdict:
    """What the gate decided, by which rules, and what it found that does not deny.

    ``checked`` and ``off`` are ids of rules. ``policy`` is what was decided by, besides the embedded rules.
    """

    allowed: bool
    checked: tuple[str, ...]
    violations: tuple[Violation, ...]
    warnings: tuple[Violation, ...] = ()
    waived: tuple[Waived, ...] = ()
    exempt: tuple[Violation, ...] = ()
    off: tuple[str, ...] = ()
    policy: Policy = EMBEDDED
