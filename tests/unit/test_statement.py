"""The statement's bytes: Go's encoder, sorted subjects, back references, and the same bytes for the same evidence."""

from __future__ import annotations

import base64
import json
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest

from attestor import strict_json
from attestor.clock import Span
from attestor.statement import (
    COLLECTION_TYPE,
    STATEMENT_TYPE,
    Collection,
    Predicate,
    Statement,
    Subject,
    encode,
    encoded,
)

FIXTURES = Path(__file__).parent.parent / "fixtures"
ENVELOPES = [
    "rookery-recorded/attestation.json",
    "cilock-v4.1.0/allow/attestation.json",
    "cilock-v4.1.0/deny/attestation.json",
]
NOON = datetime(2026, 11, 21, 12, 0, 0, tzinfo=UTC)
SPAN = Span(started=NOON, finished=NOON + timedelta(milliseconds=1500))


def subject(name: str, digest: str = "00") -> Subject:
    return Subject(name=name, digest={"sha256": digest})


def collection(*predicates: Predicate) -> Collection:
    return Collection(step="step", predicates=predicates)


@pytest.mark.parametrize(
    ("value", "text"),
    [
        ({"b": 1, "a": [True, None, 1.5]}, b'{"b":1,"a":[true,null,1.5]}'),
        ("<a & b>", b'"\\u003ca \\u0026 b\\u003e"'),
        ("a\u2028b\u2029", b'"a\\u2028b\\u2029"'),
        ("\u00e4\U0001f600/", '"ä\U0001f600/"'.encode()),
        ("a\ud800b", '"a\ufffdb"'.encode()),
        ("\udcff\udcfe", '"\ufffd\ufffd"'.encode()),
        ('"\\\n\t\r', b'"\\"\\\\\\n\\t\\r"'),
        ("\x00\x1f\x7f", b'"\\u0000\\u001f\x7f"'),
        ({"<": "&"}, b'{"\\u003c":"\\u0026"}'),
        ("\\u003c", b'"\\\\u003c"'),
    ],
)
def test_json_is_written_as_go_writes_it(value: object, text: bytes) -> None:
    """Compact, in the given order, raw UTF-8, five characters escaped, and U+FFFD for what is not one."""
    assert encode(value) == text


@pytest.mark.parametrize("number", [float("nan"), float("inf")])
def test_what_is_not_json_is_not_written(number: float) -> None:
    """A number that JSON cannot hold is a fault here, never a text that others cannot read."""
    with pytest.raises(ValueError, match="JSON compliant"):
        encode([number])


def test_text_that_is_not_utf8_is_digested_as_it_is_written() -> None:
    """A name's digest speaks of the bytes that stand in the evidence."""
    assert encoded("a\udcff") == "a\ufffd".encode()
    assert encoded("ä") == "ä".encode()


@pytest.mark.parametrize("name", ENVELOPES)
def test_recorded_envelopes_and_payloads_come_out_byte_for_byte(name: str) -> None:
    """Reading what cilock wrote and writing it again changes no byte."""
    data = (FIXTURES / name).read_bytes()
    envelope = strict_json.loads(data)
    assert encode(envelope) == data
    payload = base64.b64decode(envelope["payload"])
    assert encode(strict_json.loads(payload)) == payload


def test_a_statement_has_the_peers_keys_in_their_order() -> None:
    """Statement v0.1 with the collection type; an entry has its type, its body and its times."""
    predicate = Predicate(type="t", span=SPAN, body={"z": 1, "a": 2}, subjects=[subject("s")])
    assert Statement.of(collection(predicate)).payload == (
        b'{"_type":"%s","subject":[{"name":"t/s","digest":{"sha256":"00"}}],"predicateType":"%s",'
        b'"predicate":{"name":"step","attestations":[{"type":"t","attestation":{"z":1,"a":2},'
        b'"starttime":"2026-11-21T12:00:00Z","endtime":"2026-11-21T12:00:01.5Z"}]}}'
        % (STATEMENT_TYPE.encode(), COLLECTION_TYPE.encode())
    )


def test_subjects_stand_under_their_predicates_type_sorted_by_bytes() -> None:
    """Code points above the surrogates sort behind those below, as UTF-8 does."""
    one = Predicate(type="b", span=SPAN, body={}, subjects=[subject("\U0001f600"), subject("\ufffd"), subject("a")])
    two = Predicate(type="a", span=SPAN, body={}, subjects=[subject("z")])
    names = [entry["name"] for entry in collection(one, two).subjects()]
    assert names == ["a/z", "b/a", "b/\ufffd", "b/\U0001f600"]


def test_the_same_subject_twice_stands_once() -> None:
    """A commit that is its own parent's name, or a remote under two names, is one subject."""
    predicate = Predicate(type="t", span=SPAN, body={}, subjects=[subject("s", "01"), subject("s", "01")])
    assert collection(predicate).subjects() == [{"name": "t/s", "digest": {"sha256": "01"}}]


def test_back_references_are_sorted_and_left_out_when_there_are_none() -> None:
    """The peer's key is absent for an empty map."""
    predicate = Predicate(type="t", span=SPAN, body={}, back_references=[subject("b"), subject("a")])
    references = collection(predicate).to_dict()["backrefs"]
    assert isinstance(references, dict)
    assert list(references.items()) == [("t/a", {"sha256": "00"}), ("t/b", {"sha256": "00"})]
    assert "backrefs" not in collection(Predicate(type="t", span=SPAN, body={})).to_dict()


def test_predicates_keep_their_order() -> None:
    """A collection is in the order of observation, which sorting would lose."""
    entries = collection(*(Predicate(type=kind, span=SPAN, body={}) for kind in "cab")).to_dict()["attestations"]
    assert [json.loads(encode(entry))["type"] for entry in entries] == ["c", "a", "b"]  # type: ignore[attr-defined]


def test_a_statement_does_not_show_its_payload() -> None:
    """A log line with a statement in it does not carry the evidence along."""
    assert "payload" not in repr(Statement.of(collection()))


def test_names_are_sorted_as_they_are_written() -> None:
    """What is no character is written as U+FFFD, and stands where that stands."""
    names = ["file:\ue000", "file:\ud800", "file:z"]
    found = collection(Predicate(type="t", span=SPAN, body={}, subjects=tuple(map(subject, names)))).subjects()
    assert [item["name"] for item in found] == ["t/file:z", "t/file:\ue000", "t/file:\ud800"]
