"""For logs: one line a row, columns aligned, nothing wrapped, and no line that a runner could take for a command."""

from __future__ import annotations

from collections.abc import Sequence

from attestor.report import Lines, Section, Table

INDENT = "| "
"""Every line begins with it: GitHub's runner obeys lines that begin with ``::`` or ``##[``, also behind spaces."""


def text(sections: Sequence[Section]) -> str:
    """Return ``sections`` as text that ends in a newline."""
    lines: list[str] = []
    for section in sections:
        lines += [f"== {section.title} ==", *(INDENT + line for line in _body(section)), ""]
    return "\n".join(lines)


def _body(section: Section) -> list[str]:
    if isinstance(section, Lines):
        return list(section.lines)
    return [*_aligned(section), *([section.note] if section.note else [])]


def _aligned(table: Table) -> list[str]:
    if not table.rows:
        return []
    everything = (table.header, *table.rows)
    widths = [max(len(row[column]) for row in everything) for column in range(len(table.header))]
    return [
        "  ".join(cell.ljust(width) for cell, width in zip(row, widths, strict=True)).rstrip() for row in everything
    ]
