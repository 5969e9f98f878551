"""The story of one step: mask, run, print, tell the runner, give back what was written, and end with the code."""

from __future__ import annotations

import contextlib
from collections.abc import Mapping
from dataclasses import replace
from pathlib import Path
from typing import TextIO

from attestor import identity, interruption, limits, redaction, settings
from attestor.commands import run
from attestor.errors import AttestorError, CaptureError
from attestor.github import annotate, commands, events, inputs, links, masks, outputs, owner
from attestor.outcome import Outcome
from attestor.preflight.folder import REPORTS
from attestor.rendering import log, markdown, page, surroundings
from attestor.rendering.surroundings import Surroundings
from attestor.report import shown
from attestor.settings import Settings


class Runner:
    """The runner's side: its log, and the files that it reads afterwards. Outside a runner there are no such files."""

    def __init__(self, env: Mapping[str, str], stream: TextIO) -> None:
        self._env, self._stream = env, stream
        self._hidden = redaction.named_forms(env)
        self.listens = inputs.is_runner(env)

    def say(self, text: str) -> None:
        """Print ``text``, which must be a command or inert."""
        self._print(redaction.text(text, self._hidden))

    def _print(self, text: str) -> None:
        with contextlib.suppress(OSError):  # a log that takes no more changes no exit code
            self._stream.write(text)
            self._stream.flush()

    def hide(self, secrets: list[str]) -> None:
        """Have the runner hide ``secrets`` in its log; elsewhere that would print them."""
        if self.listens:
            self._print("".join(commands.command("add-mask", secret) for secret in secrets))

    def tell(self, found: Mapping[str, str]) -> None:
        """Write outputs; raises ``CaptureError`` where they cannot be written."""
        plain = {name: redaction.text(value, self._hidden) for name, value in found.items()}
        self._append("GITHUB_OUTPUT", "".join(commands.output(name, value) for name, value in plain.items()))

    def summarise(self, text: str) -> None:
        """Write the step's summary; raises ``CaptureError`` where it cannot be written."""
        self._append("GITHUB_STEP_SUMMARY", redaction.text(text, self._hidden))

    def _append(self, variable: str, text: str) -> None:
        path = self._env.get(variable, "")
        if not path:
            return
        try:
            with Path(path).open("a", encoding="utf-8", errors="replace") as file:
                file.write(text)
        except OSError as error:
            raise CaptureError(
                f"the file that ${variable} names cannot be written: {error.strerror}",
                cause="the runner did not mount it into the container, or the disk is full",
                remedy="nothing that gates on this step's outputs may go on",
            ) from error


def main(env: Mapping[str, str], directory: Path, stream: TextIO) -> int:
    """Run the step that ``env`` describes, from ``directory``, and return its exit code; raises ``AttestorError``."""
    runner = Runner(env, stream)
    workspace = inputs.workspace(env, directory)
    complaints = inputs.complaints(env)
    asked = settings.parse(inputs.given(env), inputs.surroundings(env), directory, complaints, inline=True)
    complaints += links.complaints(inputs.given(env), asked, workspace, directory)
    asked = replace(asked, user=identity.of_children(workspace))
    runner.hide(masks.find(asked))
    runner.say(commands.command("group", "Capture"))
    files = (*asked.written, *(asked.working_directory / name for name in REPORTS))
    try:
        ended = _performed(asked, complaints, runner, stream, events.why_withheld(env))
        with run.standing(ended):  # all that is done from here on, as a signed PASSED is there by now
            owner.give_back(files, workspace)
            runner.tell(outputs.of(ended, workspace, {"verdict-attestation": asked.verdict, **asked.reports}))
            runner.summarise(markdown.page(page.parts(ended), limits.SUMMARY_BYTES))
            _print(ended, asked, runner)
    except BaseException:
        with interruption.held():
            owner.give_back(files, workspace)
        raise
    return ended.exit_code


def _performed(
    asked: Settings, complaints: list[AttestorError], runner: Runner, stream: TextIO, withheld: str
) -> Outcome:
    try:
        return run.perform(asked, complaints, stdin=bytes, stream=stream, withheld=withheld)
    finally:
        with interruption.held():
            runner.say(commands.command("endgroup", ""))


def failed(error: AttestorError, env: Mapping[str, str], stream: TextIO) -> None:
    """Tell the runner about an end that no story has: a fault of this program, or an interruption."""
    runner, ended = Runner(env, stream), Outcome(error=error)
    _annotate(ended, runner)
    with contextlib.suppress(AttestorError):
        runner.tell(outputs.failed())
        runner.summarise(markdown.page(page.parts(ended), limits.SUMMARY_BYTES))


def _print(ended: Outcome, asked: Settings, runner: Runner) -> None:
    if ended.report is not None:
        runner.say(commands.group("Evidence", log.text(ended.report.sections())))
    if ended.error is not None:
        lines = [f"| {shown(line)}" for line in ended.error.lines()[: 4 * limits.STDERR_LINES]]
        runner.say(commands.inert("\n".join(lines)))
    _annotate(ended, runner, surroundings.of(asked))
    if ended.report is not None:
        runner.say(commands.inert(run.next_step(str(asked.outfile))))


def _annotate(ended: Outcome, runner: Runner, where: Surroundings | None = None) -> None:
    for annotation in annotate.of(ended, where):
        runner.say(annotation.command())
