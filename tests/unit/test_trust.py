"""Which public keys are trusted, and which signatures by them are good."""

from __future__ import annotations

import hashlib
import json
from pathlib import Path

import pytest
from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.asymmetric import dsa, ec, ed448, ed25519, padding, rsa, x25519
from cryptography.hazmat.primitives.serialization import (
    BestAvailableEncryption,
    Encoding,
    NoEncryption,
    PrivateFormat,
    PublicFormat,
)

from attestor import trust
from attestor.errors import SettingsError

FIXTURES = Path(__file__).parent.parent / "fixtures"
VECTORS = json.loads((FIXTURES / "rookery-recorded" / "derived-vectors.json").read_bytes())["dsse"]
RSA = rsa.generate_private_key(65537, 2048)
WEAK_RSA = rsa.generate_private_key(65537, 1024)
SHA256 = ec.ECDSA(hashes.SHA256())
MESSAGE = b"message"


def spki(key: object) -> bytes:
    return key.public_key().public_bytes(Encoding.PEM, PublicFormat.SubjectPublicKeyInfo)  # type: ignore[attr-defined, no-any-return]


def pss(salt: int, algorithm: hashes.HashAlgorithm) -> padding.PSS:
    return padding.PSS(mgf=padding.MGF1(algorithm), salt_length=salt)


def test_a_key_id_is_the_digest_of_the_public_pem(tmp_path: Path) -> None:
    """The id of a known key, and of one's own, is what `sha256sum key.pub` prints."""
    vector = VECTORS["keyid_known_ed25519"]
    file = tmp_path / "key.pub"
    file.write_text(vector["public_pem"], encoding="ascii")
    assert trust.load(file).keyid == vector["keyid"] == hashlib.sha256(file.read_bytes()).hexdigest()


@pytest.mark.parametrize("change", ["no final newline", "CRLF", "text around it", "PKCS#1"])
def test_other_spellings_of_the_same_key_have_the_same_id(tmp_path: Path, change: str) -> None:
    """The id is of the key, not of the file."""
    pem = spki(RSA)
    spelled = {
        "no final newline": pem.rstrip(),
        "CRLF": pem.replace(b"\n", b"\r\n"),
        "text around it": b"# our key\n" + pem + b"# end\n",
        "PKCS#1": RSA.public_key().public_bytes(Encoding.PEM, PublicFormat.PKCS1),
    }[change]
    (tmp_path / "key.pub").write_bytes(spelled)
    assert trust.load(tmp_path / "key.pub") == trust.trusted(RSA.public_key())


@pytest.mark.parametrize("curve", [ec.SECP256R1(), ec.SECP384R1(), ec.SECP521R1()])
def test_ecdsa_is_over_sha256_in_der(curve: ec.EllipticCurve) -> None:
    """On each of the three curves; another hash, or bare r and s, is no signature."""
    key = ec.generate_private_key(curve)
    trusted = trust.trusted(key.public_key())
    assert trusted.verifies(key.sign(MESSAGE, SHA256), MESSAGE)
    assert not trusted.verifies(key.sign(MESSAGE, ec.ECDSA(hashes.SHA384())), MESSAGE)
    assert not trusted.verifies(bytes(64), MESSAGE)


@pytest.mark.parametrize("salt", [0, 20, 32, 222])
def test_rsa_pss_is_good_with_any_salt(salt: int) -> None:
    """Writers differ in their salt; the verifier takes each length."""
    signature = RSA.sign(MESSAGE, pss(salt, hashes.SHA256()), hashes.SHA256())
    assert trust.trusted(RSA.public_key()).verifies(signature, MESSAGE)


def test_rsa_in_any_other_form_is_refused() -> None:
    """PKCS#1 v1.5, and PSS with another hash, are no signatures here."""
    trusted = trust.trusted(RSA.public_key())
    assert not trusted.verifies(RSA.sign(MESSAGE, padding.PKCS1v15(), hashes.SHA256()), MESSAGE)
    assert not trusted.verifies(RSA.sign(MESSAGE, pss(32, hashes.SHA512()), hashes.SHA512()), MESSAGE)


