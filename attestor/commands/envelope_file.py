"""The ENVELOPE arguments that ``verify`` and ``show`` take."""

from __future__ import annotations

from collections.abc import Iterator

from attestor import limits
from attestor.arguments import Arguments
from attestor.commands import World
from attestor.errors import AttestorError, EvidenceError, SettingsError

STANDARD_INPUT = "-"


def names(arguments: Arguments, complaints: list[AttestorError], *, most: int | None = None) -> list[str]:
    """Return the envelopes that the command line names; what is wrong with that is appended to ``complaints``."""
    found = arguments.positionals
    if not found or (most is not None and len(found) > most):
        wanted = "exactly one envelope" if most == 1 else "at least one envelope"
        complaints.append(SettingsError(f"name {wanted}", remedy="give a path, or - for standard input"))
    if len(set(found)) < len(found):
        complaints.append(SettingsError("an envelope was named twice", remedy="name each once"))
    return found


def contents(found: list[str], world: World) -> Iterator[tuple[str, bytes | AttestorError]]:
    """Yield name and bytes of each envelope, or the error that stands for it where it cannot be read."""
    for name in found:
        try:
            data = _read(name, world)
        except OSError as error:
            problem = f"the envelope {name} cannot be read: {error.strerror}"
            yield name, SettingsError(problem, remedy="check the path")
        except EvidenceError as error:
            yield name, error
        else:
            yield name, data


def _read(name: str, world: World) -> bytes:
    """Read an envelope; of more than one may have, one byte, which ``Envelope.parse`` refuses."""
    return world.stdin.read(limits.ENVELOPE_BYTES + 1) if name == STANDARD_INPUT else _file(world, name)


def _file(world: World, name: str) -> bytes:
    with (world.directory / name).open("rb") as file:
        if file.seekable() and file.seek(0, 2) > limits.ENVELOPE_BYTES:
            raise EvidenceError(
                f"the envelope has more than {limits.ENVELOPE_BYTES} bytes", remedy="check which file this is"
            )
        file.seek(0)
        return file.read(limits.ENVELOPE_BYTES + 1)
