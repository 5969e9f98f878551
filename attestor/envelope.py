"""DSSE: the pre-authentication encoding, sealing, opening (https://github.com/secure-systems-lab/dsse, v1.0.2).

A signature covers the payload's bytes, not what they mean; ``verified`` is the only way to them, and it hands
them out only after a trusted key has signed them. Key ids are hints and decide nothing.
"""

from __future__ import annotations

import base64
import binascii
from collections.abc import Sequence
from dataclasses import dataclass, field

from attestor import strict_json
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
    """A raw signature and the id of the key that its maker names."""

    keyid: str
    sig: bytes


@dataclass(frozen=True, slots=True, kw_only=True)
class Envelope:
    """A payload with at least one signature; whether any of them is good is for ``verified`` to say."""

    payload_type: str
    payload: bytes = field(repr=False)
    signatures: tuple[Signature, ...]

    @classmethod
    def seal(cls, statement: Statement, signers: Sequence[Signer]) -> Envelope:
        """Sign the statement's bytes with each of ``signers``; raises ``SigningError`` where a signer cannot."""
        message = pae(PAYLOAD_TYPE, statement.payload)
        signatures = tuple(Signature(keyid=signer.keyid, sig=signer.sign(message)) for signer in signers)
        return cls(payload_type=PAYLOAD_TYPE, payload=statement.payload, signatures=signatures)

    @classmethod
    def parse(cls, data: bytes) -> Envelope:
        """Read an envelope file; raises ``EvidenceError`` for anything that is not exactly one DSSE object."""
        try:
            found = strict_json.loads(data)
        except strict_json.NotJson as error:
            raise _refused(f"the envelope is not JSON: {error.reason} at byte {error.offset}") from error
        if not isinstance(found, dict):
            raise _refused("the envelope is not a JSON object")
        signatures = found.get("signatures")
        if not isinstance(signatures, list) or not signatures:
            raise _refused("the envelope has no signatures")
        payload_type = found.get("payloadType")
        if payload_type != PAYLOAD_TYPE:
            raise _refused(f"the envelope's payload type is not {PAYLOAD_TYPE}")
        return cls(
            payload_type=PAYLOAD_TYPE,
            payload=_base64(found, "payload"),
            signatures=tuple(_signature(entry) for entry in signatures),
        )

    def verified(self, keys: Sequence[TrustedKey], *, threshold: int = 1) -> bytes:
        """Return the payload if ``threshold`` of ``keys`` signed it; raises ``EvidenceError`` otherwise."""
        good = len(self.signers(keys))
        if good < threshold or good == 0:
            raise EvidenceError(
                f"{good} trusted keys signed the envelope, and {threshold} are needed"
                if good
                else "no signature of the envelope is by a trusted key",
                cause="the envelope was changed after it was signed, or another key signed it",
                remedy="verify with the public key of the run (its key id: "
                + ", ".join(sorted({_shown(signature.keyid) for signature in self.signatures}))
                + ")",
            )
        return self.payload

    def signers(self, keys: Sequence[TrustedKey]) -> tuple[TrustedKey, ...]:
        """Return those of ``keys`` that signed this payload, each once, however often it was given."""
        message = pae(self.payload_type, self.payload)
        distinct = {key.keyid: key for key in keys}.values()
        return tuple(
            key for key in distinct if any(key.verifies(signature.sig, message) for signature in self.signatures)
        )

    def strangers(self, keys: Sequence[TrustedKey]) -> tuple[str, ...]:
        """Return the key ids that signatures by none of ``keys`` claim: hints, and nothing more."""
        message = pae(self.payload_type, self.payload)
        return tuple(
            _shown(signature.keyid)
            for signature in self.signatures
            if not any(key.verifies(signature.sig, message) for key in keys)
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


def _shown(keyid: str) -> str:
    return keyid if keyid.isalnum() and len(keyid) <= _KEYID_LENGTH else "not a key id"


def _signature(entry: strict_json.Json) -> Signature:
    if not isinstance(entry, dict):
        raise _refused("a signature of the envelope is not an object")
    keyid = entry.get("keyid", "")
    if not isinstance(keyid, str):
        raise _refused("a key id of the envelope is not a string")
    return Signature(keyid=keyid, sig=_base64(entry, "sig"))


def _base64(holder: dict[str, strict_json.Json], key: str) -> bytes:
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
