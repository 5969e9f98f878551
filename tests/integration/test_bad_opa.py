"""An opa that is not there, is none, or answers anything but a decision: exit 2 before the capture, else 5, never 0."""

from __future__ import annotations

import json
import platform
import shutil
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from attestor import engine, gate, limits
from attestor.engine import Engine
from attestor.errors import GateError
from attestor.policies import EMBEDDED
from tests.conftest import Done
from tests.integration.conftest import Attempt, Fake
from tests.integration.test_recordings import predicate

OFF = sorted(EMBEDDED.off("", covered=False))
RULES = sorted({gate.rule_id(module) for module in gate.modules(gate.policy_folder())[1:]} - set(OFF))
NONE: dict[str, Any] = {"off": [], "violations": [], "warnings": [], "waived": [], "exempt": []}
ALLOW: dict[str, Any] = {"allow": True, "checked": RULES} | NONE
FOUND: dict[str, Any] = {"rule": RULES[0], "message": "it is so", "about": {}}
DENY: dict[str, Any] = ALLOW | {"allow": False, "violations": [FOUND]}
ERROR = {"errors": [{"message": "var x is unsafe", "code": "rego_unsafe_var_error"}]}

Opa = Callable[..., Path]


def decided(value: object) -> dict[str, Any]:
    """Return the answer of opa whose decision is ``value``."""
    return {"result": [{"expressions": [{"value": value, "text": "data.gate.decision"}]}]}


@pytest.fixture
def fake_opa(fake: Fake, opa: Path, tmp_path: Path) -> Opa:
    """Make an opa that prints an answer, or is any other script; the real one's capabilities lie beside it."""

    def make(answer: object, body: str = "cat >/dev/null; cat {answer}") -> Path:
        path = fake(body.replace("{answer}", f"'{tmp_path}/answer'"), name="opa")
        shutil.copy(opa.resolve().with_name("opa-capabilities.json"), path.parent)
        text = answer if isinstance(answer, str) else json.dumps(answer)
        (tmp_path / "answer").write_text(text, encoding="utf-8")
        return path

    return make


def undecided(attempt: Attempt, done: Done) -> str:
    """Return what was said by a run without a decision; its evidence is signed and on disk."""
    assert done.code == 5, done.said
    assert done.out == ""
    assert predicate(attempt.tree, "linkerd-check")["edges_summary"]["secured"] == 15
    return done.err


@pytest.mark.parametrize(("decision", "code"), [(ALLOW, 0), (DENY, 1)])
def test_a_whole_answer_decides(attempt: Attempt, fake_opa: Opa, decision: dict[str, Any], code: int) -> None:
    """The shape that every other answer here departs from is the one that allows and denies."""
    assert attempt(opa=fake_opa(decided(decision))).code == code


def elf(machine: int) -> bytes:
    return b"\x7fELF\x02\x01\x01" + bytes(9) + b"\x02\x00" + machine.to_bytes(2, "little") + bytes(44)


UNUSABLE = {
    "missing": (None, 0, "there is no opa at"),
    "not executable": (b"#!/bin/sh\n", 0o644, "may not be read and executed"),
    "another processor's": (elf(2), 0o755, "is a program for another processor than this machine's"),
    "empty": (b"", 0o755, "is not a program"),
    "an error page": (b"<html>404 Not Found</html>\n", 0o755, "is not a program"),
    "an archive": (b"\x1f\x8b\x08" + bytes(100), 0o755, "is not a program"),
}


@pytest.mark.parametrize("what", sorted(UNUSABLE))
def test_no_usable_opa(attempt: Attempt, tmp_path: Path, what: str) -> None:
    """What can be seen to be no opa for this machine is refused before the mesh is asked anything."""
    content, mode, reason = UNUSABLE[what]
    path = tmp_path / "opa"
    if content is not None:
        path.write_bytes(content)
        path.chmod(mode)
    said = attempt.refused(opa=path)
    assert reason in said
    assert "--opa PATH" in said


def test_a_folder(attempt: Attempt) -> None:
    """A folder is no opa."""
    assert "there is no opa at" in attempt.refused(opa=attempt.tree)


@pytest.mark.parametrize("body", ["exit 1", "echo nonsense", "echo '{}'", "kill -9 $$", "echo '{\"builtins\": []}'"])
def test_an_opa_that_does_not_know_its_capabilities(attempt: Attempt, fake: Fake, body: str) -> None:
    """An opa without a file of capabilities beside it is asked for them, and refused where it cannot tell."""
    assert "the capabilities of opa could not be derived" in attempt.refused(opa=fake(body, name="opa"))


def test_an_opa_of_ones_own(attempt: Attempt, opa: Path, tmp_path: Path) -> None:
    """A real opa somewhere else needs nothing beside it."""
    own = shutil.copy(opa.resolve(), tmp_path / "own-opa")
    assert attempt(opa=own).code == 0


ENDINGS = {
    "exit 1": ("exit 1", "opa ended with exit code 1: it printed nothing"),
    "exit 2 with an error": ("cat {answer}; exit 2", "opa ended with exit code 2: var x is unsafe"),
    "words on stderr": ("echo out of memory >&2; exit 137", "opa ended with exit code 137: out of memory"),
    "killed": ("kill -9 $$", "opa ended with exit code 137"),
    "crashed": ("kill -SEGV $$", "opa ended with exit code 139"),
    "crashed behind its answer": ("cat {answer}; kill -SEGV $$", "opa ended with exit code 139"),
}


