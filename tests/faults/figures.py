"""What the campaign tried, in figures."""

from __future__ import annotations

from itertools import islice

from tests.faults import points
from tests.faults.campaign import playable, ready, visited


def figures(*, thorough: bool = False, one_in: int = 1) -> dict[str, int]:
    """Try the faults, or one in so many, and say how many there were; `thorough` tries every fault at every point."""
    among = playable(tools=True)
    with ready() as campaign:
        chosen = islice(campaign.attempts(among, thorough=thorough), 0, None, one_in)
        tried = [campaign.attempt(attempt) for attempt in chosen]
        come_by = visited(campaign, among)
    return {
        "injection points in the code": len(points.sites()),
        "of them visited by a scenario": len(come_by),
        "faults tried": len(tried),
        "of them known to be harmless": sum(bool(one.attempt.harmless) for one in tried),
        "wrongly allowed": sum(one.allowed for one in tried),
        "otherwise not as they must be": sum(bool(one.wrong) and not one.allowed for one in tried),
    }
