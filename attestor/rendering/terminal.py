"""For a terminal: colours and tables, by rich."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TextIO

from rich.console import Console
from rich.table import Table as RichTable
from rich.text import Text

from attestor.report import Lines, Section, Table

_COLOURS = {True: "green", False: "bold red", None: ""}


def write(sections: Sequence[Section], stream: TextIO, *, width: int) -> None:
    """Print ``sections`` to ``stream``, ``width`` columns wide. Text from the evidence is never read as markup."""
    console = Console(file=stream, width=width, highlight=False)
    for section in sections:
        console.print(Text(section.title, style="bold underline"))
        if isinstance(section, Lines):
            _lines(console, section)
        else:
            _table(console, section)
        console.print()


def _lines(console: Console, section: Lines) -> None:
    for number, line in enumerate(section.lines):
        style = _COLOURS[section.good] if number == 0 or section.good is None else ""
        console.print(Text(line, style=style))


def _table(console: Console, section: Table) -> None:
    if section.rows:
        table = RichTable(box=None, pad_edge=False, header_style="bold")
        for name in section.header:
            table.add_column(name, overflow="fold")
        for row, mark in zip(section.rows, section.marks, strict=True):
            table.add_row(*(Text(cell) for cell in row[:-1]), Text(row[-1], style=_COLOURS[mark]))
        console.print(table)
    if section.note:
        console.print(Text(section.note, style="bold"))
