"""GitHub's Markdown: text that is only text, tables, and a page that is cut between two rows and says so. Pure.

Names come from the cluster. A character that Markdown, HTML or GitHub's own extensions could take for more than itself
goes out as a numeric entity, which is decoded only after the structure is known (https://github.github.com/gfm/,
section 6.2); an empty comment behind it keeps the parts of an address or a mention from being joined to a link.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Sequence
from dataclasses import dataclass

_PLAIN = re.compile(r"[A-Za-z0-9 ,/=;.?'\u00a0-\ud7ff\ue000-\ufffd\U00010000-\U0010ffff-]")
_JOINTS = frozenset(":@.")
"""Characters that join words to an address, a mention or an emoji."""

_ADDRESS = re.compile(r"(?<=www)\.", re.IGNORECASE)


@dataclass(frozen=True, slots=True, kw_only=True)
class Part:
    """A piece of a page: what stands before its rows, the rows, and what stands behind. Each row is one whole line.

    ``essential`` parts are kept whatever the limit; rows of the others are left out from the end.
    """

    head: str
    rows: tuple[str, ...] = ()
    tail: str = ""
    essential: bool = False


def text(value: str) -> str:
    """Return ``value`` as text in a paragraph or a cell, on one line."""
    marked = _ADDRESS.sub("\0", "".join(character if character.isprintable() else "\ufffd" for character in value))
    return "".join(_character(character) for character in marked)


def _character(character: str) -> str:
    if character == "\0":
        character = "."
    elif _PLAIN.fullmatch(character):
        return character
    entity = f"&#{ord(character)};"
    return f"{entity}<!---->" if character in _JOINTS else entity


def code(value: str) -> str:
    """Return ``value`` as code in a line or a cell. An element, as backticks and pipes cannot be escaped in a span."""
    return f"<code>{text(value)}</code>"


def link(label: str, url: str) -> str:
    """Return a link where ``url`` is an https address of nothing but harmless characters, else both as text."""
    if re.fullmatch(r"https://[A-Za-z0-9.-]+(?:/[A-Za-z0-9._~/-]*)?(?:#[A-Za-z0-9._~-]*)?", url):
        return f"[{text(label)}]({url})"
    return f"{text(label)} {code(url)}"


def table(header: Sequence[str], rows: Iterable[Sequence[str]], *, before: str = "", after: str = "") -> Part:
    """Return a table; every cell must have gone through ``text``, ``code`` or ``link``."""
    head = f"{before}| {' | '.join(header)} |\n|{' --- |' * len(header)}\n"
    return Part(head=head, rows=tuple(f"| {' | '.join(row)} |\n" for row in rows), tail=f"\n{after}")


def fenced(language: str, lines: Sequence[str]) -> str:
    """Return a code block, whose fence is longer than every run of backticks in it."""
    longest = max((len(run) for line in lines for run in re.findall("`+", line)), default=0)
    fence = "`" * max(3, longest + 1)
    return "\n".join([f"{fence}{language}", *lines, fence, ""])


def page(parts: Sequence[Part], limit: int) -> str:
    """Return ``parts`` as one text of at most ``limit`` bytes, cut between two rows, with a line that says so."""
    whole = "".join(_with_rows(part, len(part.rows)) for part in parts)
    if _size(whole) <= limit:
        return whole
    left = limit - sum(_size(part.head) + _size(part.tail) + _ROOM for part in parts)
    written: list[str] = []
    for part in sorted(range(len(parts)), key=lambda number: not parts[number].essential):
        kept, left = _fitting(parts[part].rows, left)
        written.append(_with_rows(parts[part], kept))
    order = sorted(range(len(parts)), key=lambda number: not parts[number].essential)
    return "".join(piece for _, piece in sorted(zip(order, written, strict=True)))


_ROOM = 200
"""Bytes kept free in each part for the line that says what was cut."""


def _fitting(rows: Sequence[str], left: int) -> tuple[int, int]:
    for number, row in enumerate(rows):
        size = _size(row)
        if size > left:
            return number, left
        left -= size
    return len(rows), left


def _with_rows(part: Part, kept: int) -> str:
    cut = len(part.rows) - kept
    said = f"\n*{cut} more rows are left out here: the page would be too long.*\n" if cut else ""
    return f"{part.head}{''.join(part.rows[:kept])}{said}{part.tail}"


def _size(written: str) -> int:
    return len(written.encode("utf-8"))
