"""A policy document: who may sign, until when, which predicates must be there, and the Rego modules that judge them."""

from __future__ import annotations

import base64
import binascii
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

from attestor import field_names, strict_json, trust
from attestor.clock import parse_rfc3339
from attestor.envelope import Envelope
from attestor.errors import SettingsError
from attestor.trust import TrustedKey
from attestor.witness.unsupported import refuse

PAYLOAD_TYPES = ("https://aflock.ai/policy/v0.1", "https://witness.testifysec.com/policy/v0.1")
"""What cilock writes, its own name first; its verifier takes any, so that evidence could pass for a policy."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Module:
    """A Rego module of the document: its name there, and its source."""

    name: str
    source: bytes = field(repr=False)


@dataclass(frozen=True, slots=True, kw_only=True)
class Requirement:
    """A predicate type that the collection must hold, and the modules that judge every entry of it, if any."""

    type: str
    modules: tuple[Module, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class Document:
    """A policy of one step. ``keys`` are the public keys of the step's functionaries."""

    step: str
    expires: datetime
    keys: tuple[TrustedKey, ...]
    requirements: tuple[Requirement, ...]
    signers: tuple[str, ...] = ()


def open_signed(data: bytes, keys: Sequence[TrustedKey]) -> Document:
    """Return the document in the policy envelope ``data``, signed by at least one of ``keys``.

    Raises ``EvidenceError`` where the envelope or its signature is bad, and ``SettingsError`` where the document is not
    one that can be judged by.
    """
    envelope = Envelope.parse(data, PAYLOAD_TYPES)
    endorsed = envelope.endorsed(keys)
    return read(endorsed.payload, tuple(key.keyid for key in endorsed.signers))


def read(payload: bytes, signers: tuple[str, ...] = ()) -> Document:
    """Return the document of the JSON text ``payload``; raises ``SettingsError`` for anything that is not certain."""
    try:
        found = strict_json.loads(payload)
        field_names.require_exact(found, field_names.POLICY)
    except strict_json.NotJson as error:
        raise malformed(f"it is not JSON: {error.reason}") from error
    except field_names.Misspelt as error:
        raise malformed(f"it is ambiguous: {error}") from error
    if not isinstance(found, dict):
        raise malformed("it is not a JSON object")
    refuse(found, "the policy", {"expires", "publickeys", "steps"})
    name, step = _only_step(found.get("steps"))
    requirements = tuple(_requirement(item, i) for i, item in enumerate(_list(step, "attestations")))
    if not requirements:
        raise malformed("its step lists no attestations, so it asks for nothing")
    return Document(
        step=name,
        expires=_expires(found.get("expires")),
        keys=_functionaries(step, _public_keys(found.get("publickeys"))),
        requirements=requirements,
        signers=signers,
    )


def malformed(problem: str) -> SettingsError:
    """Return the error for a document that cannot be judged by."""
    return SettingsError(
        f"the policy cannot be used: {problem}",
        cause="it was written by hand, for another verifier, or for evidence of another kind",
        remedy="make one with `mesh-attestor policy export`, and add to that",
    )


def _only_step(steps: object) -> tuple[str, Mapping[str, Any]]:
    if not isinstance(steps, dict) or len(steps) != 1:
        count = len(steps) if isinstance(steps, dict) else 0
        raise malformed(f"it has {count} steps, and evidence of one mesh is one step")
    ((name, step),) = steps.items()
    if not isinstance(step, dict) or step.get("name") != name or not name:
        raise malformed("its step has another name than its key")
    refuse(step, f"the step {name}", {"name", "functionaries", "attestations"})
    return name, step


def _expires(value: object) -> datetime:
    try:
        return parse_rfc3339(value if isinstance(value, str) else "")
    except ValueError as error:
        raise malformed("expires is missing or not an RFC 3339 time, which counts as expired for ever") from error


def _public_keys(value: object) -> dict[str, TrustedKey]:
    if not isinstance(value, dict):
        raise malformed("it has no publickeys")
    keys = (_public_key(name, entry) for name, entry in value.items())
    return {key.keyid: key for key in keys}


def _public_key(name: str, entry: object) -> TrustedKey:
    if not isinstance(entry, dict):
        raise malformed("a public key is not an object")
    refuse(entry, "a public key", {"keyid", "key"})
    key = trust.read(decoded(entry.get("key"), "a public key"), f"the policy's public key {name[:16]}")
    if key.valid is not None or key.keyid != entry.get("keyid"):
        raise malformed("a public key is a certificate, or its keyid is not the SHA-256 of its PEM text")
    return key


def _functionaries(step: Mapping[str, Any], keys: Mapping[str, TrustedKey]) -> tuple[TrustedKey, ...]:
    found = {}
    for entry in _list(step, "functionaries"):
        if not isinstance(entry, dict):
            raise malformed("a functionary is not an object")
        refuse(entry, "a functionary", {"type", "publickeyid"})
        if entry.get("type", "publickey") != "publickey":
            raise malformed(
                "a functionary of a type other than publickey is not supported: certificates are not judged"
            )
        keyid = entry.get("publickeyid")
        if not isinstance(keyid, str) or keyid not in keys:
            raise malformed("a functionary's publickeyid is none of the document's public keys")
        found[keyid] = keys[keyid]
    if not found:
        raise malformed("its step has no functionaries, so nobody may sign")
    return tuple(found.values())


def _requirement(entry: object, number: int) -> Requirement:
    if not isinstance(entry, dict) or not isinstance(entry.get("type"), str) or not entry["type"]:
        raise malformed(f"its attestation {number} has no type")
    refuse(entry, f"the attestation {entry['type']}", {"type", "regopolicies"})
    return Requirement(type=entry["type"], modules=tuple(_module(item) for item in _list(entry, "regopolicies")))


def _module(entry: object) -> Module:
    if not isinstance(entry, dict):
        raise malformed("a Rego policy is not an object")
    refuse(entry, "a Rego policy", {"name", "module"})
    name = entry.get("name", "")
    if not isinstance(name, str):
        raise malformed("a Rego policy's name is not a string")
    return Module(name=name, source=decoded(entry.get("module"), "a Rego policy's module"))


def decoded(value: object, what: str) -> bytes:
    """Return the bytes of a base64 field; raises ``SettingsError``."""
    try:
        return base64.b64decode(value if isinstance(value, str) and value else "?", validate=True)
    except (binascii.Error, ValueError) as error:
        raise malformed(f"{what} is missing or not standard base64") from error


def _list(holder: Mapping[str, Any], key: str) -> list[Any]:
    found = holder.get(key)
    if found is not None and not isinstance(found, list):
        raise malformed(f"{key} is not a list")
    return found or []
