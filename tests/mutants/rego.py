"""The hand-written mutants of the rules: each is applied to a copy of the policy, and the real opa runs its tests."""

from __future__ import annotations

import itertools
import json
import random
import shutil
import subprocess
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from attestor import engine, gate
from attestor.install import capabilities
from tests.mutants.core import ROOT

POLICY = ROOT / "policy"
FOLDER = Path(__file__).parent / "rego"


@dataclass(frozen=True, slots=True, kw_only=True)
class Mutant:
    """One change of one rule, what is wrong with it, and why it is none where it cannot be told from the rule.

    ``test`` names the one that notices it, where all tests of the rule would take long; else all are run.
    """

    rule: str
    number: int
    old: str
    new: str
    wrong: str
    test: str = ""
    equivalent: str = ""

    @property
    def module(self) -> Path:
        """Where the rule stands under ``policy``."""
        return Path(*self.rule.split(".")).with_suffix(".rego")

    @property
    def changed(self) -> str:
        """The rule's text with the change; raises ``ValueError`` where the old text does not stand in it once."""
        text = (POLICY / self.module).read_text(encoding="utf-8")
        if text.count(self.old) != 1:
            raise ValueError(
                f"{self.rule}, mutant {self.number}: the old text stands there {text.count(self.old)} times"
            )
        return text.replace(self.old, self.new)


@dataclass(frozen=True, slots=True, kw_only=True)
class Trial:
    """Whether the tests failed, and what opa said where it would not even run them."""

    died: bool
    error: str


def rules() -> list[str]:
    """Return the ids of the gate and of all rules, as their files are named."""
    return ["gate", *(gate.rule_id(module) for module in gate.modules(POLICY)[1:])]


def mutants() -> list[Mutant]:
    """Return every mutant of every rule, in the order of the files."""
    return [
        Mutant(rule=path.stem, number=number, **entry)
        for path in sorted(FOLDER.glob("*.json"))
        for number, entry in enumerate(json.loads(path.read_bytes()))
    ]


def attempt(mutant: Mutant, folder: Path) -> Trial:
    """Run the tests of the rule against the mutant, in ``folder``."""
    for module in _needed(mutant):
        target = folder / module
        target.parent.mkdir(parents=True, exist_ok=True)
        shutil.copy(POLICY / module, target)
    (folder / mutant.module).write_text(mutant.changed, encoding="utf-8")
    opa = engine.installed()
    command = [str(opa), "test", "--capabilities", str(opa.resolve().with_name(capabilities.FILE_NAME))]
    only = ["--run", rf"\.{mutant.test}$"] if mutant.test else []
    done = subprocess.run(
        [*command, *only, "--timeout", "2m", "--format", "json", str(folder)],
        capture_output=True,
        text=True,
        check=False,
    )
    return _trial(done.stdout, done.stderr)


def _needed(mutant: Mutant) -> list[Path]:
    """Return the modules to test: a rule stands alone with its tests; the gate collects all rules."""
    own = [mutant.module, mutant.module.with_name(f"{mutant.module.stem}_test.rego")]
    if mutant.rule != "gate":
        return own
    return [*own, *(module.relative_to(POLICY) for module in gate.modules(POLICY)[1:])]


def _trial(printed: str, complaints: str) -> Trial:
    try:
        results: list[dict[str, Any]] = json.loads(printed)
    except json.JSONDecodeError:
        return Trial(died=False, error=complaints or printed)
    if not results:
        return Trial(died=False, error="no test was run")
    return Trial(died=any(result.get("fail") or result.get("error") for result in results), error="")


def as_it_must_be(mutant: Mutant, trial: Trial) -> bool:
    """Tell whether the tests noticed the mutant, or did not where it is argued that they cannot."""
    return not trial.error and trial.died != bool(mutant.equivalent)


def sample(mutants: Sequence[Mutant], count: int, seed: int) -> list[Mutant]:
    """Return ``count`` of ``mutants``, the same ones for the same seed: one of each rule before a second of any."""
    by_rule: dict[str, list[Mutant]] = {}
    for mutant in random.Random(seed).sample(mutants, len(mutants)):
        by_rule.setdefault(mutant.rule, []).append(mutant)
    rounds = itertools.zip_longest(*by_rule.values())
    return [mutant for turn in rounds for mutant in turn if mutant is not None][:count]
