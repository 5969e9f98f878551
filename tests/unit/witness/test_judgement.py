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
