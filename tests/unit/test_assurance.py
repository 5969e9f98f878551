"""The figures of the assurance say what is not as it must be."""

from __future__ import annotations

import pytest

from tests.assurance import figures
from tests.assurance.figures import Figure

FUZZED = {"target": "edges", "executions": 10, "judged": 3, "allowed": 0, "crashes": 0}


def bad(found: list[Figure]) -> list[str]:
    return [figure.what.strip() for figure in found if not figure.good]


@pytest.mark.parametrize(
    ("found", "wrong"),
    [
        (figures.of_cases(200, []), []),
        (figures.of_cases(119, []), ["named bad cases, through the public command"]),
        (figures.of_cases(200, ["one"]), ["of them allowed"]),
        (figures.of_faults({"injection points in the code": 9, "wrongly allowed": 0}), []),
        (figures.of_faults({"wrongly allowed": 1}), ["wrongly allowed"]),
        (figures.of_faults({"otherwise not as they must be": 1}), ["otherwise not as they must be"]),
        (figures.of_fuzzing([FUZZED]), []),
        (figures.of_fuzzing([FUZZED, FUZZED | {"allowed": 2}]), ["of it allowed"]),
        (figures.of_fuzzing([FUZZED | {"crashes": 1}]), ["fuzzers that broke something"]),
        (figures.of_mutants({"made": 10, "killed": 9, "percent": 90.0, "argued": 1}, "x"), []),
        (figures.of_mutants({"made": 10, "killed": 9, "percent": 89.9, "argued": 1}, "x"), ["killed"]),
        (
            figures.of_mutants({"made": 10, "killed": 9, "percent": 90.0, "argued": 0}, "x"),
            ["survivors that nobody argued"],
        ),
        (figures.of_secrets({"secrets found": 0, "ways": 3}), []),
        (figures.of_secrets({"secrets found": 1}), ["secrets found"]),
        (figures.of_coverage({"num_branches": 10, "covered_branches": 8}), ["branch coverage of attestor/"]),
    ],
)
def test_what_is_not_as_it_must_be_is_seen(found: list[Figure], wrong: list[str]) -> None:
    """And nothing else is."""
    assert bad(list(found)) == wrong
