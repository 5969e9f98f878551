"""One figure: what was counted, what it must be, and whether it is.

Each kind of trial is a program of its own that prints or writes JSON; here their answers become figures.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from typing import Any


@dataclass(frozen=True, slots=True)
class Figure:
    """``bound`` is what a reader may hold it to, and empty where it is only told."""

    what: str
    value: str
    bound: str = ""
    good: bool = True


def none(what: str, value: int) -> Figure:
    """Return a figure that must be 0."""
    return Figure(what, f"{value:,}", "0", value == 0)


def least(what: str, value: float, bound: float, unit: str = "") -> Figure:
    """Return a figure that must be ``bound`` at least."""
    return Figure(what, f"{value:,g}{unit}", f"at least {bound:,g}{unit}", value >= bound)


def of_cases(refused: int, allowed: Iterable[str]) -> Iterator[Figure]:
    """Figures of the corpora: how many named bad cases there are, and which of them were allowed."""
    yield least("named bad cases, through the public command", refused, 120)
    yield none("  of them allowed", len(list(allowed)))


def of_faults(found: Mapping[str, Any]) -> Iterator[Figure]:
    """Figures of fault injection."""
    for what, value in found.items():
        yield (
            none(what, value)
            if what in {"wrongly allowed", "otherwise not as they must be"}
            else Figure(what, f"{value:,}")
        )


def of_fuzzing(found: Iterable[Mapping[str, Any]]) -> Iterator[Figure]:
    """Figures of each fuzzer, and of all."""
    results = list(found)
    for result in results:
        yield Figure(f"executions of {result['target']}", f"{result['executions']:,}")
    yield Figure("executions of all fuzzers", f"{sum(result['executions'] for result in results):,}")
    yield Figure("bad evidence from fuzzers, judged by the policy", f"{sum(result['judged'] for result in results):,}")
    yield none("  of it allowed", sum(result["allowed"] for result in results))
    yield none("fuzzers that broke something", sum(result["crashes"] for result in results))


def of_mutants(found: Mapping[str, Any], of_what: str) -> Iterator[Figure]:
    """Figures of the mutants of the core, or of the rules: those that nobody can notice are argued one by one."""
    yield Figure(f"mutants of {of_what}", f"{found['made']:,}")
    yield least("  killed", found["percent"], 90, " %")
    yield Figure("  survivors that are argued", f"{found['argued']:,}")
    yield none("  survivors that nobody argued", found["made"] - found["killed"] - found["argued"])


def of_secrets(found: Mapping[str, Any]) -> Iterator[Figure]:
    """Figures of the canaries."""
    bad = {"secrets found", "ended otherwise than they must"}
    for what, value in found.items():
        yield none(what, value) if what in bad else Figure(what, f"{value:,}")


def of_coverage(totals: Mapping[str, Any]) -> Iterator[Figure]:
    """The branch coverage of the package by the quick tests."""
    branches, covered = totals["num_branches"], totals["covered_branches"]
    yield least("branch coverage of attestor/", round(100 * covered / branches, 1), 90, " %")
    yield Figure("  branches", f"{covered:,} of {branches:,}")
