"""Every configurable rule through `mesh-attestor run`: the cases of ``tests/cases/policy``, at each level and excepted."""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest

from attestor.policies import catalogue
from tests import replays
from tests.conftest import ROOT, Done, KeyPair, Program
from tests.integration.test_recordings import denying_rules

FOLDER = ROOT / "tests" / "cases" / "policy"
CASES = {path.stem: json.loads(path.read_bytes()) for path in sorted(FOLDER.glob("*.json"))}
BY_ITSELF = {
    "collection.waivers_sound": "is of the floor, and only a file of waivers can break it",
}

Case = Mapping[str, Any]


def every_day(waivers: list[dict[str, Any]]) -> list[dict[str, Any]]:
    """Return waivers whose last day, where it is written ``+30``, is so many days from now."""

    def day(text: str) -> str:
        return str(datetime.now(UTC).date() + timedelta(days=int(text))) if text.startswith("+") else text

    return [{**waiver, "expires": day(waiver["expires"])} for waiver in waivers]


@dataclass(frozen=True)
class Team:
    """A team that runs the program over a recorded mesh, with what it wrote beside its tree."""

    program: Program
    key: KeyPair
    opa: Path
    tree: Path
    folder: Path

    def __call__(self, case: Case, *, level: str = "deny", exempt: Any = None, waivers: Any = None) -> Done:
        """Run the program over a case, with its rule at ``level`` and these exceptions besides those of the case."""
        for name in case.get("changed", []):
            (self.tree / name).write_text("changed\n", encoding="utf-8")
        options = self._policy(case, level, exempt or {}, case.get("waivers", []) + (waivers or []))
        if "baseline" in case:
            assert self._run(case["baseline"], "then").code == 0
            options += ["--baseline", str((self.tree / "attestation.json").rename(self.folder / "then.json"))]
        return self._run(case, "now", *options)

    def _run(self, case: Case, name: str, *options: str) -> Done:
        mesh = replays.laid_out(replays.Case(name=name, data=case), self.folder / name)
        argv = ["--signing-key", str(self.key.private), "--opa", str(self.opa), "--working-directory", str(self.tree)]
        done = self.program("run", *argv, *mesh, *options, cwd=self.tree)
        assert "a fault of this program" not in done.said
        return done

    def _policy(self, case: Case, level: str, exempt: Mapping[str, Any], waivers: list[dict[str, Any]]) -> list[str]:
        rule = catalogue.rules()[case["rule"]]
        section = {} if rule.of_the_floor else {case["rule"]: {"level": level, **case["parameters"]}}
        (self.folder / "policy.yaml").write_text(json.dumps({"rules": section, "exempt": exempt}), encoding="utf-8")
        (self.folder / "waivers.yaml").write_text(json.dumps(every_day(waivers)), encoding="utf-8")
        files = ["--policy-config", str(self.folder / "policy.yaml"), "--waivers", str(self.folder / "waivers.yaml")]
        return files if waivers else files[:2]


@pytest.fixture
def team(program: Program, key: KeyPair, opa: Path, tree: Path, tmp_path: Path) -> Team:
    return Team(program, key, opa, tree, tmp_path)


def others(case: Case) -> set[str]:
    """Return the rules that deny besides the one that a case is about."""
    return set(case.get("also", []))


@pytest.mark.parametrize("name", CASES)
def test_denied(name: str, team: Team) -> None:
    """At the level deny, by this rule, in the words of the case; what is only besides it is said to be."""
    case = CASES[name]
    done = team(case)
    assert (done.code, denying_rules(done.out)) == (1, {case["rule"]} | others(case)), done.said
    said = " ".join(done.said.split())
    assert [part for part in case["says"] if " ".join(part.split()) not in said] == [], done.said


def having(key: str) -> list[object]:
    """Return the cases that can be excepted in this way, as slow ones but for some of them."""
    chosen = [name for name, case in CASES.items() if case[key] is not None]
    return [
        pytest.param(name, marks=[] if position % 6 == 0 else [pytest.mark.slow], id=name)
        for position, name in enumerate(chosen)
    ]


