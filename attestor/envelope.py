"""DSSE: the pre-authentication encoding, sealing, opening (https://github.com/secure-systems-lab/dsse, v1.0.2).

A signature covers the payload's bytes, not what they mean; ``verified`` is the only way to them, and it hands
them out only after a trusted key has signed them. Key ids are hints and decide nothing.
"""

from __future__ import annotations

import base64
import binascii
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field

from attestor import field_names, limits, strict_json
from attestor.errors import EvidenceError
from attestor.signing import Signer
from attestor.statement import Statement, encode
from attestor.trust import TrustedKey

PAYLOAD_TYPE = "application/vnd.in-toto+json"

_KEYID_LENGTH = 64
_REMEDY = "fetch the envelope again, or ask whoever sent it for the file that the run wrote"


def pae(payload_type: str, payload: bytes) -> bytes:
    """Return the bytes that are signed: ``DSSEv1 SP len SP type SP len SP payload``, lengths in bytes."""
    kind = payload_type.encode("utf-8")
    return b"DSSEv1 %d %s %d %s" % (len(kind), kind, len(payload), payload)


@dataclass(frozen=True, slots=True, kw_only=True)
class Signature:
    """A raw signature, the id of the key that its maker names, and what else its maker put beside it.

    ``certificates`` holds the leaf and its intermediates as PEM, ``timestamps`` RFC 3161 tokens as DER, each as it was
    found: nothing of them is checked here, and nothing of them helps a signature to be good.
    """

    keyid: str
    sig: bytes
    certificates: tuple[bytes, ...] = field(default=(), repr=False)
    timestamps: tuple[bytes, ...] = field(default=(), repr=False)


