"""What unit tests share."""

from __future__ import annotations

import contextlib
import os
from collections.abc import Callable, Iterator

import pytest

NOBODY = 65534


@contextlib.contextmanager
def _without_root() -> Iterator[None]:
    if os.geteuid() != 0:
        yield
        return
    os.seteuid(NOBODY)
    try:
        yield
    finally:
        os.seteuid(0)


@pytest.fixture
def without_root() -> Callable[[], contextlib.AbstractContextManager[None]]:
    """A context in which root, whom no permission stops, is somebody else."""
    return _without_root
