"""A verified payload, opened again: the statement's shape and the predicates by type. Pure.

Whoever judges evidence does it from these bytes, never from what the program still has in memory. What is opened is one
collection with each predicate at most once; which ones must be there is for ``verification`` to say.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

from attestor import field_names, strict_json
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
_OURS = "urn:mesh-attestor:mesh-coverage:v0.1"
_TYPES[_OURS] = "coverage"
"""Ours alone; the peer passes over it."""

_LEGACY = "https://witness.dev/attestations/"
_TYPES |= {f"{_LEGACY}{name}/v0.1": name for name in ("environment", "git", "command-run")}
"""With the names of Witness that the peer reads as its own (rookery ``attestation/legacy.go``)."""

_COLLECTIONS = (COLLECTION_TYPE, "https://witness.testifysec.com/attestation-collection/v0.1")

KNOWN_PREFIXES = tuple(f"{uri}/" for uri in _TYPES)
"""How the name of a subject begins that speaks of a known predicate."""

_FOLDED = {uri.casefold() for uri in _TYPES}

LEGACY_TYPES = {f"{_LEGACY}{name}/v0.1": f"{ATTESTATIONS}{name}/v0.1" for name in ("environment", "git", "command-run")}
"""Witness's name of a predicate to the name that the peer gives it."""

Times = tuple[datetime | None, datetime | None]
"""When a predicate's observation began and ended; the peer's reader lets both be absent."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Unknown:
    """An entry of a type that this program does not know; ``body`` is any JSON value, signed as it stands."""

    type: str
    body: Any = field(repr=False)


@dataclass(frozen=True, slots=True, kw_only=True)
class Opened:
    """A collection as it was signed: its step, and by short name each known predicate's body, type and times.

    ``unknown`` holds the entries of other types; they are listed, and only a policy that names their type judges them.
    """

    step: str
    bodies: Mapping[str, Mapping[str, Any]] = field(repr=False)
    types: Mapping[str, str]
    times: Mapping[str, Times]
    unknown: tuple[Unknown, ...]
    subjects: tuple[Mapping[str, Any], ...] = field(repr=False)
    back_references: tuple[Mapping[str, Any], ...] = field(default=(), repr=False)

    @property
    def linkerd_check(self) -> Mapping[str, Any]:
        """The predicate that is judged, empty where there is none."""
        return self.bodies.get("linkerd-check", {})

    @property
    def covered(self) -> bool:
        """Whether somebody asked for what edges cannot prove."""
        return "coverage" in self.bodies

    def body(self, name: str) -> Mapping[str, Any]:
        """Return the body of the predicate with this short name, empty where there is none."""
        return self.bodies.get(name, {})

    def of_type(self, uri: str) -> tuple[Any, ...]:
        """Return the bodies of every entry of the type ``uri``, by either of its names where it has two."""
        names = [name for name, found in self.types.items() if canonical(found) == canonical(uri)]
        return (*(self.bodies[name] for name in names), *(entry.body for entry in self.unknown if entry.type == uri))


def with_canonical_type(name: str) -> str:
    """Return a subject's name under the newer name of its type."""
    for old, new in LEGACY_TYPES.items():
        if name.startswith(f"{old}/"):
            return new + name[len(old) :]
    return name


def canonical(uri: str) -> str:
    """Return the newer name of a type that has two."""
    return LEGACY_TYPES.get(uri, uri)


def opened(payload: bytes) -> Opened:
    """Read a verified payload; raises ``EvidenceError`` for anything but one collection with no predicate twice."""
    try:
        statement = strict_json.loads(payload)
    except strict_json.NotJson as error:
        raise _refused(f"the payload is not JSON: {error.reason}") from error
    predicate = _statement(statement)
    bodies: dict[str, Mapping[str, Any]] = {}
    types: dict[str, str] = {}
    times: dict[str, Times] = {}
    unknown: list[Unknown] = []
    for entry in predicate["attestations"]:
        name, span = _entry(entry)
        if name is None:
            unknown.append(Unknown(type=entry["type"], body=entry.get("attestation")))
            continue
        if name in bodies:
            raise _refused(f"the collection holds {name} twice")
        bodies[name], types[name], times[name] = entry["attestation"], entry["type"], span
    _require_spelling(statement)
    return Opened(
        step=predicate["name"],
        bodies=bodies,
        types=types,
        times=times,
        unknown=tuple(unknown),
        subjects=tuple(statement["subject"]),
        back_references=_back_references(predicate.get("backrefs")),
    )


def _back_references(found: object) -> tuple[Mapping[str, Any], ...]:
    """Return the collection's back references in the form of subjects; the peer's reader lets them be null."""
    if found is not None and not isinstance(found, dict):
        raise _refused("the collection's backrefs are not an object")
    return tuple({"name": name, "digest": digest} for name, digest in (found or {}).items())


def _require_spelling(statement: Mapping[str, Any]) -> None:
    """Raise ``EvidenceError`` for a field in another case; the bodies of unknown types have fields of their own."""
    predicate = statement["predicate"]
    known = [
        entry
        if _has_fields_of_the_peer(entry)
        else {key: value for key, value in entry.items() if key != "attestation"}
        for entry in predicate["attestations"]
    ]
    others = [entry.get("attestation") for entry in predicate["attestations"] if not _has_fields_of_the_peer(entry)]
    try:
        field_names.require_exact(
            {**statement, "predicate": {**predicate, "attestations": known}}, field_names.STATEMENT
        )
        field_names.require_exact(others, frozenset())
    except field_names.Misspelt as error:
        raise _refused(f"the payload is ambiguous: {error}") from error


def _has_fields_of_the_peer(entry: Mapping[str, Any]) -> bool:
    """Tell whether the peer reads an entry by fields. Those of coverage are labels, too, which are the cluster's."""
    return entry["type"] in _TYPES and entry["type"] != _OURS


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


def _entry(entry: object) -> tuple[str | None, Times]:
    """Return the short name of an entry's type, if it is known, and its times."""
    if not isinstance(entry, dict) or not isinstance(entry.get("type"), str):
        raise _refused("an entry of the collection has no type")
    name = _TYPES.get(entry["type"])
    if name is None and entry["type"].casefold() in _FOLDED:
        raise _refused("an entry's type is that of a known predicate in another case")
    if name is not None and not isinstance(entry.get("attestation"), dict):
        raise _refused(f"the collection's {name} has no body")
    return name, (_time(entry, "starttime"), _time(entry, "endtime"))


def _time(entry: Mapping[str, Any], key: str) -> datetime | None:
    if key not in entry:
        return None
    try:
        return parse_rfc3339(entry[key])
    except (ValueError, TypeError) as error:
        raise _refused(f"an entry's {key} is not an RFC 3339 time") from error
