"""``mesh-attestor verify``: signature and structure of an envelope, then the same gate as ``run``."""

from __future__ import annotations

from pathlib import Path

from attestor import collection, engine, gate, privacy, rendering, trust
from attestor.arguments import BOOLEANS, Arguments
from attestor.clock import system_now
from attestor.commands import World
from attestor.commands.envelope_file import read
from attestor.errors import AttestorError, SettingsError
from attestor.options import VERIFY as OPTIONS
from attestor.report import Report

SUMMARY = "Check an envelope's signature and structure, and judge the evidence in it."
POSITIONALS = "ENVELOPE"

__all__ = ["OPTIONS", "POSITIONALS", "SUMMARY", "execute"]


def execute(arguments: Arguments, complaints: list[AttestorError], world: World) -> int:
    """Verify one envelope and print its report to stdout; raises ``AttestorError``."""
    keys = _keys(arguments, world, complaints)
    allow_replay = arguments.one("allow-replay") or "false"
    if allow_replay not in BOOLEANS:
        complaints.append(SettingsError("allow-replay is not a boolean", remedy="write true or false"))
    envelope = read(arguments, world, complaints)
    with privacy.private_folder() as private:
        opa = _engine(arguments, world, private, complaints)
        if complaints or envelope is None or opa is None:
            raise SettingsError(complaints)
        opened = collection.opened(envelope.verified(keys))
        verdict = gate.judge(opened, opa, now=system_now(), allow_replay=BOOLEANS[allow_replay])
    signers = tuple(key.keyid for key in envelope.signers(keys))
    report = Report(opened=opened, signers=signers, verdict=verdict, envelope=arguments.positionals[0])
    rendering.write(report.sections(), world.stdout, world.env)
    return report.exit_code


def _keys(arguments: Arguments, world: World, complaints: list[AttestorError]) -> list[trust.TrustedKey]:
    found = []
    for path in arguments.values.get("key", []):
        try:
            found.append(trust.load(world.directory / path))
        except SettingsError as error:
            complaints.append(error)
    if not arguments.values.get("key"):
        complaints.append(
            SettingsError(
                "there is no trusted key",
                cause="without one, anybody's signature would do",
                remedy="name the public key of the run with --key",
            )
        )
    return found


def _engine(arguments: Arguments, world: World, private: Path, complaints: list[AttestorError]) -> engine.Engine | None:
    path = arguments.one("opa")
    try:
        return engine.find(world.directory / path if path else None, private)
    except SettingsError as error:
        complaints.append(error)
        return None
