"""Whole-process times: two commands in turn, so that a machine that slows down slows both; medians and minima."""

from __future__ import annotations

import statistics
import subprocess
import time
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

RUNS = 15
WARM_UP = 1


@dataclass(frozen=True, slots=True, kw_only=True)
class Command:
    """Something to time: its argv, where it runs, and the exit code that it must have."""

    name: str
    argv: Sequence[str]
    folder: Path
    exit_code: int = 0


@dataclass(frozen=True, slots=True, kw_only=True)
class Times:
    """Milliseconds of the counted runs."""

    median: float
    minimum: float


Row = tuple[str, Times, str, Times]
"""What was measured, and what stands beside it."""


def in_turn(commands: Sequence[Command], env: dict[str, str], runs: int = RUNS) -> list[Times]:
    """Run each of ``commands`` once for every round, ``WARM_UP`` rounds uncounted, and return their times."""
    taken: list[list[float]] = [[] for _ in commands]
    for number in range(runs + WARM_UP):
        for command, times in zip(commands, taken, strict=True):
            elapsed = _once(command, env)
            if number >= WARM_UP:
                times.append(elapsed)
    return [Times(median=statistics.median(times), minimum=min(times)) for times in taken]


def _once(command: Command, env: dict[str, str]) -> float:
    begun = time.perf_counter()
    done = subprocess.run(command.argv, cwd=command.folder, env=env, capture_output=True, check=False)
    elapsed = (time.perf_counter() - begun) * 1000
    if done.returncode != command.exit_code:
        message = f"{command.name} ended with {done.returncode}: {done.stderr.decode('utf-8', 'replace')[-400:]}"
        raise RuntimeError(message)
    return elapsed
