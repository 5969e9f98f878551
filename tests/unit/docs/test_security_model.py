"""The security model names tests that are there."""

from __future__ import annotations

import re

import pytest

from tests.conftest import ROOT

TEXT = (ROOT / "docs" / "security-model.md").read_text(encoding="utf-8")


def test_it_names_a_test_for_every_threat() -> None:
    """Each row of the tables of threats ends with one at least."""
    sections = TEXT.split("## Evidence that is bad")[1].split("## Out of scope")[0]
    rows = [
        line for line in sections.splitlines() if line.startswith("| ") and not line.startswith(("| what |", "| ---"))
    ]
    assert len(rows) > 20
    assert [row for row in rows if "`tests/" not in row.rsplit("|", 2)[1]] == []


@pytest.mark.parametrize("path", sorted(set(re.findall(r"`(tests/[^`]+)`", TEXT))))
def test_every_test_that_it_names_is_there(path: str) -> None:
    """And holds a test."""
    assert "\ndef test_" in (ROOT / path).read_text(encoding="utf-8")
