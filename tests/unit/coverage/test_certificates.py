"""Certificates as evidence has them."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from cryptography import x509
from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.asymmetric import ec, ed448, ed25519, rsa
from cryptography.hazmat.primitives.serialization import Encoding, NoEncryption, PrivateFormat
from cryptography.x509.oid import NameOID

from attestor.coverage import certificates
from attestor.coverage.certificates import Bundles, NoCertificates

BEGUN = datetime(2026, 11, 21, tzinfo=UTC)


def made(
    key: Any, *, ca: bool | None = True, by: tuple[Any, str] | None = None, name: str = "root"
) -> x509.Certificate:
    """Return a certificate; ``by`` is the key and the name of another issuer."""

    def named(text: str) -> x509.Name:
        return x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, text)])

    signer, issuer = by or (key, name)
    builder = x509.CertificateBuilder().subject_name(named(name)).issuer_name(named(issuer))
    builder = builder.public_key(key.public_key()).serial_number(255)
    builder = builder.not_valid_before(BEGUN).not_valid_after(BEGUN + timedelta(days=1))
    if ca is not None:
        builder = builder.add_extension(x509.BasicConstraints(ca=ca, path_length=None), critical=True)
    edwards = isinstance(signer, ed25519.Ed25519PrivateKey | ed448.Ed448PrivateKey)
    return builder.sign(signer, None if edwards else hashes.SHA256())


def pem(*found: x509.Certificate) -> str:
    return "".join(one.public_bytes(Encoding.PEM).decode("ascii") for one in found)


P256 = ec.generate_private_key(ec.SECP256R1())
OTHER = ec.generate_private_key(ec.SECP256R1())


def test_a_certificate_is_described() -> None:
    """Times in UTC, the serial in hex, and nothing of a key but its kind."""
    found = certificates.described(made(P256))
    assert found["subject"] == found["issuer"] == "CN=root"
    assert (found["serial"], found["key"], found["signature"], found["ca"]) == ("ff", "ECDSA P-256", "SHA256", True)
    assert (found["not_before"], found["not_after"]) == ("2026-11-21T00:00:00Z", "2026-11-22T00:00:00Z")
    assert found["sha256"] == certificates.sha256(made(P256)) or len(found["sha256"]) == 64


@pytest.mark.parametrize(
    ("key", "name"),
    [
        (ec.generate_private_key(ec.SECP384R1()), "ECDSA P-384"),
        (ec.generate_private_key(ec.SECP521R1()), "ECDSA P-521"),
        (ec.generate_private_key(ec.SECP256K1()), "ECDSA secp256k1"),
        (rsa.generate_private_key(public_exponent=65537, key_size=1024), "RSA 1024"),
        (ed25519.Ed25519PrivateKey.generate(), "Ed25519"),
        (ed448.Ed448PrivateKey.generate(), "Ed448PublicKey"),
    ],
    ids=["p384", "p521", "koblitz", "rsa", "ed25519", "ed448"],
)
def test_a_key_has_a_name(key: Any, name: str) -> None:
    """One that nobody expects has one, too, which no rule takes for strong."""
    assert certificates.key_name(made(key)) == name


@pytest.mark.parametrize(("said", "told"), [(True, True), (False, False), (None, False)])
def test_an_authority_says_so(said: bool | None, told: bool) -> None:
    """Without a word it is none."""
    assert certificates.is_authority(made(P256, ca=said)) is told


def test_a_chain_is_one_of_name_and_key() -> None:
    """The name alone proves nothing, nor does a key under another name."""
    root = made(P256)
    assert certificates.chains(made(OTHER, by=(P256, "root"), name="issuer"), [made(OTHER, name="x"), root])
    assert not certificates.chains(made(OTHER, by=(OTHER, "root"), name="issuer"), [root])
    assert not certificates.chains(made(OTHER, by=(P256, "other"), name="issuer"), [root])
    assert not certificates.chains(root, [])


@pytest.mark.parametrize("text", ["", "x", "-----BEGIN CERTIFICATE-----\nAA==\n-----END CERTIFICATE-----\n"])
def test_what_is_no_certificate_is_refused(text: str) -> None:
    """Also where it looks like one."""
    with pytest.raises(NoCertificates, match="no certificate"):
        certificates.parsed(text)


def test_a_key_beside_a_certificate_is_not_read() -> None:
    """Somebody put it where everybody can read it; it must not get any further."""
    key = P256.private_bytes(Encoding.PEM, PrivateFormat.PKCS8, NoEncryption()).decode("ascii")
    with pytest.raises(NoCertificates, match="a private key stands"):
        certificates.parsed(pem(made(P256)) + key)


def test_a_bundle_is_the_same_in_any_order() -> None:
    """And however it is written: white space and repetition do not count."""
    one, two = made(P256), made(OTHER, name="two")
    bundles = Bundles()
    assert bundles.digest(pem(one, two)) == bundles.digest("\n" + pem(two, one, two))
    assert bundles.digest(pem(one)) != bundles.digest(pem(one, two))
    digest = bundles.digest(pem(one))
    assert bundles.members[digest] == (certificates.sha256(one),)


def test_a_bundle_that_cannot_be_read_has_no_member() -> None:
    """It agrees with nothing."""
    bundles = Bundles()
    digest = bundles.digest("what a proxy was started with")
    assert bundles.members[digest] == ()
    assert digest != bundles.digest("something else")
