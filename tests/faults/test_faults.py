"""Every fault ends without an allow, with the right code and words, and leaves nothing behind."""

from __future__ import annotations

import signal
from collections.abc import Sequence
from itertools import islice

import pytest

from attestor import collection
from tests.faults import checks, plan
from tests.faults.campaign import Campaign, named, playable
from tests.faults.plan import Attempt
from tests.faults.planted import TOKEN
from tests.faults.scenarios import OLD, Scenario

PARTS = 60

QUICK = 1
"""How many of them the quick tests try; `make assurance` tries all, also in continuous integration."""


def part(campaign: Campaign, among: Sequence[Scenario], number: int, *, thorough: bool) -> list[Attempt]:
    """Return a part of the attempts, so that several processes share them."""
    return list(islice(campaign.attempts(among, thorough=thorough), number, None, PARTS))


def fails(campaign: Campaign, attempts: Sequence[Attempt]) -> list[str]:
    assert attempts
    return [str(tried) for tried in map(campaign.attempt, attempts) if tried.wrong or tried.allowed]


@pytest.mark.parametrize(
    "number",
    [pytest.param(number, marks=[] if number < QUICK else [pytest.mark.assurance]) for number in range(PARTS)],
)
def test_one_fault_at_each_point_and_child(campaign: Campaign, number: int) -> None:
    """Each point with the one error whose turn it is, each child with all that takes no time, of like faults one."""
    assert fails(campaign, part(campaign, playable(tools=False), number, thorough=False)) == []


@pytest.mark.tools
@pytest.mark.assurance
@pytest.mark.parametrize("number", range(PARTS))
def test_one_fault_at_each_point_and_child_of_the_tracing(campaign: Campaign, number: int) -> None:
    """As above, at what only a traced capture comes by, where strace is."""
    everything = campaign.attempts(playable(tools=True), thorough=False)
    traced = [attempt for attempt in everything if attempt.scenario == "traced"]
    assert fails(campaign, traced[number::PARTS]) == []


@pytest.mark.assurance
@pytest.mark.parametrize("number", range(PARTS))
def test_every_fault_at_each_point_and_child(campaign: Campaign, number: int) -> None:
    """Each point with every error, and with a signal at its first visit and its last; each child with everything."""
    assert fails(campaign, part(campaign, playable(tools=False), number, thorough=True)) == []


def test_a_clock_that_goes_backwards(campaign: Campaign) -> None:
    """Nothing ends before it began: the clock keeps the latest time that it was told."""
    place, ended = campaign.play(named("live"), clock="backwards")
    assert checks.wrong(place, ended, checks.Expected(frozenset({0}))) == []
    evidence = checks.opened(place)
    assert isinstance(evidence, collection.Opened)
    times = [moment for span in evidence.times.values() for moment in span if moment is not None]
    assert len(times) == 2 * len(evidence.times)
    assert all(started <= finished for started, finished in zip(times[::2], times[1::2], strict=True))


@pytest.mark.assurance
@pytest.mark.parametrize("name", ["live", "action", "verify"])
def test_too_few_descriptors(campaign: Campaign, name: str) -> None:
    """However many a process may have, it ends well or says why not; with all that it needs it ends well."""
    codes = {}
    for most in range(4, 32):
        place, ended = campaign.play(named(name), descriptors=most, watched=False)
        codes[most] = ended.code
        found = checks.wrong(place, ended, checks.Expected(frozenset({0, 1, 2, 3, 4, 5})))
        assert found == [], f"{most}: {found} {ended.said}"
    assert codes[4] != 0
    assert codes[31] == 0


def test_a_signal_behind_the_signed_verdict_revokes_it(campaign: Campaign) -> None:
    """While the step gives the files back, the verdict PASSED is signed and there: it does not stay."""
    calm = campaign.calm(named("action"))
    point = next(point for point in calm.visits if point.site == "github/owner.py give_back .stat")
    tried = campaign.attempt(plan._signal("action", point, 1, plan.TELLING, signal.SIGTERM))
    assert tried.wrong == ()
    assert tried.ended.code == 3


def test_the_checks_see_what_is_wrong(campaign: Campaign) -> None:
    """An allow where there must be none, an envelope that is none, a file left behind, a secret in the tree."""
    place, ended = campaign.play(named("live"))
    good = checks.Expected(frozenset({0}))
    assert checks.wrong(place, ended, good) == []
    assert checks.wrong(place, ended, checks.Expected(frozenset({2}))) == ["exit code 0, not [2]"]
    (place.temporary[0] / "left").write_text("", encoding="utf-8")
    (place.tree / "told").write_text(TOKEN, encoding="utf-8")
    (place.tree / "key").write_text((place.folder / "keys" / "plain.key").read_bytes().hex(), encoding="utf-8")
    place.envelope.write_bytes(place.envelope.read_bytes()[:-2])
    found = " ".join(checks.wrong(place, ended, good))
    assert "left behind: " in found
    assert f"token (plain) is in {place.tree / 'told'}" in found
    assert f"key (hex) is in {place.tree / 'key'}" in found
    assert "the envelope is none: the envelope is not JSON" in found
    place.envelope.write_bytes(OLD)
    assert "the envelope is that of an earlier run" in checks.wrong(place, ended, good)


def test_a_fault_that_is_not_known_to_be_harmless_counts(campaign: Campaign, monkeypatch: pytest.MonkeyPatch) -> None:
    """Without its entry an allow behind a fault is reported as one."""
    calm = campaign.calm(named("live"))
    point = next(point for point in calm.visits if point.site == "capture/linkerd.py _refuse_floods .lstat")
    monkeypatch.setattr(plan, "harmless", lambda: {"errors": [], "signals": [], "spared": [], "children": []})
    (error, *_) = plan.at_points("live", calm.visits, [point], thorough=False)
    tried = campaign.attempt(error)
    assert tried.allowed
    assert tried.wrong[0] == "exit code 0, not [1, 3]"
