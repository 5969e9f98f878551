"""Run the fuzzers and say what came of it: ``python -m tests.fuzz --help``."""

from __future__ import annotations

import argparse
import json
import shutil
import subprocess
import sys
from collections.abc import Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any

from tests.conftest import ROOT
from tests.fuzz import reach, saved
from tests.fuzz.judged import JUDGE
from tests.fuzz.script import PIECES, WORDS
from tests.fuzz.table import TARGETS

WORK = ROOT / ".fuzz"
_NOTHING: dict[str, Any] = {"executions": 0, "seconds": 0.0, "judged": 0, "allowed": 0}


@dataclass(frozen=True, slots=True)
class Result:
    """What came of one target. ``judged`` counts bad evidence that opa saw, ``allowed`` how much of it was allowed."""

    target: str
    executions: int
    per_second: int
    corpus: int
    judged: int
    allowed: int
    crashes: int


def main(arguments: Sequence[str]) -> int:
    """Fuzz, or take finds over, as ``arguments`` say; returns 1 where anything broke."""
    asked = _asked(arguments)
    names = asked.only.split(",") if asked.only else list(TARGETS)
    if asked.take_over:
        for name in names:
            _take_over(name)
        return 0
    with ThreadPoolExecutor(asked.jobs) as pool:
        results = list(pool.map(lambda name: _fuzz(name, asked), names))
    _print(results)
    if asked.json:
        asked.json.write_text(json.dumps([asdict(result) for result in results], indent=1) + "\n", encoding="utf-8")
    return 1 if any(result.crashes for result in results) else 0


def _asked(arguments: Sequence[str]) -> argparse.Namespace:
    parser = argparse.ArgumentParser(prog="python -m tests.fuzz", description=__doc__)
    parser.add_argument("--seconds", type=int, default=600, help="for each target")
    parser.add_argument("--runs", type=int, default=0, help="most inputs for each target; 0 is without limit")
    parser.add_argument("--seed", type=int, default=0, help="the same seed tries the same inputs; 0 is by chance")
    parser.add_argument("--jobs", type=int, default=2, help="targets at the same time")
    parser.add_argument("--only", default="", help=f"some of {', '.join(TARGETS)}")
    parser.add_argument("--json", type=Path, help="write the figures to this file")
    parser.add_argument(
        "--take-over", action="store_true", help="reduce what .fuzz has and save it in tests/fuzz/corpus"
    )
    return parser.parse_args(arguments)


def _fuzz(name: str, asked: argparse.Namespace) -> Result:
    folder = _folder(name)
    shutil.rmtree(folder / "crashes", ignore_errors=True)
    (folder / "crashes").mkdir()
    (folder / "figures.json").unlink(missing_ok=True)
    options = [f"-seed={asked.seed}", "-timeout=60", f"-artifact_prefix={folder}/crashes/"]
    code, said = _drive(name, (asked.seconds, asked.runs), [*options, f"{folder}/corpus", f"{folder}/seeds"])
    figures = folder / "figures.json"
    counted: dict[str, Any] = json.loads(figures.read_text("utf-8")) if figures.exists() else _NOTHING
    crashes = len(list((folder / "crashes").iterdir()))
    if code != 0 or crashes:
        sys.stderr.write(f"== {name} ended with {code}; its inputs are in {folder}/crashes\n{_uncaught(said)}\n")
    return Result(
        target=name,
        executions=counted["executions"],
        per_second=round(counted["executions"] / max(counted["seconds"], 1.0)),
        corpus=len(list((folder / "corpus").iterdir())),
        judged=counted["judged"],
        allowed=counted["allowed"],
        crashes=max(crashes, int(code != 0)),
    )


def _uncaught(said: str) -> str:
    """Return the exception that ended a fuzzer, or whatever it said last."""
    start = said.find("Uncaught")
    return said[start : start + 3000] if start >= 0 else said[-1000:]


def _folder(name: str) -> Path:
    """Return the target's folder, with its first inputs and the saved ones laid out."""
    folder = WORK / name
    (folder / "corpus").mkdir(parents=True, exist_ok=True)
    shutil.rmtree(folder / "seeds", ignore_errors=True)
    saved.unpack([*TARGETS[name].seeds(), *saved.load(name)], folder / "seeds")
    words = [*PIECES, *(word.encode() for word in WORDS if word)]
    escaped = ("".join(f"\\x{byte:02x}" for byte in word) for word in words)
    (folder / "words.dict").write_text("".join(f'"{word}"\n' for word in escaped), encoding="utf-8")
    return folder


def _drive(name: str, limits: tuple[int, int], options: list[str]) -> tuple[int, str]:
    folder = WORK / name
    common = [
        f"-max_len={TARGETS[name].longest}",
        f"-dict={folder}/words.dict",
        "-print_final_stats=1",
        "-close_fd_mask=1",
    ]
    argv = [sys.executable, "-m", "tests.fuzz.drive", name, str(folder), *map(str, limits), *common, *options]
    done = subprocess.run(argv, cwd=ROOT, capture_output=True, stdin=subprocess.DEVNULL, check=False)
    said = (done.stdout + done.stderr).decode("utf-8", "replace")
    (folder / "log").write_text(said, encoding="utf-8")
    return done.returncode, said


def _take_over(name: str) -> None:
    """Save the fewest inputs that reach what all finds reach, without what the first inputs reach by themselves."""
    found = {path.read_bytes() for path in (_folder(name) / "corpus").iterdir()}
    target = TARGETS[name]
    saved.save(name, reach.fewest(target.check, target.seeds(), found | set(saved.load(name))))
    JUDGE.flush()


def _print(results: Sequence[Result]) -> None:
    print(f"{'TARGET':<16}{'EXECUTIONS':>12}{'A SECOND':>10}{'CORPUS':>8}{'JUDGED':>8}{'ALLOWED':>9}{'CRASHES':>9}")
    for found in results:
        counts = f"{found.corpus:>8}{found.judged:>8}{found.allowed:>9}{found.crashes:>9}"
        print(f"{found.target:<16}{found.executions:>12}{found.per_second:>10}{counts}")
    print(f"{sum(found.executions for found in results)} executions, {sum(found.crashes for found in results)} crashes")


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