@pytest.mark.parametrize("what", sorted(ENDINGS))
def test_an_opa_that_fails(attempt: Attempt, fake_opa: Opa, what: str) -> None:
    """However opa fails, the run ends in 5 with the reason."""
    body, reason = ENDINGS[what]
    assert reason in undecided(attempt, attempt(opa=fake_opa(ERROR, body)))


def test_an_allow_of_an_opa_that_fails(attempt: Attempt, fake_opa: Opa) -> None:
    """A whole answer counts for nothing where opa itself says that it failed."""
    undecided(attempt, attempt(opa=fake_opa(decided(ALLOW), "cat {answer}; exit 1")))


def test_a_program_that_was_cut(attempt: Attempt, fake_opa: Opa) -> None:
    """A program that the system cannot start is found at the gate at the latest."""
    path = fake_opa("")
    path.write_bytes(elf(engine._ELF_MACHINES[platform.machine().lower()]))
    said = undecided(attempt, attempt(opa=path))
    assert "the policy engine gave no answer" in said
    assert "could not be started: Exec format error" in said


ANSWERS: dict[str, tuple[object, str]] = {
    "nothing": ("", "not JSON: no JSON value"),
    "garbage": ("allow", "not JSON"),
    "two answers": (json.dumps(decided(ALLOW)) * 2, "not JSON: more than one JSON value"),
    "a key twice": (json.dumps(decided(ALLOW)).replace('"allow"', '"allow": false, "allow"'), "not JSON"),
    "an empty object": ({}, "undefined, or reports errors"),
    "errors": (ERROR, "undefined, or reports errors"),
    "errors beside a result": (decided(ALLOW) | ERROR, "undefined, or reports errors"),
    "undefined": ({"result": []}, "does not hold exactly one value"),
    "no value": ({"result": [{"expressions": [{"text": "allow"}]}]}, "does not hold exactly one value"),
    "true": (decided(value=True), "the decision is not an object"),
    "an empty decision": (decided({}), "not of the expected shape"),
    "allow as a word": (decided(ALLOW | {"allow": "true"}), "not of the expected shape"),
    "no rules": (decided(ALLOW | {"checked": []}), "the decision is by 0 rules"),
    "a rule missing": (decided(ALLOW | {"checked": RULES[1:]}), "were to be looked at"),
    "a foreign rule": (decided(ALLOW | {"checked": [*RULES[1:], "mesh.mine"]}), "were to be looked at"),
    "violations as an object": (decided(ALLOW | {"violations": {}}), "violations are not a list"),
    "a violation as a word": (decided(DENY | {"violations": ["no"]}), "a finding is not of the expected shape"),
    "a violation of no rule": (decided(DENY | {"violations": [FOUND | {"rule": []}]}), "names an unknown rule"),
    "allowed with violations": (decided(DENY | {"allow": True}), "contradicts its own violations"),
    "denied without violations": (decided(ALLOW | {"allow": False}), "contradicts its own violations"),
}


@pytest.mark.parametrize("what", sorted(ANSWERS))
def test_an_answer_of_another_shape(attempt: Attempt, fake_opa: Opa, what: str) -> None:
    """What is not exactly one decision by exactly the rules is no decision."""
    answer, reason = ANSWERS[what]
    said = undecided(attempt, attempt(opa=fake_opa(answer)))
    assert "the gate has no certain answer" in said
    assert reason in said


@pytest.mark.parametrize(
    ("body", "reason"),
    [
        ("exec sleep 300", "was still running after 0.3 s and was killed"),
        ("trap '' TERM; sleep 300", "was still running after 0.3 s and was killed"),
        ("exec yes", "printed more than 100000 bytes and was killed"),
    ],
)
def test_a_hanging_or_flooding_opa(
    fake_opa: Opa, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, body: str, reason: str
) -> None:
    """An opa without end is killed at its limit; here the limits are small, so the call is made in this process."""
    monkeypatch.setattr(limits, "OPA_SECONDS", 0.2)
    monkeypatch.setattr(limits, "OPA_ANSWER_BYTES", 100_000)
    monkeypatch.setattr(engine, "_GRACE", 0.1)
    made = Engine(binary=fake_opa("", body), capabilities=tmp_path / "capabilities", folder=tmp_path)
    begun = time.monotonic()
    with pytest.raises(GateError, match=reason):
        made.evaluate(gate.QUERY, [], b"{}" * 1_000_000)
    assert time.monotonic() - begun < 5


def test_what_opa_is_handed(attempt: Attempt, fake_opa: Opa, tmp_path: Path) -> None:
    """The opa of a run gets three variables, a limit and its capabilities, and no flag from the environment."""
    body = f'env > {tmp_path}/env; echo "$*" >> {tmp_path}/argv; cat >/dev/null; cat {{answer}}'
    done = attempt(opa=fake_opa(decided(ALLOW), body), env={"OPA_EVAL_DATA": "/etc", "HTTPS_PROXY": "http://proxy"})
    assert done.code == 0, done.said
    names = {line.partition("=")[0] for line in (tmp_path / "env").read_text(encoding="utf-8").splitlines()}
    assert names - {"PWD", "SHLVL", "_", "OLDPWD"} == {"PATH", "HOME", "TMPDIR"}
    argv = (tmp_path / "argv").read_text(encoding="utf-8")
    assert all(
        flag in argv for flag in ("--timeout 300s", "--capabilities", "--strict-builtin-errors", "--stdin-input")
    )
