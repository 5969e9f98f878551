"""Trust anchors: public keys that a verifier was told to believe, and what a signature by them must look like.

A certificate stands for its public key and for the time in which it may be used; its chain is nobody's business here.

Ed25519 over the message; ECDSA (P-256, P-384, P-521) in DER over its SHA-256; RSA-PSS with SHA-256 and any salt
length. Nothing else, as in the peer (wire-format section 1.4); RSA PKCS#1 v1.5 is refused.
"""

from __future__ import annotations

import hashlib
from dataclasses import dataclass
from typing import TYPE_CHECKING

from cryptography.exceptions import InvalidSignature, UnsupportedAlgorithm
from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.asymmetric import ec, ed25519, padding, rsa
from cryptography.hazmat.primitives.serialization import Encoding, PublicFormat, load_pem_public_key

from attestor.errors import SettingsError

if TYPE_CHECKING:
    from datetime import datetime
    from pathlib import Path

RSA_MINIMUM = 2048
"""Bits; shorter RSA keys can be factored."""

CURVES = ("secp256r1", "secp384r1", "secp521r1")

PublicKey = ed25519.Ed25519PublicKey | ec.EllipticCurvePublicKey | rsa.RSAPublicKey


@dataclass(frozen=True, slots=True, kw_only=True)
class TrustedKey:
    """A public key and its id: the hex SHA-256 of its SPKI PEM text, final newline included.

    ``valid`` is the first and the last moment of the certificate that it came in, if it came in one.
    """

    keyid: str
    key: PublicKey
    valid: tuple[datetime, datetime] | None = None

    def verifies(self, signature: bytes, message: bytes) -> bool:
        """Tell whether ``signature`` is this key's over ``message``."""
        try:
            self._check(signature, message)
        except (InvalidSignature, ValueError):
            return False
        return True

    def _check(self, signature: bytes, message: bytes) -> None:
        match self.key:
            case ed25519.Ed25519PublicKey():
                self.key.verify(signature, message)
            case ec.EllipticCurvePublicKey():
                self.key.verify(signature, message, ec.ECDSA(hashes.SHA256()))
            case rsa.RSAPublicKey():
                self.key.verify(signature, message, pss(padding.PSS.AUTO), hashes.SHA256())


def pss(salt: int | type[object] | object) -> padding.PSS:
    """Return RSA-PSS padding with MGF1 and SHA-256, and a salt of ``salt`` bytes or the AUTO marker."""
    return padding.PSS(mgf=padding.MGF1(hashes.SHA256()), salt_length=salt)  # type: ignore[arg-type]


def public_pem(key: PublicKey) -> bytes:
    """Return the SubjectPublicKeyInfo of ``key`` as PEM, whose SHA-256 is the key id."""
    return key.public_bytes(Encoding.PEM, PublicFormat.SubjectPublicKeyInfo)


def trusted(key: PublicKey, valid: tuple[datetime, datetime] | None = None) -> TrustedKey:
    """Return ``key`` with its id."""
    return TrustedKey(keyid=hashlib.sha256(public_pem(key)).hexdigest(), key=key, valid=valid)


def is_supported(key: object) -> bool:
    """Tell whether ``key`` is a public key of a kind, curve and length that may sign evidence."""
    match key:
        case ed25519.Ed25519PublicKey():
            return True
        case ec.EllipticCurvePublicKey():
            return key.curve.name in CURVES
        case rsa.RSAPublicKey():
            return key.key_size >= RSA_MINIMUM
        case _:
            return False


def load(path: Path) -> TrustedKey:
    """Read a PEM public key or certificate from ``path``; raises ``SettingsError`` where it cannot verify anything."""
    try:
        data = path.read_bytes()
    except OSError as error:
        raise SettingsError(
            f"the public key {path} cannot be read: {error.strerror}", remedy="name a readable PEM file with --key"
        ) from error
    return read(data, str(path))


def read(data: bytes, name: str) -> TrustedKey:
    """Return the one key or certificate of the PEM text ``data``, which messages call ``name``; raises as ``load``."""
    if b"PRIVATE KEY-----" in data:
        raise SettingsError(
            f"{name} is a private key",
            cause="verification needs only the public half, and the private one should stay where it signs",
            remedy="use the public key: `openssl pkey -in KEY -pubout`",
        )
    if data.count(b"-----BEGIN ") > 1:
        raise SettingsError(
            f"{name} holds more than one PEM block",
            cause="a chain or several keys were put in one file; which one is trusted would be a guess",
            remedy="name each key in a file of its own; of a chain, the certificate that signed",
        )
    certified = b"-----BEGIN CERTIFICATE-----" in data
    try:
        key, valid = _of_certificate(data) if certified else (load_pem_public_key(data), None)
    except (ValueError, UnsupportedAlgorithm) as error:
        raise SettingsError(
            f"{name} is not a PEM public key or certificate", remedy="name the file that keygen wrote as .pub"
        ) from error
    if not isinstance(key, PublicKey) or not is_supported(key):
        raise SettingsError(
            f"the public key {name} is of a kind, curve or length that cannot sign evidence",
            remedy=f"use Ed25519, ECDSA P-256, P-384 or P-521, or RSA with at least {RSA_MINIMUM} bits",
        )
    return trusted(key, valid)


def _of_certificate(data: bytes) -> tuple[object, tuple[datetime, datetime]]:
    from cryptography.x509 import load_pem_x509_certificate

    certificate = load_pem_x509_certificate(data)
    return certificate.public_key(), (certificate.not_valid_before_utc, certificate.not_valid_after_utc)
