"""Good evidence about something else than was asked is told apart from what was asked."""

from __future__ import annotations

from datetime import timedelta

import pytest

from attestor.clock import rfc3339
from attestor.collection import Opened
from attestor.verification import pins
from attestor.verification.finding import Finding, State
from attestor.verification.pins import Pins
from attestor.verification.times import finished_at
from tests import golden
from tests.unit.verification.conftest import Changed

COMMIT = "1" * 40


def examined(opened: Opened, asked: Pins, *, later: timedelta = timedelta()) -> list[Finding]:
    finished = finished_at(opened)
    return list(pins.examine(opened, asked, (finished or golden.BEGUN) + later))


def test_nothing_is_found_out_that_was_not_asked(golden_collection: Opened) -> None:
    """Pins are optional, each by itself."""
    assert examined(golden_collection, Pins()) == []
    assert Pins() == Pins(step="", cluster=None, commit="", linkerd_version="", max_age=None)


def test_what_was_asked_about_is_named_in_its_order(golden_collection: Opened) -> None:
    """Step, cluster, commit, version and age, each with what the evidence says."""
    version = golden_collection.body("command-run")["capture"]["linkerd"]["version"]
    asked = Pins(
        step=golden.STEP, cluster="golden", commit=COMMIT, linkerd_version=version, max_age=timedelta(minutes=5)
    )
    finished = finished_at(golden_collection)
    assert finished is not None
    assert examined(golden_collection, asked, later=timedelta(minutes=5)) == [
        Finding(check="step", state=State.OK, detail=golden.STEP),
        Finding(check="cluster", state=State.OK, detail="golden"),
        Finding(check="commit", state=State.OK, detail=COMMIT),
        Finding(check="linkerd version", state=State.OK, detail=version),
        Finding(check="age", state=State.OK, detail=f"made at {rfc3339(finished)}"),
    ]


@pytest.mark.parametrize(
    ("asked", "check", "found"),
    [
        (Pins(step="other"), "step", f"it is '{golden.STEP}', and 'other' was asked for"),
        (Pins(cluster="other"), "cluster", "it is 'golden', and 'other' was asked for"),
        (Pins(cluster=""), "cluster", "it is 'golden', and '' was asked for"),
        (Pins(commit="2" * 40), "commit", f"it is '{COMMIT}', and '{'2' * 40}' was asked for"),
    ],
)
def test_another_one_fails(golden_collection: Opened, asked: Pins, check: str, found: str) -> None:
    """With both, what it is and what was asked for."""
    assert examined(golden_collection, asked) == [Finding(check=check, state=State.FAILED, detail=found)]


@pytest.mark.parametrize("capture", [None, [], {}, {"linkerd": None}, {"linkerd": []}, {"linkerd": {"version": ""}}])
def test_a_version_that_is_not_stated_is_not_the_one(changed: Changed, capture: object) -> None:
    """Whatever stands in its place."""
    opened = changed(lambda bodies: bodies["command-run"].update(capture=capture))
    [finding] = examined(opened, Pins(linkerd_version="edge-25.5.2"))
    assert finding == Finding(
        check="linkerd version", state=State.FAILED, detail="it is not stated, and 'edge-25.5.2' was asked for"
    )


def test_an_empty_name_is_no_name(changed: Changed) -> None:
    """Evidence without a cluster name is not about the cluster whose name is empty."""
    opened = changed(lambda bodies: bodies["linkerd-check"].update(cluster_name=""))
    assert [finding.state for finding in examined(opened, Pins(cluster=""))] == [State.FAILED]


def test_evidence_grows_old_at_once_behind_its_limit(golden_collection: Opened) -> None:
    """To the limit it is young, and a microsecond later it is old."""
    asked, finished = Pins(max_age=timedelta(hours=1)), finished_at(golden_collection)
    assert finished is not None
    [old] = examined(golden_collection, asked, later=timedelta(hours=1, microseconds=1))
    assert old == Finding(
        check="age",
        state=State.FAILED,
        detail=f"it was made at {rfc3339(finished)}, which is more than 1:00:00 ago",
    )


def test_evidence_that_does_not_say_when_is_not_young(changed: Changed) -> None:
    """Without a time it may be of any age."""
    opened = changed(times={"git": (golden.BEGUN, None)})
    assert examined(opened, Pins(max_age=timedelta(days=9))) == [
        Finding(check="age", state=State.FAILED, detail="the evidence does not say when it was made")
    ]
