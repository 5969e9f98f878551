"""When the evidence says it was observed, and whether that can be true."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import datetime, timedelta

from attestor.clock import rfc3339
from attestor.collection import Opened
from attestor.verification.finding import Finding, failed, ok, unchecked

SKEW = timedelta(minutes=5)
"""How far the clocks of the run and of the verifier may differ."""


def examine(opened: Opened, now: datetime) -> Finding:
    """Return what is found out about the times of every predicate, seen from ``now``."""
    check = "times"
    silent = [name for name, span in opened.times.items() if None in span]
    for name, (started, finished) in opened.times.items():
        if started and finished and finished < started:
            return failed(check, f"{name} ends before it starts")
        latest = finished or started
        if latest and latest - now > SKEW:
            return failed(check, f"{name} lies in the future: it ends at {rfc3339(latest)}")
    if silent:
        return unchecked(check, f"{silent[0]} does not say when it was observed")
    return ok(check, f"every predicate ends after it starts, the last at {rfc3339(finished_at(opened) or now)}")


def finished_at(opened: Opened) -> datetime | None:
    """Return when the last observation ended, or ``None`` where the evidence does not say."""
    return max(_ends(opened), default=None)


def _ends(opened: Opened) -> Iterator[datetime]:
    yield from (finished for _, finished in opened.times.values() if finished is not None)
