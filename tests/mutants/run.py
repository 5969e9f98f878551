"""A whole run: survey, mutants shared among workers, and what became of each."""

from __future__ import annotations

import contextlib
import functools
import importlib
import json
import os
import random
import sys
import tempfile
import traceback
from collections.abc import Callable, Iterator, Sequence
from dataclasses import asdict, dataclass
from pathlib import Path

import pytest

from tests.mutants import trial
from tests.mutants.core import ROOT, TESTS
from tests.mutants.making import Mutant, Source
from tests.mutants.survey import Survey, Surveyor

_COSTLY = (
    "cryptography.x509",
    "hypothesis.strategies",
    "requests",
    "rich.console",
    "yaml",
    "_pytest.assertion.rewrite",
)
"""Imported once, in front of all children. Nothing of the program: each child imports it itself."""

_ANEW = 10.0
"""Seconds of processor time to import the program and run the tests of one module; they take one or two."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Outcome:
    """What became of a mutant."""

    path: str
    function: str
    number: int
    ended: str
    tests: int


def every(paths: Sequence[str]) -> dict[str, Source]:
    """Return the modules at ``paths`` with their mutants."""
    return {path: Source(ROOT, path) for path in paths}


def chosen(sources: dict[str, Source], sample: int, seed: int) -> list[Mutant]:
    """Return all mutants, or ``sample`` of them, the same ones for the same seed and program."""
    mutants = [mutant for source in sources.values() for mutant in source.mutants]
    return random.Random(seed).sample(mutants, sample) if 0 < sample < len(mutants) else mutants


def run(sources: dict[str, Source], mutants: Sequence[Mutant], workers: int) -> list[Outcome]:
    """Try ``mutants`` and return what became of each, in their order."""
    for name in _COSTLY:
        importlib.import_module(name)
    _same_examples_each_time()
    with tempfile.TemporaryDirectory() as folder:
        survey = _survey(Path(folder), list(sources))
        tasks = [
            functools.partial(_Worker(Path(folder), sources, survey, n).work, mutants[n::workers])
            for n in range(workers)
        ]
        for process in [_forked(task) for task in tasks]:
            _waited(process)
        return sorted(_outcomes(Path(folder)), key=lambda outcome: (outcome.path, outcome.number))


def _same_examples_each_time() -> None:
    from hypothesis import settings

    settings.register_profile("mutants", derandomize=True, database=None, deadline=None)
    settings.load_profile("mutants")


def _forked(task: Callable[[], None]) -> int:
    process = os.fork()
    if process:
        return process
    code = 1
    try:
        task()
        code = 0
    except Exception:  # noqa: BLE001 - a fork must never go on as its parent would
        traceback.print_exc()
    finally:
        os._exit(code)


def _survey(folder: Path, paths: list[str]) -> Survey:
    out = folder / "survey.json"

    def task() -> None:
        surveyor = Surveyor(root=ROOT, paths=paths, out=out)
        sys.setprofile(surveyor.watch)
        with _silent(folder / "survey.log"):
            code = pytest.main([*trial.arguments(folder / "survey"), *TESTS], plugins=[surveyor])
        if code != 0:
            said = (folder / "survey.log").read_text(errors="replace")[-2000:]
            raise RuntimeError(f"the tests fail without any change: {surveyor.failed}\n{said}")

    _waited(_forked(task))
    return Survey(**json.loads(out.read_text()))


@contextlib.contextmanager
def _silent(log: Path) -> Iterator[None]:
    kept = os.dup(1), os.dup(2)
    instead = os.open(log, os.O_WRONLY | os.O_CREAT | os.O_APPEND)
    for number in (1, 2):
        os.dup2(instead, number)
    try:
        yield
    finally:
        for number, old in enumerate(kept, start=1):
            os.dup2(old, number)


class _Worker:
    """Tries its share: bodies of functions in one session of pytest, and by a new import what that cannot try."""

    def __init__(self, folder: Path, sources: dict[str, Source], survey: Survey, number: int) -> None:
        self._sources, self._survey = sources, survey
        self._basetemp = folder / f"trial-{number}"
        self._log = folder / f"worker-{number}.log"
        self._out = folder / f"worker-{number}.jsonl"

    def work(self, share: Sequence[Mutant]) -> None:
        with _silent(self._log):
            _waited(_forked(functools.partial(self._session, [mutant for mutant in share if mutant.in_body])))
            survived = {
                (outcome.path, outcome.number) for outcome in _read(self._out) if outcome.ended == trial.SURVIVED
            }
            for mutant in share:
                if not mutant.in_body or ((mutant.path, mutant.number) in survived and self._ran_before(mutant)):
                    self._try_anew(mutant)

    def _try_anew(self, mutant: Mutant) -> None:
        """Ask the module's own tests first: most die there, and to import all others takes longer than they do."""
        asked, own = self._survey.asked(mutant.path), self._survey.own(mutant.path)
        if not own or self._try(mutant, own, self._anew) == trial.SURVIVED:
            self._try(mutant, [test for test in asked if test not in own], self._anew)

    def _session(self, mutants: Sequence[Mutant]) -> None:
        def work(session: trial.Collected) -> None:
            for mutant in mutants:
                asked = self._survey.asked(mutant.path, mutant.function)
                self._try(mutant, asked, functools.partial(self._exchanged, session))

        pytest.main([*trial.arguments(self._basetemp), *TESTS], plugins=[trial.Collected(work)])

    def _ran_before(self, mutant: Mutant) -> bool:
        """Tell whether the function ran when the tests were imported, before its code was exchanged."""
        return mutant.function in self._survey.imported.get(mutant.path, ())

    def _try(self, mutant: Mutant, asked: list[str], how: Callable[[Mutant, list[str]], int]) -> str:
        ended = trial.in_child(lambda: how(mutant, asked), seconds=_ANEW) if asked else trial.SURVIVED
        outcome = Outcome(
            path=mutant.path, function=mutant.function, number=mutant.number, ended=ended, tests=len(asked)
        )
        with self._out.open("a") as out:
            out.write(json.dumps(asdict(outcome)) + "\n")
        return ended

    def _anew(self, mutant: Mutant, asked: list[str]) -> int:
        name = mutant.path.removesuffix(".py").removesuffix("/__init__").replace("/", ".")
        text = self._sources[mutant.path].changed(mutant)
        return trial.anew(ROOT / mutant.path, name, text, asked, self._basetemp)

    def _exchanged(self, session: trial.Collected, mutant: Mutant, asked: list[str]) -> int:
        seconds = {test: self._survey.seconds[test] for test in asked}
        return session.run(self._sources[mutant.path].changed(mutant), ROOT / mutant.path, mutant.function, seconds)


def _waited(process: int) -> None:
    _, status = os.waitpid(process, 0)
    if status:
        raise RuntimeError("a worker failed; its log is above")


def _read(lines: Path) -> list[Outcome]:
    return [Outcome(**json.loads(line)) for line in lines.read_text().splitlines()] if lines.exists() else []


def _outcomes(folder: Path) -> list[Outcome]:
    """Return the last word on each mutant."""
    found = [outcome for lines in sorted(folder.glob("worker-*.jsonl")) for outcome in _read(lines)]
    return list({(outcome.path, outcome.number): outcome for outcome in found}.values())
