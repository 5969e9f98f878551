"""``waivers``: a YAML list of exceptions, each for a while, with a name under it.

    - rule: mesh.edges_mtls
      selector: {source: emojivoto/vote-bot, destination: emojivoto/web}
      owner: team-voting
      reason: the bot is retired in January
      ticket: OPS-123
      expires: 2027-01-31

Whether a waiver has expired or covers too much is for the rules, which know the time of the run.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import replace
from datetime import date, datetime
from pathlib import Path
from typing import Any

from attestor.errors import AttestorError, SettingsError
from attestor.policies import Policy, Waiver, catalogue, reading

KIND = "waivers file"
SELECTORS = ("source", "destination", "namespace", "check")
WAIVABLE_FLOOR = "mesh.edges_mtls"
"""Of the floor, only a named insecure edge can be waived (the contract)."""

_REQUIRED = ("rule", "selector", "owner", "reason", "expires")
_KEYS = (*_REQUIRED, "ticket")
_DATE = re.compile(r"\d{4}-\d{2}-\d{2}")
_REMEDY = "see docs/policy.md for its form"


def load(path: Path, policy: Policy, complaints: list[AttestorError]) -> Policy:
    """Return ``policy`` with the waivers of the file at ``path``; what is wrong is added to ``complaints``."""
    try:
        data, digest = reading.read(KIND, path)
        listed = reading.load(KIND, path, data)
    except SettingsError as error:
        complaints.append(error)
        return policy
    if not isinstance(listed, list):
        complaints.append(SettingsError(f"the {KIND} {path} is not a list", remedy=_REMEDY))
        return policy
    found = [
        _waiver(item, f"the {KIND} {path}", line, complaints)
        for item, line in zip(listed, reading.item_lines(reading.root(data)), strict=True)
    ]
    waivers = tuple(waiver for waiver in found if waiver is not None)
    read = replace(policy, waivers=waivers, waivers_sha256=digest, waivers_path=str(path))
    if not policy.own:
        require_known(read, complaints)
    return read


def _waiver(item: object, where: str, line: int, complaints: list[AttestorError]) -> Waiver | None:
    wrong = list(_wrong(item))
    complaints.extend(SettingsError(f"{where}, line {line}: {problem}", remedy=remedy) for problem, remedy in wrong)
    if wrong or not isinstance(item, dict):
        return None
    return Waiver(
        rule=str(item["rule"]),
        selector=item["selector"],
        owner=str(item["owner"]),
        reason=str(item["reason"]),
        expires=str(_date(item["expires"])),
        ticket=str(item.get("ticket", "")),
        line=line,
    )


def _wrong(item: object) -> list[tuple[str, str]]:
    """Return what is wrong with one item, each with what to do."""
    if not isinstance(item, dict) or not all(isinstance(key, str) for key in item):
        return [("it is not a mapping", _REMEDY)]
    found = [(f"there is no {key!r} in a waiver", reading.nearest(key, _KEYS)) for key in item if key not in _KEYS]
    silent = [key for key in ("rule", "owner", "reason") if not str(item.get(key) or "").strip()]
    found += [(f"it does not say its {key}", _REMEDY) for key in silent]
    if _date(item.get("expires")) is None:
        found.append(("it does not say the day on which it expires", "write expires: 2027-01-31"))
    found += _wrong_rule(item.get("rule")) + _wrong_selector(item.get("selector"))
    return found


def _date(value: object) -> date | None:
    """Return the day that ``value`` is, as YAML reads an unquoted one, or as text."""
    if isinstance(value, date) and not isinstance(value, datetime):
        return value
    if isinstance(value, str) and _DATE.fullmatch(value):
        try:
            return date.fromisoformat(value)
        except ValueError:
            return None
    return None


def _wrong_rule(rule: object) -> list[tuple[str, str]]:
    known = catalogue.rules().get(rule) if isinstance(rule, str) else None
    if known is not None and known.of_the_floor and rule != WAIVABLE_FLOOR:
        return [(f"{rule} is of the floor, which nothing waives", f"only {WAIVABLE_FLOOR} can be, edge by edge")]
    return []


def require_known(policy: Policy, complaints: list[AttestorError]) -> None:
    """Add a complaint for each waiver of a rule that is neither embedded nor, once they are compiled, a team's own."""
    known = catalogue.rules().keys() | policy.own_ids
    complaints.extend(
        SettingsError(
            f"the {KIND} {policy.waivers_path}, line {waiver.line}: there is no rule {waiver.rule!r}",
            remedy=reading.nearest(waiver.rule, known),
        )
        for waiver in policy.waivers
        if waiver.rule not in known
    )


def _wrong_selector(selector: object) -> list[tuple[str, str]]:
    if not isinstance(selector, Mapping) or not selector:
        return [("it does not say what it is for", "write selector: {source: namespace/workload, destination: …}")]
    found = [
        (f"there is no selector {key!r}", reading.nearest(str(key), SELECTORS))
        for key in selector
        if key not in SELECTORS
    ]
    if not all(reading.is_pattern(value) for value in selector.values()):
        found.append(("a selector is not a name or a pattern", "its only wild cards are * and ?"))
    return found


def to_input(policy: Policy) -> list[dict[str, Any]]:
    """Return the waivers as the gate's input has them."""
    return [waiver.to_dict() for waiver in policy.waivers]
