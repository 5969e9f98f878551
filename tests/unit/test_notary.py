"""The last file of a run is whole, readable by others, replaced by a later word, and none where it cannot be."""

from __future__ import annotations

import errno
import json
import os
from pathlib import Path
from typing import Any

import pytest

from attestor import limits, signing, summary
from attestor.clock import Clock
from attestor.envelope import Envelope
from attestor.errors import CaptureError, SigningError
from attestor.install import known
from attestor.notary import Notary, judge_by
from attestor.policies import parts
from attestor.report import Report
from attestor.summary import Judge
from tests.unit.summary.test_summary import ALLOWED, POLICY
from tests.unit.test_report import OPENED

REPORT = Report(opened=OPENED, signers=(), verdict=ALLOWED, envelope="a.json", envelope_sha256="c" * 64)


@pytest.fixture
def notary(tmp_path: Path) -> Notary:
    _, signer = signing.generate(None)
    return Notary(
        signer=signer,
        path=tmp_path / "a.verdict.json",
        policy=POLICY,
        allow_replay=False,
        judge=Judge(sha256="e" * 64),
        clock=Clock(),
    )


def result(notary: Notary) -> str:
    payload = Envelope.parse(notary.path.read_bytes()).verified([notary.signer.public])
    found: dict[str, Any] = json.loads(payload)
    return str(found["predicate"]["verificationResult"])


def test_a_later_word_replaces_an_earlier_one(notary: Notary) -> None:
    """An allow, and then something that went wrong behind it."""
    notary.testify(REPORT)
    assert result(notary) == "PASSED"
    notary.testify(REPORT, CaptureError("the runner is gone"))
    assert result(notary) == "FAILED"
    assert [path.name for path in notary.path.parent.iterdir()] == ["a.verdict.json"]


def test_where_the_later_word_cannot_be_written_no_earlier_one_is_left(
    notary: Notary, monkeypatch: pytest.MonkeyPatch
) -> None:
    """None is better than a wrong one; what no verifier reads is not written either."""
    notary.testify(REPORT)
    monkeypatch.setattr(limits, "ENVELOPE_BYTES", 100)
    with pytest.raises(SigningError, match="more than a verifier reads"):
        notary.testify(REPORT, CaptureError("x"))
    assert not notary.path.exists()


def test_a_place_that_takes_no_file_is_an_error(notary: Notary) -> None:
    """With the reason that the system gives."""
    notary.path.mkdir()
    with pytest.raises(SigningError, match="cannot be written: Is a directory"):
        notary.testify(REPORT)


def test_the_key_is_not_shown(notary: Notary) -> None:
    """Neither it nor whoever holds it says it in a message."""
    assert "PrivateKey" not in repr(notary)


def test_a_program_that_is_gone_has_no_digest(tmp_path: Path) -> None:
    """The verdict then says that nothing is known of it."""
    assert judge_by(tmp_path / "nothing") == Judge(sha256="")
    (tmp_path / "opa").write_bytes(b"")
    empty = "e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855"
    assert judge_by(tmp_path / "opa") == Judge(sha256=empty)


def test_a_program_that_the_set_up_noted_is_not_read_again(tmp_path: Path) -> None:
    """Its digest and its version are known for as long as it is that file."""
    program = tmp_path / "opa"
    program.write_bytes(b"")
    (tmp_path / known.FILE_NAME).write_bytes(known.note(program, "1.2.3"))
    noted = judge_by(program)
    assert noted.version == "1.2.3"
    program.write_bytes(b"another")
    other = judge_by(program)
    assert (other.version, other.sha256 == noted.sha256) == ("", False)


def test_the_extension_is_a_uri() -> None:
    """As the format's parsing rules ask of a field that is not its own."""
    assert summary.EXTENSION.startswith("pkg:generic/mesh-attestor")


def test_a_verdict_whose_rules_cannot_be_read_is_none(notary: Notary, monkeypatch: pytest.MonkeyPatch) -> None:
    """It names every rule by its digest; an earlier word does not stay either."""
    notary.testify(REPORT)
    parts.embedded.cache_clear()
    monkeypatch.setattr(Path, "read_bytes", no_room)
    with pytest.raises(SigningError, match="no verdict can be signed: the embedded rules cannot be read: No space"):
        notary.testify(REPORT)
    monkeypatch.undo()
    assert not notary.path.exists()


def no_room(path: Path) -> bytes:
    raise OSError(errno.ENOSPC, os.strerror(errno.ENOSPC), str(path))
