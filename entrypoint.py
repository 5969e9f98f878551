"""The container's entry: environment in, exit code out, and nothing else."""

from __future__ import annotations

import os
import sys

from attestor import cli
from attestor.github import step


def main() -> int:
    """Run the step of a workflow that the environment describes, and return its exit code."""
    env = dict(os.environ)
    return cli.guarded(
        lambda: step.main(env, cli.current_folder(), sys.stdout),
        tell=lambda error: step.failed(error, env, sys.stdout),
    )


if __name__ == "__main__":
    cli.prepare_streams()
    sys.exit(cli.flushed(main()))
