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
from attestor.verifier import Answer

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
        answers = question.verifier.answers(envelope_file.contents(names, world), opa)
        if len(names) == 1:
            return _one(next(answers), question, world)
        return _several(zip(names, answers, strict=True), question, world)


def _one(answer: Answer, question: Question, world: World) -> int:
    if isinstance(answer, AttestorError):
        if question.as_json:
            _print(machine.text(machine.of_error(answer)), world)
        elif isinstance(answer, Contradiction):
            rendering.write([findings_table(answer.findings)], world.stdout, world.env)
        raise answer
    if question.as_json:
        _print(machine.text(machine.of_report(answer)), world)
    else:
        rendering.write(answer.sections(), world.stdout, world.env)
    return answer.exit_code


def _several(answers: Iterator[tuple[str, Answer]], question: Question, world: World) -> int:
    """Print one line for each envelope, and return the gravest exit code, which is the highest."""
    rows, listed, code = [], [], 0
    for name, answer in answers:
        code = max(code, answer.exit_code)
        told = machine.of_report(answer) if isinstance(answer, Report) else machine.of_error(answer)
        listed.append({"envelope": name, **told})
        rows.append((shown(name), str(told["verdict"]), shown(_gist(answer))))
    if question.as_json:
        verdict = "allow" if code == 0 else "deny" if code == 1 else "error"
        _print(machine.text({"verdict": verdict, "exit_code": code, "envelopes": listed}), world)
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


def _gist(answer: Answer) -> str:
    if isinstance(answer, AttestorError):
        return answer.problem
    wrong = [f"{pin.check}: {pin.detail}" for pin in answer.pins if pin.state is State.FAILED]
    wrong += [violation.message for violation in answer.verdict.violations] if answer.verdict else []
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
