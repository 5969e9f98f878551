"""The container's entry: environment in, exit code out, and nothing else."""

from __future__ import annotations

import os
import sys

from attestor import cli, isolation
from attestor.github import step


def main() -> int:
    """Run the step of a workflow that the environment describes, and return its exit code."""
    env = dict(os.environ)

    def run() -> int:
        isolation.close(no_new_privileges=True)
        return step.main(env, cli.current_folder(), sys.stdout)

    return cli.guarded(
        run,
        tell=lambda error: step.failed(error, env, sys.stdout),
    )


if __name__ == "__main__":
    cli.prepare_streams()
    sys.exit(cli.flushed(main()))
