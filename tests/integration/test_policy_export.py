"""`mesh-attestor policy export`: a document that cilock and `verify --policy` judge by alike."""

from __future__ import annotations

import base64
import hashlib
import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from attestor import signing
from attestor.envelope import Envelope
from attestor.policies import catalogue
from tests import golden
from tests.conftest import ROOT, Done, KeyPair
from tests.integration.conftest import Ask

ANSWERS: dict[str, dict[str, Any]] = json.loads(
    (ROOT / "tests" / "fixtures" / "cilock-exported-policy.json").read_text(encoding="utf-8")
)
EXPIRES = "2099-01-01T00:00:00Z"
NOW = "2026-11-21T12:00:00Z"

Export = Callable[..., Done]


@pytest.fixture
def export(ask: Ask, key: KeyPair, tmp_path: Path) -> Export:
    """Export a policy into the temporary folder, for evidence and signed by the same key."""

    def call(*more: str | Path, **options: str | Path | None) -> Done:
        chosen: dict[str, str | Path | None] = {"key": key.public, "signing-key": key.private, "expires": EXPIRES}
        chosen |= {name.replace("_", "-"): value for name, value in options.items()}
        words: list[str | Path] = []
        for name, value in chosen.items():
            words += [f"--{name}", value] if value is not None else []
        return ask("policy", "export", *words, *more, cwd=tmp_path)

    return call


def document(path: Path) -> dict[str, Any]:
    envelope = json.loads(path.read_bytes())
    assert envelope["payloadType"] == "https://aflock.ai/policy/v0.1"
    found: dict[str, Any] = json.loads(base64.b64decode(envelope["payload"]))
    return found


def test_the_document_holds_the_rules_that_see_the_bare_predicate(export: Export, tmp_path: Path) -> None:
    """Six types are required, the rules under `mesh` judge the last, and what is left out is told."""
    done = export()
    assert done.code == 0, done.err
    found = document(tmp_path / "policy-signed.json")
    (step,) = found["steps"].values()
    assert [entry["type"].rpartition("attestations/")[2] for entry in step["attestations"]] == [
        "environment/v0.1",
        "git/v0.1",
        "material/v0.3",
        "command-run/v0.1",
        "product/v0.3",
        "linkerd-check/v0.1",
    ]
    regos = step["attestations"][-1]["regopolicies"]
    folder = ROOT / "policy"
    denying = {name for name, level in catalogue.levels().items() if level in {"floor", "deny"}}
    assert {rego["name"] for rego in regos} == {name for name in denying if name.startswith("mesh.")}
    assert "left out     mesh.versions_match: it only warns\n" in done.out
    assert "left out     mesh.warning_budget: it is off\n" in done.out
    for rego in regos:
        family, _, stem = rego["name"].partition(".")
        assert base64.b64decode(rego["module"]) == (folder / family / f"{stem}.rego").read_bytes()
    for path in (folder / "collection").glob("*.rego"):
        assert (f"collection.{path.stem}: " in done.out) != path.stem.endswith("_test")


@pytest.mark.parametrize("recording", sorted(ANSWERS))
def test_the_exported_rules_answer_as_in_cilock(
    recording: str, export: Export, ask: Ask, key: KeyPair, opa: Path, tmp_path: Path
) -> None:
    """For each recorded mesh: the real cilock's exit code over this very payload, ours, and the embedded rules'."""
    statement = golden.statement(recording)
    assert hashlib.sha256(statement.payload).hexdigest() == ANSWERS[recording]["payload"]
    assert export().code == 0
    signer = signing.load(key.private.read_bytes(), None, name="the key")
    envelope = tmp_path / "attestation.json"
    envelope.write_bytes(Envelope.seal(statement, [signer]).to_bytes())
    common = ("verify", envelope, "--opa", opa, "--now", NOW, "--format", "json")
    by_document = ask(*common, "--policy", tmp_path / "policy-signed.json", "--policy-key", key.public, cwd=tmp_path)
    assert by_document.code == ANSWERS[recording]["exit"], by_document.said
    by_rules = json.loads(ask(*common, "--key", key.public, cwd=tmp_path).out)
    of_mesh = {reason["message"] for reason in by_rules["violations"] if reason["rule"].startswith("mesh.")}
    assert {reason["message"] for reason in json.loads(by_document.out)["violations"]} == of_mesh


CONFIG = r"""
rules:
  mesh.versions_match: {level: deny}
  mesh.identity_namespaces: {level: deny}
  mesh.own_service_accounts: {level: "off"}
  mesh.required_namespaces: {namespaces: [emojivoto, 'no-"such\\']}
  mesh.required_edges: {edges: [emojivoto/web -> emojivoto/voting, "é/🙂 -> b/c"]}
  mesh.minimum_edges: {namespaces: {emojivoto: 2, idle: 1}}
  mesh.allowed_pairs: {pairs: ["*.emojivoto -> *.emojivoto"]}
  mesh.required_checks: {categories: [linkerd-jaeger], checks: [can query], anchors: [l5d-version-cli]}
  mesh.warning_budget: {level: deny}
  mesh.extensions_checked: {extensions: [viz, jaeger]}
exempt: {namespaces: [nobody]}
clusters:
  prod: {rules: {mesh.warning_budget: {max: 1}}}
  dev: {rules: {mesh.warning_budget: {level: warn}}}
"""


