"""The shipped action in a real Docker engine, under act: a copy of this checkout as the repository of a workflow."""

from __future__ import annotations

import base64
import json
import os
import shutil
import subprocess
import sys
from collections.abc import Callable
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import pytest
import yaml

from tests.conftest import ROOT, KeyPair, git

BASE = "debian:trixie-slim"
ACT = Path(sys.prefix) / "bin" / "act"

Steps = list[dict[str, Any]]


@dataclass(frozen=True)
class Job:
    """How a job ended: the whole of it, the step, and what a later step read of it."""

    succeeded: bool
    outcome: str
    outputs: dict[str, str]
    repository: Path
    owners: dict[str, int]
    log: str = field(repr=False)


Workflow = Callable[..., Job]


@pytest.fixture(scope="session")
def repository(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """What is committed or would be: a runner checks out nothing else."""
    root = tmp_path_factory.mktemp("action") / "repository"
    listed = git(ROOT, "ls-files", "-z", "--cached", "--others", "--exclude-standard").split("\0")
    for name in filter(None, listed):
        if (ROOT / name).is_symlink() or (ROOT / name).is_file():
            (root / name).parent.mkdir(parents=True, exist_ok=True)
            shutil.copy2(ROOT / name, root / name, follow_symlinks=False)
    git(root, "init", "-q", "-b", "main")
    git(root, "add", "-A")
    git(root, "commit", "-q", "-m", "a repository with the action in it")
    return root


@pytest.fixture
def workflow(repository: Path, key: KeyPair, tmp_path: Path) -> Workflow:
    """Run a workflow of one job: checkout, the action with these inputs, a step that reads every output, and more."""
    return Runner(repository=repository, key=key, scratch=tmp_path)


@dataclass(frozen=True)
class Runner:
    """act, with nothing from outside."""

    repository: Path
    key: KeyPair
    scratch: Path

    def __call__(
        self,
        *more: dict[str, Any],
        env: dict[str, str] | None = None,
        with_key: bool = True,
        owner: int = 0,
        **inputs: str,
    ) -> Job:
        given = {"allow-replay": "true"} | {name.replace("_", "-"): value for name, value in inputs.items()}
        if with_key:
            given["signing-key"] = "${{ secrets.MESH_KEY }}"
        step: dict[str, Any] = {"id": "mesh", "uses": "./", "with": given} | ({"env": env} if env else {})
        reading = {
            "if": "always()",
            "env": {"OUTPUTS": "${{ toJSON(steps.mesh.outputs) }}", "OUTCOME": "${{ steps.mesh.outcome }}"},
            "run": 'printf %s "$OUTPUTS" > outputs.json; printf %s "$OUTCOME" > outcome',
        }
        file = self._write([{"uses": "actions/checkout@v4"}, step, reading, *more])
        self._give(owner)
        done = self._act(file)
        owners = {path.name: path.lstat().st_uid for path in self.repository.iterdir()}
        self._give(0)
        return Job(
            succeeded=done.returncode == 0,
            outcome=(self.repository / "outcome").read_text(encoding="utf-8"),
            outputs=json.loads((self.repository / "outputs.json").read_text(encoding="utf-8")),
            repository=self.repository,
            owners=owners,
            log=done.stdout + done.stderr,
        )

    def _give(self, owner: int) -> None:
        """Make the workspace somebody's, as a runner's workspace is."""
        if os.geteuid() == 0:
            for path in (self.repository, *self.repository.rglob("*")):
                os.lchown(path, owner, owner)

    def _write(self, steps: Steps) -> Path:
        git(self.repository, "clean", "-q", "-f", "-d", "-x")
        folder = self.repository / ".git" / "workflows"
        folder.mkdir(exist_ok=True)
        file = folder / "case.yml"
        job = {"runs-on": "ubuntu-latest", "steps": steps}
        file.write_text(yaml.safe_dump({"on": "push", "jobs": {"mesh": job}}), encoding="utf-8")
        return file

    def _act(self, file: Path) -> subprocess.CompletedProcess[str]:
        secret = base64.b64encode(self.key.private.read_bytes()).decode()
        env = {"PATH": os.environ["PATH"], "HOME": str(self.scratch), "MESH_KEY": secret}
        flags = ["-P", f"ubuntu-latest={BASE}", "--pull=false", "--action-offline-mode", "--rm", "--bind"]
        flags += ["--local-repository", f"actions/upload-artifact@v4={ROOT / 'tests' / 'action' / 'upload-artifact'}"]
        argv = [str(ACT), "push", "-W", str(file), *flags, "-s", "MESH_KEY"]
        return subprocess.run(
            argv, cwd=self.repository, env=env, capture_output=True, text=True, timeout=900, check=False
        )
