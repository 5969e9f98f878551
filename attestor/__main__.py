"""``python -m attestor``."""

import sys

if not sys.flags.safe_path:
    # Python puts the current folder first, which may be a tree of strangers with a `yaml.py` in it. (What is imported
    # before this line it cannot help: in such a tree, `mesh-attestor` or `python -P -m attestor`.)
    del sys.path[0]

from attestor.cli import main

main()
