"""What the tests of the capture share: time that goes on, and a folder that is open to all."""

from __future__ import annotations

import subprocess
import tempfile
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest

from attestor.clock import Clock


@pytest.fixture
def clock() -> Clock:
    """A clock that goes on by a millisecond with each reading."""
    moments = (datetime(2026, 11, 21, tzinfo=UTC) + timedelta(milliseconds=number) for number in range(1_000_000))
    return Clock(lambda: next(moments))


@pytest.fixture
def open_folder() -> Iterator[Path]:
    """A folder that every user may enter, unlike pytest's own; everything in it is removed, however deep."""
    folder = Path(tempfile.mkdtemp()).resolve()
    folder.chmod(0o755)
    yield folder
    subprocess.run(["rm", "-rf", folder], check=True)  # unlike shutil, however deep
