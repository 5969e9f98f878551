"""A document over evidence: every reason for which it does not pass."""

from __future__ import annotations

import base64
import copy
import json
from dataclasses import replace
from datetime import UTC, datetime
from pathlib import Path

import pytest

from attestor import collection, engine, signing
from attestor.collection import Opened, Unknown
from attestor.engine import Engine
from attestor.errors import GateError
from attestor.verdict import Verdict
from attestor.witness import export, judge
from attestor.witness.document import Document, Module, Requirement, read
from tests import golden
from tests.conftest import ROOT

OPENED = collection.opened(golden.statement().payload)
INSECURE = collection.opened(golden.statement("insecure-edge").payload)
NOW = datetime(2026, 11, 21, 12, tzinfo=UTC)
EXPIRES = datetime(2026, 12, 1, tzinfo=UTC)
_, SIGNER = signing.generate(None)
DOCUMENT = read(export.build([SIGNER.public], golden.STEP, EXPIRES).payload)
DENIES = Module(name="never", source=b'package never\ndeny["never"] { true }')


@pytest.fixture
def opa_engine(opa: Path, tmp_path: Path) -> Engine:
    """The engine in a folder of its own."""
    return engine.find(opa, tmp_path)


def judged(opa_engine: Engine, opened: Opened = OPENED, document: Document = DOCUMENT, now: datetime = NOW) -> Verdict:
    return judge(document, opened, opa_engine, now=now)


def rules(verdict: Verdict) -> list[str]:
    assert verdict.allowed == (not verdict.violations)
    return [violation.rule for violation in verdict.violations]


def test_a_healthy_mesh_passes(opa_engine: Engine) -> None:
    """Everything that was looked at is named."""
    verdict = judged(opa_engine)
    assert verdict.allowed
    assert len(verdict.checked) == 5 + 11


def test_an_insecure_edge_is_denied_by_its_rule(opa_engine: Engine) -> None:
    """With the rule's own sentences."""
    assert set(rules(judged(opa_engine, INSECURE))) == {"policy.rego:mesh.edges_mtls"}


def test_an_expired_document_denies(opa_engine: Engine) -> None:
    """From the very moment on."""
    assert rules(judged(opa_engine, now=EXPIRES)) == ["policy.expires"]


def test_a_collection_of_another_step_is_denied(opa_engine: Engine) -> None:
    """The document says nothing about it."""
    assert rules(judged(opa_engine, replace(OPENED, step="other"))) == ["policy.step"]


def test_a_missing_type_is_denied(opa_engine: Engine) -> None:
    """Also one that no rule reads."""
    bodies = {name: body for name, body in OPENED.bodies.items() if name != "environment"}
    types = {name: uri for name, uri in OPENED.types.items() if name != "environment"}
    assert rules(judged(opa_engine, replace(OPENED, bodies=bodies, types=types))) == ["policy.attestations"]


def test_another_version_is_another_type(opa_engine: Engine) -> None:
    """A document for command-run v0.1 does not take v0.2."""
    uri = "https://aflock.ai/attestations/command-run/v0.2"
    opened = replace(OPENED, types={**OPENED.types, "command-run": uri})
    assert rules(judged(opa_engine, opened)) == ["policy.attestations"]


def test_the_name_of_witness_is_the_same_type(opa_engine: Engine) -> None:
    """As for cilock, in both directions."""
    uri = "https://witness.dev/attestations/git/v0.1"
    assert judged(opa_engine, replace(OPENED, types={**OPENED.types, "git": uri})).allowed
    legacy = tuple(
        replace(requirement, type=uri) if "/git/" in requirement.type else requirement
        for requirement in DOCUMENT.requirements
    )
    assert judged(opa_engine, document=replace(DOCUMENT, requirements=legacy)).allowed


@pytest.mark.parametrize("body", [None, {}, [], "x", 1])
def test_an_unknown_type_is_judged_as_it_stands(body: object, opa_engine: Engine) -> None:
    """A document may ask for any type; every entry of it is judged, and null is no entry."""
    passes = Module(name="m", source=b"package m\ndeny = []")
    document = replace(DOCUMENT, requirements=(Requirement(type="urn:x", modules=(passes,)),))
    opened = replace(OPENED, unknown=(Unknown(type="urn:x", body={"a": 1}), Unknown(type="urn:x", body=body)))
    assert rules(judged(opa_engine, opened, document)) == ([] if body is not None else ["policy.attestations"])
    denying = replace(DOCUMENT, requirements=(Requirement(type="urn:x", modules=(DENIES,)),))
    assert "policy.rego:never" in rules(judged(opa_engine, opened, denying))


