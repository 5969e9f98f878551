"""When the evidence says it was observed, and whether that can be true."""

from __future__ import annotations

from datetime import timedelta

import pytest

from attestor.clock import rfc3339
from attestor.collection import Opened, Times
from attestor.verification import times
from attestor.verification.finding import Finding, State
from tests.golden import BEGUN
from tests.unit.verification.conftest import Changed

LATER = BEGUN + timedelta(seconds=9)


def examined(opened: Opened) -> tuple[State, str]:
    found = times.examine(opened, BEGUN)
    assert found.check == "times"
    return found.state, found.detail


def test_times_in_order_are_good(golden_collection: Opened) -> None:
    """The last of them is told."""
    finished = times.finished_at(golden_collection)
    assert finished is not None
    found = times.examine(golden_collection, finished + timedelta(hours=1))
    assert found == Finding(
        check="times",
        state=State.OK,
        detail=f"every predicate ends after it starts, the last at {rfc3339(finished)}",
    )


def test_the_last_end_is_the_end(changed: Changed) -> None:
    """Whichever predicate it belongs to; one that does not say has no part in it."""
    spans = {"a": (BEGUN, LATER), "b": (BEGUN, BEGUN), "c": (LATER + timedelta(1), None)}
    assert times.finished_at(changed(times=spans)) == LATER
    assert times.finished_at(changed(times={"c": (BEGUN, None)})) is None


@pytest.mark.parametrize(
    ("span", "state", "said"),
    [
        ((BEGUN, BEGUN), State.OK, "every predicate ends after it starts"),
        ((LATER, BEGUN), State.FAILED, "git ends before it starts"),
        ((BEGUN, BEGUN + times.SKEW), State.OK, "the last at"),
        (
            (BEGUN, BEGUN + times.SKEW + timedelta(seconds=1)),
            State.FAILED,
            f"git lies in the future: it ends at {rfc3339(BEGUN + times.SKEW + timedelta(seconds=1))}",
        ),
        ((BEGUN + times.SKEW * 2, None), State.FAILED, "git lies in the future"),
        ((None, BEGUN + times.SKEW * 2), State.FAILED, "git lies in the future"),
        ((BEGUN, None), State.UNCHECKED, "git does not say when it was observed"),
        ((None, BEGUN), State.UNCHECKED, "git does not say when it was observed"),
        ((None, None), State.UNCHECKED, "git does not say when it was observed"),
    ],
)
def test_a_span_is_judged(changed: Changed, span: Times, state: State, said: str) -> None:
    """Clocks may differ by five minutes, and a missing time is no good one."""
    found, detail = examined(changed(times={"git": span}))
    assert (found, said in detail) == (state, True), detail


def test_clocks_may_differ_by_five_minutes() -> None:
    """As the documentation says."""
    assert times.SKEW.total_seconds() == 300


def test_a_silent_predicate_does_not_excuse_a_wrong_one(changed: Changed) -> None:
    """What contradicts itself is told before what says nothing."""
    assert examined(changed(times={"a": (None, None), "b": (LATER, BEGUN)})) == (
        State.FAILED,
        "b ends before it starts",
    )
