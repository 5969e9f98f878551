"""The embedded rules as a catalogue: code, level, title, description and parameters of each, by its id.

The file is made from the annotations of the policy by ``python -m tools.catalogue``, and a test holds both together.
"""

from __future__ import annotations

import functools
import json
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from attestor.policies.embedded import no_rules, policy_folder

FILE = "catalogue.json"
FLOOR = "floor"
"""The level of a rule that no configuration lowers."""
WAIVABLE = "mesh.edges_mtls"
"""Of the floor, only a named insecure edge can be waived (the contract)."""
LEVELS = ("deny", "warn", "off")


@dataclass(frozen=True, slots=True, kw_only=True)
class Rule:
    """One embedded rule; ``why`` argues its level. ``parameters`` have a type, a default and a text each, by name.

    ``needs`` names evidence that is not in every collection, such as ``coverage``.
    """

    id: str
    code: str
    level: str
    why: str
    title: str
    description: str
    parameters: Mapping[str, Mapping[str, Any]]
    needs: str = ""

    @property
    def of_the_floor(self) -> bool:
        """Whether no configuration may change its level, exempt from it or waive it."""
        return self.level == FLOOR


@functools.cache
def rules() -> Mapping[str, Rule]:
    """Return every embedded rule by its id, in the order of their codes; raises ``GateError``."""
    try:
        listed = json.loads((policy_folder() / FILE).read_bytes())
    except OSError as error:
        raise no_rules(error) from error
    return {name: Rule(id=name, **entry) for name, entry in listed.items()}


def levels() -> dict[str, str]:
    """Return the level of every embedded rule where no configuration speaks."""
    return {name: rule.level for name, rule in rules().items()}


def needing(evidence: str) -> frozenset[str]:
    """Return the ids of the rules that look at this evidence, which a collection need not have."""
    return frozenset(name for name, rule in rules().items() if rule.needs == evidence)


def code(rule: str) -> str:
    """Return a rule's stable code, and nothing for a rule of one's own."""
    known = rules().get(rule)
    return known.code if known else ""


def is_of_the_floor(rule: str) -> bool:
    """Tell whether ``rule`` is an embedded one that no configuration lowers."""
    known = rules().get(rule)
    return known is not None and known.of_the_floor
