"""The ENVELOPE argument that ``verify`` and ``show`` take."""

from __future__ import annotations

from attestor.arguments import Arguments
from attestor.commands import World
from attestor.envelope import Envelope
from attestor.errors import AttestorError, EvidenceError, SettingsError

SIZE_LIMIT = 256 * 1024 * 1024
"""Most bytes of an envelope file; 200,000 edges take about 50 MiB."""


def read(arguments: Arguments, world: World, complaints: list[AttestorError]) -> Envelope | None:
    """Read the one envelope that the command line names, or standard input for ``-``.

    Appends to ``complaints`` and returns ``None`` where there is nothing to read; raises ``EvidenceError`` where
    what there is is not an envelope, unless something else was already wrong.
    """
    if len(arguments.positionals) != 1:
        complaints.append(SettingsError("name exactly one envelope", remedy="give a path, or - for standard input"))
        return None
    name = arguments.positionals[0]
    try:
        data = world.stdin.read(SIZE_LIMIT + 1) if name == "-" else _file(world, name)
    except OSError as error:
        complaints.append(
            SettingsError(f"the envelope {name} cannot be read: {error.strerror}", remedy="check the path")
        )
        return None
    if complaints:
        return None
    if len(data) > SIZE_LIMIT:
        raise EvidenceError(f"the envelope is larger than {SIZE_LIMIT} bytes", remedy="check which file this is")
    return Envelope.parse(data)


def _file(world: World, name: str) -> bytes:
    with (world.directory / name).open("rb") as file:
        return file.read(SIZE_LIMIT + 1)
