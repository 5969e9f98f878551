"""What differs between two captures: by pair of workloads, by end, by check."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest

from attestor import drift
from attestor.collection import Opened
from attestor.drift import Change, Drift
from tests.unit.test_report import EDGE, OPENED, opened

NAME = "a/web -> b/db"


def mesh(*edges: dict[str, Any]) -> Opened:
    return opened(lambda bodies: bodies["linkerd-check"].update({"edge_report": list(edges)}))


def between(old: list[dict[str, Any]], new: list[dict[str, Any]]) -> Drift:
    return drift.between(mesh(*old), mesh(*new))


def test_the_same_is_no_drift() -> None:
    """Whatever the order of its rows; and a capture of another time is none."""
    other = EDGE | {"src": "api", "client_id": "api.a"}
    assert between([EDGE, other], [other, EDGE]) == Drift()
    assert not Drift().changed
    assert list(Drift().rows()) == []


@pytest.mark.parametrize(
    ("old", "new", "found"),
    [
        ([], [EDGE], Drift(gained=(NAME,))),
        ([EDGE], [], Drift(lost=(NAME,))),
        ([EDGE], [EDGE | {"server_id": ""}], Drift(downgraded=(NAME,))),
        ([EDGE], [EDGE | {"no_tls_reason": "Disabled"}], Drift(downgraded=(NAME,))),
        ([EDGE | {"client_id": ""}], [EDGE], Drift(secured=(NAME,))),
        ([EDGE], [EDGE, EDGE | {"server_id": ""}], Drift(downgraded=(NAME,))),
        (
            [EDGE],
            [EDGE | {"server_id": "evil.b"}],
            Drift(identities=(Change(what=f"{NAME} server_id", old="db.b", new="evil.b"),)),
        ),
        (
            [EDGE],
            [EDGE, EDGE | {"client_id": "x.a"}],
            Drift(identities=(Change(what=f"{NAME} client_id", old="web.a", new="web.a, x.a"),)),
        ),
    ],
)
def test_each_kind_of_change(old: list[dict[str, Any]], new: list[dict[str, Any]], found: Drift) -> None:
    """One edge, one difference; of several rows about two workloads, the worst counts."""
    assert between(old, new) == found
    assert found.changed
    assert len(list(found.rows())) == 1


def turned(change: Callable[[dict[str, Any]], object]) -> Drift:
    return drift.between(OPENED, opened(lambda bodies: change(bodies["linkerd-check"])))


def test_a_check_that_turned_is_told_by_category_and_description() -> None:
    """Also one that is no longer there."""
    found = turned(lambda body: body["check_report"]["categories"][0]["checks"][0].update({"result": "error"}))
    assert found == Drift(
        checks=(Change(what="kubernetes-api: can initialize the client", old="success", new="error"),)
    )
    ((kind, *_, good),) = found.rows()
    assert (kind, good) == ("check", False)
    gone = turned(lambda body: body["check_report"]["categories"][0]["checks"].pop(0))
    assert [(change.old, change.new) for change in gone.checks] == [("success", drift.NONE)]


def test_what_was_captured_is_compared_too() -> None:
    """Another CLI, another cluster, other namespaces, a missing report: what differs besides may come from there."""

    def change(bodies: dict[str, Any]) -> None:
        bodies["command-run"]["capture"]["linkerd"]["version"] = "edge-26.8.3"
        bodies["command-run"]["capture"]["namespaces"] = ["a", "b"]
        bodies["linkerd-check"]["cluster_name"] = "other"
        del bodies["linkerd-check"]["edges_summary"]

    assert drift.between(OPENED, opened(change)).versions == (
        Change(what="cluster", old="golden", new="other"),
        Change(what="edges report", old="captured", new="missing"),
        Change(what="linkerd", old="stable-2.14.10", new="edge-26.8.3"),
        Change(what="namespaces", old="all", new="a, b"),
    )


def test_evidence_without_a_mesh_is_compared_as_empty() -> None:
    """Nothing of it is looked at by a name that may be missing."""
    bare = opened(lambda bodies: (bodies.pop("linkerd-check"), bodies.pop("command-run")))
    found = drift.between(OPENED, bare)
    assert len(found.lost) == 15
    assert ("check report", "captured", "missing") in {
        (change.what, change.old, change.new) for change in found.versions
    }
    assert drift.between(bare, bare) == Drift()


def test_a_person_reads_the_gravest_first_and_whether_it_is_good() -> None:
    """Every kind, with its old and its new value."""
    found = Drift(
        gained=("g",),
        lost=("l",),
        downgraded=("d",),
        secured=("s",),
        identities=(Change(what="i", old="1", new="2"),),
        checks=tuple(Change(what="c", old="error", new=new) for new in ("success", "warning", "error", drift.NONE)),
        versions=(Change(what="v", old="3", new="4"),),
    )
    assert list(found.rows()) == [
        ("lost its mTLS", "d", "mTLS", "no mTLS", False),
        ("vanished", "l", "there", "-", None),
        ("new edge", "g", "-", "there", None),
        ("gained mTLS", "s", "no mTLS", "mTLS", True),
        ("identity", "i", "1", "2", None),
        ("check", "c", "error", "success", True),
        ("check", "c", "error", "warning", None),
        ("check", "c", "error", "error", False),
        ("check", "c", "error", "-", None),
        ("capture", "v", "3", "4", None),
    ]
    told = found.to_dict()
    assert told["lost"] == ["l"]
    assert told["identities"] == [{"what": "i", "old": "1", "new": "2"}]
    assert set(told) == {"gained", "lost", "downgraded", "secured", "identities", "checks", "versions"}


def test_a_check_that_is_new_was_not_there() -> None:
    """It has no old result."""
    less = opened(lambda bodies: bodies["linkerd-check"]["check_report"]["categories"][0]["checks"].pop(0))
    assert [(change.old, change.new) for change in drift.between(less, OPENED).checks] == [(drift.NONE, "success")]
