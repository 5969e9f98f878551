"""``mesh-attestor verify``: signature, structure and everything that can be derived again, then the gate of ``run``."""

from __future__ import annotations

import contextlib
from collections.abc import Iterator
from pathlib import Path

from attestor import engine, privacy, rendering
from attestor.arguments import Arguments
from attestor.commands import World, envelope_file
from attestor.commands.question import Question, asked
from attestor.errors import AttestorError, SettingsError
from attestor.options import VERIFY as OPTIONS
from attestor.rendering import machine
from attestor.report import Report, Table, findings_table, shown
from attestor.verification import Contradiction
from attestor.verification.finding import State
from attestor.verifier import Outcome

SUMMARY = "Check an envelope's signature, derive everything in it again, and judge the evidence."
POSITIONALS = "ENVELOPE…"

__all__ = ["OPTIONS", "POSITIONALS", "SUMMARY", "execute"]


def execute(arguments: Arguments, complaints: list[AttestorError], world: World) -> int:
    """Verify envelopes and print what was found to stdout; raises ``AttestorError`` where there is only one."""
    question = asked(arguments, world.directory, complaints)
    names = envelope_file.names(arguments, complaints)
    with privacy.private_folder() as private:
        opa = _engine(question.verifier.opa, private, complaints)
        if complaints or opa is None:
            raise SettingsError(complaints)
        outcomes = question.verifier.outcomes(envelope_file.contents(names, world), opa)
        if len(names) == 1:
            return _one(next(outcomes), question, world)
        return _several(zip(names, outcomes, strict=True), question, world)


def _one(outcome: Outcome, question: Question, world: World) -> int:
    if isinstance(outcome, AttestorError):
        if question.as_json:
            _print(machine.text(machine.of_error(outcome)), world)
        elif isinstance(outcome, Contradiction):
            rendering.write([findings_table(outcome.findings)], world.stdout, world.env)
        raise outcome
    if question.as_json:
        _print(machine.text(machine.of_report(outcome)), world)
    else:
        rendering.write(outcome.sections(), world.stdout, world.env)
    return outcome.exit_code


def _several(outcomes: Iterator[tuple[str, Outcome]], question: Question, world: World) -> int:
    """Print one line for each envelope, and return the gravest exit code, which is the highest."""
    rows, answers, code = [], [], 0
    for name, outcome in outcomes:
        code = max(code, outcome.exit_code)
        answer = machine.of_report(outcome) if isinstance(outcome, Report) else machine.of_error(outcome)
        answers.append({"envelope": name, **answer})
        rows.append((shown(name), str(answer["verdict"]), shown(_gist(outcome))))
    if question.as_json:
        verdict = "allow" if code == 0 else "deny" if code == 1 else "error"
        _print(machine.text({"verdict": verdict, "exit_code": code, "envelopes": answers}), world)
    else:
        rendering.write([_table(rows)], world.stdout, world.env)
    return code


def _table(rows: list[tuple[str, str, str]]) -> Table:
    allowed = sum(row[1] == "allow" for row in rows)
    return Table(
        title="Envelopes",
        header=("ENVELOPE", "VERDICT", "FIRST REASON"),
        rows=tuple(rows),
        marks=tuple(row[1] == "allow" for row in rows),
        note=f"{allowed} of {len(rows)} allowed",
    )


def _gist(outcome: Outcome) -> str:
    if isinstance(outcome, AttestorError):
        return outcome.problem
    wrong = [f"{pin.check}: {pin.detail}" for pin in outcome.pins if pin.state is State.FAILED]
    wrong += [violation.message for violation in outcome.verdict.violations] if outcome.verdict else []
    return wrong[0] if wrong else ""


def _print(text: str, world: World) -> None:
    with contextlib.suppress(OSError):
        world.stdout.write(text)


def _engine(path: Path | None, private: Path, complaints: list[AttestorError]) -> engine.Engine | None:
    try:
        return engine.find(path, private)
    except SettingsError as error:
        complaints.append(error)
        return None
