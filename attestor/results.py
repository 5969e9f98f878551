"""What the gate found, in the order in which it matters: what denies, what warns, and what was let pass by whom. Pure.

Every report tells all of it, so that nothing is lost between two of them.
"""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass

from attestor import advice
from attestor.advice import Advice
from attestor.policies import Waiver, catalogue
from attestor.verdict import Verdict, Violation

DENIED, WARNING, WAIVED, EXEMPT = "denied", "warning", "waived", "exempt"


@dataclass(frozen=True, slots=True, kw_only=True)
class Result:
    """One finding and what became of it; ``waivers`` are those that cover it, ``subject`` the one that it is about."""

    state: str
    violation: Violation
    waivers: tuple[Waiver, ...] = ()
    subject: Waiver | None = None

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

    def remark(self) -> str:
        """Return the excuse, or else which waiver it is that is complained of: an owner may have several of a rule."""
        if self.subject is None:
            return self.excuse()
        selector = ", ".join(f"{part} {pattern}" for part, pattern in self.subject.selector.items())
        return f"line {self.subject.line} of the waivers: {selector}"


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
    return [_found(DENIED, violation, verdict) for violation in verdict.violations]


def _found(state: str, violation: Violation, verdict: Verdict) -> Result:
    number = dict(violation.about).get("waiver", "")
    is_ours = violation.rule in catalogue.rules() and number.isascii() and number.isdigit()
    waivers = verdict.policy.waivers if is_ours else ()
    subject = waivers[int(number)] if waivers and int(number) < len(waivers) else None
    return Result(state=state, violation=violation, subject=subject)


def excepted(verdict: Verdict) -> list[Result]:
    """Return the findings that do not deny."""
    found = [_found(WARNING, violation, verdict) for violation in verdict.warnings]
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
