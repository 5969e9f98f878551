"""Every fault of the plan tried in its scenario, and what was wrong behind it."""

from __future__ import annotations

import contextlib
import shutil
import tempfile
import zlib
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from tests.faults import checks, plan, points, scenarios
from tests.faults.plan import Attempt
from tests.faults.probe import Point
from tests.faults.scenarios import Place, Scenario, Stage
from tests.faults.server import Ended, Server

HASTE = ("--timeout", "700ms")


@dataclass(frozen=True)
class Tried:
    """An attempt, how it ended, and what was wrong with that."""

    attempt: Attempt
    ended: Ended
    wrong: tuple[str, ...]
    allowed: bool

    def __str__(self) -> str:
        lines = [f"{self.attempt.scenario}, {self.attempt.stage}: {self.attempt.name}", *self.wrong]
        return "\n  ".join([*lines, *self.ended.said.splitlines()[-12:]])


class Campaign:
    """A stage for the scenarios that this machine can play, and what each comes by where nothing goes wrong."""

    def __init__(self, folder: Path) -> None:
        self._server = Server()
        self._stage = Stage(folder, self._server)
        self._folder = folder
        self._played: dict[str, Ended] = {}

    def close(self) -> None:
        self._server.close()

    def calm(self, scenario: Scenario) -> Ended:
        """Return how the scenario ends where nothing goes wrong."""
        if scenario.name not in self._played:
            self._played[scenario.name] = self._stage.play(scenario, self._stage.set(scenario))
        return self._played[scenario.name]

    def attempts(self, among: Sequence[Scenario], *, thorough: bool) -> Iterator[Attempt]:
        """Yield the attempts of scenarios, each point and each child in the first scenario that comes by it."""
        seen: set[tuple[str, str, str]] = set()
        started: set[str] = set()
        for scenario in among:
            calm = self.calm(scenario)
            fresh = [point for point in calm.visits if _is_new(point, seen, thorough=thorough)]
            yield from plan.at_points(scenario.name, calm.visits, fresh, thorough=thorough)
            fakes = self._folder / "now" / "fakes"
            for attempt in plan.at_children(scenario.name, calm.children, fakes, thorough=thorough):
                if attempt.name not in started:
                    started.add(attempt.name)
                    yield attempt
            if scenario.name in {"live", "traced"}:
                yield from plan.at_linkerd(scenario.name, thorough=thorough)

    def attempt(self, attempt: Attempt) -> Tried:
        """Let one thing go wrong, and return what was wrong behind it."""
        scenario = named(attempt.scenario)
        place = self._stage.set(scenario)
        attempt.arrange(place)
        hurried = HASTE if attempt.linkerd[1].startswith("hang") else ()
        ended = self._stage.play(scenario, place, more=hurried, watched="fault" in attempt.change, **attempt.change)
        if attempt.is_late and not ended.happened:
            # How often a child is looked at is a matter of time: where it was not so often, nothing went wrong.
            return Tried(
                attempt, ended, tuple(checks.wrong(place, ended, checks.Expected(frozenset({0})))), allowed=False
            )
        said, early = attempt.said if ended.code else "", attempt.stage == plan.PREFLIGHT
        found = checks.wrong(place, ended, checks.Expected(attempt.codes, said, early))
        if not ended.happened and not attempt.linkerd[0]:
            found.append("the fault did not happen")
        allowed = checks.is_allowed(place, ended)
        return Tried(attempt, ended, tuple(found), allowed=allowed and not attempt.harmless)

    def play(
        self, scenario: Scenario, arrange: Callable[[Place], None] = lambda _: None, **more: Any
    ) -> tuple[Place, Ended]:
        """Run a scenario with something else that goes wrong, and return its folder and its end."""
        place = self._stage.set(scenario)
        arrange(place)
        return place, self._stage.play(scenario, place, **more)


@contextlib.contextmanager
def ready() -> Iterator[Campaign]:
    """Make a campaign in a folder that others may enter, as an action's children do that are not root."""
    with tempfile.TemporaryDirectory() as folder:
        Path(folder).chmod(0o755)
        found = Campaign(Path(folder))
        try:
            yield found
        finally:
            found.close()


def _is_new(point: Point, seen: set[tuple[str, str, str]], *, thorough: bool) -> bool:
    """Tell whether no point like this was seen.

    Where not ``thorough``, the calls of git are alike, and of the stages that share an operation the first is taken,
    and every third of the others.
    """
    shared = (point.site, "", point.primitive)
    is_git = not thorough and "git" in point.caller.split()
    key = (point.site, "git" if is_git else point.caller, point.primitive)
    taken = thorough or shared not in seen or zlib.crc32(str(key).encode()) % 3 == 0
    new = key not in seen
    seen |= {key, shared}
    return new and taken


def named(name: str) -> Scenario:
    return next(scenario for scenario in scenarios.ALL if scenario.name == name)


def playable(*, tools: bool) -> list[Scenario]:
    """Return the scenarios that need no more than is there; ``tools`` adds those that need a program."""
    return [
        scenario
        for scenario in scenarios.ALL
        if not scenario.needs or (tools and shutil.which(scenario.needs) is not None)
    ]


def visited(campaign: Campaign, among: Sequence[Scenario]) -> set[str]:
    """Return the places that the scenarios come by."""
    found: set[str] = set()
    for scenario in among:
        calm = campaign.calm(scenario)
        found |= {point.site for point in calm.visits} | calm.callers
    return found & {str(site) for site in points.sites()}
