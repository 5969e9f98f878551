"""Terminals: colours and columns, and no name from the evidence that is read as markup."""

from __future__ import annotations

import errno
import fcntl
import io
import os
import pty
import re
import struct
import termios
from collections.abc import Iterator
from pathlib import Path
from typing import TextIO

import pytest

from attestor import rendering
from attestor.rendering import terminal
from attestor.report import Lines, Section, Table, shown

ESCAPE = re.compile(r"\x1b\[[0-9;]*m")
HOSTILE = ["[bold red]x[/]", "[link=https://example.org]x[/link]", ":warning:", "[/]", "\\[", "[red"]
EDGES = Table(
    title="Edges",
    header=("SRC", "SECURED"),
    rows=(("a/web", "√"), ("b/db", "no: x")),
    marks=(True, False),
    note="1 of 2",
)


class Screen(io.StringIO):
    def isatty(self) -> bool:
        return True


def drawn(*sections: Section, width: int = 100) -> str:
    stream = Screen()
    terminal.write(sections, stream, width=width)
    return stream.getvalue()


def plain(*sections: Section, width: int = 100) -> list[str]:
    return [line.rstrip() for line in ESCAPE.sub("", drawn(*sections, width=width)).splitlines()]


@pytest.fixture(autouse=True)
def _a_terminal_of_its_own(monkeypatch: pytest.MonkeyPatch) -> None:
    for name in ("NO_COLOR", "FORCE_COLOR", "TTY_COMPATIBLE"):
        monkeypatch.delenv(name, raising=False)
    monkeypatch.setenv("TERM", "xterm")


def test_tables_and_lines_are_printed() -> None:
    """Titles, rows in columns, and notes."""
    assert plain(Lines(title="Evidence", lines=("a", "b")), EDGES) == [
        "Evidence",
        "a",
        "b",
        "",
        "Edges",
        "SRC    SECURED",
        "a/web  √",
        "b/db   no: x",
        "1 of 2",
        "",
    ]


def test_good_is_green_and_bad_is_red() -> None:
    """Only the last cell and the first line of a verdict carry the colour."""
    assert "\x1b[32m√" in drawn(EDGES)
    assert "\x1b[1;31mno: x" in drawn(EDGES)
    assert "\x1b[1;31mDENY\x1b[0m\nreason\n" in drawn(Lines(title="Verdict", lines=("DENY", "reason"), good=False))


@pytest.mark.parametrize("name", HOSTILE)
def test_markup_in_a_name_is_text(name: str) -> None:
    """In a line, in a cell and in a note it is printed letter by letter, and draws nothing."""
    table = Table(title="T", header=("A", "B"), rows=((name, name),), marks=(None,), note=name)
    text = plain(Lines(title="L", lines=(name,)), table)
    assert text == ["L", name, "", "T", f"A{' ' * (len(name) + 1)}B", f"{name}  {name}", name, ""]
    assert "example.org" not in "".join(re.findall(r"\x1b\]8;.*?\x1b\\", drawn(table)))


def test_escapes_in_a_name_change_nothing() -> None:
    """The report prints them as text, and the terminal gets no escape but those of its own colours."""
    name = shown("\x1b]0;owned\x07\x1b[2J\x9b31m\u202e")
    left = ESCAPE.sub(
        "", drawn(Lines(title="L", lines=(name,)), Table(title="T", header=("A",), rows=((name,),), marks=(True,)))
    )
    assert "\x1b" not in left
    assert all(line.isprintable() for line in left.splitlines())


def test_a_long_name_is_folded_and_not_cut() -> None:
    """A narrow terminal shows every letter of it."""
    table = Table(title="T", header=("A", "B"), rows=(("x" * 90, "y" * 90),), marks=(None,))
    text = "".join(plain(table, width=40))
    assert (text.count("x"), text.count("y")) == (90, 90)


def test_a_table_without_rows_is_its_note() -> None:
    """A header over nothing says nothing."""
    assert plain(Table(title="T", header=("A",), rows=(), marks=(), note="none")) == ["T", "none", ""]


@pytest.fixture
def screen() -> Iterator[tuple[TextIO, int]]:
    """A real terminal: the stream that is written to, and the descriptor that shows what arrived."""
    ours, theirs = pty.openpty()
    with os.fdopen(theirs, "w", encoding="utf-8") as stream:
        yield stream, ours
    os.close(ours)


def seen(screen: tuple[TextIO, int], env: dict[str, str], columns: int) -> str:
    stream, ours = screen
    fcntl.ioctl(ours, termios.TIOCSWINSZ, struct.pack("HHHH", 24, columns, 0, 0))
    rendering.write([EDGES], stream, env)
    stream.close()
    return b"".join(iter(lambda: arrived(ours), b"")).decode().replace("\r\n", "\n")


def arrived(terminal: int) -> bytes:
    """Return what has arrived, which is in parts; nothing at the end, of which a terminal says that it is an error."""
    try:
        return os.read(terminal, 1 << 16)
    except OSError as error:
        if error.errno != errno.EIO:
            raise
        return b""


@pytest.mark.parametrize("columns", [0, 80])
def test_a_terminal_of_any_size_shows_the_table(screen: tuple[TextIO, int], columns: int) -> None:
    """Also one that nobody has told its size, and which says that it has no columns."""
    text = seen(screen, {"TERM": "xterm"}, columns)
    assert "\x1b[32m√" in text
    assert "b/db" in text


@pytest.mark.parametrize("env", [{"TERM": "dumb"}, {}, {"TERM": "xterm", "NO_COLOR": "1"}])
def test_a_terminal_without_colours_gets_the_log(screen: tuple[TextIO, int], env: dict[str, str]) -> None:
    """A dumb one, an unknown one, and a person who wants none."""
    assert seen(screen, env, 80).startswith("== Edges ==\n| SRC    SECURED\n")


def test_a_file_gets_the_log(tmp_path: Path) -> None:
    """Whatever TERM says."""
    with (tmp_path / "log").open("w+", encoding="utf-8") as stream:
        rendering.write([EDGES], stream, {"TERM": "xterm"})
        stream.seek(0)
        assert stream.read().startswith("== Edges ==\n| SRC")


def test_a_reader_that_went_away_is_no_error() -> None:
    """`mesh-attestor show | head` ends quietly."""
    reader, writer = os.pipe()
    os.close(reader)
    stream = os.fdopen(writer, "w", encoding="utf-8", buffering=1)
    rendering.write([EDGES], stream, {})
    with pytest.raises(BrokenPipeError):  # what is left in the buffer: the text did go to a broken pipe
        stream.close()
