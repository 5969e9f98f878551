"""A verified payload is read back as one collection with each predicate once, or refused."""

from __future__ import annotations

import base64
import copy
import inspect
import json
from collections.abc import Callable
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest

from attestor import collection, limits, strict_json
from attestor.errors import EvidenceError
from attestor.statement import ATTESTATIONS
from tests import golden

FIXTURES = Path(__file__).parent.parent / "fixtures"
GOLDEN: dict[str, Any] = json.loads(golden.statement().payload)
Document = dict[str, Any]


def changed(change: Callable[[Document], object]) -> bytes:
    document = copy.deepcopy(GOLDEN)
    change(document)
    return json.dumps(document).encode()


def entries(document: Document) -> list[Document]:
    found: list[Document] = document["predicate"]["attestations"]
    return found


def entry(document: Document, name: str) -> Document:
    return next(item for item in entries(document) if f"/{name}/" in item["type"])


def test_what_was_signed_is_read_back() -> None:
    """Step, bodies by short name, times, and subjects are those of the payload."""
    opened = collection.opened(golden.statement().payload)
    assert opened.step == golden.STEP
    assert set(opened.bodies) == {*collection.REQUIRED, "linkerd-check"}
    assert opened.bodies["git"]["commithash"] == "1" * 40
    assert opened.linkerd_check is opened.bodies["linkerd-check"]
    assert opened.times["environment"][0] == golden.BEGUN
    assert [subject["name"] for subject in opened.subjects] == [subject["name"] for subject in GOLDEN["subject"]]


def recorded(name: str) -> bytes:
    envelope = strict_json.loads((FIXTURES / name / "attestation.json").read_bytes())
    return base64.b64decode(envelope["payload"])


@pytest.mark.parametrize("verdict", ["allow", "deny"])
def test_collections_of_the_real_cilock_are_read(verdict: str) -> None:
    """The peer's six predicates, its command-run v0.2 among them."""
    opened = collection.opened(recorded(f"cilock-v4.1.0/{verdict}"))
    assert opened.step == "linkerd-mesh-check"
    assert set(opened.bodies) == {*collection.REQUIRED, "linkerd-check"}
    assert opened.linkerd_check["check_summary"]["overall_success"] is True
    started, finished = opened.times["command-run"]
    assert started is not None
    assert finished is not None
    assert started <= finished


def test_a_run_of_the_peer_without_environment_and_git_is_read() -> None:
    """The peer's own fixture, of its first wire generation, was recorded without two of the six."""
    opened = collection.opened(recorded("rookery-recorded"))
    assert set(opened.bodies) == {"material", "command-run", "product", "linkerd-check"}


def test_a_collection_without_a_check_report_is_read() -> None:
    """What was seen before linkerd failed is evidence too; there is nothing to judge in it."""
    opened = collection.opened(changed(lambda document: entries(document).pop()))
    assert opened.linkerd_check == {}


def test_predicates_of_other_types_are_passed_over() -> None:
    """A type that is not known is nothing to judge by, whatever its body is."""
    stranger = {"type": "https://example.org/other/v1", "attestation": None}
    opened = collection.opened(changed(lambda document: entries(document).append(stranger)))
    assert set(opened.bodies) == {*collection.REQUIRED, "linkerd-check"}


def test_times_may_be_absent_and_have_any_offset() -> None:
    """The peer's reader lets them be absent."""

    def change(document: Document) -> None:
        entry(document, "git").pop("starttime")
        entry(document, "git")["endtime"] = "2026-11-21T14:00:00+02:00"

    assert collection.opened(changed(change)).times["git"] == (None, datetime(2026, 11, 21, 12, tzinfo=UTC))