@dataclass(frozen=True, slots=True, kw_only=True)
class Endorsed:
    """A payload that trusted keys signed: those, each once, and the key ids that other signatures claim (hints)."""

    payload: bytes = field(repr=False)
    signers: tuple[TrustedKey, ...]
    strangers: tuple[str, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class Envelope:
    """A payload with at least one signature; whether any of them is good is for ``verified`` to say."""

    payload_type: str
    payload: bytes = field(repr=False)
    signatures: tuple[Signature, ...]

    @classmethod
    def seal(cls, statement: Statement, signers: Sequence[Signer]) -> Envelope:
        """Sign the statement's bytes with each of ``signers``; raises ``SigningError`` where a signer cannot."""
        return cls.sign(PAYLOAD_TYPE, statement.payload, signers)

    @classmethod
    def sign(cls, payload_type: str, payload: bytes, signers: Sequence[Signer]) -> Envelope:
        """Sign ``payload`` as ``payload_type`` with each of ``signers``; raises ``SigningError``."""
        message = pae(payload_type, payload)
        signatures = tuple(Signature(keyid=signer.keyid, sig=signer.sign(message)) for signer in signers)
        return cls(payload_type=payload_type, payload=payload, signatures=signatures)

    @classmethod
    def parse(cls, data: bytes, payload_types: Sequence[str] = (PAYLOAD_TYPE,)) -> Envelope:
        """Read an envelope file; raises ``EvidenceError`` for anything that is not exactly one DSSE object.

        ``payload_types`` says what it may hold: a policy must never pass for evidence, nor evidence for a policy.
        """
        found = _document(data)
        signatures = found.get("signatures")
        if not isinstance(signatures, list) or not signatures:
            raise _refused("the envelope has no signatures")
        if len(signatures) > limits.SIGNATURES:
            raise _refused(f"the envelope has more than {limits.SIGNATURES} signatures")
        payload_type = found.get("payloadType")
        if not isinstance(payload_type, str) or payload_type not in payload_types:
            raise _refused(f"the envelope's payload type is not {' or '.join(payload_types)}")
        return cls(
            payload_type=payload_type,
            payload=_base64(found, "payload"),
            signatures=tuple(_signature(entry) for entry in signatures),
        )

    def verified(self, keys: Sequence[TrustedKey], *, threshold: int = 1) -> bytes:
        """Return the payload if ``threshold`` of ``keys`` signed it; raises ``EvidenceError`` otherwise."""
        return self.endorsed(keys, threshold=threshold).payload

    def endorsed(self, keys: Sequence[TrustedKey], *, threshold: int = 1) -> Endorsed:
        """Return the payload, and by whom it is signed; raises as ``verified``."""
        message = pae(self.payload_type, self.payload)
        distinct = {key.keyid: key for key in keys}.values()
        by = [[key for key in distinct if key.verifies(signature.sig, message)] for signature in self.signatures]
        good = {key.keyid: key for found in by for key in found}
        if len(good) < max(threshold, 1):
            raise self._unendorsed(len(good), threshold)
        signers = tuple(key for key in distinct if key.keyid in good)
        strangers = (signature for signature, found in zip(self.signatures, by, strict=True) if not found)
        return Endorsed(
            payload=self.payload, signers=signers, strangers=tuple(_shown(stranger.keyid) for stranger in strangers)
        )

    def _unendorsed(self, good: int, threshold: int) -> EvidenceError:
        claimed = ", ".join(sorted({_shown(signature.keyid) for signature in self.signatures}))
        return EvidenceError(
            f"{good} trusted keys signed the envelope, and {threshold} are needed"
            if good
            else "no signature of the envelope is by a trusted key",
            cause="the envelope was changed after it was signed, or another key signed it",
            remedy=f"verify with the public key of the run (its key id: {claimed})",
        )

    def to_bytes(self) -> bytes:
        """Return the envelope file: one compact JSON object, no newline at its end."""
        return encode(
            {
                "payload": base64.b64encode(self.payload).decode("ascii"),
                "payloadType": self.payload_type,
                "signatures": [
                    {"keyid": signature.keyid, "sig": base64.b64encode(signature.sig).decode("ascii")}
                    for signature in self.signatures
                ],
            }
        )


def _refused(problem: str) -> EvidenceError:
    return EvidenceError(problem, cause="the file is cut, was edited, or is not an attestation", remedy=_REMEDY)


def _document(data: bytes) -> Mapping[str, strict_json.Json]:
    if len(data) > limits.ENVELOPE_BYTES:
        raise _refused(f"the envelope has more than {limits.ENVELOPE_BYTES} bytes")
    if data.count(b"{") + data.count(b"[") > limits.ENVELOPE_OBJECTS:
        raise _refused("the envelope is not JSON of an envelope's shape: it has too many objects")
    try:
        found = strict_json.loads(data)
    except strict_json.NotJson as error:
        raise _refused(f"the envelope is not JSON: {error.reason} at byte {error.offset}") from error
    if not isinstance(found, dict):
        raise _refused("the envelope is not a JSON object")
    try:
        field_names.require_exact(found, field_names.ENVELOPE)
    except field_names.Misspelt as error:
        raise _refused(f"the envelope is ambiguous: {error}") from error
    return found


def _shown(keyid: str) -> str:
    return keyid if keyid.isalnum() and len(keyid) <= _KEYID_LENGTH else "not a key id"


def _signature(entry: strict_json.Json) -> Signature:
    if not isinstance(entry, dict):
        raise _refused("a signature of the envelope is not an object")
    keyid = entry.get("keyid", "")
    if not isinstance(keyid, str):
        raise _refused("a key id of the envelope is not a string")
    leaf = (_base64(entry, "certificate"),) if entry.get("certificate") is not None else ()
    intermediates = (_base64({"intermediate": text}, "intermediate") for text in _beside(entry, "intermediates"))
    tokens = (_base64(token if isinstance(token, dict) else {}, "data") for token in _beside(entry, "timestamps"))
    return Signature(
        keyid=keyid, sig=_base64(entry, "sig"), certificates=(*leaf, *intermediates), timestamps=tuple(tokens)
    )


def _beside(entry: Mapping[str, strict_json.Json], key: str) -> list[strict_json.Json]:
    """Return a list that may be missing or null."""
    found = entry.get(key)
    if found is not None and not isinstance(found, list):
        raise _refused(f"a signature's {key} is not a list")
    return found or []


def _base64(holder: Mapping[str, strict_json.Json], key: str) -> bytes:
    value = holder.get(key)
    if not isinstance(value, str) or not value:
        raise _refused(f"the envelope's {key} is missing or not a string")
    compact = value.replace("\r", "").replace("\n", "")
    try:
        decoded = base64.b64decode(compact, validate=True)
    except (binascii.Error, ValueError) as error:
        raise _refused(f"the envelope's {key} is not standard base64") from error
    # The last character may carry bits that decoding drops: two texts for one signature are one too many.
    if base64.b64encode(decoded).decode("ascii") != compact:
        raise _refused(f"the envelope's {key} is not canonical base64 (RFC 4648, section 3.5)")
    return decoded
