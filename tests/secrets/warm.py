"""The server of `tests.warm`, which besides the command line can be the container's entry, and be made to fail.

The first word decides: ``@step`` is entrypoint.py; ``@fault WORDS`` is the command line in which the capture raises an
error of no known kind with WORDS in it; anything else is the command line.
"""

from __future__ import annotations

import resource
import sys
from typing import NoReturn

from attestor import cli
from tests import warm

_command = cli.main


class Either(warm.Warm):
    """A server whose calls may leave core files, if nothing keeps them from it."""

    module = "tests.secrets.warm"


def allow_core_files() -> None:
    """Let this process and its children leave core files as large as the system lets them."""
    _, hard = resource.getrlimit(resource.RLIMIT_CORE)
    resource.setrlimit(resource.RLIMIT_CORE, (hard, hard))


def _either() -> NoReturn:
    first, *rest = sys.argv[1:] or [""]
    if first == "@step":
        import entrypoint

        cli.prepare_streams()
        sys.exit(cli.flushed(entrypoint.main()))
    if first == "@fault":
        _break_the_capture(rest[0])
        sys.argv[1:] = rest[1:]
    _command()


def _break_the_capture(words: str) -> None:
    from attestor import capture

    def broken(*_: object) -> NoReturn:
        raise ValueError(words) from KeyError(words)

    setattr(capture, "collect", broken)  # noqa: B010 - in this forked process only


if __name__ == "__main__":
    allow_core_files()
    setattr(cli, "main", _either)  # noqa: B010 - what a call runs
    warm._serve()
