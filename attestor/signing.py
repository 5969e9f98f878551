"""Signers: a private key, read from PEM and tried before anything else happens.

Every PEM form that the peer's file signer takes (wire-format section 1.6): PKCS#8, PKCS#1 and SEC1, encrypted or not.
"""

from __future__ import annotations

import re
from dataclasses import dataclass, field

from cryptography.exceptions import UnsupportedAlgorithm
from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.asymmetric import ec, ed25519, rsa
from cryptography.hazmat.primitives.serialization import (
    BestAvailableEncryption,
    Encoding,
    NoEncryption,
    PrivateFormat,
    load_pem_private_key,
)

from attestor import trust
from attestor.errors import SettingsError, SigningError
from attestor.trust import TrustedKey

_RSA_SALT = 32
"""Bytes: what the peer writes in its FIPS mode; verifiers take any length."""

_LABEL = re.compile(rb"-----BEGIN ([A-Z0-9 ]+)-----")
_REMEDY = "make one with `mesh-attestor keygen`, or `openssl genpkey -algorithm ed25519`"

PrivateKey = ed25519.Ed25519PrivateKey | ec.EllipticCurvePrivateKey | rsa.RSAPrivateKey


@dataclass(frozen=True, slots=True, kw_only=True)
class Signer:
    """A private key that signs messages, and its public half."""

    key: PrivateKey = field(repr=False)
    public: TrustedKey

    @property
    def keyid(self) -> str:
        """The id of the public half."""
        return self.public.keyid

    def sign(self, message: bytes) -> bytes:
        """Return the raw signature over ``message``; raises ``SigningError`` where it does not verify."""
        signature = self._raw(message)
        if not self.public.verifies(signature, message):
            raise SigningError("the signing key made a signature that does not verify", cause="the key file is damaged")
        return signature

    def _raw(self, message: bytes) -> bytes:
        match self.key:
            case ed25519.Ed25519PrivateKey():
                return self.key.sign(message)
            case ec.EllipticCurvePrivateKey():
                return self.key.sign(message, ec.ECDSA(hashes.SHA256()))
            case rsa.RSAPrivateKey():
                return self.key.sign(message, trust.pss(_RSA_SALT), hashes.SHA256())


def load(pem: bytes, passphrase: bytes | None, *, name: str) -> Signer:
    """Return the signer for ``pem``, after a trial signature.

    ``name`` is what messages call the key; its text never appears in one. Raises ``SettingsError`` for anything
    but exactly one usable private key.
    """
    key = _private_key(_one_block(pem, name), passphrase, name)
    public = key.public_key() if isinstance(key, PrivateKey) else None
    if not isinstance(key, PrivateKey) or public is None or not trust.is_supported(public):
        raise SettingsError(
            f"{name} is of a kind, curve or length that cannot sign evidence",
            cause="RSA keys below 2048 bits can be factored; other curves and algorithms are not read by the verifiers",
            remedy=f"use Ed25519, ECDSA P-256, P-384 or P-521, or RSA with at least {trust.RSA_MINIMUM} bits",
        )
    signer = Signer(key=key, public=trust.trusted(public))
    signer.sign(b"trial")
    return signer


def _one_block(pem: bytes, name: str) -> bytes:
    labels = [label.decode("ascii") for label in _LABEL.findall(pem)]
    # `openssl ecparam -genkey` writes the curve's name in a block of its own before the key.
    keys = [label for label in labels if label != "EC PARAMETERS"]
    if not keys:
        raise SettingsError(
            f"{name} is not a PEM private key",
            cause="it has no -----BEGIN … PRIVATE KEY----- line: a DER or SSH key, an empty secret, or another file",
            remedy=_REMEDY,
        )
    if len(keys) > 1:
        raise SettingsError(
            f"{name} holds {len(keys)} PEM blocks",
            cause="a certificate or a second key was put in the same file; which one signs would be a guess",
            remedy="leave exactly the private key in it",
        )
    if "PRIVATE KEY" not in keys[0] or "OPENSSH" in keys[0]:
        raise SettingsError(
            f"{name} is a {keys[0].lower()}, not a private key in PKCS#8, PKCS#1 or SEC1",
            cause="the public half, a certificate or an SSH key was given",
            remedy=_REMEDY,
        )
    return pem[pem.index(b"-----BEGIN " + keys[0].encode("ascii")) :]


def _private_key(pem: bytes, passphrase: bytes | None, name: str) -> object:
    encrypted = b"BEGIN ENCRYPTED PRIVATE KEY" in pem or b"Proc-Type: 4,ENCRYPTED" in pem
    if encrypted and not passphrase:
        raise SettingsError(
            f"{name} is encrypted and no passphrase was given",
            remedy="give it with --signing-key-passphrase-file or $MESH_ATTESTOR_SIGNING_KEY_PASSPHRASE",
        )
    try:
        return load_pem_private_key(pem, passphrase if encrypted else None)
    except (ValueError, TypeError, UnsupportedAlgorithm) as error:
        if encrypted:
            raise SettingsError(
                f"the passphrase does not open {name}",
                cause="it belongs to another key, has a line break too many, or the key is damaged",
                remedy="try it: `openssl pkey -in KEY -noout`",
            ) from error
        raise SettingsError(
            f"{name} cannot be read as a private key", cause="it is damaged or cut", remedy=_REMEDY
        ) from error


def generate(passphrase: bytes | None) -> tuple[bytes, Signer]:
    """Return a new Ed25519 key as PKCS#8 PEM, encrypted where a passphrase is given, and its signer."""
    key = ed25519.Ed25519PrivateKey.generate()
    encryption = BestAvailableEncryption(passphrase) if passphrase else NoEncryption()
    pem = key.private_bytes(Encoding.PEM, PrivateFormat.PKCS8, encryption)
    return pem, Signer(key=key, public=trust.trusted(key.public_key()))
