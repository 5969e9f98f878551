"""Reports on paper: one module for each kind, each with ``text(sections) -> str``."""

from __future__ import annotations

import contextlib
import os
from collections.abc import Mapping, Sequence
from typing import TextIO

from attestor.report import Section


def write(sections: Sequence[Section], stream: TextIO, env: Mapping[str, str]) -> None:
    """Print ``sections`` to ``stream``: with colours and columns on a terminal, as unbroken lines anywhere else."""
    if stream.isatty() and env.get("TERM", "dumb") != "dumb" and "NO_COLOR" not in env:
        from attestor.rendering import terminal

        terminal.write(sections, stream, width=os.get_terminal_size(stream.fileno()).columns)
        return
    from attestor.rendering import log

    with contextlib.suppress(BrokenPipeError):
        stream.write(log.text(sections))
