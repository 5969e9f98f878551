"""Rules of one's own through the command line: judged as they say, or refused by name, and never passed over.

The cases are data: a folder of `tests/cases/own` each, with Rego as a team would write it.
"""

from __future__ import annotations

import base64
import hashlib
import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from attestor import Verifier, limits, load_key, signing
from attestor.clock import parse_rfc3339
from attestor.envelope import Envelope
from attestor.errors import AttestorError
from attestor.policies.load import load
from tests import golden
from tests.conftest import ROOT, Done, KeyPair
from tests.integration.conftest import Ask, Attempt

CASES = ROOT / "tests" / "cases" / "own"
NOW = "2026-11-21T12:00:00Z"
CLEAN = CASES / "judged" / "clean-set"
STRINGS = CASES / "judged" / "strings"

Verify = Callable[..., Done]


def names(kind: str) -> list[str]:
    return sorted(folder.name for folder in (CASES / kind).iterdir())


def case(folder: Path) -> dict[str, Any]:
    found: dict[str, Any] = json.loads((folder / "case.json").read_bytes())
    return found


@pytest.fixture
def verify(ask: Ask, key: KeyPair, opa: Path, tmp_path: Path) -> Verify:
    """Verify the golden evidence with options."""
    signer = signing.load(key.private.read_bytes(), None, name="the key")
    for name in ("good.json", "again.json"):
        (tmp_path / name).write_bytes(Envelope.seal(golden.statement(), [signer]).to_bytes())

    def call(*options: str | Path, envelopes: tuple[str, ...] = ("good.json",), trusted: bool = True) -> Done:
        keys = ("--key", key.public) if trusted else ()
        return ask("verify", *envelopes, *keys, "--opa", opa, "--now", NOW, *options, cwd=tmp_path)

    return call


@pytest.mark.parametrize("name", names("refused"))
def test_refused(verify: Verify, name: str) -> None:
    """What does not compile, reads what it will not see, or would not be asked, gives no verdict: exit 5, by name."""
    folder = CASES / "refused" / name
    done = verify("--policy", folder, *case(folder).get("options", []))
    assert done.code == 5, done.said
    assert done.out == ""
    assert [part for part in case(folder)["says"] if part not in done.err] == [], done.err
    assert "mesh-attestor-" not in done.err, "a private path is told"


@pytest.mark.parametrize(
    "name", [name for name in names("refused") if not case(CASES / "refused" / name).get("captured")]
)
def test_a_run_refuses_it_before_anything_is_run(attempt: Attempt, name: str) -> None:
    """It can be known before the capture, so linkerd is asked for no more than its version."""
    folder = CASES / "refused" / name
    done = attempt("--policy", folder, *case(folder).get("options", []))
    assert done.code == 5, done.said
    assert done.out == ""
    assert [asked for asked in attempt.asked() if not asked.startswith("version")] == []
    assert not (attempt.tree / "attestation.json").exists()


@pytest.mark.parametrize("name", names("judged"))
def test_judged(verify: Verify, key: KeyPair, opa: Path, tmp_path: Path, name: str) -> None:
    """What a rule gives is told under its package; deny and violation deny, warn does not."""
    folder = CASES / "judged" / name
    wanted, complaints = case(folder), list[AttestorError]()
    options = wanted.get("options", [])
    policy = load(None, None, complaints, rules=[folder], rego_version="v0" if options else "v1")
    trusted = (load_key(key.public),)
    verifier = Verifier(keys=trusted, policy=policy, opa=opa, now=parse_rfc3339(NOW))
    report = verifier.verify((tmp_path / "good.json").read_bytes())
    assert report.verdict is not None
    ours = ("acme.", "mesh.acme", "collection.acme")
    assert [found.message for found in report.verdict.violations] == wanted["violations"]
    assert all(found.rule.startswith(ours) for found in report.verdict.violations)
    warnings = [found.message for found in report.verdict.warnings if found.rule.startswith(ours)]
    assert warnings == wanted["warnings"]
    done = verify("--policy", folder, *options, "--format", "json")
    answer = json.loads(done.out)
    assert done.code == (1 if wanted["violations"] else 0)
    assert [found["message"] for found in answer["violations"]] == wanted["violations"]
    assert answer["rego_version"] == ("v0" if options else "v1")
    modules = {Path(module["path"]).name: module["sha256"] for module in answer["modules"]}
    assert modules == {path.name: golden.sha256(path.read_bytes()) for path in folder.glob("*.rego")}


