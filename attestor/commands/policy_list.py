"""``mesh-attestor policy list``: every embedded rule with its code, its level and its parameters."""

from __future__ import annotations

import contextlib
import json
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from attestor import rendering
from attestor.arguments import Arguments
from attestor.commands import World
from attestor.errors import AttestorError, SettingsError
from attestor.options import FORMAT
from attestor.options import LIST as OPTIONS
from attestor.policies import Policy, catalogue
from attestor.policies.load import load
from attestor.report import Table, shown

__all__ = ["OPTIONS", "execute"]


@dataclass(frozen=True, slots=True, kw_only=True)
class _Row:
    """A rule as it is configured: its level, and of each parameter the value that counts."""

    rule: catalogue.Rule
    level: str
    given: Mapping[str, Any]

    def values(self) -> dict[str, Any]:
        return {name: self.given.get(name, about["default"]) for name, about in self.rule.parameters.items()}

    def cells(self) -> tuple[str, ...]:
        changed = "" if self.level == self.rule.level else f" ({self.rule.level} by default)"
        values = [f"{name}: {json.dumps(value, ensure_ascii=False)}" for name, value in self.values().items()]
        rule = self.rule
        return tuple(shown(cell) for cell in (rule.code, rule.id, self.level + changed, rule.title, ", ".join(values)))

    def to_dict(self) -> dict[str, Any]:
        values = self.values()
        return {
            "id": self.rule.id,
            "code": self.rule.code,
            "level": self.level,
            "default_level": self.rule.level,
            "title": self.rule.title,
            "description": self.rule.description,
            "parameters": {name: {**about, "value": values[name]} for name, about in self.rule.parameters.items()},
        }


def execute(arguments: Arguments, complaints: list[AttestorError], world: World) -> int:
    """Print the rules, those of a configuration's levels where one is given; raises ``SettingsError``."""
    config = arguments.one("policy-config")
    policy = load(None if config is None else world.directory / config, None, complaints)
    form = arguments.one("format") or FORMAT.default
    if form not in FORMAT.choices:
        complaints.append(SettingsError("format is no known word", remedy="one of: " + ", ".join(FORMAT.choices)))
    if complaints:
        raise SettingsError(complaints)
    rows = _rows(policy, arguments.one("cluster") or "")
    if form == "json":
        with contextlib.suppress(OSError):
            world.stdout.write(json.dumps({"rules": [row.to_dict() for row in rows]}, indent=2) + "\n")
    else:
        rendering.write([_table(rows)], world.stdout, world.env)
    return 0


def _rows(policy: Policy, cluster: str) -> list[_Row]:
    levels, parameters = policy.levels(cluster), policy.config(cluster)["parameters"]
    return [
        _Row(rule=rule, level=levels[name], given=parameters.get(name, {})) for name, rule in catalogue.rules().items()
    ]


def _table(rows: list[_Row]) -> Table:
    floor = sum(row.rule.of_the_floor for row in rows)
    return Table(
        title="Rules",
        header=("CODE", "ID", "LEVEL", "TITLE", "PARAMETERS"),
        rows=tuple(row.cells() for row in rows),
        marks=(None,) * len(rows),
        note=f"{floor} of {len(rows)} are of the floor: they always deny, and no configuration changes that",
    )
