"""In the shipped image, a linkerd that looks around finds nothing open: not the program, not Docker, not root's files."""

from __future__ import annotations

import base64
import json
import os
import shutil
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from attestor.identity import NOBODY
from tests.action.conftest import Job, Workflow
from tests.action.test_workflows import HEALTHY, kubeconfig
from tests.conftest import ROOT, git

pytestmark = pytest.mark.action

SPY = "tests/recordings/spy/linkerd"
OPEN = {"kubeconfig open", "home open"}
"""What is meant to be: linkerd's own kubeconfig and home."""


@pytest.fixture
def spied(repository: Path) -> Iterator[Path]:
    """The repository of the workflow with the spy in it, beside the recording that it plays."""
    spy = repository / SPY
    spy.parent.mkdir()
    shutil.copy(ROOT / "tests" / "action" / "spy-linkerd", spy)
    git(repository, "add", "-A")
    yield repository
    git(repository, "reset", "-q", "--hard")


def command(job: Job) -> dict[str, Any]:
    """Return the command-run predicate of the job's envelope."""
    envelope = json.loads((job.repository / job.outputs["attestation"]).read_bytes())
    entries = json.loads(base64.b64decode(envelope["payload"]))["predicate"]["attestations"]
    return next(entry["attestation"] for entry in entries if "/command-run/" in entry["type"])


def seen(job: Job) -> set[str]:
    lines = command(job)["stderr"].splitlines()
    return {line.removeprefix("spy ") for line in lines if line.startswith("spy ")}


@pytest.mark.parametrize("owner", [1001, 0])
def test_nothing_is_open_to_linkerd(workflow: Workflow, spied: Path, owner: int) -> None:
    """Neither in a workspace of somebody's nor in root's, where linkerd is nobody; and all of it is traced."""
    if owner and os.geteuid() != 0:
        pytest.skip("only root can make a workspace of another user")
    job = workflow(linkerd_path=SPY, kubeconfig=kubeconfig(token="t" * 20), owner=owner)
    assert job.outputs["verdict"] == "allow", job.log
    found = seen(job)
    assert f"uid {owner or NOBODY} groups {NOBODY}" in found
    assert {f"{name} {0:016x}" for name in ("CapPrm", "CapEff", "CapAmb")} | {"NoNewPrivs 1", "core 0"} <= found
    assert {"process environ closed", "process mem closed", "process fd closed", "process signal closed"} <= found
    assert {"socket there", "socket closed", "secrets 0", "folder / closed"} <= found
    assert {line for line in found if line.endswith(" open")} == OPEN
    assert command(job)["capture"]["trace"]["state"] == "on"
    for name in ("attestation.json", "attestation.report.md", "linkerd-check.json", "linkerd-edges.json"):
        assert job.owners[name] == owner, name


def test_a_workspace_that_only_root_may_enter_is_refused(workflow: Workflow, repository: Path) -> None:
    """By name, before anything is run: going on as root would be worse than not going on."""
    if os.geteuid() != 0:
        pytest.skip("the workspace of this user is not root's")
    repository.chmod(0o700)
    try:
        job = workflow(linkerd_path=HEALTHY)
    finally:
        repository.chmod(0o755)
    assert (job.succeeded, job.outputs["verdict"], job.outputs["attestation"]) == (False, "error", ""), job.log
    assert f"cannot be read and entered or executed by user {NOBODY}" in job.log


def test_a_folder_that_a_link_leads_away_is_refused(workflow: Workflow, repository: Path) -> None:
    """Root must not write where a branch of the repository points to."""
    (repository / "reports").symlink_to("/etc")
    git(repository, "add", "-A")
    job = workflow(linkerd_path=HEALTHY, outfile="reports/attestation.json")
    git(repository, "reset", "-q", "--hard")
    assert (job.succeeded, job.outputs["verdict"]) == (False, "error"), job.log
    assert "outfile is named inside the workspace, and a link leads it out of there, to /etc" in job.log
