"""A team's tests of its own rules, run by the engine that judges, with what it may do and nothing of the user's."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from attestor import strict_json
from attestor.engine import Engine, uncertain
from attestor.policies import OwnModule, Policy
from attestor.policies.own import compiler
from attestor.policies.own.files import is_test

PASSED, FAILED, SKIPPED = "passed", "failed", "skipped"
_SOME_FAILED = 2
"""opa's exit code where a test failed or was skipped; 1 is for what does not compile."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Case:
    """One test by its package and name, and how it ended: ``passed``, ``failed`` or ``skipped``."""

    name: str
    result: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Covered:
    """How much of one module the tests ran, in percent, and the lines that they did not."""

    path: str
    percent: float
    missed: tuple[int, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class Trial:
    """Every test, and what they covered where opa told it: it tells nothing where one of them failed."""

    cases: tuple[Case, ...]
    covered: tuple[Covered, ...]

    @property
    def passed(self) -> bool:
        """Whether there are tests, and all of them passed."""
        return bool(self.cases) and all(case.result == PASSED for case in self.cases)


def run(modules: Sequence[OwnModule], rego_version: str, engine: Engine) -> Trial:
    """Compile the rules among ``modules`` as a run would, and run the tests among them.

    Raises ``GateError`` where a rule cannot judge, or a test does not compile.
    """
    policy = Policy(own=tuple(module for module in modules if not is_test(module)), rego_version=rego_version)
    if policy.own:
        compiler.compiled(policy, engine)
    try:
        folder, labels = _laid_out(modules, engine)
    except OSError as error:
        raise compiler.unreadable(error) from error
    options = [*compiler.options(policy, engine), "."]
    done = engine.run(["test", *options], folder=folder)
    if done.exit_code not in {0, _SOME_FAILED}:
        raise compiler.refused(compiler.complaints(done, labels))
    cases = tuple(sorted((_case(item) for item in _list(done.stdout)), key=lambda case: case.name))
    told = engine.run(["test", "--coverage", *options], folder=folder)
    return Trial(cases=cases, covered=tuple(_covered(told.stdout, labels)))


def _laid_out(modules: Sequence[OwnModule], engine: Engine) -> tuple[Path, dict[str, str]]:
    folder = engine.folder / "trial"
    folder.mkdir(mode=0o700)
    labels = {}
    for i, module in enumerate(modules):
        name = f"trial-{i:03}{'_test' if is_test(module) else ''}.rego"
        (folder / name).write_bytes(module.data)
        labels[name] = module.path
    return folder, labels


def _list(printed: bytes) -> list[Any]:
    try:
        found = strict_json.loads(printed) if printed.strip() else []
    except strict_json.NotJson as error:
        raise uncertain(f"what it says of the tests is not JSON: {error.reason}") from error
    if not isinstance(found, list):
        raise uncertain("what it says of the tests is no list")
    return found


def _case(item: Mapping[str, Any]) -> Case:
    name = f"{str(item.get('package', '')).removeprefix('data.')}.{item.get('name', '')}"
    if item.get("skip"):
        return Case(name=name, result=SKIPPED)
    return Case(name=name, result=FAILED if item.get("fail") or item.get("error") else PASSED)


def _covered(printed: bytes, labels: Mapping[str, str]) -> list[Covered]:
    """Return what a report of coverage says of the rules; opa prints something else where a test failed."""
    try:
        found = strict_json.loads(printed)
    except strict_json.NotJson:
        return []
    files = found.get("files") if isinstance(found, dict) else None
    if not isinstance(files, dict):
        return []
    rules = {Path(name).name: entry for name, entry in files.items() if not name.endswith("_test.rego")}
    return [
        Covered(path=labels[name], percent=float(entry.get("coverage", 0)), missed=tuple(_missed(entry)))
        for name, entry in sorted(rules.items())
        if name in labels
    ]


def _missed(entry: Mapping[str, Any]) -> list[int]:
    ranges = (range(part["start"]["row"], part["end"]["row"] + 1) for part in entry.get("not_covered", []))
    return sorted({row for rows in ranges for row in rows})
