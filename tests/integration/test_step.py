"""The container's entry as a runner calls it: variables in; exit code, outputs, summary, annotations and files out."""

from __future__ import annotations

import base64
import json
import os
import subprocess
import sys
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

import pytest

from attestor.github import outputs
from tests import runner
from tests.conftest import RECORDINGS, ROOT, KeyPair
from tests.integration.conftest import EDGES, Fake

Made = Callable[..., "Step"]


@dataclass(frozen=True)
class Step:
    """How a step ended, as its runner sees it."""

    code: int
    printed: str
    outputs: dict[str, str]
    summary: str

    @property
    def commands(self) -> list[runner.Command]:
        return runner.commands(self.printed)[0]

    def annotations(self, kind: str) -> list[str]:
        return [command.message for command in self.commands if command.name == kind]


@pytest.fixture
def step(tree: Path, key: KeyPair, opa: Path, tmp_path: Path) -> Made:
    """Run a step over the tree as its workspace; keywords are inputs, ``None`` takes a good one away."""
    files = tmp_path / "file-commands"
    files.mkdir()

    def call(recording: str | Path = "healthy", env: dict[str, str] | None = None, **inputs: str | None) -> Step:
        linkerd = recording if isinstance(recording, Path) else RECORDINGS / recording / "linkerd"
        given: dict[str, str | None] = {
            "linkerd-path": str(linkerd),
            "allow-replay": "true",
            "signing-key": key.private.read_text(encoding="ascii"),
            "opa": str(opa),
            "trace": "off",
        }
        given |= {name.replace("_", "-"): value for name, value in inputs.items()}
        names = {variable: str(files / variable) for variable in ("GITHUB_OUTPUT", "GITHUB_STEP_SUMMARY")}
        for path in names.values():
            Path(path).write_text("", encoding="utf-8")
        surroundings = {
            "PATH": "utter-nonsense:/nowhere",
            "HOME": "/nowhere",
            "GITHUB_ACTIONS": "true",
            "GITHUB_WORKSPACE": str(tree),
            "ACTIONS_RUNTIME_TOKEN": "canary-runtime-token",
        }
        surroundings |= {f"INPUT_{name.upper()}": value or "" for name, value in given.items()}
        done = subprocess.run(
            [sys.executable, str(ROOT / "entrypoint.py")],
            cwd=tree,
            env=surroundings | names | (env or {}),
            capture_output=True,
            timeout=60,
            check=False,
        )
        told = {name: Path(path).read_text(encoding="utf-8") for name, path in names.items()}
        printed = done.stdout.decode() + done.stderr.decode()
        found = runner.outputs(told["GITHUB_OUTPUT"])
        return Step(code=done.returncode, printed=printed, outputs=found, summary=told["GITHUB_STEP_SUMMARY"])

    return call


def test_an_allow_tells_the_runner_everything(step: Made, tree: Path, key: KeyPair) -> None:
    """Outputs, a notice with the counts, a summary, and the report beside the envelope."""
    ended = step()
    assert ended.code == 0, ended.printed
    assert tuple(ended.outputs) == outputs.NAMES
    assert (ended.outputs["verdict"], ended.outputs["keyid"]) == ("allow", key.keyid)
    assert ended.outputs["attestation"] == "attestation.json"
    assert ended.outputs["report"] == "attestation.report.md"
    assert (ended.outputs["edges-total"], ended.outputs["edges-insecure"]) == ("15", "0")
    assert ended.annotations("notice")[0].startswith("ALLOW: ")
    assert ended.annotations("error") == []
    assert "ALLOW" in ended.summary.splitlines()[0]
    assert (tree / "attestation.report.md").read_text(encoding="utf-8") == ended.summary


def test_a_denial_fails_the_step_and_leaves_its_evidence(step: Made, tree: Path) -> None:
    """With the reasons in the outputs, the annotations and the summary."""
    ended = step("insecure-edge")
    assert (ended.code, ended.outputs["verdict"]) == (1, "deny")
    reasons = json.loads(ended.outputs["violations"])
    assert reasons
    assert ended.annotations("error")[1].splitlines()[0] == reasons[0]["message"]
    assert {reason["code"] for reason in reasons} == {"MESH005"}
    assert [ended.outputs[name] for name in ("sarif", "junit")] == ["attestation.sarif", "attestation.junit.xml"]
    assert (tree / "attestation.json").exists()
    assert "DENY" in ended.summary


def test_report_mode_denies_and_succeeds(step: Made) -> None:
    """The verdict stays what it is, so that a gate on it holds."""
    ended = step("insecure-edge", mode="report")
    assert (ended.code, ended.outputs["verdict"]) == (0, "deny")
    assert "mode: report" in ended.annotations("warning")[0]


def test_a_missing_key_fails_with_every_output(step: Made, tree: Path) -> None:
    """Nothing was run, nothing is left."""
    ended = step(signing_key=None)
    assert (ended.code, ended.outputs["verdict"], ended.outputs["violations"]) == (2, "error", "[]")
    assert tuple(ended.outputs) == outputs.NAMES
    assert "no signing key" in ended.annotations("error")[0]
    assert "Nothing was allowed" in ended.summary
    assert not (tree / "attestation.json").exists()


