"""Time never runs backwards and is printed as Go prints it."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta, timezone

import pytest

from attestor.clock import Clock, parse_rfc3339, rfc3339, system_now

NOON = datetime(2026, 11, 21, 12, 0, 0, tzinfo=UTC)


def test_a_clock_that_is_set_back_stands_still() -> None:
    """A reading before the last one is replaced by the last one."""
    readings = iter([NOON, NOON - timedelta(hours=1), NOON + timedelta(seconds=1)])
    clock = Clock(lambda: next(readings))
    assert [clock(), clock(), clock()] == [NOON, NOON, NOON + timedelta(seconds=1)]


def test_the_systems_time_is_utc() -> None:
    """Without another source the clock reads the system's, in UTC."""
    assert system_now().tzinfo is UTC
    assert Clock()() <= system_now()


@pytest.mark.parametrize(
    ("moment", "text"),
    [
        (NOON, "2026-11-21T12:00:00Z"),
        (NOON.replace(microsecond=500_000), "2026-11-21T12:00:00.5Z"),
        (NOON.replace(microsecond=1), "2026-11-21T12:00:00.000001Z"),
        (NOON.replace(microsecond=264_130), "2026-11-21T12:00:00.26413Z"),
        (datetime(2026, 11, 21, 14, 0, tzinfo=timezone(timedelta(hours=2))), "2026-11-21T12:00:00Z"),
        (datetime(2026, 1, 1, 0, 30, tzinfo=timezone(timedelta(hours=1))), "2025-12-31T23:30:00Z"),
        (datetime(999, 1, 1, tzinfo=UTC), "0999-01-01T00:00:00Z"),
    ],
)
def test_times_are_printed_in_utc_without_trailing_zeros(moment: datetime, text: str) -> None:
    """The form is the one that Go's encoder writes and rewrites unchanged."""
    assert rfc3339(moment) == text
    assert parse_rfc3339(text) == moment


@pytest.mark.parametrize(
    ("text", "moment"),
    [
        ("2026-05-29T04:47:56.26413-05:00", datetime(2026, 5, 29, 9, 47, 56, 264_130, tzinfo=UTC)),
        ("2026-05-29T04:47:56.123456789Z", datetime(2026, 5, 29, 4, 47, 56, 123_456, tzinfo=UTC)),
    ],
)
def test_the_peers_times_are_read(text: str, moment: datetime) -> None:
    """Offsets and nanoseconds are what cilock writes; what is below a microsecond is cut."""
    assert parse_rfc3339(text) == moment


@pytest.mark.parametrize(
    "text",
    [
        "",
        "now",
        "2026-11-21",
        "2026-11-21T12:00:00",
        "2026-11-21 12:00:00Z",
        "2026-11-21t12:00:00z",
        "2026-11-21T12:00:00,5Z",
        "2026-11-21T12:00:00.1234567890Z",
        "2026-13-21T12:00:00Z",
        "2026-11-21T25:00:00Z",
        "2026-11-21T12:00:00+25:00",
        "٢٠٢٦-11-21T12:00:00Z",
        "2026-11-21T12:00:00Z\n",
    ],
)
def test_any_other_form_is_refused(text: str) -> None:
    """A time without a zone, of another form, or of no calendar, is none."""
    with pytest.raises(ValueError, match=r"."):
        parse_rfc3339(text)
