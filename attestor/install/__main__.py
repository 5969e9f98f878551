"""``python -m attestor.install opa``: what ``make setup`` calls."""

from __future__ import annotations

import argparse
import os
import sys
from collections.abc import Sequence
from pathlib import Path

from attestor.errors import AttestorError
from attestor.install import cache, lock, opa


def main(argv: Sequence[str] | None = None) -> int:
    """Install what ``argv`` names and return the exit code: 0, or that of the error, which stands on stderr."""
    options = _parser().parse_args(argv)
    world = opa.World(env=os.environ, platform=lock.this_platform(), say=_say)
    try:
        wanted, given = opa.from_mirror(lock.load().opa, world.platform, options.url, options.sha256)
        program = opa.install(wanted, cache.folder(os.environ), world, given=options.opa or given)
        if options.link is not None:
            cache.link(program, options.link)
    except AttestorError as error:
        print("\n".join(error.lines()), file=sys.stderr)
        return error.exit_code
    _say(f"opa {lock.load().opa.version}: {options.link / program.name if options.link else program}")
    return 0


def _say(line: str) -> None:
    print(line, flush=True)


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(prog="python -m attestor.install", description="Install a program of the lock.")
    parser.add_argument("program", choices=["opa"], help="which one")
    parser.add_argument("--link", type=Path, metavar="FOLDER", help="where to put a symbolic link to it")
    parser.add_argument("--opa", type=Path, metavar="PATH", help="take this opa instead of fetching one")
    parser.add_argument("--url", default="", metavar="URL", help="a mirror: https, or a file of this machine")
    parser.add_argument("--sha256", default="", metavar="HEX", help="the digest of what is there, if not the lock's")
    return parser


if __name__ == "__main__":
    sys.exit(main())
