"""Every byte of an envelope, changed; every length, cut."""

from __future__ import annotations

import json
from collections.abc import Callable

import pytest
from cryptography.hazmat.primitives.asymmetric import ec, ed25519, rsa
from cryptography.hazmat.primitives.serialization import Encoding, NoEncryption, PrivateFormat

from attestor import signing
from attestor.envelope import Envelope
from attestor.errors import EvidenceError
from attestor.signing import Signer
from attestor.statement import Statement
from tests import golden

KEYS: dict[str, Callable[[], signing.PrivateKey]] = {
    "ed25519": ed25519.Ed25519PrivateKey.generate,
    "ecdsa-p256": lambda: ec.generate_private_key(ec.SECP256R1()),
    "ecdsa-p384": lambda: ec.generate_private_key(ec.SECP384R1()),
    "ecdsa-p521": lambda: ec.generate_private_key(ec.SECP521R1()),
    "rsa-2048": lambda: rsa.generate_private_key(65537, 2048),
    "rsa-3072": lambda: rsa.generate_private_key(65537, 3072),
}
SLOWER = [pytest.param(kind, marks=pytest.mark.slow) for kind in sorted(KEYS) if kind != "ed25519"]
WHOLE = ["ed25519", *SLOWER]
SMALL = Statement(payload=b'{"_type":"https://in-toto.io/Statement/v0.1","subject":[],"predicate":{"name":"x"}}')


def signer_of(kind: str) -> Signer:
    pem = KEYS[kind]().private_bytes(Encoding.PEM, PrivateFormat.PKCS8, NoEncryption())
    return signing.load(pem, None, name="the key")


def payload_of(data: bytes, signer: Signer) -> bytes | None:
    """Return what a verifier would hand out for ``data``, or nothing where it refuses."""
    try:
        return Envelope.parse(data).verified([signer.public])
    except EvidenceError:
        return None


@pytest.mark.parametrize("kind", sorted(KEYS))
def test_every_changed_byte_is_refused_but_for_the_key_id(kind: str) -> None:
    """A flipped bit anywhere but in the key id, which is a hint, is refused; no change yields another payload."""
    signer = signer_of(kind)
    data = Envelope.seal(SMALL, [signer]).to_bytes()
    begin = data.index(b'"keyid"')
    hint = range(begin, begin + len(b'"keyid":"') + len(signer.keyid) + 1)
    for position in range(len(data)):
        for bit in range(8):
            changed = bytearray(data)
            changed[position] ^= 1 << bit
            found = payload_of(bytes(changed), signer)
            assert found in {None, SMALL.payload}
            assert found is None or position in hint, (position, bit)


@pytest.mark.parametrize("kind", sorted(KEYS))
def test_a_cut_envelope_is_refused_at_every_length(kind: str) -> None:
    """No beginning of an envelope is an envelope."""
    signer = signer_of(kind)
    data = Envelope.seal(SMALL, [signer]).to_bytes()
    assert payload_of(data, signer) == SMALL.payload
    assert [length for length in range(len(data)) if payload_of(data[:length], signer) is not None] == []


@pytest.mark.slow
@pytest.mark.parametrize("kind", sorted(KEYS))
def test_every_changed_byte_of_real_evidence_is_refused_but_for_the_key_id(kind: str) -> None:
    """The same for the whole golden envelope, one changed bit a byte: what passes is listed, and changes no meaning.

    It is the five letters of `keyid`, without which the signature names no key, and the digits of the id itself.
    """
    signer = signer_of(kind)
    data = Envelope.seal(golden.statement(), [signer]).to_bytes()
    accepted = []
    for position in range(len(data)):
        changed = bytearray(data)
        changed[position] ^= 1
        if (found := payload_of(bytes(changed), signer)) is not None:
            assert found == golden.statement().payload
            accepted.append(position)
    name, digits = data.index(b"keyid"), data.index(signer.keyid.encode())
    assert accepted == [*range(name, name + len("keyid")), *range(digits, digits + len(signer.keyid))]


@pytest.mark.parametrize("kind", WHOLE)
def test_cut_evidence_is_refused_at_every_length(kind: str) -> None:
    """No beginning of the whole golden envelope is an envelope."""
    signer = signer_of(kind)
    data = Envelope.seal(golden.statement(), [signer]).to_bytes()
    assert payload_of(data, signer) == golden.statement().payload
    assert [length for length in range(len(data)) if payload_of(data[:length], signer) is not None] == []


def test_a_signature_of_another_envelope_is_refused() -> None:
    """Signatures swapped between two envelopes of one key are good for neither."""
    signer = signer_of("ed25519")
    one = json.loads(Envelope.seal(SMALL, [signer]).to_bytes())
    two = json.loads(Envelope.seal(golden.statement(), [signer]).to_bytes())
    one["signatures"], two["signatures"] = two["signatures"], one["signatures"]
    assert payload_of(json.dumps(one).encode(), signer) is None
    assert payload_of(json.dumps(two).encode(), signer) is None
