"""A whole run: survey, mutants shared among workers, and what became of each."""

from __future__ import annotations

import functools
import importlib
import json
import random
import sys
import tempfile
from collections.abc import Sequence
from pathlib import Path

import pytest

from tests.mutants import trial
from tests.mutants.core import ROOT, TESTS
from tests.mutants.making import Mutant, Source
from tests.mutants.survey import Survey, Surveyor
from tests.mutants.worker import Outcome, Worker, forked, read, silent, waited

_COSTLY = (
    "cryptography.x509",
    "hypothesis.strategies",
    "requests",
    "rich.console",
    "yaml",
    "_pytest.assertion.rewrite",
)
"""Imported once, in front of all children. Nothing of the program: each child imports it itself."""


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
        paths = sorted({mutant.path for mutant in mutants})
        made = [Worker(Path(folder), sources, survey, n, paths[n::workers]) for n in range(workers)]
        tasks = [functools.partial(worker.work, mutants[n::workers]) for n, worker in enumerate(made)]
        for number, process in enumerate([forked(task) for task in tasks]):
            try:
                waited(process)
            except RuntimeError as error:
                said = (Path(folder) / f"worker-{number}.log").read_text(errors="replace")[-3000:]
                raise RuntimeError(f"{error}\n{said}") from None
        outcomes = sorted(_outcomes(Path(folder)), key=lambda outcome: (outcome.path, outcome.number))
        if len(outcomes) != len(mutants):
            raise RuntimeError(f"{len(mutants)} mutants were made, and {len(outcomes)} were tried")
        return outcomes


def _same_examples_each_time() -> None:
    from hypothesis import settings

    settings.register_profile("mutants", derandomize=True, database=None, deadline=None)
    settings.load_profile("mutants")


def _survey(folder: Path, paths: list[str]) -> Survey:
    out = folder / "survey.json"

    def task() -> None:
        surveyor = Surveyor(root=ROOT, paths=paths, out=out)
        sys.setprofile(surveyor.watch)
        with silent(folder / "survey.log"):
            code = pytest.main([*trial.arguments(folder / "survey"), *TESTS], plugins=[surveyor])
        if code != 0:
            said = (folder / "survey.log").read_text(errors="replace")[-2000:]
            raise RuntimeError(f"the tests fail without any change: {surveyor.failed}\n{said}")

    waited(forked(task))
    return Survey(**json.loads(out.read_text()))


def _outcomes(folder: Path) -> list[Outcome]:
    """Return the last word on each mutant."""
    found = [outcome for lines in sorted(folder.glob("worker-*.jsonl")) for outcome in read(lines)]
    return list({(outcome.path, outcome.number): outcome for outcome in found}.values())
