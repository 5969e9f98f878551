"""Print the figures of the campaign as JSON: `python -m tests.faults [--thorough]`."""

from __future__ import annotations

import json
import sys

from tests.faults.figures import figures

print(json.dumps(figures(thorough="--thorough" in sys.argv[1:]), indent=1))
