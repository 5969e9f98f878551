"""Time, in one place: UTC, never backwards, printed as RFC 3339 with a ``Z``."""

from __future__ import annotations

import re
from collections.abc import Callable
from dataclasses import dataclass
from datetime import UTC, datetime

Now = Callable[[], datetime]
"""A source of the time: the system's in production, a fixed list in tests."""


def system_now() -> datetime:
    """Return the system's time in UTC."""
    return datetime.now(UTC)


class Clock:
    """A clock that never runs backwards, so that no predicate ends before it starts.

    The system's clock may be set back while linkerd works; the later of the two readings is then kept.
    """

    def __init__(self, now: Now = system_now) -> None:
        self._now = now
        self._last = datetime.min.replace(tzinfo=UTC)

    def __call__(self) -> datetime:
        """Return the present time, or the latest time handed out if that is later."""
        self._last = max(self._last, self._now())
        return self._last


@dataclass(frozen=True, slots=True, kw_only=True)
class Span:
    """When an observation began and ended."""

    started: datetime
    finished: datetime


_RFC3339 = re.compile(
    r"\d{4}-\d\d-\d\dT(?:[01]\d|2[0-3]):\d\d:\d\d(?:\.\d{1,9})?(?:Z|[+-](?:[01]\d|2[0-3]):[0-5]\d)", re.ASCII
)


def parse_rfc3339(text: str) -> datetime:
    """Return the moment that ``text`` names, cut to microseconds; raises ``ValueError`` for any other form.

    Stricter than the peer, which also takes a comma and more than nine digits (RFC 3339, section 5.6).
    """
    if not _RFC3339.fullmatch(text):
        message = "not an RFC 3339 time"
        raise ValueError(message)
    try:
        return datetime.fromisoformat(text).astimezone(UTC)
    except OverflowError as error:
        message = "not a moment of the years 1 to 9999 in UTC"
        raise ValueError(message) from error


def rfc3339(moment: datetime) -> str:
    """Return ``moment`` as RFC 3339 in UTC, with up to six fractional digits and no trailing zeros.

    The form is the one that Go's encoder writes, so that the peer reads and rewrites it unchanged.
    """
    moment = moment.astimezone(UTC)
    fraction = f".{moment.microsecond:06d}".rstrip("0").rstrip(".")
    # Not %Y: it gives the years before 1000 fewer than four digits on some systems (Python's strftime documentation).
    return f"{moment.year:04d}-{moment:%m-%dT%H:%M:%S}{fraction}Z"
