"""How a run ended, whichever way: what was sealed, what was decided, or the error that came instead. Pure.

A run that fails may have sealed its evidence before. Whoever tells about it needs both, the report and the error.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field, replace

from attestor import results
from attestor.compliance import Control
from attestor.errors import AttestorError, MissingSecret, SettingsError
from attestor.notary import Notary
from attestor.report import Report


@dataclass(frozen=True, slots=True, kw_only=True)
class Outcome:
    """The end of a run. ``report`` is what was sealed, with its verdict if there is one; ``error`` what came instead.

    ``skipped`` says that nothing was run because a secret is withheld, and that this was asked for. ``withheld``
    says why it is, where that is known. ``notary`` can sign how it ended, where something was sealed.
    """

    report: Report | None = None
    error: AttestorError | None = None
    skipped: bool = False
    enforces: bool = True
    withheld: str = ""
    notary: Notary | None = field(default=None, compare=False, repr=False)

    @property
    def verdict(self) -> str:
        """The word: ``allow``, ``deny``, or ``error`` for anything that is neither."""
        if self.error is not None or self.report is None or self.report.verdict is None:
            return "error"
        return "deny" if self.report.denies else "allow"

    @property
    def exit_code(self) -> int:
        """The contract's exit code."""
        if self.error is not None:
            return 0 if self.skipped else self.error.exit_code
        return self.report.exit_code if self.report is not None else AttestorError.exit_code

    @property
    def violations(self) -> tuple[tuple[str, str], ...]:
        """Every reason of a denial, as rule and sentence."""
        verdict = self.report.verdict if self.report is not None else None
        return tuple((violation.rule, violation.message) for violation in verdict.violations) if verdict else ()

    @property
    def controls(self) -> tuple[Control, ...]:
        """Every control with its status. Behind an error, whatever the rules said before does not stand."""
        if self.report is None:
            return ()
        from attestor.compliance import mapping
        from attestor.compliance.judging import judged

        report = self.report if self.error is None else replace(self.report, verdict=None)
        return judged(report.controls or mapping.embedded(), report)

    @property
    def besides(self) -> str:
        """How much was found that does not deny, in words."""
        verdict = self.report.verdict if self.report is not None else None
        return results.counts(verdict) if verdict else ""

    def sentence(self) -> str:
        """Return the verdict in one sentence."""
        if self.skipped:
            return "NOT GATED: a secret is missing, so nothing was looked at, signed or allowed"
        if self.error is not None:
            return f"NO VERDICT ({self.error.stage}): {_first(self.error)}"
        assert self.report is not None
        rules = len(self.report.verdict.checked) if self.report.verdict else 0
        if self.verdict == "allow":
            return f"ALLOW: {rules} rules were looked at and none of them denies"
        count = len(self.violations)
        reported = "" if self.enforces else " (mode: report, so this does not fail the job)"
        return f"DENY: {count} reason{'' if count == 1 else 's'} by {rules} rules{reported}"


def _first(error: AttestorError) -> str:
    if isinstance(error, SettingsError) and len(error.complaints) > 1:
        return f"{error.complaints[0].problem} (and {len(error.complaints) - 1} more)"
    return error.problem


@dataclass(frozen=True, slots=True, kw_only=True)
class Audience:
    """Who hears about a run while it runs.

    ``sealed`` is told of the envelope as soon as it is on disk: what fails later does not undo it; ``notary`` gets who
    can sign what becomes of it. ``say`` gets lines about what is done before the capture, ``progress`` the seconds of
    the capture.
    """

    progress: Callable[[float], None]
    say: Callable[[str], None] = lambda _: None
    sealed: Callable[[Report], None] = lambda _: None
    notary: Callable[[Notary], None] = lambda _: None


def attempt(
    run: Callable[[Callable[[Report], None]], Report], *, skips: bool, enforces: bool = True, withheld: str = ""
) -> Outcome:
    """Run the pipeline and return how it ended; an error of the family is part of that, and every other is raised.

    ``skips`` tells whether a run without its secrets was asked to be skipped.
    """
    sealed: list[Report] = []
    try:
        report = run(sealed.append)
    except AttestorError as error:
        skipped = skips and _only_secrets_are_missing(error)
        found = sealed[-1] if sealed else None
        return Outcome(report=found, error=error, skipped=skipped, enforces=enforces, withheld=withheld)
    return Outcome(report=report, enforces=enforces)


def _only_secrets_are_missing(error: AttestorError) -> bool:
    """Tell whether nothing but a secret was missing: a wrong setting beside it is not forgiven with it."""
    if not isinstance(error, SettingsError):
        return False
    return bool(error.complaints) and all(isinstance(complaint, MissingSecret) for complaint in error.complaints)
