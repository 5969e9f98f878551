"""A policy document is read as a whole, or refused by the name of what is wrong with it."""

from __future__ import annotations

import base64
import copy
import json
from collections.abc import Callable
from datetime import UTC, datetime
from typing import Any

import pytest

from attestor import signing, trust
from attestor.envelope import Envelope
from attestor.errors import EvidenceError, SettingsError
from attestor.witness import document, export

_, SIGNER = signing.generate(None)
_, OTHER = signing.generate(None)
EXPIRES = datetime(2030, 1, 1, tzinfo=UTC)
GOOD: dict[str, Any] = json.loads(export.build([SIGNER.public], "mesh", EXPIRES).payload)
Change = Callable[[dict[str, Any]], object]


def changed(change: Change) -> bytes:
    found = copy.deepcopy(GOOD)
    change(found)
    return json.dumps(found).encode()


def step(found: dict[str, Any]) -> dict[str, Any]:
    inner: dict[str, Any] = found["steps"]["mesh"]
    return inner


def public(found: dict[str, Any]) -> dict[str, Any]:
    inner: dict[str, Any] = found["publickeys"][SIGNER.keyid]
    return inner


def rego(found: dict[str, Any]) -> dict[str, Any]:
    inner: dict[str, Any] = step(found)["attestations"][-1]["regopolicies"][0]
    return inner


def functionary(found: dict[str, Any]) -> dict[str, Any]:
    inner: dict[str, Any] = step(found)["functionaries"][0]
    return inner


def test_what_was_exported_is_read() -> None:
    """Step, expiry, keys, types in their order, and the modules with their names and sources."""
    found = document.read(json.dumps(GOOD).encode())
    assert (found.step, found.expires) == ("mesh", EXPIRES)
    assert [key.keyid for key in found.keys] == [SIGNER.keyid]
    assert len(found.requirements) == 6
    assert [len(requirement.modules) for requirement in found.requirements] == [0, 0, 0, 0, 0, 11]
    assert found.requirements[-1].modules[0].name == "mesh.categories_present"
    assert b"package mesh.categories_present" in found.requirements[-1].modules[0].source


REFUSED: dict[str, tuple[Change, str]] = {
    "expires-missing": (lambda d: d.pop("expires"), "counts as expired for ever"),
    "expires-null": (lambda d: d.update(expires=None), "counts as expired for ever"),
    "expires-a-day": (lambda d: d.update(expires="2030-01-01"), "counts as expired for ever"),
    "steps-missing": (lambda d: d.pop("steps"), "it has 0 steps"),
    "steps-empty": (lambda d: d.update(steps={}), "it has 0 steps"),
    "steps-two": (lambda d: d["steps"].update(build=step(d)), "it has 2 steps"),
    "step-name-differs": (lambda d: step(d).update(name="other"), "another name than its key"),
    "step-null": (lambda d: d["steps"].update(mesh=None), "another name than its key"),
    "step-asks-artifacts": (lambda d: step(d).update(artifactsFrom=["build"]), "asks for artifactsFrom"),
    "step-asks-attestations": (lambda d: step(d).update(attestationsFrom=["build"]), "asks for attestationsFrom"),
    "step-asks-external": (lambda d: step(d).update(externalFrom=["vsa"]), "asks for externalFrom"),
    "step-asks-untracked": (lambda d: step(d).update(allowedUntracked=["x"]), "asks for allowedUntracked"),
    "step-asks-time": (lambda d: step(d).update(timestampConstraint={"maxAge": "1h"}), "asks for timestampConstraint"),
    "roots": (lambda d: d.update(roots={"r": {"certificate": ""}}), "asks for roots"),
    "authorities": (lambda d: d.update(timestampauthorities={"t": {}}), "asks for timestampauthorities"),
    "external": (lambda d: d.update(externalAttestations={"v": {}}), "asks for externalAttestations"),
    "unknown-word": (lambda d: d.update(threshold=2), "asks for threshold"),
    "unknown-word-null": (lambda d: d.update(threshold=None), "asks for threshold"),
    "word-in-another-case": (lambda d: d.update(Expires="2040-01-01T00:00:00Z"), "is ambiguous"),
    "keys-missing": (lambda d: d.pop("publickeys"), "has no publickeys"),
    "key-no-object": (lambda d: d["publickeys"].update(x=1), "a public key is not an object"),
    "key-id-of-another": (lambda d: public(d).update(keyid="ab" * 32), "keyid is not the SHA-256"),
    "key-no-base64": (lambda d: public(d).update(key="?"), "not standard base64"),
    "key-no-pem": (lambda d: public(d).update(key="AAAA"), "not a PEM public key"),
    "key-more": (lambda d: public(d).update(algorithm="x"), "asks for algorithm"),
    "functionaries-none": (lambda d: step(d).update(functionaries=[]), "nobody may sign"),
    "functionaries-no-list": (lambda d: step(d).update(functionaries={}), "functionaries is not a list"),
    "functionary-no-object": (lambda d: step(d).update(functionaries=["x"]), "a functionary is not an object"),
    "functionary-root": (lambda d: functionary(d).update(type="root"), "certificates are not judged"),
    "functionary-unknown": (lambda d: functionary(d).update(publickeyid="x"), "none of the document's public keys"),
    "functionary-missing": (lambda d: functionary(d).pop("publickeyid"), "none of the document's public keys"),
    "functionary-constraint": (
        lambda d: functionary(d).update(certConstraint={"commonname": "*"}),
        "asks for certConstraint",
    ),
    "functionary-constraint-empty-lists": (
        lambda d: functionary(d).update(certConstraint={"emails": []}),
        "asks for certConstraint",
    ),
    "attestations-none": (lambda d: step(d).update(attestations=[]), "asks for nothing"),
    "attestation-no-type": (lambda d: step(d)["attestations"][0].pop("type"), "attestation 0 has no type"),
    "attestation-no-object": (lambda d: step(d).update(attestations=["x"]), "attestation 0 has no type"),
    "attestation-ai": (lambda d: step(d)["attestations"][0].update(aipolicies=[{"name": "x"}]), "asks for aipolicies"),
    "rego-no-object": (lambda d: step(d)["attestations"][0].update(regopolicies=["x"]), "a Rego policy is not"),
    "rego-no-module": (lambda d: rego(d).pop("module"), "not standard base64"),
    "rego-no-base64": (lambda d: rego(d).update(module="package x"), "not standard base64"),
    "rego-name": (lambda d: rego(d).update(name=1), "name is not a string"),
    "rego-more": (lambda d: rego(d).update(language="v1"), "asks for language"),
}


