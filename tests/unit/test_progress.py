"""A person sees that linkerd works: a live line on a terminal, a line now and then in a log."""

from __future__ import annotations

import io
from typing import TextIO

import pytest

from attestor.progress import EVERY, Watch


class Terminal(io.StringIO):
    def isatty(self) -> bool:
        return True


class Full(io.StringIO):
    """A stream that takes nothing, as a log on a full disk."""

    def write(self, _text: str) -> int:
        raise OSError


class FullTerminal(Full, Terminal):
    pass


def watched(stream: TextIO, *elapsed: float) -> None:
    watch = Watch(stream)
    for seconds in elapsed:
        watch(seconds)
    watch.done()


def test_a_log_gets_one_line_every_ten_seconds() -> None:
    """However often it is called, and nothing at all for a quick run."""
    stream = io.StringIO()
    watched(stream, *(tick / 10 for tick in range(256)))
    assert EVERY == 10
    assert stream.getvalue().splitlines() == [
        "linkerd is looking at the mesh, 10 s",
        "linkerd is looking at the mesh, 20 s",
    ]


def test_a_terminal_gets_one_live_line_that_goes_away() -> None:
    """Each drawing clears the one before, the wheel turns, and the end leaves nothing."""
    stream = Terminal()
    watched(stream, 0.1, 0.2, 3.7)
    drawn = stream.getvalue().split("\r\x1b[K")
    assert drawn[0] == drawn[-1] == ""
    assert [line[1:] for line in drawn[1:-1]] == [
        " linkerd is looking at the mesh, 0 s",
        " linkerd is looking at the mesh, 0 s",
        " linkerd is looking at the mesh, 4 s",
    ]
    assert len({line[0] for line in drawn[1:-1]}) == 3


@pytest.mark.parametrize("stream", [Terminal(), io.StringIO()])
def test_a_run_that_never_ticked_draws_nothing(stream: io.StringIO) -> None:
    """Not even the clearing of a line that was never there."""
    watched(stream)
    assert stream.getvalue() == ""


@pytest.mark.parametrize("stream", [Full(), FullTerminal()])
def test_a_stream_that_takes_no_more_does_not_end_the_capture(stream: io.StringIO) -> None:
    """Progress is told to a person and decides nothing."""
    watched(stream, 0.1, 10, 20)
    assert stream.getvalue() == ""
