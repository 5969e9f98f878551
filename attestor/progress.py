"""Shows that linkerd works: a live line on a terminal, a line every ten seconds in a log."""

from __future__ import annotations

import contextlib
from typing import TextIO

EVERY = 10.0
"""Seconds between two lines of a log."""

_CLEAR = "\r\x1b[K"
_WHEEL = "|/-\\"


class Watch:
    """A callable that takes the seconds gone by and tells a person about them, on ``stream``."""

    def __init__(self, stream: TextIO) -> None:
        self._stream = stream
        self._live = stream.isatty()
        self._next = EVERY
        self._turn = 0

    def __call__(self, elapsed: float) -> None:
        """Show that ``elapsed`` seconds have gone by."""
        if self._live:
            self._turn += 1
            wheel = _WHEEL[self._turn % len(_WHEEL)]
            self._write(f"{_CLEAR}{wheel} linkerd is looking at the mesh, {elapsed:.0f} s")
        elif elapsed >= self._next:
            self._next += EVERY
            self._write(f"linkerd is looking at the mesh, {elapsed:.0f} s\n")

    def say(self, line: str) -> None:
        """Print one line of its own, where it cannot be taken for a runner's command."""
        self._write(f"| {line}\n")

    def done(self) -> None:
        """Take the live line away."""
        if self._live and self._turn:
            self._write(_CLEAR)

    def _write(self, text: str) -> None:
        with contextlib.suppress(OSError):  # a log that takes no more must not end the capture
            self._stream.write(text)
            self._stream.flush()
