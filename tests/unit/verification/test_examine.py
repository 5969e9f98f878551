"""Everything is looked at, in one order, and nothing that failed is left out of the complaint."""

from __future__ import annotations

import pytest

from attestor import verification
from attestor.collection import REQUIRED, Opened
from attestor.verification import Contradiction, times
from attestor.verification.finding import Finding, State, failed, ok, unchecked
from tests.unit.verification.conftest import Changed

CHECKS = (
    "statement",
    "predicates",
    "shapes",
    "material root",
    "product root",
    "subjects",
    "check report",
    "edges report",
    "file linkerd-check.json",
    "check summary",
    "edges summary",
    "times",
)


def examined(opened: Opened, required: tuple[str, ...] = REQUIRED) -> tuple[Finding, ...]:
    now = times.finished_at(opened)
    assert now is not None
    digest = str(opened.linkerd_check.get("check_digest_set", {}).get("sha256"))
    return verification.examine(opened, [("linkerd-check.json", digest)], now, required=required)


def test_a_capture_is_examined_in_every_respect(golden_collection: Opened) -> None:
    """One finding for each, all of them good."""
    found = examined(golden_collection)
    assert tuple(finding.check for finding in found) == CHECKS
    assert {finding.state for finding in found} == {State.OK}
    verification.require(found)


@pytest.mark.parametrize(
    ("name", "gone"),
    [
        ("material", {"material root"}),
        ("product", {"product root"}),
        ("linkerd-check", {"check summary", "edges summary"}),
    ],
)
def test_what_is_not_there_is_not_examined(changed: Changed, name: str, gone: set[str]) -> None:
    """A predicate that must be there is missed; the checks of its body are none."""
    opened = changed(lambda bodies: bodies.pop(name))
    found = {finding.check: finding for finding in examined(opened)}
    assert set(CHECKS) - set(found) == gone
    assert found["predicates"].state is (State.OK if name == "linkerd-check" else State.FAILED)


def test_what_must_be_there_can_be_said(changed: Changed) -> None:
    """A policy names its own."""
    opened = changed(lambda bodies: bodies.pop("git"))
    assert {finding.check: finding.state for finding in examined(opened, ("product",))}["predicates"] is State.OK


def test_every_failure_is_named() -> None:
    """In their order; what is good or cannot be checked is no complaint."""
    found = (ok("a", "1"), failed("b", "2"), unchecked("c", "3"), failed("d", "4"))
    with pytest.raises(Contradiction) as caught:
        verification.require(found)
    assert caught.value.problem == "the evidence contradicts itself: b: 2; d: 4"
    assert caught.value.findings == found
    assert caught.value.exit_code == 4
    verification.require((found[0], found[2]))


def test_the_states_have_their_words() -> None:
    """They are what a person and a program read."""
    assert [state.value for state in State] == ["ok", "failed", "not checkable"]
