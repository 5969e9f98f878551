"""The named cases of `mesh-attestor verify`: each file of ``tests/cases/verify`` through the command line."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from tests import corpus
from tests.conftest import Done
from tests.warm import Warm

REFUSED, ACCEPTED = corpus.names("refused"), corpus.names("accepted")
UNREADABLE = {"envelope", "signatures", "statement"}
"""What is found out while the envelope is opened: where it fails there is nothing to look at."""


def judged(case: corpus.Case, warm: Warm, opa: Path, folder: Path) -> Done:
    argv = [*corpus.laid_out(case, folder), "--opa", str(opa)]
    done = warm(argv, folder, {"PATH": "/usr/bin:/bin", **case.data.get("env", {})})
    assert "a fault of this program" not in done.err, done.err
    said = " ".join(done.said.split())
    assert [part for part in case.says if " ".join(part.split()) not in said] == [], done.said
    return done


@pytest.mark.parametrize("name", REFUSED)
def test_refused(name: str, warm: Warm, opa: Path, tmp_path: Path) -> None:
    """Each ends with the code that its file names, never with 0, and says why; a finding that failed is named."""
    case = corpus.load("refused", name)
    done = judged(case, warm, opa, tmp_path)
    assert done.code == case.data["exit"], done.said
    assert done.code in {1, 2, 4, 5}
    if "contradicts itself" in done.err or "contradicts the evidence" in done.err:
        assert f" {case.data['finding']}" in done.err
    elif "finding" in case.data and done.code == 1:
        assert f"the {case.data['finding']} is not what was asked about" in done.out
    elif "finding" in case.data:
        assert case.data["finding"] in UNREADABLE, "the finding was not looked at"


@pytest.mark.parametrize("name", ACCEPTED)
def test_accepted(name: str, warm: Warm, opa: Path, tmp_path: Path) -> None:
    """Each ends with 0; what could not be checked is said, and where all could be, nothing of the kind is."""
    case = corpus.load("accepted", name)
    done = judged(case, warm, opa, tmp_path)
    assert done.code == case.data["exit"] == 0, done.said
    rows = [line for line in done.out.splitlines() if "not checkable" in line]
    assert len(rows) == len(case.data.get("unchecked", [])), done.out
    assert all(finding in row for finding, row in zip(case.data.get("unchecked", []), rows, strict=True))


def test_there_are_enough_cases() -> None:
    """At least sixty that must be refused and fifteen that must be accepted, no name in both."""
    assert len(REFUSED) >= 60
    assert len(ACCEPTED) >= 15
    assert set(REFUSED) & set(ACCEPTED) == set()


def test_every_finding_fails_in_a_case(warm: Warm, opa: Path, tmp_path: Path) -> None:
    """What is never seen to fail may be unable to: each check of a report that asks for all of them has its case."""
    argv = corpus.laid_out(corpus.load("accepted", "everything-looked-at"), tmp_path)
    report = json.loads(warm([*argv, "--opa", str(opa), "--format", "json"], tmp_path, {}).out)
    looked_at = {finding["check"] for finding in (*report["findings"], *report["asked"])}
    found = {"certificate" if check.startswith("certificate ") else check for check in looked_at}
    failing = {corpus.load("refused", name).data.get("finding") for name in REFUSED}
    assert found - failing == set()
    assert failing - found - {None, "file notes.json"} == set(), "a case names a finding that nobody looks for"


@pytest.mark.parametrize("folder", ["refused", "accepted"])
def test_every_case_says_what_it_is(folder: str) -> None:
    """A sentence for the reader, an exit code, and no two cases that say the same."""
    cases = [json.loads((corpus.FOLDER / folder / f"{name}.json").read_bytes()) for name in corpus.names(folder)]
    assert all(case["about"].endswith(".") and isinstance(case["exit"], int) for case in cases)
    assert len({json.dumps({**case, "about": ""}, sort_keys=True) for case in cases}) == len(cases)
