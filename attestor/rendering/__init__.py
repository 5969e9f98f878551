"""Reports on paper: one module for each kind, each with ``text(sections) -> str``."""

from __future__ import annotations

import contextlib
import os
from collections.abc import Mapping, Sequence
from typing import TextIO

from attestor.report import Section

_WIDTH = 120


def write(sections: Sequence[Section], stream: TextIO, env: Mapping[str, str]) -> None:
    """Print ``sections`` to ``stream``: with colours and columns on a terminal, as unbroken lines anywhere else."""
    if stream.isatty() and env.get("TERM", "dumb") != "dumb" and "NO_COLOR" not in env:
        from attestor.rendering import terminal

        # A terminal that nobody has told its size says that it has no columns.
        terminal.write(sections, stream, width=os.get_terminal_size(stream.fileno()).columns or _WIDTH)
        return
    from attestor.rendering import log

    with contextlib.suppress(OSError):
        stream.write(log.text(sections))
