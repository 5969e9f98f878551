"""``python -m tests.assurance``: try everything, print the figures, and fail where one is not what it must be."""

from __future__ import annotations

import argparse
import sys
import time
from collections.abc import Sequence

from tests.assurance.figures import Figure
from tests.assurance.trials import IN_SHORT, LONG, SHORT, TRIALS


def main(arguments: Sequence[str]) -> int:
    """Run the trials that were asked for; returns 1 where a figure is not good."""
    parser = argparse.ArgumentParser(prog="python -m tests.assurance", description=__doc__)
    parser.add_argument("--short", action="store_true", help="a fixed small budget, for continuous integration")
    parser.add_argument("--only", default="", help="some of " + ", ".join(TRIALS))
    given = parser.parse_args(arguments)
    good = True
    chosen = given.only.split(",") if given.only else IN_SHORT if given.short else TRIALS
    for name in chosen:
        begun = time.monotonic()
        print(f"\n{name}", flush=True)
        for figure in TRIALS[name](SHORT if given.short else LONG):
            good &= figure.good
            print(_line(figure), flush=True)
        print(f"  ({time.monotonic() - begun:.0f} s)", flush=True)
    return 0 if good else 1


def _line(figure: Figure) -> str:
    mark = " " if figure.good else "!"
    return f"{mark} {figure.what:<58} {figure.value:>14}  {figure.bound}".rstrip()


sys.exit(main(sys.argv[1:]))
