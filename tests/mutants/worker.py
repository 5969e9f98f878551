"""One of the processes that share the mutants: it tries its own, and writes down what became of each."""

from __future__ import annotations

import contextlib
import functools
import json
import os
import traceback
from collections.abc import Callable, Iterator, Sequence
from dataclasses import asdict, dataclass
from pathlib import Path

import pytest

from tests.mutants import trial
from tests.mutants.core import ROOT, TESTS
from tests.mutants.making import Mutant, Source
from tests.mutants.survey import Survey

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


class Worker:
    """Tries its share: bodies of functions in one session of pytest, and by a new import what that cannot try."""

    def __init__(
        self, folder: Path, sources: dict[str, Source], survey: Survey, number: int, controls: Sequence[str]
    ) -> None:
        self._sources, self._survey = sources, survey
        self._basetemp = folder / f"trial-{number}"
        self._controls = controls
        self._log = folder / f"worker-{number}.log"
        self._out = folder / f"worker-{number}.jsonl"

    def work(self, share: Sequence[Mutant]) -> None:
        """Try ``share``, after a control of the modules that are this worker's to control."""
        with silent(self._log):
            waited(forked(functools.partial(self._session, [mutant for mutant in share if mutant.in_body])))
            ended = {(outcome.path, outcome.number): outcome.ended for outcome in read(self._out)}
            for path in self._controls:
                self._control_anew(path)
            for mutant in share:
                if not mutant.in_body or self._is_left(mutant, ended[mutant.path, mutant.number]):
                    self._try_anew(mutant)

    def _is_left(self, mutant: Mutant, ended: str) -> bool:
        """Tell whether a new import is needed: it ran before its code was exchanged, or could not be exchanged."""
        return ended == trial.NOT_EXCHANGED or (ended == trial.SURVIVED and self._ran_before(mutant))

    def _require_alive(self, path: str, task: Callable[[], int]) -> None:
        """Raise where the tests fail without a change: then every mutant would seem to die."""
        if trial.in_child(task, seconds=_ANEW) != trial.SURVIVED:
            raise RuntimeError(f"the tests of {path} fail in a trial without any change")

    def _control_anew(self, path: str) -> None:
        own = self._survey.own(path)
        rest = [test for test in self._survey.asked(path) if test not in own]
        for tests in filter(None, (own, rest)):
            text = self._sources[path].text
            anew = functools.partial(trial.anew, ROOT / path, _name(path), text, tests, self._basetemp)
            self._require_alive(path, anew)

    def _try_anew(self, mutant: Mutant) -> None:
        """Ask the module's own tests first: most die there, and to import all others takes longer than they do."""
        asked, own = self._survey.asked(mutant.path), self._survey.own(mutant.path)
        if not own or self._try(mutant, own, self._anew) == trial.SURVIVED:
            self._try(mutant, [test for test in asked if test not in own], self._anew)

    def _session(self, mutants: Sequence[Mutant]) -> None:
        def work(session: trial.Collected) -> None:
            for path in self._controls:
                seconds = {test: self._survey.seconds[test] for test in self._survey.asked(path)}
                self._require_alive(
                    path, functools.partial(session.run, self._sources[path].text, ROOT / path, "", seconds)
                )
            for mutant in mutants:
                asked = self._survey.asked(mutant.path, mutant.function)
                self._try(mutant, asked, functools.partial(self._exchanged, session))

        code = pytest.main([*trial.arguments(self._basetemp), *TESTS], plugins=[trial.Collected(work)])
        if code != 0:
            # pytest reports what is raised inside of it, and goes on to its end.
            raise RuntimeError(f"the session in which functions are changed ended with {code!r}")

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
        text = self._sources[mutant.path].changed(mutant)
        return trial.anew(ROOT / mutant.path, _name(mutant.path), text, asked, self._basetemp)

    def _exchanged(self, session: trial.Collected, mutant: Mutant, asked: list[str]) -> int:
        seconds = {test: self._survey.seconds[test] for test in asked}
        return session.run(self._sources[mutant.path].changed(mutant), ROOT / mutant.path, mutant.function, seconds)


def _name(path: str) -> str:
    return path.removesuffix(".py").removesuffix("/__init__").replace("/", ".")


def forked(task: Callable[[], None]) -> int:
    """Start ``task`` in a process of its own and return its id."""
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


def waited(process: int) -> None:
    """Wait for ``process``; raises ``RuntimeError`` where it failed."""
    _, status = os.waitpid(process, 0)
    if status:
        raise RuntimeError("a worker failed; its log is above")


@contextlib.contextmanager
def silent(log: Path) -> Iterator[None]:
    """Send what this process prints to ``log``."""
    kept = os.dup(1), os.dup(2)
    instead = os.open(log, os.O_WRONLY | os.O_CREAT | os.O_APPEND)
    for number in (1, 2):
        os.dup2(instead, number)
    try:
        yield
    finally:
        for number, old in enumerate(kept, start=1):
            os.dup2(old, number)


def read(lines: Path) -> list[Outcome]:
    """Return the outcomes that a worker wrote."""
    return [Outcome(**json.loads(line)) for line in lines.read_text().splitlines()] if lines.exists() else []
