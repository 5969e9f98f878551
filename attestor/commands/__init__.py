"""The commands: one module for each, with ``OPTIONS``, ``SUMMARY`` and an ``execute`` that returns an exit code."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import BinaryIO, TextIO

NAMES = ("run", "verify", "show", "keygen", "policy", "doctor", "diff")
"""A new command is a new module of this package and a name here."""


@dataclass(frozen=True, slots=True, kw_only=True)
class World:
    """What a command may touch beside files and children: the environment, read once, the streams and the folder."""

    env: Mapping[str, str] = field(repr=False)
    stdin: BinaryIO
    stdout: TextIO
    stderr: TextIO
    directory: Path
