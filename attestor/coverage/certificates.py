"""Certificates as evidence has them: what they are, until when, and who signed them. Never a key, never a Secret."""

from __future__ import annotations

import hashlib
from collections.abc import Iterable, Mapping
from typing import TYPE_CHECKING, Any

from attestor.clock import rfc3339

if TYPE_CHECKING:
    from cryptography.x509 import Certificate


class NoCertificates(ValueError):
    """The text holds no certificate, or one that cannot be read."""


def parsed(pem: str) -> list[Certificate]:
    """Return the certificates of a PEM bundle; raises ``NoCertificates`` where there are none."""
    from cryptography import x509

    if "PRIVATE KEY" in pem:
        message = "a private key stands where certificates are expected; nothing of it was taken over"
        raise NoCertificates(message)
    try:
        return list(x509.load_pem_x509_certificates(pem.encode("utf-8")))
    except ValueError as error:
        message = "what stands there is no certificate"
        raise NoCertificates(message) from error


def sha256(certificate: Certificate) -> str:
    """Return the digest of its DER encoding in hex."""
    from cryptography.hazmat.primitives.serialization import Encoding

    return hashlib.sha256(certificate.public_bytes(Encoding.DER)).hexdigest()


def described(certificate: Certificate) -> dict[str, Any]:
    """Return a certificate as the predicate has it."""
    algorithm = certificate.signature_hash_algorithm
    return {
        "sha256": sha256(certificate),
        "subject": certificate.subject.rfc4514_string(),
        "issuer": certificate.issuer.rfc4514_string(),
        "serial": f"{certificate.serial_number:x}",
        "not_before": rfc3339(certificate.not_valid_before_utc),
        "not_after": rfc3339(certificate.not_valid_after_utc),
        "key": key_name(certificate),
        "signature": algorithm.name.upper() if algorithm else "ED25519",
        "ca": is_authority(certificate),
    }


def key_name(certificate: Certificate) -> str:
    """Return the kind and size of a certificate's key."""
    from cryptography.hazmat.primitives.asymmetric import ec, ed25519, rsa

    key = certificate.public_key()
    match key:
        case ec.EllipticCurvePublicKey():
            name = key.curve.name
            return f"ECDSA P-{name[4:-2]}" if name.startswith("secp") and name.endswith("r1") else f"ECDSA {name}"
        case rsa.RSAPublicKey():
            return f"RSA {key.key_size}"
        case ed25519.Ed25519PublicKey():
            return "Ed25519"
        case _:
            return type(key).__name__.strip("_")


def is_authority(certificate: Certificate) -> bool:
    """Tell whether a certificate says that it may sign others."""
    from cryptography import x509

    try:
        return certificate.extensions.get_extension_for_class(x509.BasicConstraints).value.ca
    except (x509.ExtensionNotFound, ValueError):
        return False


def chains(certificate: Certificate, anchors: Iterable[Certificate]) -> bool:
    """Tell whether one of ``anchors`` signed ``certificate``: by its name and its key."""
    return any(_signed(certificate, anchor) for anchor in anchors)


def _signed(certificate: Certificate, anchor: Certificate) -> bool:
    from cryptography.exceptions import InvalidSignature

    try:
        certificate.verify_directly_issued_by(anchor)
    except (ValueError, TypeError, InvalidSignature):
        return False
    return True


class Bundles:
    """Bundles of anchors by the digest over their certificates; each text is read once, however many pods have it."""

    def __init__(self) -> None:
        self._digests: dict[str, str] = {}
        self._members: dict[str, tuple[str, ...]] = {}

    def digest(self, pem: str) -> str:
        """Return the digest over the certificates of ``pem``; what cannot be read is a bundle without a member."""
        if pem not in self._digests:
            try:
                members = tuple(sorted({sha256(certificate) for certificate in parsed(pem)}))
                text = "".join(f"{member}\n" for member in members)
            except NoCertificates:
                members, text = (), pem
            digest = hashlib.sha256(text.encode("utf-8", "replace")).hexdigest()
            self._digests[pem], self._members[digest] = digest, members
        return self._digests[pem]

    @property
    def members(self) -> Mapping[str, tuple[str, ...]]:
        """The digests of the certificates of each bundle, by the bundle's own."""
        return self._members
