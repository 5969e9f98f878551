"""Wrong versions of the rules: the rules' own tests notice each of them."""

from __future__ import annotations

from collections import Counter
from pathlib import Path

import pytest

from tests.mutants import rego

MUTANTS = rego.mutants()
QUICK = rego.sample(MUTANTS, 16, 1)
LEAST_OF_A_RULE = 8


def named(mutant: rego.Mutant) -> str:
    return f"{mutant.rule}-{mutant.number}"


def test_every_rule_and_the_gate_have_mutants() -> None:
    """A rule without any would be one whose tests nobody has tested."""
    counted = Counter(mutant.rule for mutant in MUTANTS)
    assert set(counted) == set(rego.rules())
    assert {rule for rule, count in counted.items() if count < LEAST_OF_A_RULE} == set()


def test_every_mutant_is_a_change_of_todays_rule() -> None:
    """Its old text stands in the rule once, so that it changes what it says it changes, and no two are the same."""
    assert len({mutant.changed for mutant in MUTANTS}) == len(MUTANTS)


@pytest.mark.parametrize(
    "mutant",
    [pytest.param(mutant, id=named(mutant), marks=[] if mutant in QUICK else [pytest.mark.slow]) for mutant in MUTANTS],
)
def test_the_tests_of_a_rule_notice_what_is_wrong_with_it(mutant: rego.Mutant, opa: Path, tmp_path: Path) -> None:
    """Under the real opa; one that is argued to be equivalent must go unnoticed, or the argument is wrong."""
    trial = rego.attempt(mutant, tmp_path)
    assert trial.error == ""
    assert trial.died != bool(mutant.equivalent), mutant.wrong
