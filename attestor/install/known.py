"""What the set-up found out about the program that it installed: its digest and its version, in a file beside it.

A run names the opa that judged by its digest, and hashing tens of megabytes takes as long as all else that a small run
does. So the set-up hashes once, and notes which file that was. Where the file is another by any of its marks, the note
says nothing. Whoever can write the note can write the program, too, and needs no note to lie.
"""

from __future__ import annotations

import json
import os
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

from attestor import strict_json
from attestor.capture import hashing

FILE_NAME = "opa-known.json"


@dataclass(frozen=True, slots=True, kw_only=True)
class Known:
    """A program's SHA-256 in hex, and the version that it says it has; each empty where it is not known."""

    sha256: str = ""
    version: str = ""


def note(program: Path, version: str) -> bytes:
    """Return the note on ``program``, of this ``version``; raises ``OSError`` where it cannot be read."""
    with program.open("rb") as file:
        found = {"sha256": hashing.sha256(file), "version": version, "stamp": hashing.stamp(os.fstat(file.fileno()))}
    return (json.dumps(found) + "\n").encode()


def of(program: Path) -> Known:
    """Return what is known of ``program`` without looking at its content: nothing, where it is not the one noted."""
    try:
        found = strict_json.loads(program.with_name(FILE_NAME).read_bytes())
        marks = list(hashing.stamp(program.stat()))
    except (OSError, strict_json.NotJson):
        return Known()
    if not isinstance(found, Mapping) or found.get("stamp") != marks:
        return Known()
    sha256, version = found.get("sha256"), found.get("version")
    if not isinstance(sha256, str) or not isinstance(version, str):
        return Known()
    return Known(sha256=sha256, version=version)