def test_run_and_verify_give_one_verdict(attempt: Attempt, ask: Ask, key: KeyPair, opa: Path) -> None:
    """A denial by a rule of one's own leaves its evidence, and verify denies it for the same reason."""
    rule = attempt.tree.parent / "rule.rego"
    rule.write_text(
        'package acme.rule\n\ndeny contains "no release" if input.cluster_name != "release"\n', encoding="utf-8"
    )
    done = attempt(policy=rule)
    assert (done.code, "no release  [acme.rule]" in done.out) == (1, True), done.said
    assert "own rules  1 module of Rego v1, sha256 " in done.out
    envelope = attempt.tree / "attestation.json"
    said = ask(
        "verify", envelope, "--key", key.public, "--opa", opa, "--allow-replay", "--policy", rule, cwd=attempt.tree
    )
    assert (said.code, "no release  [acme.rule]" in said.out) == (1, True), said.said
    assert attempt("--policy", rule, cluster_name="release").code == 0


def test_the_signed_verdict_names_every_module(attempt: Attempt, ask: Ask, key: KeyPair, opa: Path) -> None:
    """By its digest and the Rego that it was read as; without them, or as another Rego, it is another policy."""
    done = attempt(policy=STRINGS, cluster_name="a")
    assert done.code == 1, done.said
    verdict = attempt.tree / "attestation.verdict.json"
    statement = json.loads(base64.b64decode(json.loads(verdict.read_bytes())["payload"]))
    digest = golden.sha256((STRINGS / "rule.rego").read_bytes())
    part = {"name": f"own-v1/{digest}.rego", "sha256": digest}
    assert part["name"] in json.dumps(statement)
    moved = attempt.tree.parent / "moved.rego"
    moved.write_bytes((STRINGS / "rule.rego").read_bytes())

    def again(*options: str | Path) -> Done:
        words = ("--key", key.public, "--opa", opa, "--allow-replay", "--verdict", verdict)
        return ask("verify", attempt.tree / "attestation.json", *words, *options, cwd=attempt.tree)

    assert (done := again("--policy", moved)).code == 1, done.said
    assert "a is named  [acme.rule]" in done.out
    assert part["name"] not in done.out
    assert part["name"] in again().said


def test_several_paths_are_one_policy(verify: Verify, attempt: Attempt) -> None:
    """The option may be repeated, or name several on lines or with commas, as an action's input does."""
    whole = CASES / "judged" / "whole-input"
    for options in (("--policy", STRINGS, "--policy", whole), ("--policy", f"{STRINGS},\n {whole}\n")):
        done = verify(*options)
        assert done.code == 1
        assert "golden is named  [acme.rule]" in done.out
        assert "main by golden  [collection.acme]" in done.out
    done = attempt("--policy", STRINGS, "--policy", whole)
    assert "main by   [collection.acme]" in done.out


def test_many_envelopes_are_judged_by_them(verify: Verify) -> None:
    """All in one call of opa, each by its own evidence."""
    done = verify("--policy", STRINGS, "--format", "json", envelopes=("good.json", "again.json"))
    answer = json.loads(done.out)
    assert done.code == 1
    assert [[found["message"] for found in each["violations"]] for each in answer["envelopes"]] == [
        ["golden is named"]
    ] * 2
    assert (
        verify("--policy", CASES / "judged" / "v0", "--rego-version", "v0", envelopes=("good.json", "again.json")).code
        == 1
    )


def test_what_cannot_judge_is_the_answer_for_every_envelope(verify: Verify) -> None:
    """No envelope is allowed by the rules that are left."""
    done = verify("--policy", CASES / "refused" / "map", "--format", "json", envelopes=("good.json", "again.json"))
    assert done.code == 5
    assert [each["verdict"] for each in json.loads(done.out)["envelopes"]] == ["error", "error"]


