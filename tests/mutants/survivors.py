"""The survivors that are argued: changes that no test can notice, or that none should."""

from __future__ import annotations

import json
from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from tests.mutants.core import LEAST
from tests.mutants.making import Mutant, Source
from tests.mutants.trial import SURVIVED
from tests.mutants.worker import Outcome

FILE = Path(__file__).parent / "survivors.json"


@dataclass(frozen=True, slots=True)
class Change:
    """A change as it is listed: by its lines, since a number would mean another change after the next edit."""

    module: str
    function: str
    before: str
    after: str

    def __str__(self) -> str:
        return f"{self.module}, {self.function or 'outside of functions'}\n    - {self.before}\n    + {self.after}"


def argued() -> dict[Change, str]:
    """Return every listed change, and why its survival does not matter."""
    return {
        Change(item["module"], item["function"], item["before"], item["after"]): item["why"]
        for item in json.loads(FILE.read_bytes())
    }


@dataclass(frozen=True, slots=True, kw_only=True)
class Result:
    """What became of the mutants of a run; ``unargued`` are the survivors that nobody speaks for."""

    outcomes: Sequence[Outcome]
    survivors: dict[tuple[str, int], Change] = field(repr=False)
    listed: dict[Change, str] = field(repr=False)

    @classmethod
    def of(cls, outcomes: Sequence[Outcome], sources: dict[str, Source], mutants: Sequence[Mutant]) -> Result:
        """Look up the change of every survivor."""
        made = {(mutant.path, mutant.number): mutant for mutant in mutants}
        survivors = {}
        for outcome in outcomes:
            if outcome.ended == SURVIVED:
                mutant = made[outcome.path, outcome.number]
                difference = sources[outcome.path].difference(mutant)
                survivors[outcome.path, outcome.number] = Change(outcome.path, outcome.function, *difference)
        return cls(outcomes=outcomes, survivors=survivors, listed=argued())

    @property
    def unargued(self) -> list[Change]:
        """The survivors that are not listed."""
        return [change for change in self.survivors.values() if change not in self.listed]

    @property
    def percent(self) -> float:
        """How many in a hundred died."""
        return 100 * (len(self.outcomes) - len(self.survivors)) / len(self.outcomes)

    def good(self, *, sampled: bool) -> bool:
        """Tell whether every survivor is argued and, of a whole run, enough died."""
        return not self.unargued and (sampled or self.percent >= LEAST)

    def figures(self) -> dict[str, Any]:
        """Return the figures, in all and of each module."""
        modules = sorted({outcome.path for outcome in self.outcomes})
        return self._figures("") | {"modules": {module: self._figures(module) for module in modules}}

    def _figures(self, module: str) -> dict[str, Any]:
        ended = Counter(outcome.ended for outcome in self.outcomes if module in ("", outcome.path))
        made, survived = ended.total(), ended[SURVIVED]
        known = sum(change in self.listed for (path, _), change in self.survivors.items() if module in ("", path))
        percent = round(100 * (made - survived) / made, 1)
        return {
            "made": made,
            "killed": made - survived,
            "argued": known,
            "unargued": survived - known,
            "percent": percent,
        }
