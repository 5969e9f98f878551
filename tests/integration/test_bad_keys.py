"""Signing keys: every form that is taken, and what is said about every other."""

from __future__ import annotations

import hashlib
import json
from functools import cache
from pathlib import Path

import pytest
from cryptography.hazmat.primitives.asymmetric import dsa, ec, ed448, ed25519, rsa
from cryptography.hazmat.primitives.serialization import (
    BestAvailableEncryption,
    Encoding,
    KeySerializationEncryption,
    NoEncryption,
    PrivateFormat,
    PublicFormat,
)

from tests.integration.conftest import Attempt

PASSPHRASE = "open-sesame-7f3a"
PLAIN, LOCKED = NoEncryption(), BestAvailableEncryption(PASSPHRASE.encode())
PKCS8, TRADITIONAL = PrivateFormat.PKCS8, PrivateFormat.TraditionalOpenSSL

Private = ed25519.Ed25519PrivateKey | ec.EllipticCurvePrivateKey | rsa.RSAPrivateKey


@cache
def private(kind: str) -> Private:
    """Return a key of a kind, the same one each time: long RSA keys take a while."""
    if kind == "ed25519":
        return ed25519.Ed25519PrivateKey.generate()
    if kind.startswith("rsa"):
        return rsa.generate_private_key(65537, int(kind[3:]))
    curves: dict[str, ec.EllipticCurve] = {
        "p256": ec.SECP256R1(),
        "p384": ec.SECP384R1(),
        "p521": ec.SECP521R1(),
        "secp256k1": ec.SECP256K1(),
    }
    return ec.generate_private_key(curves[kind])


def pem(kind: str, form: PrivateFormat = PKCS8, lock: KeySerializationEncryption = PLAIN) -> bytes:
    return private(kind).private_bytes(Encoding.PEM, form, lock)


def file(attempt: Attempt, content: bytes) -> Path:
    path = attempt.tree.parent / "other.key"
    path.write_bytes(content)
    return path


def passphrase(attempt: Attempt, content: bytes) -> Path:
    path = attempt.tree.parent / "passphrase"
    path.write_bytes(content)
    return path


def signed_with(attempt: Attempt, kind: str) -> bool:
    """Tell whether the one signature on disk names the key of ``kind``."""
    envelope = json.loads((attempt.tree / "attestation.json").read_bytes())
    spki = private(kind).public_key().public_bytes(Encoding.PEM, PublicFormat.SubjectPublicKeyInfo)
    return [signature["keyid"] for signature in envelope["signatures"]] == [hashlib.sha256(spki).hexdigest()]


FORMS = [
    ("ed25519", PKCS8, PLAIN),
    ("ed25519", PKCS8, LOCKED),
    *(
        (curve, form, lock)
        for curve in ("p256", "p384", "p521")
        for form, lock in ((PKCS8, PLAIN), (TRADITIONAL, PLAIN))
    ),
    ("p256", PKCS8, LOCKED),
    ("p384", TRADITIONAL, LOCKED),
    ("rsa2048", PKCS8, PLAIN),
    ("rsa2048", TRADITIONAL, PLAIN),
    ("rsa2048", PKCS8, LOCKED),
    ("rsa2048", TRADITIONAL, LOCKED),
    ("rsa3072", TRADITIONAL, PLAIN),
]


@pytest.mark.parametrize(("kind", "form", "lock"), FORMS)
def test_every_pem_form_signs(
    attempt: Attempt, kind: str, form: PrivateFormat, lock: KeySerializationEncryption
) -> None:
    """PKCS#8, PKCS#1 and SEC1, in clear and encrypted, of every supported kind are taken as they are."""
    key = file(attempt, pem(kind, form, lock))
    env = {"MESH_ATTESTOR_SIGNING_KEY_PASSPHRASE": PASSPHRASE} if lock is LOCKED else {}
    done = attempt(signing_key=key, env=env)
    assert done.code == 0, done.said
    assert signed_with(attempt, kind)
    assert PASSPHRASE not in done.said


def test_parameters_before_an_ec_key_are_read_over(attempt: Attempt) -> None:
    """The curve's own block, which ``openssl ecparam -genkey`` writes first, is no second key."""
    block = b"-----BEGIN EC PARAMETERS-----\nBggqhkjOPQMBBw==\n-----END EC PARAMETERS-----\n"
    assert attempt(signing_key=file(attempt, block + pem("p256", TRADITIONAL))).code == 0
    assert signed_with(attempt, "p256")


def test_windows_line_ends_and_text_before_the_key_are_read_over(attempt: Attempt) -> None:
    """An editor's line ends and the attributes that ``openssl pkcs12`` prints change nothing."""
    text = b"Bag Attributes\n    friendlyName: signer\n" + pem("ed25519")
    assert attempt(signing_key=file(attempt, text.replace(b"\n", b"\r\n"))).code == 0
    assert signed_with(attempt, "ed25519")


