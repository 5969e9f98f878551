"""``mesh-attestor run``: capture, build the collection, sign, write, judge, report."""

from __future__ import annotations

import contextlib
from collections.abc import Callable
from dataclasses import replace
from typing import TextIO

from attestor import outcome, pipeline, redaction, rendering, settings
from attestor.arguments import Arguments
from attestor.clock import Clock
from attestor.commands import World
from attestor.errors import AttestorError, CaptureError, SettingsError, SigningError
from attestor.notary import Notary
from attestor.options import COMMAND_LINE as OPTIONS
from attestor.outcome import Audience, Outcome
from attestor.progress import Watch
from attestor.report import Report
from attestor.settings import Settings

SUMMARY = "Capture a Linkerd mesh, sign what was seen, and judge what was signed."
POSITIONALS = ""

__all__ = ["OPTIONS", "POSITIONALS", "SUMMARY", "execute", "perform"]


def execute(arguments: Arguments, complaints: list[AttestorError], world: World) -> int:
    """Run the whole pipeline and print its report to stdout; raises ``AttestorError``."""
    if arguments.positionals:
        complaints.append(SettingsError("run takes options only", remedy="see `mesh-attestor run --help`"))
    given = {name: "\n".join(values) for name, values in arguments.values.items()}
    asked = settings.parse(given, world.env, world.directory, complaints)
    ended = perform(asked, complaints, stdin=world.stdin.read, stream=world.stderr)
    if ended.skipped:
        with contextlib.suppress(OSError):
            world.stderr.write(f"mesh-attestor: {ended.sentence()}\n")
    elif ended.error is not None:
        raise ended.error
    elif ended.report is not None:
        rendering.write(ended.report.sections(), world.stdout, world.env)
        with contextlib.suppress(OSError):
            world.stdout.write(next_step(ended.report.envelope))
    return ended.exit_code


def perform(
    asked: Settings,
    complaints: list[AttestorError],
    *,
    stdin: Callable[[], bytes],
    stream: TextIO,
    withheld: str = "",
) -> Outcome:
    """Run the pipeline and write its reports; ``stream`` shows that linkerd works."""
    watch = Watch(stream)
    notaries: list[Notary] = []
    reports: list[Report] = []

    def story(sealed: Callable[[Report], None]) -> Report:
        def heard(report: Report) -> None:
            reports.append(report)
            sealed(report)

        audience = Audience(progress=watch, say=watch.say, sealed=heard, notary=notaries.append)
        return pipeline.run(asked, complaints, stdin=stdin, audience=audience, clock=Clock())

    try:
        ended = outcome.attempt(
            story,
            skips=asked.skips_without_secrets,
            enforces=asked.enforces,
            withheld=withheld,
        )
        if ended.error is not None:
            hidden = redaction.named_forms(asked.environment)
            ended.error.reword(lambda words: redaction.text(words, hidden))
        return _attested(_written(replace(ended, notary=notaries[-1] if notaries else None), asked), asked)
    except BaseException as error:
        if notaries and reports:
            _revoke(notaries[-1], reports[-1], error)
        raise
    finally:
        watch.done()


def revoke(ended: Outcome, error: AttestorError) -> None:
    """Replace the signed verdict of a run by one that says FAILED, as something went wrong behind it."""
    if ended.notary is not None and ended.report is not None:
        _revoke(ended.notary, ended.report, error)


def _revoke(notary: Notary, report: Report, error: BaseException) -> None:
    if not isinstance(error, AttestorError):
        error = CaptureError("the run was interrupted, or had a fault, before its end")
    with contextlib.suppress(SigningError, OSError):
        notary.testify(report, error)


def _written(ended: Outcome, asked: Settings) -> Outcome:
    """Write the reports of a run that sealed something; what allowed and cannot say so has not ended well.

    Those that can be written say that, too.
    """
    from attestor.rendering import files

    if ended.report is None:
        return ended
    try:
        files.write(ended, asked)
    except SigningError as error:
        if ended.verdict != "allow":
            return ended
        ended = replace(ended, error=error)
        with contextlib.suppress(SigningError):
            files.write(ended, asked)
    return ended


def _attested(ended: Outcome, asked: Settings) -> Outcome:
    """Sign how the run ended, last of all; an allow that nobody can be shown does not stand, nor does its report."""
    if ended.report is None or ended.notary is None:
        return ended
    try:
        ended.notary.testify(ended.report, ended.error)
    except SigningError as error:
        return _written(replace(ended, error=error), asked) if ended.verdict == "allow" else ended
    return ended


def next_step(envelope: str) -> str:
    """Return the line that says what to do with the envelope."""
    return f"| the envelope is {envelope}; verify it: mesh-attestor verify {envelope} --key PUBLIC_KEY.pem\n"
