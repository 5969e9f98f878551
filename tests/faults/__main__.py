"""Print the figures of the campaign as JSON: `python -m tests.faults [--thorough] [--one-in N]`."""

from __future__ import annotations

import argparse
import json

from tests.faults.figures import figures

parser = argparse.ArgumentParser(prog="python -m tests.faults", description=__doc__)
parser.add_argument("--thorough", action="store_true", help="every fault at every point")
parser.add_argument("--one-in", type=int, default=1, help="one in so many of them")
given = parser.parse_args()
print(json.dumps(figures(thorough=given.thorough, one_in=given.one_in), indent=1))