@pytest.mark.parametrize(
    ("change", "problem"),
    [
        (lambda document: document.update(_type="https://in-toto.io/Statement/v1"), "is not a statement of type"),
        (lambda document: document.pop("_type"), "is not a statement of type"),
        (lambda document: document.update(predicateType="x"), "predicate type is not"),
        (lambda document: document.update(subject={}), "subjects are not a list of objects"),
        (lambda document: document.update(subject=["x"]), "subjects are not a list of objects"),
        (lambda document: document.pop("subject"), "subjects are not a list of objects"),
        (lambda document: document.update(predicate=[]), "holds no collection"),
        (lambda document: document["predicate"].update(attestations={}), "holds no collection"),
        (lambda document: document["predicate"].pop("attestations"), "holds no collection"),
        (lambda document: document["predicate"].update(name=1), "has no name"),
        (lambda document: document["predicate"].pop("name"), "has no name"),
        (lambda document: document["predicate"]["attestations"].append("x"), "an entry of the collection has no type"),
        (lambda document: entries(document).append({"attestation": {}}), "an entry of the collection has no type"),
        (lambda document: entry(document, "git").update(type=1), "an entry of the collection has no type"),
        (lambda document: entry(document, "git").update(attestation=None), "the collection's git has no body"),
        (lambda document: entry(document, "linkerd-check").update(attestation=[]), "linkerd-check has no body"),
        (lambda document: entries(document).append(entry(document, "git")), "holds git twice"),
        (lambda document: entry(document, "git").update(starttime=""), "starttime is not an RFC 3339 time"),
        (lambda document: entry(document, "git").update(endtime=None), "endtime is not an RFC 3339 time"),
        (lambda document: entry(document, "git").update(endtime=5), "endtime is not an RFC 3339 time"),
    ],
)
def test_what_is_not_one_collection_is_refused(change: Callable[[Document], object], problem: str) -> None:
    """Another statement, another type, a part of another shape, or a predicate twice."""
    with pytest.raises(EvidenceError, match=problem):
        collection.opened(changed(change))


def test_command_run_in_both_versions_is_command_run_twice() -> None:
    """Which of the two is judged would be a guess."""
    second = {"type": ATTESTATIONS + "command-run/v0.2", "attestation": {}}
    with pytest.raises(EvidenceError, match="holds command-run twice"):
        collection.opened(changed(lambda document: entries(document).append(second)))


def test_a_predicate_of_another_version_is_of_unknown_type() -> None:
    """A version whose meaning is not known here is not judged as if it were."""
    opened = collection.opened(
        changed(lambda document: entry(document, "material").update(type=ATTESTATIONS + "material/v0.4"))
    )
    assert "material" not in opened.bodies
    assert [unknown.type for unknown in opened.unknown] == [ATTESTATIONS + "material/v0.4"]


@pytest.mark.parametrize("payload", [b"", b"{", b"[]", b"null", b"{} {}", b'{"_type":"a","_type":"a"}', b"\xff"])
def test_a_payload_that_is_no_object_is_refused(payload: bytes) -> None:
    """Before anything of it is looked at."""
    with pytest.raises(EvidenceError, match=r"payload is not (JSON|a statement)"):
        collection.opened(payload)


def test_entries_of_other_types_are_kept_as_they_stand() -> None:
    """With their bodies, wherever they are among the others; what comes behind them is read."""
    first = {"type": "urn:example:a", "attestation": {"Any": ["body"]}}
    last = {"type": "urn:example:b"}

    def change(document: Document) -> None:
        entries(document).insert(0, first)
        entries(document).append(last)

    found = collection.opened(changed(change))
    assert found.unknown == (
        collection.Unknown(type="urn:example:a", body={"Any": ["body"]}),
        collection.Unknown(type="urn:example:b", body=None),
    )
    assert set(found.bodies) == {*collection.REQUIRED, "linkerd-check"}
    assert found.of_type("urn:example:a") == ({"Any": ["body"]},)


def test_types_and_back_references_are_those_of_the_payload() -> None:
    """By short name, and in the form of subjects."""
    found = collection.opened(golden.statement().payload)
    assert found.types == {name: entry(GOLDEN, name)["type"] for name in found.bodies}
    backrefs = GOLDEN["predicate"]["backrefs"]
    assert backrefs
    assert found.back_references == tuple({"name": name, "digest": digest} for name, digest in backrefs.items())
    assert (
        collection.opened(changed(lambda document: document["predicate"].update(backrefs=None))).back_references == ()
    )
    assert collection.opened(changed(lambda document: document["predicate"].pop("backrefs"))).back_references == ()


def test_a_body_that_is_not_there_is_empty() -> None:
    """Whoever asks for a predicate need not ask whether it is there."""
    found = collection.opened(golden.statement().payload)
    assert found.body("coverage") == {}
    assert found.body("git") is found.bodies["git"]


