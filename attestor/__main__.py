"""``python -m attestor``."""

from attestor.cli import main

main()
