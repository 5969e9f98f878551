"""The note on an installed program: it holds for that very file, and says nothing of any other."""

from __future__ import annotations

import hashlib
import json
import os
import shutil
from pathlib import Path

import pytest

from attestor.install import known
from attestor.install.known import Known


@pytest.fixture
def program(tmp_path: Path) -> Path:
    """A program with its note beside it."""
    path = tmp_path / "opa"
    path.write_bytes(b"\x7fELF and more")
    (tmp_path / known.FILE_NAME).write_bytes(known.note(path, "1.19.0"))
    return path


def test_the_noted_program_is_known(program: Path) -> None:
    """By its digest and its version, also through a symbolic link that was followed."""
    assert known.of(program) == Known(sha256=hashlib.sha256(program.read_bytes()).hexdigest(), version="1.19.0")


def rewritten(program: Path) -> None:
    """Other bytes of the same size, with the time of the last change put back."""
    before = program.stat()
    program.write_bytes(b"\x7fELF and mare")
    os.utime(program, ns=(before.st_atime_ns, before.st_mtime_ns))


def exchanged(program: Path) -> None:
    copy = program.with_name("copy")
    shutil.copy2(program, copy)
    copy.replace(program)


def grown(program: Path) -> None:
    with program.open("ab") as file:
        file.write(b"x")


@pytest.mark.parametrize("change", [rewritten, exchanged, grown, Path.unlink])
def test_another_program_is_not(program: Path, change: object) -> None:
    """Whatever was done to be taken for it: the inode and the time of its own change tell."""
    assert callable(change)
    change(program)
    assert known.of(program) == Known()


@pytest.mark.parametrize(
    "note",
    [b"", b"[]", b"{}", b"{", b'{"stamp": null}', b"\xff"],
    ids=["empty", "list", "object", "cut", "null", "bytes"],
)
def test_an_odd_note_says_nothing(program: Path, note: bytes) -> None:
    """The program is then hashed."""
    program.with_name(known.FILE_NAME).write_bytes(note)
    assert known.of(program) == Known()


@pytest.mark.parametrize("key", ["sha256", "version"])
def test_a_note_of_odd_types_says_nothing(program: Path, key: str) -> None:
    """Though its marks are right."""
    path = program.with_name(known.FILE_NAME)
    path.write_text(json.dumps(json.loads(path.read_bytes()) | {key: 7}), encoding="utf-8")
    assert known.of(program) == Known()


def test_no_note_says_nothing(program: Path) -> None:
    """An opa of one's own has none."""
    program.with_name(known.FILE_NAME).unlink()
    assert known.of(program) == Known()