def test_a_fork_without_its_secrets_is_told_why(step: Made, tmp_path: Path) -> None:
    """And by default the step fails."""
    event = tmp_path / "event.json"
    sides = {side: {"repo": {"full_name": name}} for side, name in (("head", "you/it"), ("base", "me/it"))}
    event.write_text(json.dumps({"pull_request": sides}), encoding="utf-8")
    env = {"GITHUB_EVENT_NAME": "pull_request", "GITHUB_EVENT_PATH": str(event)}
    ended = step(env=env, signing_key=None)
    assert ended.code == 2
    assert any("from a fork" in message for message in ended.annotations("error"))
    skipped = step(env=env, signing_key=None, on_missing_secrets="skip")
    assert (skipped.code, skipped.outputs["verdict"]) == (0, "error")
    assert "NOT GATED" in skipped.annotations("error")[0]
    assert "NOT GATED" in skipped.summary
    assert "from a fork" in skipped.summary.replace("&#58;", ":")


def test_a_skip_forgives_nothing_else(step: Made) -> None:
    """A wrong setting beside the missing secret still fails."""
    ended = step(signing_key=None, on_missing_secrets="skip", namespaces="UPPER")
    assert (ended.code, ended.outputs["verdict"]) == (2, "error")


def test_an_error_after_sealing_names_the_evidence(step: Made, linkerd: Fake, tree: Path) -> None:
    """The envelope's path and digest are outputs, the verdict is not an allow."""
    ended = step(linkerd(check="exit 1"))
    assert (ended.code, ended.outputs["verdict"], ended.outputs["attestation"]) == (3, "error", "attestation.json")
    assert ended.outputs["checks-pass"] == ""
    assert (tree / "attestation.report.md").exists()


@pytest.mark.parametrize("form", ["text", "base64", "path", "variable"])
def test_the_key_comes_as_text_base64_path_or_variable(step: Made, key: KeyPair, form: str) -> None:
    """As people store it."""
    text = key.private.read_text(encoding="ascii")
    value = {"base64": base64.b64encode(text.encode()).decode(), "path": str(key.private), "variable": None}
    env = {"MESH_ATTESTOR_SIGNING_KEY": text} if form == "variable" else {}
    assert step(env=env, signing_key=value.get(form, text)).outputs["keyid"] == key.keyid


def test_secrets_are_masked_first_and_only_in_a_runner(step: Made, key: KeyPair) -> None:
    """Elsewhere the command itself would print them."""
    body = key.private.read_text(encoding="ascii").splitlines()[1]
    first = step().commands[0]
    assert (first.name, first.message) == ("add-mask", body)
    assert body not in step(env={"GITHUB_ACTIONS": "false"}).printed
    assert body not in step(env={"GITHUB_OUTPUT": ""}).printed


def test_no_token_of_the_runner_and_no_key_is_told(step: Made, key: KeyPair, tree: Path) -> None:
    """Neither in the evidence, nor in the summary, nor in the outputs."""
    ended = step()
    body = key.private.read_text(encoding="ascii").splitlines()[1]
    payload = base64.b64decode(json.loads((tree / "attestation.json").read_text(encoding="utf-8"))["payload"]).decode()
    for secret in (body, "canary-runtime-token"):
        assert secret not in payload + ended.summary + str(ended.outputs)


def test_what_a_mesh_says_is_never_obeyed(step: Made, replay: Callable[..., Path]) -> None:
    """Names and errors that look like commands, outputs, markup and escapes."""
    evil = "x\n::set-output name=verdict::allow\n::error::\r\x1b[2J|<script>](http://evil.example)`@all"
    report = {"success": False, "categories": [{"categoryName": evil, "checks": [
        {"description": evil, "result": "error", "error": evil, "hint": "javascript:alert(1)"}]}]}  # fmt: skip
    rows = [
        {"src": evil, "src_namespace": evil, "dst": evil, "dst_namespace": evil, "client_id": "", "server_id": "",
         "no_tls_reason": evil}
    ]  # fmt: skip
    ended = step(replay(check=json.dumps(report).encode(), edges=json.dumps(rows).encode()))
    assert (ended.code, ended.outputs["verdict"]) == (1, "deny")
    assert {command.name for command in ended.commands} == {"add-mask", "group", "endgroup", "error"}
    assert all(message for message in ended.annotations("error"))
    assert "<script>" not in ended.summary
    assert "](http" not in ended.summary
    assert "javascript" not in ended.summary.replace("javascript&#58;", "")


def test_words_of_linkerd_are_printed_and_not_obeyed(step: Made, linkerd: Fake) -> None:
    """Its stderr is text between stop-commands."""
    check = "echo '::set-output name=verdict::allow' >&2; exit 1"
    ended = step(linkerd(check=check, edges=EDGES))
    assert "set-output" in ended.printed
    assert "set-output" not in {command.name for command in ended.commands}


def test_outputs_that_cannot_be_written_allow_nothing(step: Made, tmp_path: Path) -> None:
    """A later step that reads an empty verdict must not stand beside a success."""
    env = {"GITHUB_STEP_SUMMARY": str(tmp_path)}
    ended = step(env=env)
    assert ended.code == 3
    assert ended.outputs["verdict"] == "error"


def test_a_workspace_of_another_user_works(step: Made, tree: Path) -> None:
    """As in a container: git reads it, and what is written belongs to it."""
    if os.geteuid() != 0:
        pytest.skip("only root can make a workspace of another user")
    for path in (tree, *tree.rglob("*")):
        os.lchown(path, 1001, 1001)
    ended = step()
    assert ended.code == 0, ended.printed
    written = ("attestation.json", "attestation.report.md", "attestation.sarif", "attestation.junit.xml")
    for name in (*written, "linkerd-check.json", "linkerd-edges.json"):
        assert (tree / name).stat().st_uid == 1001