@pytest.mark.parametrize("signature", [b"", b"x", bytes(64), bytes(256)])
def test_what_is_no_signature_at_all_verifies_nothing(signature: bytes) -> None:
    """Of any length, for each kind of key."""
    ed, curve = ed25519.Ed25519PrivateKey.generate().public_key(), ec.generate_private_key(ec.SECP256R1()).public_key()
    for key in (trust.trusted(ed), trust.trusted(curve), trust.trusted(RSA.public_key())):
        assert not key.verifies(signature, MESSAGE)


def test_a_changed_message_is_not_signed() -> None:
    """The signature is of one message."""
    key = ed25519.Ed25519PrivateKey.generate()
    trusted = trust.trusted(key.public_key())
    assert trusted.verifies(key.sign(MESSAGE), MESSAGE)
    assert not trusted.verifies(key.sign(MESSAGE), MESSAGE + b" ")


@pytest.mark.parametrize(
    "key",
    [
        ec.generate_private_key(ec.SECP256K1()),
        ec.generate_private_key(ec.SECP224R1()),
        WEAK_RSA,
        dsa.generate_private_key(1024),
        ed448.Ed448PrivateKey.generate(),
        x25519.X25519PrivateKey.generate(),
    ],
    ids=lambda key: type(key).__name__,
)
def test_keys_that_may_not_sign_evidence_are_refused(tmp_path: Path, key: object) -> None:
    """Other curves, other algorithms and short RSA keys are not trusted."""
    (tmp_path / "key.pub").write_bytes(spki(key))
    with pytest.raises(SettingsError, match="of a kind, curve or length that cannot sign evidence"):
        trust.load(tmp_path / "key.pub")


@pytest.mark.parametrize(
    "encryption", [NoEncryption(), BestAvailableEncryption(b"x")], ids=lambda encryption: type(encryption).__name__
)
def test_a_private_key_is_not_read_as_a_public_one(
    tmp_path: Path, encryption: NoEncryption | BestAvailableEncryption
) -> None:
    """Whoever verifies has no use for it; the message holds nothing of it."""
    pem = RSA.private_bytes(Encoding.PEM, PrivateFormat.PKCS8, encryption)
    (tmp_path / "key.pem").write_bytes(pem)
    with pytest.raises(SettingsError, match="is a private key") as caught:
        trust.load(tmp_path / "key.pem")
    assert pem.splitlines()[1].decode() not in "\n".join(caught.value.lines())


@pytest.mark.parametrize(
    "data",
    [
        b"",
        b"ssh-ed25519 AAAA",
        b"-----BEGIN PUBLIC KEY-----\n!!!!\n-----END PUBLIC KEY-----\n",
        b"-----BEGIN PUBLIC KEY-----\nMCow\n",
        b"-----BEGIN CERTIFICATE-----\nMCow\n-----END CERTIFICATE-----\n",
        bytes(44),
    ],
)
def test_what_is_no_public_key_is_refused(tmp_path: Path, data: bytes) -> None:
    """Another file, a cut one, or a key in another form."""
    (tmp_path / "key.pub").write_bytes(data)
    with pytest.raises(SettingsError, match="is not a PEM public key"):
        trust.load(tmp_path / "key.pub")


@pytest.mark.parametrize(("name", "reason"), [("missing", "No such file"), (".", "Is a directory")])
def test_a_file_that_cannot_be_read_is_named(tmp_path: Path, name: str, reason: str) -> None:
    """The message says which file, and why."""
    with pytest.raises(SettingsError, match=f"cannot be read: {reason}"):
        trust.load(tmp_path / name)


@pytest.mark.parametrize(
    ("key", "supported"),
    [
        (RSA.public_key(), True),
        (ed25519.Ed25519PrivateKey.generate().public_key(), True),
        (WEAK_RSA.public_key(), False),
        (x25519.X25519PrivateKey.generate().public_key(), False),
        (RSA, False),
        (None, False),
    ],
    ids=lambda value: type(value).__name__,
)
def test_what_may_sign_evidence_is_a_public_key_of_a_known_kind(key: object, supported: bool) -> None:
    """Anything else is not, whatever it is."""
    assert trust.is_supported(key) is supported
