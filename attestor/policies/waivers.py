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
from collections.abc import Callable, Collection, Mapping
from dataclasses import replace
from datetime import date, datetime
from pathlib import Path
from typing import Any

from attestor.errors import AttestorError, SettingsError
from attestor.policies import Policy, Waiver, catalogue, reading

KIND = "waivers file"
SELECTORS = ("source", "destination", "namespace", "check")
_FORMS: Mapping[str, tuple[Callable[[object], bool], str]] = {
    "source": (reading.is_workload, "namespace/workload"),
    "destination": (reading.is_workload, "namespace/workload"),
    "namespace": (reading.is_namespace, "a namespace alone, or source: and destination: for a workload"),
}
"""What each part of a selector is held against; a check has any description."""
_REQUIRED = ("rule", "selector", "owner", "reason", "expires")
_KEYS = (*_REQUIRED, "ticket")
_DATE = re.compile(r"\d{4}-\d{2}-\d{2}")
_REMEDY = "see docs/policy.md for its form"
_WORDS = {
    "rule": "write rule: and the id of the rule whose finding it is for",
    "owner": "write owner: and who answers for it: an exception that is nobody's is never taken back",
    "reason": "write reason: and why it has to be, for whoever reads the report",
}
"""What must be said, and what to do where it is not."""


def load(path: Path, policy: Policy, complaints: list[AttestorError]) -> Policy:
    """Return ``policy`` with the waivers of the file at ``path``; what is wrong is added to ``complaints``."""
    try:
        data, digest = reading.read(KIND, path)
        listed = reading.load(KIND, path, data)
    except SettingsError as error:
        complaints.append(error)
        return policy
    if not isinstance(listed, list):
        complaints.append(
            SettingsError(f"the {KIND} {path} is not a list", remedy=f"{_REMEDY}; where there are none, write []")
        )
        return policy
    # A team's own rules have their names once they are compiled: until then nothing is unknown.
    known = None if policy.own else catalogue.rules().keys()
    found: list[Waiver] = []
    for item, line in zip(listed, reading.item_lines(reading.root(data)), strict=True):
        wrong = _wrong(item, known)
        found += [] if wrong else [_waiver(item, line)]
        where = f"the {KIND} {path}, line {line}"
        complaints.extend(SettingsError(f"{where}: {problem}", remedy=remedy) for problem, remedy in wrong)
    return replace(policy, waivers=tuple(found), waivers_sha256=digest, waivers_path=str(path))


def _waiver(item: dict[str, Any], line: int) -> Waiver:
    return Waiver(
        rule=_text(item["rule"]),
        selector=item["selector"],
        owner=_text(item["owner"]),
        reason=_text(item["reason"]),
        expires=str(_date(item["expires"])),
        ticket=_text(item.get("ticket")),
        line=line,
    )


def _wrong(item: object, known: Collection[str] | None) -> list[tuple[str, str]]:
    """Return what is wrong with one item, each with what to do."""
    if not isinstance(item, dict) or not all(isinstance(key, str) for key in item):
        return [("it is not a mapping", _REMEDY)]
    found = [(f"there is no {key!r} in a waiver", reading.nearest(key, _KEYS)) for key in item if key not in _KEYS]
    found += [(f"it does not say its {key}", remedy) for key, remedy in _WORDS.items() if not _text(item.get(key))]
    if "ticket" in item and not _text(item["ticket"]):
        found.append(("its ticket is not text", "write the name of the ticket, or leave the key out"))
    if _date(item.get("expires")) is None:
        found.append(("it does not say the day on which it expires", "write expires: 2027-01-31"))
    found += _wrong_rule(_text(item.get("rule")), known) + _wrong_selector(item.get("selector"))
    return found


def _text(value: object) -> str:
    """Return what a person wrote as text, which YAML may have read as a number; nothing for everything else."""
    return str(value).strip() if isinstance(value, str | int) and not isinstance(value, bool) else ""


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


def _wrong_rule(rule: str, known: Collection[str] | None) -> list[tuple[str, str]]:
    embedded = catalogue.rules().get(rule)
    if embedded is not None and embedded.of_the_floor and rule != catalogue.WAIVABLE:
        return [(f"{rule} is of the floor, which nothing waives", f"only {catalogue.WAIVABLE} can be, edge by edge")]
    return [_unknown(rule, known)] if rule and known is not None and rule not in known else []


def _unknown(rule: str, known: Collection[str]) -> tuple[str, str]:
    return f"there is no rule {rule!r}", reading.rule_meant(rule, known)


def require_known(policy: Policy, complaints: list[AttestorError]) -> None:
    """Add a complaint for each waiver of a rule that is neither embedded nor, now that they are compiled, one's own."""
    known = catalogue.rules().keys() | policy.own_ids
    for waiver in policy.waivers:
        if waiver.rule not in known:
            problem, remedy = _unknown(waiver.rule, known)
            where = f"the {KIND} {policy.waivers_path}, line {waiver.line}"
            complaints.append(SettingsError(f"{where}: {problem}", remedy=remedy))


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
    else:
        found += [
            (f"{key} {value!r} would never fit", f"write {called}")
            for key, value in selector.items()
            for fits, called in [_FORMS.get(key, (reading.is_pattern, ""))]
            if not fits(value)
        ]
    return found