@pytest.mark.parametrize("ending", [b"", b"\n", b"\r\n", b"\nanother line\n"])
def test_the_first_line_of_the_passphrase_file_opens_the_key(attempt: Attempt, ending: bytes) -> None:
    """What stands behind the first line of a passphrase file is not part of the passphrase."""
    key = file(attempt, pem("ed25519", PKCS8, LOCKED))
    path = passphrase(attempt, PASSPHRASE.encode() + ending)
    assert attempt(signing_key=key, signing_key_passphrase_file=path).code == 0


def test_missing(attempt: Attempt) -> None:
    """A path without a file is named, and so is the command that makes a key."""
    said = attempt.refused(signing_key=attempt.tree.parent / "nowhere.key")
    assert "nowhere.key cannot be read: No such file or directory" in said
    assert "mesh-attestor keygen" in said


def test_none_at_all(attempt: Attempt) -> None:
    """Without the option and the variable there is no key, and both are named."""
    said = attempt.refused(signing_key=None)
    assert "there is no signing key" in said
    assert "$MESH_ATTESTOR_SIGNING_KEY" in said


def test_a_folder(attempt: Attempt) -> None:
    """A folder in the key's place is called one."""
    assert "cannot be read: Is a directory" in attempt.refused(signing_key=attempt.tree)


def test_endless(attempt: Attempt) -> None:
    """A file without end is not read to its end."""
    assert "is larger than" in attempt.refused(signing_key="/dev/zero")


WRONG = {
    "empty": (b"", "is not a PEM private key"),
    "a note": (b"the key is in the safe\n", "is not a PEM private key"),
    "DER": (private("p256").private_bytes(Encoding.DER, PKCS8, PLAIN), "is not a PEM private key"),
    "public": (
        private("p256").public_key().public_bytes(Encoding.PEM, PublicFormat.SubjectPublicKeyInfo),
        "is a public key, not a private key",
    ),
    "certificate": (
        b"-----BEGIN CERTIFICATE-----\nMIIB\n-----END CERTIFICATE-----\n",
        "is a certificate, not a private key",
    ),
    "two keys": (pem("p256") + pem("ed25519"), "holds 2 PEM blocks"),
    "key and certificate": (
        pem("p256") + b"-----BEGIN CERTIFICATE-----\nMIIB\n-----END CERTIFICATE-----\n",
        "holds 2 PEM blocks",
    ),
    "cut": (pem("p256")[:-60], "cannot be read as a private key"),
    "damaged": (pem("p256").replace(b"M", b"N"), "cannot be read as a private key"),
    "RSA 1024": (pem("rsa1024"), "RSA with at least 2048 bits"),
    "secp256k1": (pem("secp256k1"), "of a kind, curve or length that cannot sign evidence"),
    "DSA": (
        dsa.generate_private_key(1024).private_bytes(Encoding.PEM, PKCS8, PLAIN),
        "of a kind, curve or length that cannot sign evidence",
    ),
    "Ed448": (
        ed448.Ed448PrivateKey.generate().private_bytes(Encoding.PEM, PKCS8, PLAIN),
        "of a kind, curve or length that cannot sign evidence",
    ),
    "OpenSSH": (pem("ed25519", PrivateFormat.OpenSSH), "openssh private key, not a private key in PKCS#8"),
}


@pytest.mark.parametrize("what", sorted(WRONG))
def test_what_is_no_usable_key_is_refused_by_what_it_is(attempt: Attempt, what: str) -> None:
    """What is wrong with a key is said, and none of its text is."""
    content, reason = WRONG[what]
    said = attempt.refused(signing_key=file(attempt, content))
    assert reason in said
    assert not any(
        line in said for line in content.decode("latin-1").splitlines() if len(line) > 40 and "-----" not in line
    )


def test_encrypted_without_a_passphrase(attempt: Attempt) -> None:
    """An encrypted key without a passphrase names both ways to give one."""
    said = attempt.refused(signing_key=file(attempt, pem("ed25519", PKCS8, LOCKED)))
    assert "is encrypted and no passphrase was given" in said
    assert "--signing-key-passphrase-file or $MESH_ATTESTOR_SIGNING_KEY_PASSPHRASE" in said


@pytest.mark.parametrize(("kind", "form"), [("ed25519", PKCS8), ("p256", TRADITIONAL), ("rsa2048", TRADITIONAL)])
def test_a_wrong_passphrase(attempt: Attempt, kind: str, form: PrivateFormat) -> None:
    """A passphrase that does not open the key is refused and not repeated."""
    key = file(attempt, pem(kind, form, LOCKED))
    said = attempt.refused(signing_key=key, signing_key_passphrase_file=passphrase(attempt, b"close-sesame-99"))
    assert "the passphrase does not open" in said
    assert "close-sesame" not in said


def test_a_missing_passphrase_file(attempt: Attempt) -> None:
    """A passphrase file that is not there is named."""
    said = attempt.refused(
        signing_key=file(attempt, pem("ed25519", PKCS8, LOCKED)), signing_key_passphrase_file="/nowhere"
    )
    assert "the passphrase file /nowhere cannot be read" in said