PARTLY = """
rules:
  mesh.required_checks: {anchors: [l5d-version-cli]}
  mesh.required_namespaces: {level: deny}
  mesh.required_edges: {level: deny}
  mesh.minimum_edges: {level: deny}
  mesh.allowed_pairs: {level: deny}
  mesh.extensions_checked: {level: deny}
exempt: {workloads: [nobody/none]}
"""


@pytest.mark.parametrize("text", [CONFIG, PARTLY], ids=["wholly", "partly"])
@pytest.mark.parametrize("recording", ["healthy", "stable-2.14", "insecure-edge", "mixed-tls", "anchor-expiring"])
def test_a_configuration_is_carried_with_its_parameters(
    recording: str, text: str, export: Export, ask: Ask, key: KeyPair, tmp_path: Path
) -> None:
    """What denies by it denies in the document with the same sentences, as far as it sees the bare predicate."""
    config = tmp_path / "config.yaml"
    config.write_text(text, encoding="utf-8")
    done = export("--policy-config", config, "--cluster", "golden")
    assert done.code == 0, done.err
    assert "left out     the exemptions: " in done.out
    assert ("left out     mesh.own_service_accounts: it is off\n" in done.out) is (text is CONFIG)
    signer = signing.load(key.private.read_bytes(), None, name="the key")
    envelope = tmp_path / "attestation.json"
    envelope.write_bytes(Envelope.seal(golden.statement(recording), [signer]).to_bytes())
    common = ("verify", envelope, "--now", NOW, "--format", "json")
    by_document = ask(*common, "--policy", tmp_path / "policy-signed.json", "--policy-key", key.public, cwd=tmp_path)
    by_rules = json.loads(ask(*common, "--key", key.public, "--policy-config", config, cwd=tmp_path).out)
    of_mesh = {reason["message"] for reason in by_rules["violations"] if reason["rule"].startswith("mesh.")}
    assert any("no-" in message or "none is named" in message for message in of_mesh)
    assert {reason["message"] for reason in json.loads(by_document.out)["violations"]} == of_mesh


def test_a_cluster_has_its_own_document(export: Export, tmp_path: Path) -> None:
    """A document branches on nothing: what holds for the named cluster is written into it."""
    config = tmp_path / "config.yaml"
    config.write_text(CONFIG, encoding="utf-8")
    found = {}
    for cluster in ("prod", "dev", "other"):
        done = export("--policy-config", config, "--cluster", cluster, out=f"{cluster}.json")
        assert done.code == 0, done.err
        (step,) = document(tmp_path / f"{cluster}.json")["steps"].values()
        sources = {rego["name"]: base64.b64decode(rego["module"]) for rego in step["attestations"][-1]["regopolicies"]}
        assert not [name for name, source in sources.items() if b"data.parameters" in source]
        found[cluster] = sources.get("mesh.warning_budget", b"")
    assert found["dev"] == b""
    assert rb'_given := json.unmarshal("{\"max\": 1}")' in found["prod"]
    assert b'_given := json.unmarshal("{}")' in found["other"]


def test_a_configuration_that_is_wrong_is_not_exported(export: Export, tmp_path: Path) -> None:
    """Nothing is written then."""
    config = tmp_path / "config.yaml"
    config.write_text("rules: {mesh.edges_mtls: {level: warn}}", encoding="utf-8")
    done = export("--policy-config", config)
    assert (done.code, "of the floor" in done.err) == (2, True), done.said
    assert list(tmp_path.glob("policy*")) == []


@pytest.mark.parametrize(
    ("options", "said"),
    [
        ({"key": None}, "nobody may sign evidence"),
        ({"expires": None}, "expires is missing"),
        ({"expires": "tomorrow"}, "not an RFC 3339 time"),
        ({"expires": "2026-01-01T00:00:00Z"}, "in the past"),
        ({"signing_key": None}, "no key to sign the policy with"),
        ({"signing_key": "nowhere.key"}, "cannot be read"),
        ({"key": "nowhere.pub"}, "cannot be read"),
    ],
    ids=["no-key", "no-expiry", "word", "past", "no-signing-key", "no-such-signing-key", "no-such-key"],
)
def test_what_cannot_be_exported_is_a_settings_error(
    options: dict[str, str | None], said: str, export: Export, tmp_path: Path
) -> None:
    """Nothing is written then."""
    done = export(**options)
    assert (done.code, said in done.err) == (2, True), done.said
    assert list(tmp_path.glob("policy*")) == []


def test_another_policy_command_is_refused(export: Export) -> None:
    """`policy` has the words that its help names, and no others."""
    assert export("import").code == 2


def test_several_keys_and_another_step(export: Export, key: KeyPair, tmp_path: Path) -> None:
    """A key that was named twice is one functionary."""
    done = export("--key", key.public, step="mesh", out="other.json")
    assert done.code == 0, done.err
    found = document(tmp_path / "other.json")
    assert list(found["steps"]) == ["mesh"]
    assert found["steps"]["mesh"]["functionaries"] == [{"type": "publickey", "publickeyid": key.keyid}]
