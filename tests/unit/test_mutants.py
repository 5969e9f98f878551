"""Wrong versions of the rules: the rules' own tests notice each of them. Those of the core are `make mutation`'s."""

from __future__ import annotations

import json
from collections import Counter
from pathlib import Path

import pytest

from tests.mutants import core, rego, trial

MUTANTS = rego.mutants()
# One that is argued to be equivalent has to pass all tests of its rule: those of the gate take most of a minute.
QUICK = rego.sample([mutant for mutant in MUTANTS if not mutant.equivalent], 16, 1)
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


def test_a_test_that_is_named_is_one_of_the_rule() -> None:
    """Of a mutant of the gate, whose tests take long together, the one that notices it is run."""
    named_tests = [mutant for mutant in MUTANTS if mutant.test]
    assert len(named_tests) > LEAST_OF_A_RULE
    for mutant in named_tests:
        tests = rego.POLICY / mutant.module.with_name(f"{mutant.module.stem}_test.rego")
        assert f"\n{mutant.test} if {{" in tests.read_text(encoding="utf-8"), named(mutant)


def test_what_no_test_runs_survives() -> None:
    """And is no error: whoever reads the figures sees that nothing asks about it."""
    assert trial.Collected(print).run("", Path(), "", {}) == 0


@pytest.mark.parametrize(
    "mutant",
    [
        pytest.param(mutant, id=named(mutant), marks=[] if mutant in QUICK else [pytest.mark.assurance])
        for mutant in MUTANTS
    ],
)
def test_the_tests_of_a_rule_notice_what_is_wrong_with_it(mutant: rego.Mutant, opa: Path, tmp_path: Path) -> None:
    """Under the real opa; one that is argued to be equivalent must go unnoticed, or the argument is wrong."""
    trial = rego.attempt(mutant, tmp_path)
    assert trial.error == ""
    assert trial.died != bool(mutant.equivalent), mutant.wrong


ARGUED = json.loads((core.ROOT / "tests" / "mutants" / "survivors.json").read_bytes())


@pytest.mark.parametrize("entry", ARGUED, ids=lambda entry: f"{entry['module']}-{entry['function']}")
def test_what_is_argued_is_a_change_of_todays_core(entry: dict[str, str]) -> None:
    """A line that is there no more speaks for nothing, and every argument has words."""
    assert set(entry) == {"module", "function", "before", "after", "why"}
    assert entry["module"] in core.modules((*core.CORE, *core.BESIDE))
    text = (core.ROOT / entry["module"]).read_text(encoding="utf-8")
    assert entry["before"] in " ".join(line.strip() for line in text.splitlines())
    assert entry["before"] != entry["after"]
    assert len(entry["why"].split()) > 4


def test_no_change_is_argued_twice() -> None:
    """Two reasons for one would be one too many."""
    changes = [tuple(value for key, value in entry.items() if key != "why") for entry in ARGUED]
    assert len(set(changes)) == len(changes)
