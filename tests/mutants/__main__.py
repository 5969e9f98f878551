"""``python -m tests.mutants python|rego``: the figures as JSON on stdout, what survived unargued on stderr."""

from __future__ import annotations

import argparse
import json
import os
import sys
import tempfile
import time
from collections.abc import Sequence
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import Any


def main(argv: Sequence[str]) -> int:
    """Try the mutants and return 0 where all survivors are argued and enough died."""
    parser = argparse.ArgumentParser(prog="python -m tests.mutants", description=__doc__)
    parser.add_argument("kind", choices=["python", "rego"])
    parser.add_argument("--only", action="append", default=[], help="a module of the core, or the id of a rule")
    parser.add_argument("--sample", type=int, default=0, help="so many mutants instead of all")
    parser.add_argument("--seed", type=int, default=1, help="which sample; the same for the same seed and program")
    parser.add_argument("--workers", type=int, default=os.cpu_count() or 1)
    given = parser.parse_args(argv)
    start = time.monotonic()
    figures, good = (_python if given.kind == "python" else _rego)(given)
    print(json.dumps({given.kind: figures | {"seconds": round(time.monotonic() - start)}}, indent=2))
    return 0 if good else 1


def _python(given: argparse.Namespace) -> tuple[dict[str, Any], bool]:
    from tests.mutants import core, run
    from tests.mutants.survivors import Result

    sources = run.every(given.only or core.modules())
    mutants = run.chosen(sources, given.sample, given.seed)
    result = Result.of(run.run(sources, mutants, given.workers), sources, mutants)
    for change in result.unargued:
        print(f"survived and is not argued in tests/mutants/survivors.json: {change}", file=sys.stderr)
    return result.figures(), result.good(sampled=given.sample > 0)


def _rego(given: argparse.Namespace) -> tuple[dict[str, Any], bool]:
    from tests.mutants import rego

    mutants = [mutant for mutant in rego.mutants() if not given.only or mutant.rule in given.only]
    mutants = rego.sample(mutants, given.sample, given.seed) if given.sample else mutants
    with ThreadPoolExecutor(given.workers) as pool:
        trials = list(pool.map(_tried, mutants))
    wrong = [mutant for mutant, trial in zip(mutants, trials, strict=True) if not rego.as_it_must_be(mutant, trial)]
    for mutant in wrong:
        print(f"{mutant.rule}, mutant {mutant.number}: {mutant.wrong}", file=sys.stderr)
    died = sum(trial.died for trial in trials)
    argued = sum(bool(mutant.equivalent) for mutant in mutants)
    percent = round(100 * died / len(mutants), 1)
    return {
        "made": len(mutants),
        "killed": died,
        "argued": argued,
        "unargued": len(wrong),
        "percent": percent,
    }, not wrong


def _tried(mutant: Any) -> Any:
    from tests.mutants import rego

    with tempfile.TemporaryDirectory() as folder:
        return rego.attempt(mutant, Path(folder))


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
