"""Signing keys: every PEM form that works, and every file that is none."""

from __future__ import annotations

from contextlib import nullcontext

import pytest
from cryptography.exceptions import InvalidSignature
from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.asymmetric import dsa, ec, ed448, ed25519, padding, rsa, x25519
from cryptography.hazmat.primitives.serialization import (
    BestAvailableEncryption,
    Encoding,
    NoEncryption,
    PrivateFormat,
    PublicFormat,
)

from attestor import signing, trust
from attestor.errors import SettingsError, SigningError
from attestor.signing import PrivateKey, Signer

ED25519 = ed25519.Ed25519PrivateKey.generate()
P256 = ec.generate_private_key(ec.SECP256R1())
RSA = rsa.generate_private_key(65537, 2048)
KEYS: list[PrivateKey] = [
    ED25519,
    P256,
    ec.generate_private_key(ec.SECP384R1()),
    ec.generate_private_key(ec.SECP521R1()),
    RSA,
]
PASSPHRASE = b"correct horse"
LOCKED = BestAvailableEncryption(PASSPHRASE)
PLAIN = NoEncryption()


def pem(
    key: object,
    form: PrivateFormat = PrivateFormat.PKCS8,
    encryption: BestAvailableEncryption | NoEncryption = PLAIN,
) -> bytes:
    return key.private_bytes(Encoding.PEM, form, encryption)  # type: ignore[attr-defined, no-any-return]


def public_pem(key: PrivateKey) -> bytes:
    return key.public_key().public_bytes(Encoding.PEM, PublicFormat.SubjectPublicKeyInfo)


def refusal(data: bytes, passphrase: bytes | None = None) -> SettingsError:
    with pytest.raises(SettingsError) as caught:
        signing.load(data, passphrase, name="the key")
    return caught.value


def loads_as(key: PrivateKey, data: bytes, passphrase: bytes | None = None) -> None:
    signer = signing.load(data, passphrase, name="the key")
    assert signer.public == trust.trusted(key.public_key())
    assert signer.public.verifies(signer.sign(b"message"), b"message")


@pytest.mark.parametrize("key", KEYS, ids=lambda key: type(key).__name__)
def test_pkcs8_of_each_kind_signs(key: PrivateKey) -> None:
    """In clear and encrypted, and the signature is one that the public half takes."""
    loads_as(key, pem(key))
    loads_as(key, pem(key, encryption=LOCKED), PASSPHRASE)


@pytest.mark.parametrize("key", [P256, RSA], ids=["SEC1", "PKCS#1"])
def test_the_older_forms_sign(key: PrivateKey) -> None:
    """What openssl wrote before PKCS#8, in clear and encrypted under a DEK-Info line."""
    loads_as(key, pem(key, PrivateFormat.TraditionalOpenSSL))
    loads_as(key, pem(key, PrivateFormat.TraditionalOpenSSL, LOCKED), PASSPHRASE)


def test_a_curves_name_before_the_key_is_skipped() -> None:
    """`openssl ecparam -genkey` writes a block of parameters first, which is no second key."""
    parameters = b"-----BEGIN EC PARAMETERS-----\nBggqhkjOPQMBBw==\n-----END EC PARAMETERS-----\n"
    loads_as(P256, parameters + pem(P256, PrivateFormat.TraditionalOpenSSL))


@pytest.mark.parametrize("change", ["CRLF", "no final newline", "text before it"])
def test_other_spellings_of_the_file_sign(change: str) -> None:
    """A secret store's line breaks, and a comment above the key, are no reason."""
    data = pem(ED25519)
    spelled = {
        "CRLF": data.replace(b"\n", b"\r\n"),
        "no final newline": data.rstrip(),
        "text before it": b"Bag Attributes\n    friendlyName: x\n" + data,
    }
    loads_as(ED25519, spelled[change])


def test_a_passphrase_that_is_not_needed_is_ignored() -> None:
    """A passphrase that is always set does not stop a key in clear."""
    loads_as(ED25519, pem(ED25519), PASSPHRASE)


@pytest.mark.parametrize(("salt", "is_it"), [(32, True), (0, False), (20, False), (222, False)])
def test_an_rsa_signature_has_a_salt_of_32_bytes(salt: int, is_it: bool) -> None:
    """It is what the peer writes, and a verifier that asks for another length refuses it."""
    signature = signing.load(pem(RSA), None, name="the key").sign(b"message")
    padded = padding.PSS(mgf=padding.MGF1(hashes.SHA256()), salt_length=salt)
    with nullcontext() if is_it else pytest.raises(InvalidSignature):
        RSA.public_key().verify(signature, b"message", padded, hashes.SHA256())


