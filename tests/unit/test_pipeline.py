"""What a run seals can be read by those who verify it."""

from __future__ import annotations

from pathlib import Path

import pytest

from attestor import limits, pipeline
from attestor.errors import SigningError


def test_an_envelope_that_no_verifier_reads_is_not_written(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """At the limit it is written, above it nothing is, and nothing is judged."""
    monkeypatch.setattr(limits, "ENVELOPE_BYTES", 4)
    pipeline._write(b"1234", tmp_path / "at.json")
    assert (tmp_path / "at.json").read_bytes() == b"1234"
    with pytest.raises(SigningError, match="more than the 4 that a verifier reads"):
        pipeline._write(b"12345", tmp_path / "above.json")
    assert not (tmp_path / "above.json").exists()
