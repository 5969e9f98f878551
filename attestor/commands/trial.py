"""``mesh-attestor policy test``: a team's own rules, compiled as a run would, and their unit tests with coverage."""

from __future__ import annotations

from attestor import engine, privacy, rendering
from attestor.arguments import Arguments
from attestor.commands import World
from attestor.errors import AttestorError, SettingsError
from attestor.options import REGO_VERSION, TRIAL
from attestor.policies import own
from attestor.policies.own import trial
from attestor.policies.own.trial import Covered, Trial
from attestor.report import Section, Table, shown

OPTIONS = TRIAL


def execute(arguments: Arguments, complaints: list[AttestorError], world: World) -> int:
    """Print every test and what they cover; 0 where all pass, 1 where one does not or there is none."""
    paths = [world.directory / path for path in arguments.positionals[1:]]
    if not paths:
        complaints.append(SettingsError("no rules are named", remedy="mesh-attestor policy test FOLDER"))
    version = arguments.one("rego-version") or REGO_VERSION.default
    if version not in REGO_VERSION.choices:
        complaints.append(SettingsError("rego-version is neither v1 nor v0", remedy="write one of them"))
    modules = own.read_all(paths, complaints)
    opa = arguments.one("opa")
    with privacy.private_folder() as private:
        made = engine.find(world.directory / opa if opa else None, private)
        if complaints:
            raise SettingsError(complaints)
        found = trial.run(modules, version, made)
    rendering.write(_sections(found), world.stdout, world.env)
    return 0 if found.passed else 1


def _sections(found: Trial) -> list[Section]:
    passed = sum(case.result == trial.PASSED for case in found.cases)
    tests = Table(
        title="Tests",
        header=("TEST", "RESULT"),
        rows=tuple((shown(case.name), case.result) for case in found.cases),
        marks=tuple(case.result == trial.PASSED for case in found.cases),
        note=f"{passed} of {len(found.cases)} passed" if found.cases else "there is no test: nothing was shown",
    )
    return [tests, *([_coverage(found.covered)] if found.covered else [])]


def _coverage(covered: tuple[Covered, ...]) -> Table:
    return Table(
        title="Coverage",
        header=("MODULE", "COVERED", "LINES THAT NO TEST RAN"),
        rows=tuple((shown(one.path), f"{one.percent:g} %", ", ".join(map(str, one.missed))) for one in covered),
        marks=tuple(not one.missed for one in covered),
    )
