"""``mesh-attestor diff``: what is different between two captures of a mesh. Both are verified; neither is judged."""

from __future__ import annotations

import contextlib

from attestor import clock, collection, drift, rendering, verification
from attestor.arguments import Arguments
from attestor.collection import Opened
from attestor.commands import World, envelope_file, question
from attestor.envelope import Envelope
from attestor.errors import AttestorError, EvidenceError, SettingsError
from attestor.options import DIFF as OPTIONS
from attestor.rendering import machine
from attestor.report import Lines, drift_table

SUMMARY = "Compare two envelopes of a mesh: edges, identities, checks, versions. Exit 0: the same, 1: changed."
POSITIONALS = "OLD NEW"

__all__ = ["OPTIONS", "POSITIONALS", "SUMMARY", "execute"]


def execute(arguments: Arguments, complaints: list[AttestorError], world: World) -> int:
    """Print the differences between two verified envelopes to stdout; raises ``AttestorError``."""
    keys, threshold = question.trusted(arguments, world.directory, complaints)
    now = question.moment(arguments, complaints) or clock.system_now()
    as_json = question.is_json(arguments, complaints)
    names = arguments.positionals
    if len(names) != 2:  # noqa: PLR2004 - the old one and the new one
        complaints.append(SettingsError("name two envelopes", remedy="first the older one, then the newer one"))
    if complaints:
        raise SettingsError(complaints)

    def read(name: str, data: bytes | AttestorError) -> Opened:
        if isinstance(data, AttestorError):
            raise data
        try:
            found = collection.opened(Envelope.parse(data).verified(keys, threshold=threshold))
            verification.require(verification.examine(found, (), now))
        except EvidenceError as error:
            raise EvidenceError(f"{name}: {error.problem}", cause=error.cause, remedy=error.remedy) from error
        return found

    old, new = (read(name, data) for name, data in envelope_file.contents(names, world))
    found = drift.between(old, new)
    _print(found, world, as_json=as_json)
    return 1 if found.changed else 0


def _print(found: drift.Drift, world: World, *, as_json: bool) -> None:
    if as_json:
        with contextlib.suppress(OSError):
            world.stdout.write(machine.text({"changed": found.changed, **found.to_dict()}))
        return
    same = Lines(title="Differences", lines=("nothing changed",), good=True)
    rendering.write([drift_table(found, "Differences") if found.changed else same], world.stdout, world.env)
