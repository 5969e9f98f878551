"""What the tests of the capture share: time that goes on."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

import pytest

from attestor.clock import Clock


@pytest.fixture
def clock() -> Clock:
    """A clock that goes on by a millisecond with each reading."""
    moments = (datetime(2026, 11, 21, tzinfo=UTC) + timedelta(milliseconds=number) for number in range(1_000_000))
    return Clock(lambda: next(moments))