@pytest.mark.parametrize("said", [True, None, "no", 0])
def test_a_replay_is_denied_whatever_the_document_says(said: object, opa_engine: Engine) -> None:
    """Unless it is allowed; what does not say that it is none is one."""
    command = copy.deepcopy(dict(OPENED.bodies["command-run"]))
    command["capture"]["linkerd"]["replay"] = said
    opened = replace(OPENED, bodies={**OPENED.bodies, "command-run": command})
    assert rules(judged(opa_engine, opened)) == ["policy.live"]
    assert judge(DOCUMENT, opened, opa_engine, now=NOW, allow_replay=True).allowed


def test_path_bound_trees_are_denied(opa_engine: Engine) -> None:
    """What earlier versions of cilock wrote, v4.1.0 refuses, and a document judges by its word."""
    envelope = json.loads((ROOT / "tests" / "fixtures" / "rookery-recorded" / "attestation.json").read_bytes())
    old = collection.opened(base64.b64decode(envelope["payload"]))
    tree = {"material": old.bodies["material"]}
    assert rules(judged(opa_engine, replace(OPENED, bodies={**OPENED.bodies, **tree}))) == ["policy.leaves"]


def reasons(verdict: Verdict) -> set[tuple[str, str]]:
    return {(violation.rule, violation.message) for violation in verdict.violations}


def test_every_reason_is_told_in_a_sentence(opa_engine: Engine) -> None:
    """Expiry, step, replay and types, all of them at once and each by name."""
    command = copy.deepcopy(dict(OPENED.bodies["command-run"]))
    command["capture"]["linkerd"]["replay"] = True
    bodies = {**OPENED.bodies, "command-run": command}
    requirements = (Requirement(type="urn:none", modules=()), Requirement(type="urn:null", modules=()))
    document = replace(DOCUMENT, step="other", requirements=requirements)
    opened = replace(OPENED, bodies=bodies, unknown=(Unknown(type="urn:null", body=None),))
    assert reasons(judged(opa_engine, opened, document, EXPIRES)) == {
        ("policy.expires", "the policy expired at 2026-12-01T00:00:00Z"),
        ("policy.step", "the collection is named linkerd-mesh-check, and the policy is for other"),
        ("policy.live", "linkerd was a replay, and not a mesh, or the capture does not say that it was none"),
        ("policy.attestations", "the collection holds no urn:none"),
        ("policy.attestations", "the collection's urn:null is null"),
    }


def test_what_was_looked_at_is_named(opa_engine: Engine) -> None:
    """Five conditions of a document, and each of its modules."""
    document = replace(DOCUMENT, requirements=(Requirement(type=OPENED.types["git"], modules=(DENIES,)),))
    verdict = judged(opa_engine, document=document)
    conditions = ("expires", "step", "live", "leaves", "attestations", "rego:never")
    assert verdict.checked == tuple(f"policy.{name}" for name in conditions)
    assert reasons(verdict) == {("policy.rego:never", "never")}


def test_a_reason_without_a_word_gets_some(opa_engine: Engine) -> None:
    """An empty reason denies like any other."""
    module = Module(name="m", source=b'package m\ndeny[""] { true }')
    document = replace(DOCUMENT, requirements=(Requirement(type=OPENED.types["git"], modules=(module,)),))
    assert reasons(judged(opa_engine, document=document)) == {
        ("policy.rego:m", "the module denies with an empty reason")
    }


@pytest.mark.parametrize("name", ["material", "product"])
def test_each_tree_is_asked_for_its_leaves(name: str, opa_engine: Engine) -> None:
    """A path-bound one among the products is as old as one among the materials."""
    leaf = {"path": "a", "fileDigest": "ab" * 32, "leafHash": "cd" * 32}
    body = {**OPENED.bodies[name], "leaves": [*OPENED.bodies[name].get("leaves", []), leaf]}
    document = replace(DOCUMENT, requirements=())
    assert reasons(judged(opa_engine, replace(OPENED, bodies={**OPENED.bodies, name: body}), document)) == {
        (
            "policy.leaves",
            f"the leaves of {name} are path-bound, as cilock wrote them before v4.1.0 and reads them no more",
        )
    }


def test_evidence_of_cilock_is_no_replay(opa_engine: Engine) -> None:
    """It has no capture, and does not say."""
    command = {key: value for key, value in OPENED.bodies["command-run"].items() if key != "capture"}
    opened = replace(OPENED, bodies={**OPENED.bodies, "command-run": command})
    assert judged(opa_engine, opened).allowed


@pytest.mark.parametrize(
    "call", ['net.cidr_contains("10.0.0.0/8", "10.0.0.1")', 'count(net.cidr_expand("10.0.0.0/30")) > 0']
)
def test_a_module_has_no_more_functions_than_cilock_gives_it(call: str, opa_engine: Engine) -> None:
    """One that needs another does not compile, there as here."""
    module = Module(name="m", source=f'package m\ndeny[msg] {{ not {call}; msg := "x" }}'.encode())
    document = replace(DOCUMENT, requirements=(Requirement(type=OPENED.types["git"], modules=(module,)),))
    with pytest.raises(GateError, match="does not compile"):
        judged(opa_engine, document=document)
