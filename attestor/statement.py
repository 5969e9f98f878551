"""The in-toto Statement: a collection of predicates, its subjects, and its bytes, which are made here and once.

Statement v0.1 with the collection type of CI/lock (rookery ``attestation/collection.go``,
``attestation/intoto/statement.go``); the key order is that of the peer's structs.
"""

from __future__ import annotations

import json
import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field

from attestor.clock import Span, rfc3339

STATEMENT_TYPE = "https://in-toto.io/Statement/v0.1"
COLLECTION_TYPE = "https://aflock.ai/attestation-collection/v0.1"
ATTESTATIONS = "https://aflock.ai/attestations/"

Digest = Mapping[str, str]
"""Algorithm name to lower-case hex. Only the names of wire-format section 2.1 are loadable by the peer."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Subject:
    """A name within its predicate, and the digest that others may look it up by."""

    name: str
    digest: Digest


@dataclass(frozen=True, slots=True, kw_only=True)
class Predicate:
    """One claim: its type, when it was observed, its body in key order, its subjects and back references."""

    type: str
    span: Span
    body: Mapping[str, object]
    subjects: Sequence[Subject] = ()
    back_references: Sequence[Subject] = ()

    def to_dict(self) -> dict[str, object]:
        """Return the entry of ``attestations``."""
        return {
            "type": self.type,
            "attestation": self.body,
            "starttime": rfc3339(self.span.started),
            "endtime": rfc3339(self.span.finished),
        }


@dataclass(frozen=True, slots=True, kw_only=True)
class Collection:
    """The predicates of one step, in the order in which they were observed."""

    step: str
    predicates: Sequence[Predicate]

    def to_dict(self) -> dict[str, object]:
        """Return the statement's predicate; ``backrefs`` is left out when empty, as the peer does."""
        found: dict[str, object] = {
            "name": self.step,
            "attestations": [predicate.to_dict() for predicate in self.predicates],
        }
        references = {
            f"{predicate.type}/{reference.name}": dict(reference.digest)
            for predicate in self.predicates
            for reference in predicate.back_references
        }
        if references:
            found["backrefs"] = dict(sorted(references.items()))
        return found

    def subjects(self) -> list[dict[str, object]]:
        """Return every subject under its predicate's type, sorted by name bytewise."""
        named = {
            f"{predicate.type}/{subject.name}": dict(subject.digest)
            for predicate in self.predicates
            for subject in predicate.subjects
        }
        return [{"name": name, "digest": named[name]} for name in sorted(named, key=encoded)]


@dataclass(frozen=True, slots=True)
class Statement:
    """Opaque bytes that will be signed, judged and published as they are; ``payload`` is the truth."""

    payload: bytes = field(repr=False)

    @classmethod
    def of(cls, collection: Collection) -> Statement:
        """Serialise ``collection``; the same collection gives the same bytes."""
        return cls(
            encode(
                {
                    "_type": STATEMENT_TYPE,
                    "subject": collection.subjects(),
                    "predicateType": COLLECTION_TYPE,
                    "predicate": collection.to_dict(),
                }
            )
        )


_LONE_SURROGATE = re.compile("[\ud800-\udfff]")
_GO_ESCAPES = (("<", "\\u003c"), (">", "\\u003e"), ("&", "\\u0026"), ("\u2028", "\\u2028"), ("\u2029", "\\u2029"))


def encoded(text: str) -> bytes:
    """Return ``text`` as UTF-8, with U+FFFD for whatever is not a character (as Go's encoder writes it)."""
    try:
        return text.encode("utf-8")
    except UnicodeEncodeError:
        return _LONE_SURROGATE.sub("\ufffd", text).encode("utf-8")


def encode(value: object) -> bytes:
    """Return ``value`` as the JSON that Go's encoder writes: compact, raw UTF-8, and five characters escaped.

    Byte-equality with the peer's encoder makes golden files and diffs possible; the signature does not need it.
    """
    text = json.dumps(value, ensure_ascii=False, separators=(",", ":"), allow_nan=False)
    for character, escape in _GO_ESCAPES:
        text = text.replace(character, escape)
    return encoded(text)
