"""A verified payload, opened again: the statement's shape and the predicates by type. Pure.

Whoever judges evidence does it from these bytes, never from what the program still has in memory.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

from attestor import strict_json
from attestor.clock import parse_rfc3339
from attestor.errors import EvidenceError
from attestor.statement import ATTESTATIONS, COLLECTION_TYPE, STATEMENT_TYPE

REQUIRED = ("environment", "git", "material", "command-run", "product")
"""Predicates that every collection has; linkerd-check is missing where there was no check report."""

_VERSIONS = {
    "environment": ("v0.1",),
    "git": ("v0.1",),
    "material": ("v0.3",),
    "command-run": ("v0.1", "v0.2"),
    "product": ("v0.3",),
    "linkerd-check": ("v0.1",),
}
_TYPES = {f"{ATTESTATIONS}{name}/{version}": name for name, versions in _VERSIONS.items() for version in versions}
_LEGACY = "https://witness.dev/attestations/"
_TYPES |= {f"{_LEGACY}{name}/v0.1": name for name in ("environment", "git", "command-run")}
"""Names of Witness that the peer reads as its own (rookery ``attestation/legacy.go``)."""

_COLLECTIONS = (COLLECTION_TYPE, "https://witness.testifysec.com/attestation-collection/v0.1")

Times = tuple[datetime | None, datetime | None]
"""When a predicate's observation began and ended; the peer's reader lets both be absent."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Opened:
    """A collection as it was signed: its step, and by short name each known predicate's body, type and times.

    ``unknown`` lists the types that this program does not know; their bodies are signed, and judged by nobody.
    """

    step: str
    bodies: Mapping[str, Mapping[str, Any]] = field(repr=False)
    types: Mapping[str, str]
    times: Mapping[str, Times]
    unknown: tuple[str, ...]
    subjects: tuple[Mapping[str, Any], ...] = field(repr=False)

    @property
    def linkerd_check(self) -> Mapping[str, Any]:
        """The predicate that is judged, empty where there is none."""
        return self.bodies.get("linkerd-check", {})


def opened(payload: bytes) -> Opened:
    """Read a verified payload; raises ``EvidenceError`` for anything but one collection with each predicate once."""
    try:
        statement = strict_json.loads(payload)
    except strict_json.NotJson as error:
        raise _refused(f"the payload is not JSON: {error.reason}") from error
    predicate = _statement(statement)
    bodies: dict[str, Mapping[str, Any]] = {}
    types: dict[str, str] = {}
    times: dict[str, Times] = {}
    unknown: list[str] = []
    for entry in predicate["attestations"]:
        name, body, span = _entry(entry)
        if name is None:
            unknown.append(entry["type"])
            continue
        if name in bodies:
            raise _refused(f"the collection holds {name} twice")
        bodies[name], types[name], times[name] = body, entry["type"], span
    missing = [name for name in REQUIRED if name not in bodies]
    if missing:
        raise _refused(f"the collection has no {', '.join(missing)}")
    return Opened(
        step=predicate["name"],
        bodies=bodies,
        types=types,
        times=times,
        unknown=tuple(unknown),
        subjects=tuple(statement["subject"]),
    )


def _refused(problem: str) -> EvidenceError:
    return EvidenceError(
        problem, cause="it is other evidence, or a program that is not ours made it", remedy="check which file this is"
    )


def _statement(statement: object) -> dict[str, Any]:
    if not isinstance(statement, dict) or statement.get("_type") != STATEMENT_TYPE:
        raise _refused(f"the payload is not a statement of type {STATEMENT_TYPE}")
    if statement.get("predicateType") not in _COLLECTIONS:
        raise _refused(f"the statement's predicate type is not {COLLECTION_TYPE}")
    subjects, predicate = statement.get("subject"), statement.get("predicate")
    if not isinstance(subjects, list) or not all(isinstance(subject, dict) for subject in subjects):
        raise _refused("the statement's subjects are not a list of objects")
    if not isinstance(predicate, dict) or not isinstance(predicate.get("attestations"), list):
        raise _refused("the statement holds no collection")
    if not isinstance(predicate.get("name"), str):
        raise _refused("the collection has no name")
    return predicate


def _entry(entry: object) -> tuple[str | None, Mapping[str, Any], Times]:
    if not isinstance(entry, dict) or not isinstance(entry.get("type"), str):
        raise _refused("an entry of the collection has no type")
    name = _TYPES.get(entry["type"])
    body = entry.get("attestation")
    if name is not None and not isinstance(body, dict):
        raise _refused(f"the collection's {name} has no body")
    times = (_time(entry, "starttime"), _time(entry, "endtime"))
    return name, body if isinstance(body, dict) else {}, times


def _time(entry: Mapping[str, Any], key: str) -> datetime | None:
    if key not in entry:
        return None
    try:
        return parse_rfc3339(entry[key])
    except (ValueError, TypeError) as error:
        raise _refused(f"an entry's {key} is not an RFC 3339 time") from error