@pytest.mark.parametrize("case", sorted(REFUSED))
def test_what_is_not_certain_is_refused_by_its_name(case: str) -> None:
    """Malformed, unknown, or more than can be judged here."""
    change, said = REFUSED[case]
    with pytest.raises(SettingsError) as caught:
        document.read(changed(change))
    assert said in caught.value.problem


@pytest.mark.parametrize(
    "change",
    [
        lambda d: d.update(roots={}, timestampauthorities=None, externalAttestations={}),
        lambda d: step(d).update(artifactsFrom=None, attestationsFrom=[], allowedUntracked=None),
        lambda d: functionary(d).update(certConstraint=None),
        lambda d: functionary(d).update(certConstraint={}),
        lambda d: functionary(d).pop("type"),
        lambda d: step(d)["attestations"][0].update(aipolicies=[], regopolicies=None),
        lambda d: rego(d).pop("name"),
    ],
    ids=["document", "step", "constraint-null", "constraint-empty", "type", "attestation", "rego-name"],
)
def test_what_was_left_empty_asks_for_nothing(change: Change) -> None:
    """Go's encoder writes every field of the format, also those that nobody filled."""
    assert document.read(changed(change)).step == "mesh"


@pytest.mark.parametrize("payload", [b"", b"[]", b"null", b"{", b'{"steps":{},"steps":{}}', b"{}{}"])
def test_what_is_no_document_is_refused(payload: bytes) -> None:
    """Cut, doubled, ambiguous, or something else."""
    with pytest.raises(SettingsError, match="the policy cannot be used"):
        document.read(payload)


@pytest.mark.parametrize("payload_type", document.PAYLOAD_TYPES)
def test_a_signed_document_is_opened_by_its_key(payload_type: str) -> None:
    """By either name of the payload type; who signed is kept."""
    data = Envelope.sign(payload_type, json.dumps(GOOD).encode(), [SIGNER]).to_bytes()
    assert document.open_signed(data, [OTHER.public, SIGNER.public]).signers == (SIGNER.keyid,)
    with pytest.raises(EvidenceError, match="no signature of the envelope is by a trusted key"):
        document.open_signed(data, [OTHER.public])


def test_evidence_is_no_policy() -> None:
    """Its payload type is another, whoever signed it."""
    data = Envelope.sign("application/vnd.in-toto+json", json.dumps(GOOD).encode(), [SIGNER]).to_bytes()
    with pytest.raises(EvidenceError, match=r"payload type is not https://aflock\.ai/policy"):
        document.open_signed(data, [SIGNER.public])


def test_a_certificate_is_no_public_key_of_a_document() -> None:
    """The format holds keys; what a certificate allows is judged by nobody here."""
    pem = base64.b64encode(b"-----BEGIN CERTIFICATE-----\nAAAA\n-----END CERTIFICATE-----\n").decode()
    with pytest.raises(SettingsError):
        document.read(changed(lambda d: public(d).update(key=pem)))
    assert trust.public_pem(SIGNER.public.key) == base64.b64decode(public(GOOD)["key"])
