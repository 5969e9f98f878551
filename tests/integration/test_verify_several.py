"""Several envelopes in one call: each its own answer, and the gravest exit code."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from attestor import limits, signing
from attestor.envelope import Envelope
from tests import golden
from tests.conftest import KeyPair, Program
from tests.integration.conftest import Ask

NOW = "2026-11-21T12:00:00Z"


@pytest.fixture
def folder(key: KeyPair, tmp_path: Path) -> Path:
    """A folder with evidence of a healthy and of an insecure mesh, a forgery, and a file that is too large."""
    signer = signing.load(key.private.read_bytes(), None, name="the key")
    for name, recording in (("good", "stable-2.14"), ("insecure", "insecure-edge")):
        (tmp_path / f"{name}.json").write_bytes(Envelope.seal(golden.statement(recording), [signer]).to_bytes())
    (tmp_path / "forged.json").write_bytes((tmp_path / "good.json").read_bytes().replace(b'"sig":"', b'"sig":"AAAA'))
    with (tmp_path / "large.json").open("wb") as file:
        file.truncate(limits.ENVELOPE_BYTES + 1)
    return tmp_path


@pytest.mark.parametrize(
    ("names", "code"),
    [
        (("good", "insecure"), 1),
        (("insecure", "good", "forged"), 4),
        (("good", "gone"), 2),
        (("large", "good"), 4),
    ],
    ids=["denied", "forged", "missing", "too-large"],
)
def test_each_gets_its_answer_and_none_spoils_another(
    names: tuple[str, ...], code: int, folder: Path, ask: Ask, key: KeyPair, opa: Path
) -> None:
    """A verdict for each, in the order in which they were named, and the gravest code at the end."""
    files = [f"{name}.json" for name in names]
    done = ask("verify", *files, "--key", key.public, "--opa", opa, "--now", NOW, "--format", "json", cwd=folder)
    assert done.code == code, done.said
    answer = json.loads(done.out)
    assert [item["envelope"] for item in answer["envelopes"]] == files
    expected = {"good": "allow", "insecure": "deny"}
    assert [item["verdict"] for item in answer["envelopes"]] == [expected.get(name, "error") for name in names]
    assert answer["verdict"] == ("deny" if code == 1 else "error")
    shown = ask("verify", *files, "--key", key.public, "--opa", opa, "--now", NOW, cwd=folder)
    assert (shown.code, "1 of " in shown.out) == (code, True)


def test_all_allowed_is_allowed(folder: Path, ask: Ask, key: KeyPair, opa: Path, program: Program) -> None:
    """Also where one comes on standard input."""
    (folder / "again.json").write_bytes((folder / "good.json").read_bytes())
    options = ("--key", key.public, "--opa", opa, "--now", NOW)
    assert ask("verify", "good.json", "again.json", *options, cwd=folder).code == 0
    done = program("verify", "-", "good.json", *options, cwd=folder, stdin=(folder / "again.json").read_bytes())
    assert done.code == 0, done.said


def test_one_envelope_twice_is_a_settings_error(folder: Path, ask: Ask, key: KeyPair, opa: Path) -> None:
    """A count of allowed envelopes must not be made of one."""
    assert ask("verify", "good.json", "good.json", "--key", key.public, "--opa", opa, cwd=folder).code == 2
