"""`mesh-attestor verify` for programs and for reports; the named cases of evidence are in ``tests/cases``."""

from __future__ import annotations

import json
from collections.abc import Callable
from pathlib import Path

import pytest

from attestor.policies import catalogue
from tests import corpus
from tests.conftest import Done, Program

Verify = Callable[..., Done]


@pytest.fixture
def verify(program: Program, opa: Path, tmp_path: Path) -> Verify:
    """Verify a named case, in a Python of its own."""

    def call(folder: str, name: str, *more: str | Path) -> Done:
        argv = corpus.laid_out(corpus.load(folder, name), tmp_path)
        return program(*argv, "--opa", opa, *more, cwd=tmp_path)

    return call


def test_the_answer_for_a_program(verify: Verify) -> None:
    """`--format json` prints one object with verdict, findings, rules and reasons, also for a forgery."""
    found = json.loads(verify("accepted", "untouched", "--format", "json").out)
    assert (found["verdict"], found["exit_code"], found["violations"], found["unknown_types"]) == ("allow", 0, [], [])
    assert {finding["result"] for finding in found["findings"]} == {"ok"}
    assert set(found["rules"]) == {
        name for name, rule in catalogue.rules().items() if rule.level != "off" and not rule.needs
    }
    forged = json.loads(verify("refused", "edge-hidden", "--format", "json").out)
    assert (forged["verdict"], forged["exit_code"]) == ("error", 4)


@pytest.mark.parametrize(
    ("folder", "name", "code"),
    [
        ("accepted", "untouched", 0),
        ("refused", "insecure-edge-told-honestly", 1),
        ("refused", "key-absent", 2),
        ("refused", "edge-hidden", 4),
        ("refused", "rego-syntax-error", 5),
    ],
)
def test_a_start_of_its_own_ends_with_the_same_code(
    folder: str, name: str, code: int, program: Program, opa: Path, tmp_path: Path
) -> None:
    """The cases are run in processes that are forked from a loaded program; one of each code is started in full."""
    done = program.cold(*corpus.laid_out(corpus.load(folder, name), tmp_path), "--opa", opa, cwd=tmp_path)
    assert done.code == code == corpus.load(folder, name).data["exit"], done.said


def test_a_report_on_disk_is_compared_by_its_digest(verify: Verify, tmp_path: Path) -> None:
    """`--report` takes the file that the evidence names, and no other of that name."""
    assert verify("accepted", "report-file").code == 0
    (tmp_path / "linkerd-check.json").write_bytes(b"{}")
    assert verify("accepted", "untouched", "--report", "linkerd-check.json").code == 4
