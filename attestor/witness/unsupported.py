"""What a policy document may ask for and nobody here can answer: each refused by its name."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from attestor.errors import SettingsError

_REASONS = {
    "roots": "certificates are not judged",
    "timestampauthorities": "timestamps are not judged",
    "externalAttestations": "only the collection is judged",
    "externalFrom": "only the collection is judged",
    "attestationsFrom": "one envelope holds one step",
    "artifactsFrom": "one envelope holds one step, so its materials can be compared with nobody's products",
    "allowedUntracked": "no verifier is known to read it",
    "timestampConstraint": "it can hold for no signature by a bare key",
    "certConstraint": "certificates are not judged",
    "aipolicies": "a model's opinion is no certain answer",
}
"""The format's words that are not supported, and why (rookery ``attestation/policy``)."""


def refuse(holder: Mapping[str, Any], where: str, supported: set[str]) -> None:
    """Raise ``SettingsError`` for a key of ``holder`` that asks for more than ``supported``.

    Go's encoder writes fields that were left out as null or empty: that asks for nothing, and passes for the words of
    the format. An unknown key is refused as it stands, since it may be a constraint of a later version.
    """
    for key, value in holder.items():
        if key in supported or (key in _REASONS and _asks_nothing(value)):
            continue
        reason = _REASONS.get(key, "it is no word of the format that is known here")
        raise SettingsError(
            f"{where} asks for {key}, which is not supported: {reason}",
            cause="the document was written for `cilock verify`, which reads more than this",
            remedy="judge by it with `cilock verify`, or take that part out and sign the document again",
        )


def _asks_nothing(value: object) -> bool:
    return value is None or value in ({}, [])
