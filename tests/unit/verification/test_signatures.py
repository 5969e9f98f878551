"""Who signed, who else claims to have, and what came beside the signatures."""

from __future__ import annotations

import base64
import json
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
from cryptography import x509
from cryptography.hazmat.primitives.asymmetric import ed25519
from cryptography.hazmat.primitives.serialization import Encoding, NoEncryption, PrivateFormat
from cryptography.x509.oid import NameOID

from attestor import collection, signing, trust
from attestor.clock import rfc3339
from attestor.envelope import Envelope
from attestor.errors import EvidenceError, SettingsError
from attestor.signing import Signer
from attestor.trust import TrustedKey
from attestor.verification import signatures
from attestor.verification.finding import Finding, State
from tests import golden

STATEMENT = golden.statement()
OPENED = collection.opened(STATEMENT.payload)
_, ONE = signing.generate(None)
_, TWO = signing.generate(None)


def certified(begin: datetime, end: datetime) -> tuple[Signer, bytes]:
    """Return a signer, and a self-signed certificate of its key in PEM."""
    key = ed25519.Ed25519PrivateKey.generate()
    pem = key.private_bytes(Encoding.PEM, PrivateFormat.PKCS8, NoEncryption())
    name = x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, "mesh")])
    builder = x509.CertificateBuilder().subject_name(name).issuer_name(name).public_key(key.public_key())
    builder = builder.serial_number(7).not_valid_before(begin).not_valid_after(end)
    return signing.load(pem, None, name="the key"), builder.sign(key, None).public_bytes(Encoding.PEM)


def beside(envelope: Envelope, **fields: object) -> Envelope:
    """Return the envelope read again with ``fields`` added to its first signature."""
    document = json.loads(envelope.to_bytes())
    document["signatures"][0].update(fields)
    return Envelope.parse(json.dumps(document).encode())


def examined(envelope: Envelope, key: TrustedKey) -> list[Finding]:
    return list(signatures.examine(envelope, envelope.endorsed([key]), OPENED))


def by_name(found: list[Finding]) -> dict[str, Finding]:
    return {finding.check: finding for finding in found}


def test_untrusted_signatures_are_listed_and_not_fatal() -> None:
    """A second signer whom nobody was told to trust changes nothing."""
    envelope = Envelope.seal(STATEMENT, [ONE, TWO])
    found = by_name(examined(envelope, ONE.public))
    assert found["signatures"].detail == f"good by {ONE.keyid}"
    assert (found["other signatures"].state, TWO.keyid in found["other signatures"].detail) == (State.UNCHECKED, True)


def test_certificates_and_timestamps_are_said_to_be_unchecked() -> None:
    """They are opened and counted, and help nothing."""
    text = base64.b64encode(b"not even a certificate").decode()
    envelope = beside(
        Envelope.seal(STATEMENT, [ONE]),
        certificate=text,
        intermediates=[text, text],
        timestamps=[{"type": "tsp", "data": text}],
    )
    found = by_name(examined(envelope, ONE.public))
    assert (found["certificates"].state, found["certificates"].detail[:2]) == (State.UNCHECKED, "3 ")
    assert (found["timestamps"].state, found["timestamps"].detail[:2]) == (State.UNCHECKED, "1 ")
    plain = by_name(examined(Envelope.seal(STATEMENT, [ONE]), ONE.public))
    assert set(plain) == {"envelope", "signatures"}


@pytest.mark.parametrize(
    "fields",
    [
        {"certificate": 1},
        {"certificate": "?"},
        {"certificate": ""},
        {"intermediates": {}},
        {"intermediates": [1]},
        {"timestamps": "x"},
        {"timestamps": [{}]},
        {"timestamps": ["x"]},
    ],
)
def test_what_came_beside_must_be_of_its_shape(fields: dict[str, object]) -> None:
    """A damaged envelope is refused, also where nobody asks for the damaged part."""
    with pytest.raises(EvidenceError):
        beside(Envelope.seal(STATEMENT, [ONE]), **fields)


@pytest.mark.parametrize(
    ("begin", "end", "state"),
    [
        (-timedelta(days=1), timedelta(days=1), State.OK),
        (-timedelta(days=2), -timedelta(days=1), State.FAILED),
        (timedelta(days=1), timedelta(days=2), State.FAILED),
    ],
    ids=["valid", "expired", "not-yet"],
)
def test_a_certificate_is_good_for_its_time(begin: timedelta, end: timedelta, state: State, tmp_path: Path) -> None:
    """It stands for its key, and for evidence that was made while it was valid."""
    signer, pem = certified(golden.BEGUN + begin, golden.BEGUN + end)
    path = tmp_path / "cert.pem"
    path.write_bytes(pem)
    key = trust.load(path)
    assert key.keyid == signer.keyid
    found = by_name(examined(Envelope.seal(STATEMENT, [signer]), key))
    assert found[f"certificate {key.keyid[:16]}"].state is state


def test_a_file_with_two_blocks_is_a_guess(tmp_path: Path) -> None:
    """A chain, or two keys: which one is trusted is not said."""
    _, pem = certified(datetime(2026, 1, 1, tzinfo=UTC), datetime(2027, 1, 1, tzinfo=UTC))
    path = tmp_path / "chain.pem"
    path.write_bytes(pem + pem)
    with pytest.raises(SettingsError, match="more than one PEM block"):
        trust.load(path)


@pytest.mark.parametrize("edge", ["begin", "end"])
def test_the_first_and_the_last_moment_of_a_certificate_are_its_own(edge: str, tmp_path: Path) -> None:
    """Evidence that was made at either is made in its time, and both are told."""
    end = golden.BEGUN + timedelta(days=1)
    opened = replace(OPENED, times={"git": (None, golden.BEGUN if edge == "begin" else end)})
    signer, pem = certified(golden.BEGUN, end)
    path = tmp_path / "cert.pem"
    path.write_bytes(pem)
    envelope = Envelope.seal(STATEMENT, [signer])
    key = trust.load(path)
    found = by_name(list(signatures.examine(envelope, envelope.endorsed([key]), opened)))
    finding = found[f"certificate {key.keyid[:16]}"]
    assert finding.state is State.OK
    assert f"valid from {rfc3339(golden.BEGUN)} to {rfc3339(end)};" in finding.detail
    assert found["envelope"].detail.startswith("application/vnd.in-toto+json, ")


def test_a_certificate_cannot_be_compared_with_a_time_that_is_not_told(tmp_path: Path) -> None:
    """The evidence may be of any age."""
    signer, pem = certified(golden.BEGUN, golden.BEGUN + timedelta(days=1))
    path = tmp_path / "cert.pem"
    path.write_bytes(pem)
    envelope, key = Envelope.seal(STATEMENT, [signer]), trust.load(path)
    found = list(signatures.examine(envelope, envelope.endorsed([key]), replace(OPENED, times={})))
    assert found[-1] == Finding(
        check=f"certificate {key.keyid[:16]}",
        state=State.UNCHECKED,
        detail="the evidence does not say when it was made",
    )
