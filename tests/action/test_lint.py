"""Workflows are linted by the tools that know their traps, and pin what they use."""

from __future__ import annotations

import re
import subprocess
import sys
from pathlib import Path

import pytest
import yaml

from tests.conftest import ROOT
from tests.integration.test_policy_page import FILES, WORKFLOW

pytestmark = pytest.mark.action

WORKFLOWS = sorted((ROOT / ".github" / "workflows").glob("*.yml"))


def zizmor(*paths: str | Path) -> subprocess.CompletedProcess[str]:
    """Run the linter in its pedantic persona, offline."""
    argv = [str(Path(sys.prefix) / "bin" / "zizmor"), "--offline", "--persona", "pedantic", *map(str, paths)]
    return subprocess.run(argv, cwd=ROOT, capture_output=True, text=True, check=False)


def test_zizmor_finds_nothing() -> None:
    """In what runs here, and in the action."""
    done = zizmor(".github", "action.yml")
    assert done.returncode == 0, done.stdout


def test_zizmor_finds_nothing_in_the_workflow_of_the_policy_page(tmp_path: Path) -> None:
    """Once whoever pastes it has filled in what it leaves open."""
    path = tmp_path / WORKFLOW
    path.parent.mkdir(parents=True)
    path.write_text(FILES[WORKFLOW].replace("OWNER/", "owner/").replace("@COMMIT", f"@{'a' * 40}"), encoding="utf-8")
    done = zizmor(path)
    assert done.returncode == 0, done.stdout


@pytest.mark.parametrize("file", WORKFLOWS, ids=lambda file: file.name)
def test_everything_used_is_pinned_and_bounded(file: Path) -> None:
    """A commit with its version beside it, no permission that is not asked for, a limit on every job."""
    text = file.read_text(encoding="utf-8")
    for used in re.findall(r"^ +(?:- )?uses: (.*)$", text, re.MULTILINE):
        assert used == "./" or re.fullmatch(r"[a-z-]+/[a-z-]+@[0-9a-f]{40} # v[0-9]+\.[0-9]+\.[0-9]+", used), used
    parsed = yaml.safe_load(text)
    assert parsed["permissions"] == {}
    for job in parsed["jobs"].values():
        assert job["timeout-minutes"] <= 45
        assert "permissions" in job
