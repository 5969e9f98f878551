"""The page about the coverage predicate and the package's copy of its schema are what `make docs` would write."""

from __future__ import annotations

from pathlib import Path

import pytest

from tools import predicate_page


@pytest.mark.parametrize("path", predicate_page.files(), ids=lambda path: path.name)
def test_a_made_file_is_the_one_that_would_be_made(path: Path) -> None:
    """Run `make docs` where it is not."""
    assert path.read_text(encoding="utf-8") == predicate_page.files()[path]


def test_every_field_is_told() -> None:
    """With a meaning: a name alone is no documentation."""
    rows = [line for line in predicate_page.PAGE.read_text(encoding="utf-8").splitlines() if line.startswith("| `")]
    assert len(rows) > 150
    assert [row for row in rows if row.rstrip("| ").endswith(("string", "list", "object", "integer", "boolean"))] == []
