"""What `import attestor` offers to programs that read evidence."""

from __future__ import annotations

import subprocess
import sys
from datetime import timedelta
from pathlib import Path

import pytest

import attestor
from attestor import signing
from attestor.envelope import Envelope
from attestor.statement import Statement
from tests import golden
from tests.conftest import ROOT, KeyPair


@pytest.fixture
def envelope(key: KeyPair) -> bytes:
    """The golden evidence, signed."""
    signer = signing.load(key.private.read_bytes(), None, name="the key")
    return Envelope.seal(golden.statement(), [signer]).to_bytes()


@pytest.fixture
def verifier(key: KeyPair, opa: Path) -> attestor.Verifier:
    """A verifier that trusts the key, an hour after the golden capture."""
    keys = (attestor.load_key(key.public),)
    return attestor.Verifier(keys=keys, now=golden.BEGUN + timedelta(hours=1), opa=opa)


def test_every_public_name_can_be_imported() -> None:
    """The list, the places and the types that a checker sees are of the same names."""
    assert sorted(attestor.__all__) == sorted(attestor._PLACES)
    for name in attestor.__all__:
        assert getattr(attestor, name).__name__ == {"load_key": "load"}.get(name, name)
    with pytest.raises(AttributeError, match="nonsense"):
        _ = attestor.nonsense


def test_importing_the_package_loads_nothing_else() -> None:
    """A program that asks for the version waits for no cryptography."""
    said = (
        "import sys, attestor; print([name for name in sys.modules if name.startswith(('attestor.', 'cryptography'))])"
    )
    done = subprocess.run([sys.executable, "-c", said], cwd=ROOT, check=True, capture_output=True, text=True)
    assert done.stdout == "[]\n"


def test_evidence_is_verified_and_walked(verifier: attestor.Verifier, envelope: bytes, key: KeyPair) -> None:
    """One call gives the verdict, the findings and the typed evidence."""
    report = verifier.verify(envelope)
    assert report.allowed
    assert report.signers == (key.keyid,)
    assert {finding.state for finding in report.findings} == {attestor.State.OK}
    assert [category.name for category in report.categories][:2] == ["kubernetes-api", "kubernetes-version"]
    assert (len(report.edges), all(edge.secured for edge in report.edges)) == (15, True)


def test_a_pin_that_does_not_hold_is_no_allow(key: KeyPair, opa: Path, envelope: bytes) -> None:
    """The evidence is good, the rules allow it, and it is about another cluster."""
    keys = (attestor.load_key(key.public),)
    verifier = attestor.Verifier(keys=keys, pins=attestor.Pins(cluster="prod"), now=golden.BEGUN, opa=opa)
    report = verifier.verify(envelope)
    assert report.verdict is not None
    assert report.verdict.allowed
    assert not report.allowed


def test_a_forgery_is_an_error_of_its_own_among_many(verifier: attestor.Verifier, envelope: bytes) -> None:
    """`verify_all` keeps the order, and one bad envelope spoils no other."""
    forged = envelope.replace(b'"sig":"', b'"sig":"AAAA')
    outcomes = list(verifier.verify_all([envelope, forged, envelope]))
    assert [getattr(outcome, "allowed", None) for outcome in outcomes] == [True, None, True]
    assert isinstance(outcomes[1], attestor.EvidenceError)
    with pytest.raises(attestor.EvidenceError, match="no signature of the envelope is by a trusted key"):
        verifier.verify(forged)


def test_one_odd_collection_in_a_batch_is_judged_alone(
    verifier: attestor.Verifier, envelope: bytes, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Where the call over many has no certain answer, each is judged by a call of its own."""

    def fail(*_: object, **__: object) -> None:
        raise attestor.GateError("no answer")

    monkeypatch.setattr("attestor.gate.judge_all", fail)
    assert [getattr(outcome, "allowed", None) for outcome in verifier.verify_all([envelope, envelope])] == [True, True]


def test_nobody_trusted_is_a_settings_error(envelope: bytes, opa: Path) -> None:
    """A verifier without keys allows nothing."""
    with pytest.raises(attestor.SettingsError, match="there is no trusted key"):
        attestor.Verifier(opa=opa).verify(envelope)


def test_denied_evidence_is_a_report_and_no_error(verifier: attestor.Verifier, key: KeyPair) -> None:
    """A denial is a value with its reasons."""
    signer = signing.load(key.private.read_bytes(), None, name="the key")
    statement: Statement = golden.statement("insecure-edge")
    report = verifier.verify(Envelope.seal(statement, [signer]).to_bytes())
    assert not report.allowed
    assert report.verdict is not None
    assert "mesh.edges_mtls" in {violation.rule for violation in report.verdict.violations}
