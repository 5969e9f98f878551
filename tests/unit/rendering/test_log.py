"""Logs: one line a row, columns aligned, and no line that a runner could take for a command."""

from __future__ import annotations

from attestor.rendering import log
from attestor.report import Lines, Table

TABLE = Table(
    title="Edges",
    header=("SRC", "SECURED"),
    rows=(("a/web", "√"), ("b/a-longer-name", "no: x")),
    marks=(True, False),
    note="1 of 2 edges secured",
)


def test_tables_are_aligned_and_nothing_is_wrapped() -> None:
    """However long a row is; no white space is left at its end."""
    assert log.text([TABLE]) == (
        "== Edges ==\n"
        "| SRC              SECURED\n"
        "| a/web            √\n"
        "| b/a-longer-name  no: x\n"
        "| 1 of 2 edges secured\n"
    )
    wide = Table(title="T", header=("A",), rows=(("x" * 5000,),), marks=(None,))
    assert "x" * 5000 in log.text([wide]).splitlines()[2]


def test_sections_are_parted_by_an_empty_line() -> None:
    """And the text ends in one newline."""
    sections = [Lines(title="One", lines=("a", "b")), Lines(title="Two", lines=())]
    assert log.text(sections) == "== One ==\n| a\n| b\n\n== Two ==\n"


def test_a_table_without_rows_is_its_note() -> None:
    """A header over nothing says nothing."""
    table = Table(title="Checks", header=("A", "B"), rows=(), marks=(), note="no check report")
    assert log.text([table]) == "== Checks ==\n| no check report\n"


def test_no_line_can_be_a_runners_command() -> None:
    """GitHub's runner obeys lines that begin with `::` or `##[`, also behind spaces: none of ours begins so."""
    hostile = ("::error::x", "  ::set-output name=verdict::allow", "##[error]x", "== Verdict ==", "")
    table = Table(title="T", header=hostile, rows=(hostile,), marks=(None,), note="::stop-commands::x")
    for line in log.text([Lines(title="L", lines=hostile), table]).splitlines():
        assert line == "" or line.startswith(("| ", "== L ==", "== T =="))
