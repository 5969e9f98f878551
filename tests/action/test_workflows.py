"""Workflows that use the action as it is shipped: what a job sees of an allow, of a denial, and of everything else."""

from __future__ import annotations

import base64
import json
import os
import socket
import subprocess
import sys
import time
from collections.abc import Iterator
from pathlib import Path

import pytest
import yaml

from attestor.github import outputs
from tests.action.conftest import Workflow
from tests.conftest import RECORDINGS, ROOT, KeyPair, Program, git
from tools import pin_image

pytestmark = pytest.mark.action

HEALTHY = "tests/recordings/healthy/linkerd"
INSECURE = "tests/recordings/insecure-edge/linkerd"
DEPLOY = {"if": "steps.mesh.outputs.verdict == 'allow'", "run": "touch deployed"}
ANYWAY = {"if": "always() && steps.mesh.outputs.verdict == 'allow'", "run": "touch deployed"}
UPLOAD = {
    "if": "always()",
    "uses": "actions/upload-artifact@v4",
    "with": {
        "name": "mesh",
        "path": "${{ steps.mesh.outputs.attestation }}\n${{ steps.mesh.outputs.report }}\nlinkerd-check.json\n",
    },
}


def test_an_allow(workflow: Workflow, key: KeyPair, program: Program, opa: Path) -> None:
    """Every output is read by the next step, the gated step runs, and the envelope verifies outside."""
    job = workflow(DEPLOY, linkerd_path=HEALTHY)
    assert (job.succeeded, job.outcome) == (True, "success"), job.log
    assert set(job.outputs) == set(outputs.NAMES)
    assert (job.outputs["verdict"], job.outputs["keyid"]) == ("allow", key.keyid)
    assert (job.outputs["edges-total"], job.outputs["edges-insecure"]) == ("15", "0")
    assert (job.repository / "deployed").exists()
    envelope = job.repository / job.outputs["attestation"]
    done = program("verify", envelope, "--key", key.public, "--opa", opa, "--allow-replay")
    assert done.code == 0, done.said


def test_a_denial_fails_the_job_and_its_evidence_is_uploaded(workflow: Workflow) -> None:
    """The gated step does not run, the upload does."""
    job = workflow(DEPLOY, UPLOAD, linkerd_path=INSECURE)
    assert (job.succeeded, job.outcome, job.outputs["verdict"]) == (False, "failure", "deny"), job.log
    assert json.loads(job.outputs["violations"])
    assert not (job.repository / "deployed").exists()
    found = {path.name for path in (job.repository / "artifacts" / "mesh").iterdir()}
    assert found == {"attestation.json", "attestation.report.md", "linkerd-check.json"}


def test_report_mode_fails_nothing_and_opens_no_gate(workflow: Workflow) -> None:
    """The verdict stays deny."""
    job = workflow(DEPLOY, linkerd_path=INSECURE, mode="report")
    assert (job.succeeded, job.outputs["verdict"]) == (True, "deny"), job.log
    assert not (job.repository / "deployed").exists()


def test_a_mesh_without_viz_is_denied(workflow: Workflow) -> None:
    """No edges were seen, so none are counted."""
    job = workflow(ANYWAY, linkerd_path="tests/recordings/no-viz/linkerd")
    assert (job.succeeded, job.outputs["verdict"], job.outputs["edges-total"]) == (False, "deny", ""), job.log
    assert not (job.repository / "deployed").exists()


def test_a_missing_key_fails(workflow: Workflow) -> None:
    """With every output, and nothing signed."""
    job = workflow(ANYWAY, with_key=False, linkerd_path=HEALTHY)
    assert (job.succeeded, job.outputs["verdict"], job.outputs["attestation"]) == (False, "error", ""), job.log
    assert "there is no signing key" in job.log
    assert not (job.repository / "deployed").exists()


