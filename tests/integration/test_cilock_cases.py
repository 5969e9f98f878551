"""257 altered envelopes and policies that the real `cilock verify` v4.1.0 answered, asked of `mesh-attestor verify`."""

from __future__ import annotations

import base64
import json
import shutil
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from tests.conftest import ROOT
from tests.integration.conftest import Ask

FOLDER = ROOT / "tests" / "fixtures" / "cilock-cases"
REPORTS = ("linkerd-check.json", "linkerd-edges.json")
NAMED = ("attestation.json", "policy.signed.json", "policy.pub")
DECISIONS: dict[str, dict[str, Any]] = json.loads((FOLDER / "decisions.json").read_text(encoding="utf-8"))
STORE = {"seed-none", "seed-s-commit-sha1"}
"""What cilock refuses to look for; here no store is searched, so there is nothing to refuse."""


def recorded() -> Iterator[dict[str, Any]]:
    for name in ("cases.jsonl", "built.jsonl"):
        for line in (FOLDER / name).read_text(encoding="utf-8").splitlines():
            yield json.loads(line)


CASES = {case["name"]: case for case in recorded()}


def written(case: dict[str, Any], folder: Path) -> None:
    """Lay out the folder in which cilock was asked."""
    for name in REPORTS:
        shutil.copy(FOLDER / name, folder / name)
    for name, content in {**{name: case[name] for name in NAMED}, **case["files"]}.items():
        data = base64.b64decode(content["base64"]) if isinstance(content, dict) else content.encode()
        (folder / name).write_bytes(data)


def options(args: list[str], flag: str) -> list[str]:
    return [args[i + 1] for i, word in enumerate(args) if word == flag]


@pytest.mark.parametrize("name", sorted(CASES))
def test_ours_is_never_looser_than_cilock(name: str, tmp_path: Path, ask: Ask, opa: Path) -> None:
    """What cilock rejects is no allow here; where ours is stricter, that is a decision with a reason."""
    case = CASES[name]
    written(case, tmp_path)
    reports = [word for path in options(case["args"], "-f") for word in ("--report", path)]
    done = ask(
        "verify",
        *options(case["args"], "-a"),
        *("--policy", "policy.signed.json", "--policy-key", "policy.pub"),
        *("--now", "2026-11-21T12:00:00Z", "--opa", opa),
        *reports,
        cwd=tmp_path,
        env=case["env"],
    )
    assert "a fault of this program" not in done.err, done.err
    if name in DECISIONS:
        assert done.code == DECISIONS[name]["exit"], done.said
    else:
        assert (done.code == 0) == (case["exit"] == 0), done.said


def test_every_decision_is_argued_and_needed() -> None:
    """A difference has a sentence, none is without a case, and but for the look-up in a store all are stricter."""
    assert set(DECISIONS) <= set(CASES)
    looser = {name for name, decision in DECISIONS.items() if decision["exit"] == 0}
    assert looser == STORE
    for name, decision in DECISIONS.items():
        assert (decision["exit"] == 0) != (CASES[name]["exit"] == 0), name
        assert decision["why"].endswith("."), name


def test_every_case_that_was_measured_is_here() -> None:
    """The measurement has 257 names."""
    assert len(CASES) == 257
