"""The named cases of `mesh-attestor run`: each file of ``tests/cases/run`` through the command line."""

from __future__ import annotations

import json
from collections.abc import Callable
from pathlib import Path

import pytest

from attestor.policies import catalogue
from tests import replays
from tests.conftest import ROOT, Done, KeyPair, Program
from tests.integration import test_policy_cases
from tests.integration.test_recordings import denying_rules

DENIED, ALLOWED = replays.names("denied"), replays.names("allowed")
NO_REPORT = 3

OUT_OF_REACH = {
    # The reader takes a document without categories for no document, so that no report comes to have none of them.
    "mesh.categories_present",
}
"""Rules that nothing which linkerd prints can make deny in a run; `verify` meets what they are for."""

Replayed = Callable[..., Done]


def quick(name: str) -> bool:
    """Tell whether a denied case needs neither time nor strace."""
    return not {"slow", "trace"} & replays.load("denied", name).data.keys()


def cases(folder: str) -> list[object]:
    """Return every case of a folder as a parameter, marked as slow or as in need of strace where it is so."""
    found: list[object] = []
    for name in replays.names(folder):
        data = replays.load(folder, name).data
        marks = [pytest.mark.slow] if "slow" in data else [pytest.mark.tools] if "trace" in data else []
        found.append(pytest.param(name, marks=marks, id=name))
    return found


@pytest.fixture
def replayed(program: Program, key: KeyPair, opa: Path, tree: Path, tmp_path: Path) -> Replayed:
    """Run ``mesh-attestor run`` over the linkerd of a case; it must end as a run may end."""

    def call(case: replays.Case) -> Done:
        argv = ["--signing-key", str(key.private), "--opa", str(opa), "--working-directory", str(tree)]
        done = program("run", *argv, *replays.laid_out(case, tmp_path / "replay"), cwd=tree, timeout=300)
        assert "a fault of this program" not in done.said
        assert "Traceback" not in done.said
        assert ("ALLOW" in done.out) == (done.code == 0), done.said
        return done

    return call


def judged(case: replays.Case, replayed: Replayed) -> Done:
    """Run a case and hold its exit code, its rules and its words."""
    done = replayed(case)
    assert (done.code, denying_rules(done.out)) == (case.exit, case.rules), done.said
    said = " ".join(done.said.split())
    assert [part for part in case.says if " ".join(part.split()) not in said] == [], done.said
    return done


@pytest.mark.parametrize("name", cases("denied"))
def test_denied(name: str, replayed: Replayed) -> None:
    """Each ends with the code that its file names, never with 0; exactly the rules named deny, and the words are said."""
    done = judged(replays.load("denied", name), replayed)
    assert done.code in {1, NO_REPORT}
    assert ("DENY" in done.out) == (done.code == 1)


@pytest.mark.parametrize("name", cases("allowed"))
def test_allowed(name: str, replayed: Replayed) -> None:
    """What is unusual and says nothing bad is allowed: a gate that denies all of it would pass every case above."""
    done = judged(replays.load("allowed", name), replayed)
    assert done.code == 0
    assert "DENY" not in done.out


@pytest.fixture
def verified(program: Program, key: KeyPair, opa: Path, tree: Path) -> Callable[..., Done]:
    """Verify what the run left with the key that it trusts."""

    def call(*options: str) -> Done:
        return program("verify", "attestation.json", "--key", key.public, "--opa", opa, *options, cwd=tree)

    return call


@pytest.mark.parametrize("name", [name for name in DENIED if quick(name)][::12])
def test_the_envelope_has_the_same_verdict(name: str, replayed: Replayed, verified: Callable[..., Done]) -> None:
    """Whoever judges what a denied run left comes to its verdict and its rules; one without a report is refused."""
    case = replays.load("denied", name)
    replayed(case)
    done = verified("--allow-replay", "true" if case.allows_replay else "false")
    if case.exit == NO_REPORT:
        assert done.code not in {0, NO_REPORT}, done.said
    else:
        assert (done.code, denying_rules(done.out)) == (1, case.rules), done.said


POINTS = {
    f"{report}, {kind}": (report, at)
    for report in ("check", "edges")
    for kind, at in replays.structural_points(f"healthy/{report}").items()
}


@pytest.mark.slow
@pytest.mark.parametrize("point", POINTS)
def test_cut_at(point: str, replayed: Replayed) -> None:
    """A report that ends at any point of its structure is no report, or what is left of it denies.

    What is left is a named defect, or lacks categories where the cut is between two documents.
    """
    report, at = POINTS[point]
    done = replayed(replays.Case(name=point, data={report: {"text": [{"op": "cut", "to": at}]}}))
    if done.code == NO_REPORT:
        assert report == "check"
        assert "linkerd left no check report that could be read" in done.err
    else:
        assert done.code == 1, done.said
        assert denying_rules(done.out) & {"collection.capture_clean", "mesh.report_complete"}


def test_there_are_enough_cases() -> None:
    """At least 120 that must be denied and five that must be allowed, no name in both."""
    assert len(DENIED) >= 120
    assert len(ALLOWED) >= 5
    assert set(DENIED) & set(ALLOWED) == set()


def test_every_rule_denies_in_a_case() -> None:
    """A rule that nothing bad from linkerd meets may be unable to deny; those out of its reach are named above.

    What a team can set has its own cases, and what coverage shows has its situations (tests/unit/coverage).
    """
    rules = {
        f"{path.parent.name}.{path.stem}"
        for path in (ROOT / "policy").glob("*/*.rego")
        if not path.stem.endswith("_test")
    }
    denying = {rule for name in DENIED if quick(name) for rule in replays.load("denied", name).rules}
    denying |= {case["rule"] for case in test_policy_cases.CASES.values()}
    assert rules - denying - catalogue.needing("coverage") == OUT_OF_REACH
    assert denying - rules == set(), "a case names a rule that is none"


@pytest.mark.parametrize("folder", ["denied", "allowed"])
def test_every_case_says_what_it_is(folder: str) -> None:
    """A sentence for the reader, rules and words for a denial, and no two cases that are the same but for it."""
    found = [replays.load(folder, name) for name in replays.names(folder)]
    assert all(case.about.endswith(".") and "\n" not in case.about for case in found)
    assert all(case.says and bool(case.rules) == (case.exit == 1) for case in found if folder == "denied")
    assert len({case.about for case in found}) == len(found)
    made = {json.dumps({**case.data, "about": ""}, sort_keys=True) for case in found}
    assert len(made) == len(found)
