"""A digest is one of a content that the file had."""

from __future__ import annotations

import hashlib
from pathlib import Path

import pytest

from attestor.capture import hashing


def test_the_digest_of_a_file(tmp_path: Path) -> None:
    """Of all of it."""
    path = tmp_path / "file"
    path.write_bytes(b"content" * 100_000)
    with path.open("rb") as file:
        assert hashing.sha256(file) == hashlib.sha256(b"content" * 100_000).hexdigest()


def test_a_file_that_changes_meanwhile_has_none(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Part of the old and part of the new content is no content."""
    path = tmp_path / "file"
    path.write_bytes(b"old")
    digest = hashlib.file_digest

    def slow(*arguments: object) -> object:
        found = digest(*arguments)  # type: ignore[arg-type]
        path.write_bytes(b"newer")
        return found

    monkeypatch.setattr(hashing.hashlib, "file_digest", slow)  # type: ignore[attr-defined]
    with path.open("rb") as file, pytest.raises(OSError, match="it changed while it was read"):
        hashing.sha256(file)