@pytest.mark.parametrize("name", having("clean"))
def test_clean(name: str, team: Team) -> None:
    """What the rule asks for is there: it is silent, and asked."""
    case = CASES[name]
    done = team({**case, **case["clean"]})
    assert done.code == 0, done.said
    assert f"[{case['rule']}]" not in done.out
    assert f"({case['rule']})" not in done.out


WAIVER = {"owner": "team-voting", "reason": "it is moved", "ticket": "OPS-7", "expires": "+30"}


@pytest.mark.parametrize("name", having("waive"))
def test_waived(name: str, team: Team) -> None:
    """Allowed, and told with its rule, the owner and the ticket, in every report."""
    case = CASES[name]
    done = team(case, waivers=[{"rule": case["rule"], "selector": case["waive"], **WAIVER}])
    assert done.code == 0, done.said
    page = (team.tree / "attestation.report.md").read_text(encoding="utf-8")
    for text in (done.out, page):
        assert all(part in text for part in (catalogue.rules()[case["rule"]].code, "team-voting", "OPS-7")), text


@pytest.mark.parametrize("name", having("exempt"))
def test_exempt(name: str, team: Team) -> None:
    """Allowed, told as exempt, and every edge is still counted."""
    case = CASES[name]
    done = team(case, exempt=case["exempt"])
    assert done.code == 0, done.said
    assert "exempt" in done.out
    assert case["says"][0] in " ".join(done.out.split())
    edges = json.loads((team.folder / "now" / "edges.json").read_bytes())
    page = (team.tree / "attestation.report.md").read_text(encoding="utf-8")
    assert f"### Edges: {len(edges)} of {len(edges)} secured" in page


def a_case_of_each_rule(levels: set[str]) -> list[str]:
    """Return one case for each rule of these levels."""
    chosen = {case["rule"]: name for name, case in CASES.items() if not others(case)}
    return [name for rule, name in chosen.items() if catalogue.rules()[rule].level in levels]


@pytest.mark.slow
@pytest.mark.parametrize("name", a_case_of_each_rule({"warn", "deny", "off"}))
def test_warned(name: str, team: Team) -> None:
    """Allowed, and told."""
    case = CASES[name]
    done = team(case, level="warn")
    assert (done.code, denying_rules(done.out)) == (0, set()), done.said
    assert f"({case['rule']})" in done.out


@pytest.mark.slow
@pytest.mark.parametrize("name", a_case_of_each_rule({"warn", "deny", "off"}))
def test_switched_off(name: str, team: Team) -> None:
    """Allowed, with nothing said but that the rule is off."""
    case = CASES[name]
    done = team(case, level="off")
    assert done.code == 0, done.said
    assert f"({case['rule']})" not in done.out


def test_every_configurable_rule_has_its_cases() -> None:
    """One that denies, one that is clean; waived and exempt where the rule finds something that has a name.

    Those about coverage have theirs among the situations of ``tests/unit/coverage``, of which a recording has nothing.
    """
    rules = {name for name, rule in catalogue.rules().items() if not rule.of_the_floor} | BY_ITSELF.keys()
    rules -= catalogue.needing("coverage")
    assert {case["rule"] for case in CASES.values()} == rules
    nameless = {"branch_allowed", "commit_signed", "github_actions", "tree_clean", "waivers_sound", "waivers_used"}
    assert rules - with_a("clean") == {"collection.commit_signed", "collection.github_actions"}
    assert rules - with_a("waive") == {f"collection.{name}" for name in (*nameless, "baseline_mtls")}


def with_a(key: str) -> set[str]:
    """Return the rules that have a case of which something is known under ``key``."""
    return {case["rule"] for case in CASES.values() if case[key] is not None}


def test_every_case_says_what_it_is() -> None:
    """A sentence, and words that the program must say."""
    assert all(case["about"].endswith(".") and case["says"] for case in CASES.values())
    assert len({case["about"] for case in CASES.values()}) == len(CASES)
