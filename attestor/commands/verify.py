"""``mesh-attestor verify``: signature, structure and everything that can be derived again, then the gate of ``run``."""

from __future__ import annotations

import contextlib
from pathlib import Path

from attestor import collection, engine, gate, privacy, rendering, verification
from attestor.arguments import Arguments
from attestor.commands import World
from attestor.commands.envelope_file import read
from attestor.commands.question import Question, asked
from attestor.envelope import Envelope
from attestor.errors import AttestorError, EvidenceError, SettingsError
from attestor.options import VERIFY as OPTIONS
from attestor.rendering import machine
from attestor.report import Report
from attestor.verification import pins

SUMMARY = "Check an envelope's signature, derive everything in it again, and judge the evidence."
POSITIONALS = "ENVELOPE"

__all__ = ["OPTIONS", "POSITIONALS", "SUMMARY", "execute"]


def execute(arguments: Arguments, complaints: list[AttestorError], world: World) -> int:
    """Verify one envelope and print its report to stdout; raises ``AttestorError``."""
    question = asked(arguments, world.directory, complaints)
    with privacy.private_folder() as private:
        opa = _engine(question.opa, private, complaints)
        envelope = read(arguments, world, complaints)
        if complaints or envelope is None or opa is None:
            raise SettingsError(complaints)
        try:
            report = _answer(question, envelope, opa, arguments.positionals[0])
        except EvidenceError as error:
            if question.as_json:
                _print(machine.error_text(error), world)
            raise
    if question.as_json:
        _print(machine.text(report, envelope.strangers(question.keys)), world)
    else:
        rendering.write(report.sections(), world.stdout, world.env)
    return report.exit_code


def _answer(question: Question, envelope: Envelope, opa: engine.Engine, name: str) -> Report:
    opened = collection.opened(envelope.verified(question.keys, threshold=question.threshold))
    findings = verification.examine(opened, question.reports, question.now)
    verification.require(findings)
    verdict = gate.judge(opened, opa, now=question.now, allow_replay=question.allow_replay)
    return Report(
        opened=opened,
        signers=tuple(key.keyid for key in envelope.signers(question.keys)),
        verdict=verdict,
        envelope=name,
        findings=findings,
        pins=tuple(pins.examine(opened, question.pins, question.now)),
    )


def _print(text: str, world: World) -> None:
    with contextlib.suppress(OSError):
        world.stdout.write(text)


def _engine(path: Path | None, private: Path, complaints: list[AttestorError]) -> engine.Engine | None:
    try:
        return engine.find(path, private)
    except SettingsError as error:
        complaints.append(error)
        return None