@pytest.mark.parametrize(
    ("change", "problem"),
    [
        (lambda document: document["predicate"].update(backrefs=[]), "backrefs are not an object"),
        (lambda document: document.update(Subject=[]), "ambiguous: a field is named 'Subject'"),
        (lambda document: document["predicate"].update(Name="x"), "ambiguous: a field is named 'Name'"),
        (lambda document: entry(document, "git").update(EndTime=""), "ambiguous: a field is named 'EndTime'"),
        (
            lambda document: entry(document, "linkerd-check")["attestation"].update(Edge_Report=[]),
            "ambiguous: a field is named 'Edge_Report'",
        ),
        (
            lambda document: entries(document).append({"type": "urn:x", "Attestation": {}}),
            "ambiguous: a field is named 'Attestation'",
        ),
        (
            lambda document: entry(document, "git").update(type=entry(document, "git")["type"].upper()),
            "type is that of a known predicate in another case",
        ),
    ],
)
def test_another_spelling_of_a_field_is_refused(change: Callable[[Document], object], problem: str) -> None:
    """Wherever the format has fields; two readers would see two things."""
    with pytest.raises(EvidenceError, match=problem):
        collection.opened(changed(change))


def test_an_unknown_body_has_fields_of_its_own_to_a_depth() -> None:
    """They may be named as they like, and may not be nested without end."""
    body: Any = {"Subject": 1, "Edge_Report": 2}
    stranger = {"type": "urn:x", "attestation": body}
    assert collection.opened(changed(lambda document: entries(document).append(stranger))).unknown[0].body == body
    for _ in range(limits.DEPTH):
        body = [body]
    deep = {"type": "urn:x", "attestation": body}
    with pytest.raises(EvidenceError, match="ambiguous: values are nested too deeply"):
        collection.opened(changed(lambda document: entries(document).append(deep)))


def test_a_subject_under_the_name_of_witness_gets_the_newer_one() -> None:
    """What follows the type stays as it is, and other names stay whole."""
    for old, new in collection.LEGACY_TYPES.items():
        assert collection.with_canonical_type(f"{old}/commithash:1") == f"{new}/commithash:1"
        assert collection.with_canonical_type(old) == old
        assert collection.with_canonical_type(f"{old}x/y") == f"{old}x/y"
        assert collection.canonical(old) == new
    assert collection.with_canonical_type("urn:x/y") == "urn:x/y"


@pytest.mark.parametrize("name", ["environment", "git", "command-run"])
def test_a_predicate_under_the_name_of_witness_is_the_same(name: str) -> None:
    """Three types have an older name, by which earlier versions of the peer wrote them."""
    old = f"https://witness.dev/attestations/{name}/v0.1"
    found = collection.opened(changed(lambda document: entry(document, name).update(type=old)))
    assert (found.types[name], found.unknown) == (old, ())
    assert found.of_type(f"{ATTESTATIONS}{name}/v0.1") == (found.bodies[name],)
    assert collection.LEGACY_TYPES[old] == f"https://aflock.ai/attestations/{name}/v0.1"


def test_a_collection_under_the_name_of_witness_is_one() -> None:
    """The peer reads both."""
    old = "https://witness.testifysec.com/attestation-collection/v0.1"
    assert collection.opened(changed(lambda document: document.update(predicateType=old))).step == golden.STEP


def test_an_opened_collection_holds_all_of_it_and_prints_little() -> None:
    """Nothing of it can be left out by mistake, and a log that shows it does not show the evidence."""
    fields = inspect.signature(collection.Opened).parameters
    required = {name for name, field in fields.items() if field.default is field.empty}
    assert required == {"step", "bodies", "types", "times", "unknown", "subjects"}
    assert fields["back_references"].default == ()
    shown = repr(collection.opened(golden.statement().payload))
    assert not [name for name in ("bodies=", "subjects=", "back_references=") if name in shown]
    assert repr(collection.Unknown(type="urn:x", body="secret")) == "Unknown(type='urn:x')"
    assert set(inspect.signature(collection.Unknown).parameters) == {"type", "body"}
    with pytest.raises(TypeError):
        collection.Unknown(type="urn:x")  # type: ignore[call-arg]