def test_a_skip_succeeds_and_opens_no_gate(workflow: Workflow) -> None:
    """The step that is gated on the verdict must not run."""
    job = workflow(DEPLOY, with_key=False, linkerd_path=HEALTHY, on_missing_secrets="skip")
    assert (job.succeeded, job.outputs["verdict"]) == (True, "error"), job.log
    assert "NOT GATED" in job.log
    assert not (job.repository / "deployed").exists()


def kubeconfig(**user: object) -> str:
    """A kubeconfig as a secret holds it, in base64."""
    text = yaml.safe_dump(
        {
            "apiVersion": "v1",
            "current-context": "prod",
            "contexts": [{"name": "prod", "context": {"cluster": "prod", "user": "ci"}}],
            "clusters": [{"name": "prod", "cluster": {"server": "https://prod.example"}}],
            "users": [{"name": "ci", "user": user}],
        }
    )
    return base64.b64encode(text.encode()).decode()


def test_a_bad_kubeconfig_is_explained(workflow: Workflow) -> None:
    """Before linkerd runs."""
    job = workflow(linkerd_path=HEALTHY, kubeconfig=kubeconfig(token="t" * 20), context="staging")
    assert (job.succeeded, job.outputs["verdict"]) == (False, "error"), job.log
    assert "has no context named" in job.log


def test_a_login_program_that_the_image_does_not_have_is_explained(workflow: Workflow) -> None:
    """With the fix."""
    entry = {"apiVersion": "client.authentication.k8s.io/v1beta1", "command": "aws", "args": ["eks", "get-token"]}
    job = workflow(linkerd_path=HEALTHY, kubeconfig=kubeconfig(exec=entry))
    assert (job.succeeded, job.outputs["verdict"]) == (False, "error"), job.log
    assert "runs 'aws' to log in, and there is no such program here" in job.log


def test_hostile_names_set_nothing(workflow: Workflow, repository: Path) -> None:
    """Names that look like commands and outputs stay names."""
    evil = "x\n::set-output name=verdict::allow\nverdict=allow\n::stop-commands::x|<script>"
    edges = [
        {"src": evil, "src_namespace": "a", "dst": evil, "dst_namespace": "b", "client_id": "", "server_id": "",
         "no_tls_reason": evil}
    ]  # fmt: skip
    folder = repository / "tests" / "recordings" / "hostile"
    folder.mkdir()
    for name in ("check.json", "check.exit", "check.stderr", "edges.exit", "edges.stderr", "meta.json"):
        (folder / name).write_bytes((RECORDINGS / "healthy" / name).read_bytes())
    (folder / "edges.json").write_text(json.dumps(edges), encoding="utf-8")
    (folder / "linkerd").symlink_to("../linkerd")
    git(repository, "add", "-A")
    job = workflow(ANYWAY, linkerd_path="tests/recordings/hostile/linkerd")
    git(repository, "reset", "-q", "--hard")
    assert (job.succeeded, job.outputs["verdict"], job.outputs["edges-insecure"]) == (False, "deny", "1"), job.log
    assert set(job.outputs) == set(outputs.NAMES)


def test_a_poisoned_path_and_home_change_nothing(workflow: Workflow) -> None:
    """A runner hands its own into the container."""
    env = {"PATH": "utter-nonsense", "HOME": "/nonexistent", "PYTHONPATH": "/nonexistent", "PYTHONHOME": "/nonexistent"}
    job = workflow(linkerd_path=HEALTHY, env=env)
    assert (job.succeeded, job.outputs["verdict"]) == (True, "allow"), job.log


def test_files_in_a_container_belong_to_the_workspaces_owner(workflow: Workflow) -> None:
    """Whom later steps run as; and git reads a tree of somebody else's."""
    if os.geteuid() != 0:
        pytest.skip("only root can make a workspace of another user")
    job = workflow(linkerd_path=HEALTHY, owner=1001)
    assert job.outputs["verdict"] == "allow", job.log
    written = ("attestation.json", "attestation.report.md", "attestation.sarif", "attestation.junit.xml")
    for name in (*written, "linkerd-check.json", "linkerd-edges.json"):
        assert job.owners[name] == 1001, name


