"""The bytes that are signed, for one fixed capture, for ever."""

from __future__ import annotations

import base64
import hashlib
import json
from pathlib import Path

from attestor import collection, gate, signing
from attestor.clock import parse_rfc3339, rfc3339
from attestor.engine import find
from attestor.envelope import Envelope
from tests import golden

PAYLOAD_SHA256 = "b7eb6cc4c908f30e529b1c29ace65febdc0428ad1f5d98fc15a4bb58218d7ce0"
"""Accepted by the real `cilock verify` v4.1.0. A change needs a new acceptance, noted in its commit."""


def test_the_same_evidence_and_clock_give_the_accepted_bytes() -> None:
    """The payload over the fixed capture is the one that the real cilock accepted."""
    assert hashlib.sha256(golden.statement().payload).hexdigest() == PAYLOAD_SHA256
    assert golden.statement().payload == golden.statement().payload


def test_the_order_in_which_files_and_variables_are_found_does_not_matter() -> None:
    """Nothing in the payload depends on the order of a mapping that the system filled."""
    found = json.loads(golden.statement().payload)
    names = [subject["name"] for subject in found["subject"]]
    assert names == sorted(names)
    assert list(found["predicate"]["backrefs"]) == sorted(found["predicate"]["backrefs"])
    variables = found["predicate"]["attestations"][0]["attestation"]["variables"]
    assert list(variables) == sorted(variables)


def test_what_is_signed_is_what_is_published_and_judged(opa: Path, tmp_path: Path) -> None:
    """The envelope carries the statement's bytes unchanged, and the gate judges those."""
    statement = golden.statement()
    _, signer = signing.generate(None)
    envelope = Envelope.seal(statement, [signer])
    published = json.loads(envelope.to_bytes())
    assert base64.b64decode(published["payload"]) == statement.payload
    payload = Envelope.parse(envelope.to_bytes()).verified([signer.public])
    assert payload == statement.payload
    verdict = gate.judge(collection.opened(payload), find(opa, tmp_path), now=golden.BEGUN, allow_replay=False)
    assert verdict.allowed, verdict.violations


def test_one_insecure_edge_turns_the_golden_capture_into_a_denial(opa: Path, tmp_path: Path) -> None:
    """The same capture over the recording with a plaintext edge is denied, and the edge is named."""
    opened = collection.opened(golden.statement("insecure-edge").payload)
    verdict = gate.judge(opened, find(opa, tmp_path), now=golden.BEGUN, allow_replay=False)
    assert not verdict.allowed
    assert {violation.rule for violation in verdict.violations} == {"mesh.edges_mtls"}
    assert any("emojivoto/web -> legacy/billing" in violation.message for violation in verdict.violations)


def test_times_are_utc_with_z() -> None:
    """Every time of the collection ends in Z and no predicate ends before it starts."""
    entries = json.loads(golden.statement().payload)["predicate"]["attestations"]
    for entry in entries:
        assert entry["starttime"].endswith("Z")
        assert parse_rfc3339(entry["starttime"]) < parse_rfc3339(entry["endtime"])
    assert entries[0]["starttime"] == rfc3339(golden.BEGUN)