def test_a_rule_that_takes_for_ever(verify: Verify, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """The engine is stopped, and that is no verdict."""
    monkeypatch.setattr(limits, "OPA_SECONDS", 2.0)
    text = 'package acme.slow\n\ndeny contains "x" if sum(numbers.range(1, 1000000000)) == 0\n'
    (tmp_path / "slow.rego").write_text(text, encoding="utf-8")
    done = verify("--policy", "slow.rego")
    assert (done.code, done.out) == (5, "")
    assert "the gate has no certain answer" in done.err


@pytest.mark.parametrize(
    ("path", "says"),
    [
        ("gone", "cannot be read: No such file or directory"),
        ("gone.rego", "cannot be read: No such file or directory"),
        ("empty", "holds no Rego module"),
        ("notes.txt", "is no Rego module by its name"),
        ("a_test.rego", "is no Rego module by its name"),
        ("linked", "is a link: what was reviewed need not be what is judged"),
        ("upper", "its name does not end in .rego in small letters"),
        ("pipe", "it is no regular file"),
    ],
)
def test_a_path_that_cannot_be_read(attempt: Attempt, tmp_path: Path, path: str, says: str) -> None:
    """Exit 2, before anything is run."""
    import os

    for name in ("empty", "linked", "upper", "pipe"):
        (tmp_path / name).mkdir()
    rule = CLEAN / "rule.rego"
    (tmp_path / "notes.txt").write_text("x", encoding="utf-8")
    (tmp_path / "a_test.rego").write_text("package a", encoding="utf-8")
    (tmp_path / "linked" / "rule.rego").symlink_to(rule)
    (tmp_path / "upper" / "rule.REGO").write_bytes(rule.read_bytes())
    os.mkfifo(tmp_path / "pipe" / "rule.rego")
    assert says in attempt.refused(policy=tmp_path / path)


def test_an_unknown_version_of_rego(attempt: Attempt, verify: Verify) -> None:
    """Only v1 and v0 are known."""
    assert "rego-version is none of v1, v0" in attempt.refused(policy=CLEAN, rego_version="v2")
    done = verify("--policy", CLEAN, "--rego-version", "v2")
    assert (done.code, "rego-version is neither v1 nor v0" in done.err) == (2, True)


def test_verify_pins_the_modules(verify: Verify) -> None:
    """The digest is over the modules' digests, sorted, a line each: a shell can say it."""
    folder = CASES / "judged" / "libraries"
    lines = sorted(hashlib.sha256(path.read_bytes()).hexdigest() + "\n" for path in folder.glob("*.rego"))
    digest = hashlib.sha256("".join(lines).encode()).hexdigest()
    assert verify("--policy", folder, "--policy-sha256", digest).code == 1
    done = verify("--policy", STRINGS, "--policy-sha256", digest)
    assert done.code == 2
    assert "policy has the digest" in done.err
    assert "another is pinned" in done.err
    done = verify("--policy-sha256", digest)
    assert (done.code, "policy has the digest (there is none)" in done.err) == (2, True)


def test_a_document_without_its_key_is_no_rego(verify: Verify, tmp_path: Path) -> None:
    """It is the error that it was: nobody is trusted to have written it."""
    (tmp_path / "policy.json").write_text("{}", encoding="utf-8")
    done = verify("--policy", "policy.json", trusted=False)
    assert (done.code, "the policy has no trusted key" in done.err) == (2, True)
    done = verify("--policy", CLEAN, "--policy", "policy.json")
    assert (done.code, "not all of it is Rego" in done.err) == (2, True)


def test_a_finding_of_ones_own_can_be_waived_and_exempt(verify: Verify, tmp_path: Path) -> None:
    """By what its object says that it is about; a waiver of a rule that nobody has is exit 2."""
    (tmp_path / "rule.rego").write_text(
        'package collection.acme\n\ndeny contains {"msg": "x", "about": {"namespace": "shop"}} if input.git.branch == "main"\n',
        encoding="utf-8",
    )
    waiver = "- {rule: RULE, selector: {namespace: shop}, owner: a, reason: b, expires: 2026-12-01}\n"
    (tmp_path / "waivers.yaml").write_text(waiver.replace("RULE", "collection.acme"), encoding="utf-8")
    (tmp_path / "other.yaml").write_text(waiver.replace("RULE", "collection.acne"), encoding="utf-8")
    (tmp_path / "config.yaml").write_text("exempt: {namespaces: [shop]}\n", encoding="utf-8")
    own = ("--policy", "rule.rego")
    assert verify(*own).code == 1
    assert verify(*own, "--waivers", "waivers.yaml").code == 0
    assert verify(*own, "--policy-config", "config.yaml").code == 0
    done = verify(*own, "--waivers", "other.yaml")
    assert (done.code, "did you mean collection.acme?" in done.err) == (2, True), done.said
    assert verify("--waivers", "waivers.yaml").code == 2


def test_a_code_of_ones_own(verify: Verify, key: KeyPair, opa: Path, tmp_path: Path) -> None:
    """An object may say its code, which stands where ours have theirs."""
    (tmp_path / "rule.rego").write_text(
        'package acme.rule\n\ndeny contains {"msg": "x", "code": "ACME7"}\n', encoding="utf-8"
    )
    complaints: list[AttestorError] = []
    policy = load(None, None, complaints, rules=[tmp_path / "rule.rego"])
    verifier = Verifier(keys=(load_key(key.public),), policy=policy, opa=opa, now=parse_rfc3339(NOW))
    verdict = verifier.verify((tmp_path / "good.json").read_bytes()).verdict
    assert verdict is not None
    assert [(found.rule, found.code) for found in verdict.violations] == [("acme.rule", "ACME7")]
