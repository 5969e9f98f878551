"""Workflows are linted by the tools that know their traps, and pin what they use."""

from __future__ import annotations

import re
import subprocess
import sys
from pathlib import Path

import pytest
import yaml

from tests.conftest import ROOT

pytestmark = pytest.mark.action

WORKFLOWS = sorted((ROOT / ".github" / "workflows").glob("*.yml"))


def test_zizmor_finds_nothing() -> None:
    """In its pedantic persona, offline."""
    argv = [str(Path(sys.prefix) / "bin" / "zizmor"), "--offline", "--persona", "pedantic", ".github", "action.yml"]
    done = subprocess.run(argv, cwd=ROOT, capture_output=True, text=True, check=False)
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
