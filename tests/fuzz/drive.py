"""One target under atheris, in a process of its own: ``python -m tests.fuzz.drive TARGET FOLDER``, libFuzzer's options.

Only the program and PyYAML are instrumented: what is new in the harness is no finding. libFuzzer ends the process itself.
"""

from __future__ import annotations

import atexit
import functools
import hashlib
import importlib
import json
import sys
import time
from pathlib import Path
from typing import Any

PATIENCE = 5.0
"""Seconds after which bad evidence is judged, also where there is less of it than a batch."""


def main(name: str, folder: Path, options: list[str]) -> None:
    """Fuzz the target ``name`` until libFuzzer's ``options`` end it; crashes and figures are kept in ``folder``."""
    atheris: Any = importlib.import_module("atheris")  # installed by `make fuzz` only
    with atheris.instrument_imports(include=["attestor", "yaml"]):
        table: Any = importlib.import_module("tests.fuzz.table")
        judged: Any = importlib.import_module("tests.fuzz.judged")
    finish = functools.partial(_judge, judged, folder)
    atexit.register(finish)
    last = time.monotonic()

    def once(data: bytes) -> None:
        nonlocal last
        table.TARGETS[name].check(data)
        if time.monotonic() - last > PATIENCE:
            finish()
            last = time.monotonic()

    atheris.Setup([f"tests.fuzz:{name}", *options], once)
    atheris.Fuzz()


def _judge(judged: Any, folder: Path) -> None:
    try:
        judged.JUDGE.flush()
    except judged.Wrong as wrong:
        for origin in wrong.origins:
            (folder / "crashes" / f"allowed-{hashlib.sha1(origin).hexdigest()}").write_bytes(origin)
        raise
    finally:
        figures = {"judged": judged.JUDGE.judged, "allowed": judged.JUDGE.wrong}
        (folder / "figures.json").write_text(json.dumps(figures), encoding="utf-8")


if __name__ == "__main__":
    main(sys.argv[1], Path(sys.argv[2]), sys.argv[3:])