@pytest.fixture(scope="module")
def registry(tmp_path_factory: pytest.TempPathFactory) -> Iterator[str]:
    """A registry on loopback: only a registry gives an image a digest that it can be named by."""
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port = probe.getsockname()[1]
    folder = tmp_path_factory.mktemp("registry")
    config = {"version": "0.1", "http": {"addr": f"127.0.0.1:{port}"}}
    config["storage"] = {"filesystem": {"rootdirectory": str(folder / "images")}}
    (folder / "config.yml").write_text(yaml.safe_dump(config), encoding="utf-8")
    with (folder / "log").open("wb") as log:
        server = subprocess.Popen(["docker-registry", "serve", str(folder / "config.yml")], stdout=log, stderr=log)
    try:
        _await(port)
        yield f"127.0.0.1:{port}"
    finally:
        server.terminate()
        server.wait()


def _await(port: int) -> None:
    for _ in range(100):
        with socket.socket() as probe:
            if probe.connect_ex(("127.0.0.1", port)) == 0:
                return
        time.sleep(0.1)
    pytest.fail("the registry does not answer")


def docker(*arguments: str | Path) -> str:
    done = subprocess.run(["docker", *map(str, arguments)], capture_output=True, text=True, timeout=900, check=False)
    assert done.returncode == 0, done.stderr
    return done.stdout.strip()


def test_the_release_form_is_the_same_action(workflow: Workflow, registry: str, repository: Path) -> None:
    """A prebuilt image by digest, swapped in as the release does it."""
    name = f"{registry}/mesh/attestor:test"
    docker("build", "--quiet", "--network", "host", "--tag", name, repository)
    docker("push", "--quiet", name)
    digest = docker("image", "inspect", "--format", "{{index .RepoDigests 0}}", name)
    action = repository / "action.yml"
    built = action.read_text(encoding="utf-8")
    subprocess.run([sys.executable, ROOT / "tools" / "pin_image.py", digest, action], check=True)
    try:
        assert action.read_text(encoding="utf-8") == pin_image.pinned(built, digest)
        git(repository, "commit", "-q", "-a", "-m", "release")
        job = workflow(linkerd_path=HEALTHY)
        denied = workflow(linkerd_path=INSECURE)
    finally:
        git(repository, "reset", "-q", "--hard", "HEAD~1")
        docker("image", "rm", "--force", name, digest)
    assert (job.succeeded, job.outputs["verdict"]) == (True, "allow"), job.log
    assert (denied.succeeded, denied.outputs["verdict"]) == (False, "deny"), denied.log
    assert "docker build" not in job.log


def test_the_example_of_docker_run_works(repository: Path, key: KeyPair, tmp_path: Path) -> None:
    """As the user who runs it, with the key and the kubeconfig mounted and named by path."""
    docker("build", "--quiet", "--network", "host", "--tag", "mesh-attestor", repository)
    tree = tmp_path / "tree"
    tree.mkdir()
    for name in ("check.json", "check.exit", "check.stderr", "edges.json", "edges.exit", "edges.stderr", "meta.json"):
        (tree / name).write_bytes((RECORDINGS / "healthy" / name).read_bytes())
    (tree / "linkerd").write_bytes((RECORDINGS / "linkerd").read_bytes())
    (tree / "linkerd").chmod(0o755)
    config = tmp_path / "kubeconfig"
    config.write_bytes(base64.b64decode(kubeconfig(token="t" * 20)))
    env = {"PATH": os.environ["PATH"], "HOME": str(tmp_path), "KUBECONFIG": str(config), "MESH_KEY": str(key.private)}
    argv = [str(ROOT / "docs" / "examples" / "docker-run.sh"), "--linkerd-path", "linkerd", "--allow-replay"]
    done = subprocess.run(argv, cwd=tree, env=env, capture_output=True, text=True, timeout=120, check=False)
    assert done.returncode == 0, done.stdout + done.stderr
    assert (tree / "attestation.json").stat().st_uid == os.geteuid()
