"""Each kind of trial, as a user would run it, and its figures. ``short`` takes minutes in all, the whole hours."""

from __future__ import annotations

import json
import subprocess
import sys
import tempfile
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any
from xml.etree import ElementTree as ET

from tests.assurance import figures
from tests.assurance.figures import Figure
from tests.conftest import ROOT

CORPORA = ("tests/integration/test_verify_cases.py", "tests/integration/test_run_cases.py")
BAD = {"test_refused", "test_denied", "test_cut_at"}
"""The drivers of the named cases, and the tests in them that are about bad ones."""


@dataclass(frozen=True, slots=True)
class Budget:
    """How much is tried: seconds for each fuzzer, how many mutants (0: all), and whether every fault at every point.

    Of the faults and of the ways of the secrets, ``one_in`` so many.
    """

    fuzz_seconds: int
    mutants: int
    thorough: bool
    one_in: int


SHORT = Budget(fuzz_seconds=1, mutants=15, thorough=False, one_in=6)
LONG = Budget(fuzz_seconds=60, mutants=0, thorough=True, one_in=1)


def _asked(*arguments: str) -> Any:
    """Return the JSON that a module of the tests prints; its exit code is in the figures."""
    done = subprocess.run([sys.executable, "-m", *arguments], cwd=ROOT, stdout=subprocess.PIPE, check=False)
    return json.loads(done.stdout)


def cases(_: Budget) -> Iterator[Figure]:
    """The named cases."""
    with tempfile.TemporaryDirectory() as folder:
        written = Path(folder) / "junit.xml"
        argv = [sys.executable, "-m", "pytest", "-q", "-n", "auto", f"--junitxml={written}", *CORPORA]
        subprocess.run(argv, cwd=ROOT, stdout=sys.stderr, check=False)
        ran = [case for case in ET.parse(written).iter("testcase") if _is_bad(case)]
    failed = [case.attrib["name"] for case in ran if case.find("failure") is not None or case.find("error") is not None]
    yield from figures.of_cases(len(ran), failed)


def _is_bad(case: ET.Element) -> bool:
    name = case.attrib["name"].partition("[")[0]
    return name in BAD


def faults(budget: Budget) -> Iterator[Figure]:
    """Fault injection."""
    yield from figures.of_faults(
        _asked("tests.faults", *(["--thorough"] if budget.thorough else []), "--one-in", str(budget.one_in))
    )


def fuzzing(budget: Budget) -> Iterator[Figure]:
    """The fuzzers; with a fixed seed where they are short, so that they try the same inputs each time."""
    with tempfile.TemporaryDirectory() as folder:
        written = Path(folder) / "fuzz.json"
        argv = ["-m", "tests.fuzz", "--seconds", str(budget.fuzz_seconds), "--json", str(written)]
        argv += [] if budget.thorough else ["--seed", "1"]
        subprocess.run([sys.executable, *argv], cwd=ROOT, stdout=sys.stderr, check=False)
        yield from figures.of_fuzzing(json.loads(written.read_bytes()))


def mutants(budget: Budget) -> Iterator[Figure]:
    """The mutants of the core and of the rules."""
    for kind, of_what in (("python", "the pure core"), ("rego", "the rules")):
        found = _asked("tests.mutants", kind, "--sample", str(budget.mutants))[kind]
        yield from figures.of_mutants(found, of_what)


def secrets(budget: Budget) -> Iterator[Figure]:
    """The canaries."""
    yield from figures.of_secrets(_asked("tests.secrets", str(budget.one_in)))


def coverage(_: Budget) -> Iterator[Figure]:
    """What the tests within this process reach; the program's own processes are not counted."""
    with tempfile.TemporaryDirectory() as folder:
        written = Path(folder) / "coverage.json"
        argv = [
            sys.executable,
            "-m",
            "pytest",
            "-q",
            "-n",
            "auto",
            "-m",
            "not tools and not slow and not assurance and not action and not cluster",
        ]
        argv += [
            "--cov=attestor",
            "--cov-branch",
            f"--cov-report=json:{written}",
            "tests/unit",
            "tests/integration",
        ]
        done = subprocess.run(argv, cwd=ROOT, stdout=sys.stderr, check=False)
        yield figures.none("runs of the quick tests that failed under coverage", int(done.returncode != 0))
        yield from figures.of_coverage(json.loads(written.read_bytes())["totals"])


IN_SHORT = ("faults", "secrets", "mutants", "fuzzing")
"""What the quick tests do not do as a whole already: those run every named case."""

TRIALS: dict[str, Callable[[Budget], Iterator[Figure]]] = {
    "cases": cases,
    "faults": faults,
    "secrets": secrets,
    "mutants": mutants,
    "fuzzing": fuzzing,
    "coverage": coverage,
}
