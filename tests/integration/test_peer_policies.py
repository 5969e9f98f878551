"""Envelopes and policies that a real cilock v4.1.0 signed, and its verdicts over them; and its first wire generation."""

from __future__ import annotations

import base64
import json
from pathlib import Path
from typing import Any

import pytest

from attestor import signing
from attestor.envelope import Envelope
from attestor.statement import Statement
from tests.conftest import ROOT, KeyPair
from tests.integration.conftest import Ask

FOLDER = ROOT / "tests" / "fixtures" / "cilock-v4.1.0"
RECORDED = ROOT / "tests" / "fixtures" / "rookery-recorded" / "attestation.json"
EXPECTED: dict[str, dict[str, Any]] = json.loads((FOLDER / "expected.json").read_text(encoding="utf-8"))["verify"]


@pytest.mark.parametrize("question", sorted(EXPECTED))
def test_a_policy_of_the_peer_gives_the_peers_verdict(question: str, ask: Ask, opa: Path) -> None:
    """The policies that `cilock sign` wrote, in both syntaxes of Rego, expired, and for another command-run."""
    name, policy, *report = question.replace("-f ", "").split()
    reports = [str(FOLDER / name / (report[0] if report else "linkerd-check.json"))]
    done = ask(
        "verify",
        FOLDER / name / "attestation.json",
        *("--policy", FOLDER / policy, "--policy-key", FOLDER / "key.pub"),
        *("--report", *reports, "--now", "2026-11-21T12:00:00Z", "--opa", opa),
        cwd=FOLDER,
    )
    assert done.code == EXPECTED[question]["exit"], done.said


def test_the_first_wire_generation_is_shown_with_what_came_beside_its_signature(ask: Ask) -> None:
    """The peer's recorded envelope: nobody has its key, so it can be read and not believed."""
    done = ask("show", RECORDED, cwd=FOLDER)
    assert done.code == 0, done.err
    assert "https://aflock.ai/attestations/command-run/v0.1" in done.out
    assert "(not verified), with 1 timestamp" in done.out


def test_the_first_wire_generation_is_derived_again(key: KeyPair, ask: Ask, opa: Path, tmp_path: Path) -> None:
    """Signed by a trusted key, its path-bound trees and its summary hold; it lacks two of the six predicates."""
    payload = base64.b64decode(json.loads(RECORDED.read_bytes())["payload"])
    signer = signing.load(key.private.read_bytes(), None, name="the key")
    envelope = tmp_path / "attestation.json"
    envelope.write_bytes(Envelope.seal(Statement(payload=payload), [signer]).to_bytes())
    done = ask("verify", envelope, "--key", key.public, "--opa", opa, "--format", "json", cwd=tmp_path)
    assert done.code == 4
    found = {finding["check"]: finding for finding in json.loads(done.out)["findings"]}
    assert found.pop("predicates")["detail"] == "the collection has no environment, git"
    assert found["material root"]["detail"] == "rebuilt from 1 leaves, path-bound"
    assert {finding["result"] for finding in found.values()} == {"ok", "not checkable"}
    assert [name for name, finding in found.items() if finding["result"] != "ok"] == ["edges report", "edges summary"]