@pytest.mark.parametrize("form", [PrivateFormat.PKCS8, PrivateFormat.TraditionalOpenSSL])
def test_an_encrypted_key_needs_its_passphrase(form: PrivateFormat) -> None:
    """None, or another one, is said plainly; neither appears in the message."""
    data = pem(RSA, form, LOCKED)
    assert "is encrypted and no passphrase was given" in refusal(data).problem
    assert "is encrypted and no passphrase was given" in refusal(data, b"").problem
    wrong = refusal(data, b"battery staple")
    assert wrong.problem == "the passphrase does not open the key"
    assert "battery" not in "\n".join(wrong.lines())


@pytest.mark.parametrize(
    ("data", "problem"),
    [
        (b"", "is not a PEM private key"),
        (b"not a key", "is not a PEM private key"),
        (bytes(48), "is not a PEM private key"),
        (ED25519.private_bytes_raw(), "is not a PEM private key"),
        (public_pem(ED25519), "is a public key, not a private key"),
        (b"-----BEGIN CERTIFICATE-----\nMC4=\n-----END CERTIFICATE-----\n", "is a certificate, not a private key"),
        (pem(ED25519, PrivateFormat.OpenSSH), "is a openssh private key, not a private key"),
        (pem(ED25519) + pem(P256), "holds 2 PEM blocks"),
        (pem(ED25519) + public_pem(ED25519), "holds 2 PEM blocks"),
        (pem(ED25519)[:60], "cannot be read as a private key"),
        (pem(ED25519).replace(b"MC4", b"!!!"), "cannot be read as a private key"),
        (b"-----BEGIN PRIVATE KEY-----\n-----END PRIVATE KEY-----\n", "cannot be read as a private key"),
    ],
    ids=[
        "nothing",
        "text",
        "zeros",
        "raw",
        "public",
        "certificate",
        "openssh",
        "two-keys",
        "key-and-public",
        "cut",
        "not-base64",
        "empty-block",
    ],
)
def test_what_is_not_one_private_key_is_refused(data: bytes, problem: str) -> None:
    """Nothing, another file, the public half, a certificate, an SSH key, two keys, or half of one."""
    assert problem in refusal(data).problem


@pytest.mark.parametrize(
    "key",
    [
        rsa.generate_private_key(65537, 1024),
        ec.generate_private_key(ec.SECP256K1()),
        ec.generate_private_key(ec.SECP224R1()),
        ed448.Ed448PrivateKey.generate(),
        x25519.X25519PrivateKey.generate(),
        dsa.generate_private_key(1024),
    ],
    ids=lambda key: type(key).__name__,
)
def test_keys_that_no_verifier_takes_are_refused(key: object) -> None:
    """A short RSA key, another curve or another algorithm is found before the cluster is asked."""
    assert "of a kind, curve or length that cannot sign evidence" in refusal(pem(key)).problem


def test_no_message_holds_any_of_the_key() -> None:
    """A damaged key is named, never shown."""
    data = pem(RSA).replace(b"A", b"!")
    lines = "\n".join(refusal(data).lines())
    assert not any(line.decode() in lines for line in data.splitlines())


def test_a_signature_that_does_not_verify_is_not_handed_out() -> None:
    """A key whose halves do not belong together signs nothing."""
    signer = Signer(key=ED25519, public=trust.trusted(P256.public_key()))
    with pytest.raises(SigningError, match="does not verify"):
        signer.sign(b"message")


def test_a_signer_does_not_show_its_key() -> None:
    """A signer in a log line is its key id."""
    signer = signing.load(pem(ED25519), None, name="the key")
    assert "Private" not in repr(signer)
    assert signer.keyid in repr(signer)


@pytest.mark.parametrize("passphrase", [None, PASSPHRASE])
def test_a_generated_key_is_read_back(passphrase: bytes | None) -> None:
    """Keygen's PEM is PKCS#8, encrypted where there is a passphrase, and of the same key."""
    data, signer = signing.generate(passphrase)
    assert data.startswith(b"-----BEGIN ENCRYPTED PRIVATE KEY" if passphrase else b"-----BEGIN PRIVATE KEY")
    assert signing.load(data, passphrase, name="the key").public == signer.public
