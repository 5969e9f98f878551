"""What the gate found, in the order in which it matters: what denies, what warns, and what was let pass by whom. Pure.

Every report tells all of it, so that nothing is lost between two of them.
"""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass

from attestor import advice
from attestor.advice import Advice
from attestor.policies import Waiver
from attestor.verdict import Verdict, Violation

DENIED, WARNING, WAIVED, EXEMPT = "denied", "warning", "waived", "exempt"


@dataclass(frozen=True, slots=True, kw_only=True)
class Result:
    """One finding and what became of it; ``waivers`` are those that cover it."""

    state: str
    violation: Violation
    waivers: tuple[Waiver, ...] = ()

    @property
    def label(self) -> str:
        """The rule with its code, where it has one."""
        return label(self.violation.rule, self.violation.code)

    @property
    def advice(self) -> Advice | None:
        """What the finding usually means, and the command that shows it, where that is known."""
        return advice.of(self.violation)

    def excuse(self) -> str:
        """Return why it does not count: who waives it, until when and why, or that it is exempt; else nothing."""
        if self.state == EXEMPT:
            return "exempt by the policy configuration"
        return "; ".join(map(_waiver, self.waivers))


def label(rule: str, code: str) -> str:
    """Return a rule's id with its code in front, where it has one."""
    return f"{code} {rule}" if code else rule


def _waiver(waiver: Waiver) -> str:
    ticket = f" ({waiver.ticket})" if waiver.ticket else ""
    return f"waived for {waiver.owner} through {waiver.expires}: {waiver.reason}{ticket}"


def of(verdict: Verdict) -> list[Result]:
    """Return every finding of ``verdict``."""
    return [*denials(verdict), *excepted(verdict)]


def denials(verdict: Verdict) -> list[Result]:
    """Return the findings that deny."""
    return [Result(state=DENIED, violation=violation) for violation in verdict.violations]


def excepted(verdict: Verdict) -> list[Result]:
    """Return the findings that do not deny."""
    found = [Result(state=WARNING, violation=violation) for violation in verdict.warnings]
    found += [Result(state=WAIVED, violation=item.violation, waivers=item.waivers) for item in verdict.waived]
    found += [Result(state=EXEMPT, violation=violation) for violation in verdict.exempt]
    return found


def counts(verdict: Verdict) -> str:
    """Return how much there is besides reasons to deny, in words; empty where there is nothing."""
    told = Counter(result.state for result in excepted(verdict))
    numbers = [(told[WARNING], "warning", "warnings"), (told[WAIVED], "waived", "waived"), (told[EXEMPT], *_EXEMPT)]
    numbers.append((len(verdict.off), "rule off", "rules off"))
    return ", ".join(f"{number} {one if number == 1 else more}" for number, one, more in numbers if number)


_EXEMPT = ("exempt", "exempt")
