"""One target under atheris, in a process of its own: ``python -m tests.fuzz.drive TARGET FOLDER SECONDS RUNS OPTION…``.

Only the program and PyYAML are instrumented: what is new in the harness is no finding. The end comes from here rather
than from libFuzzer, which would leave without judging what still waits.
"""

from __future__ import annotations

import hashlib
import importlib
import json
import os
import sys
import time
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

PATIENCE = 5.0
"""Seconds after which bad evidence is judged, also where there is less of it than a batch."""


@dataclass(slots=True)
class Run:
    """A run of one target until ``seconds`` are over or ``runs`` inputs were tried; 0 is without end."""

    check: Any
    judged: Any
    folder: Path
    seconds: float
    runs: int
    executions: int = 0
    began: float = field(default_factory=time.monotonic)
    last: float = 0.0

    def once(self, data: bytes) -> None:
        """Try one input."""
        try:
            self.check(data)
        finally:
            self.executions += 1
        elapsed = time.monotonic() - self.began
        over = 0 < self.runs <= self.executions or 0 < self.seconds <= elapsed
        if over or elapsed - self.last > PATIENCE:
            self.judge(elapsed)
            self.last = time.monotonic() - self.began
        if over:
            os._exit(0)

    def judge(self, elapsed: float) -> None:
        """Judge what waits and write down the figures; raises ``Wrong`` after it has kept what was allowed."""
        try:
            self.judged.JUDGE.flush()
        except self.judged.Wrong as wrong:
            for origin in wrong.origins:
                (self.folder / "crashes" / f"allowed-{hashlib.sha1(origin).hexdigest()}").write_bytes(origin)
            raise
        finally:
            counted = {"judged": self.judged.JUDGE.judged, "allowed": self.judged.JUDGE.wrong}
            figures = {"executions": self.executions, "seconds": elapsed, **counted}
            (self.folder / "figures.json").write_text(json.dumps(figures), encoding="utf-8")


def main(name: str, folder: Path, limits: tuple[float, int], options: list[str]) -> None:
    """Fuzz the target ``name`` for seconds or runs; crashes and figures are kept in ``folder``."""
    atheris: Any = importlib.import_module("atheris")  # installed by `make fuzz` only
    with atheris.instrument_imports(include=["attestor", "yaml"]):
        table: Any = importlib.import_module("tests.fuzz.table")
        judged: Any = importlib.import_module("tests.fuzz.judged")
    run = Run(table.TARGETS[name].check, judged, folder, *limits)
    atheris.Setup([f"tests.fuzz:{name}", *options], run.once)
    atheris.Fuzz()


if __name__ == "__main__":
    main(sys.argv[1], Path(sys.argv[2]), (float(sys.argv[3]), int(sys.argv[4])), sys.argv[5:])
