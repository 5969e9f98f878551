"""Reads one document of controls: every complaint names its line, and all of them come at once."""

from __future__ import annotations

import re
from collections.abc import Collection, Iterator, Mapping
from typing import Any

from attestor import limits
from attestor.compliance import Controls, Entry
from attestor.coverage.part import PARTS
from attestor.errors import AttestorError, SettingsError
from attestor.policies import catalogue, configuration, reading
from attestor.strict_yaml import Node

_ID = re.compile(r"[A-Za-z0-9][A-Za-z0-9._:/()-]{0,63}")
_ID_FORM = "1 to 64 letters, digits and ._:/()-, a letter or a digit first"
_FRAMEWORK = ("id", "title", "needs", "controls")
_CONTROL = ("id", "title", "statement", "rules", "needs", "parts", "parameters", "not_shown")
_REMEDY = "see docs/compliance.md for its form"
_SHOWN = 100


class Reader:
    """Reads the controls of one file; ``known`` are the ids of rules that it may name, or ``None`` where any is taken.

    ``frameworks`` has the title of each framework that was read, by id.
    """

    def __init__(self, name: str, complaints: list[AttestorError], *, known: Collection[str] | None) -> None:
        self._name, self._complaints, self._known = name, complaints, known
        self._ids: set[str] = set()
        self._line = 0
        self.frameworks: dict[str, str] = {}

    def entries(self, value: object, root: Node, before: Controls) -> tuple[Entry, ...]:
        """Return every control of the document; ids that ``before`` has are taken already."""
        self._line = 1
        holder = self._holder(value, ("frameworks",), "the document")
        listed = holder.get("frameworks")
        if not isinstance(listed, list):
            if holder:
                self._complain("it has no list of frameworks", "write frameworks: and below it a list of them, or []")
            return ()
        self._ids = {entry.id for entry in before.entries}
        found: list[Entry] = []
        below = reading.entry(root, "frameworks")
        for item, node, self._line in zip(listed, _nodes(below), reading.item_lines(below), strict=True):
            found += self._framework(item, node, before)
        return tuple(found)

    def _complain(self, problem: str, remedy: str = _REMEDY) -> None:
        self._complaints.append(SettingsError(f"{self._name}, line {self._line}: {problem}", remedy=remedy))

    def _framework(self, item: object, node: Node, before: Controls) -> Iterator[Entry]:
        holder = self._holder(item, _FRAMEWORK, "a framework")
        if not holder:
            return
        name = self._id(holder)
        if name in before.frameworks or name in self.frameworks:
            self._complain(f"the framework {name} is there already", "give it another name: nothing is replaced")
        self.frameworks[name] = self._text(holder, "title")
        needs = self._rules(holder, "needs")
        controls = holder.get("controls")
        if not isinstance(controls, list) or not controls:
            self._complain("it has no list of controls", "write controls: and below it a list of them")
            return
        below = reading.entry(node, "controls")
        for control, self._line in zip(controls, reading.item_lines(below), strict=True):
            if inner := self._holder(control, _CONTROL, "a control"):
                yield self._control(inner, name, needs)

    def _control(self, holder: Mapping[str, Any], framework: str, needs: tuple[str, ...]) -> Entry:
        name = self._id(holder)
        if name and name in self._ids:
            self._complain(f"the control {name} is there already", "give it another id: nothing is replaced")
        self._ids.add(name)
        rules = self._rules(holder, "rules")
        parts = self._names(holder, "parts")
        for part in parts:
            if part not in PARTS:
                self._complain(f"there is no part {_quoted(part)}", reading.nearest(part, PARTS))
        not_shown = self._text(holder, "not_shown") if "not_shown" in holder else ""
        if not rules and not not_shown and not holder.get("rules"):
            self._complain("no rule speaks for or against it", "name some as rules:, or say under not_shown: why none")
        return Entry(
            framework=framework,
            id=name,
            title=self._text(holder, "title"),
            statement=self._text(holder, "statement"),
            rules=rules,
            needs=tuple(dict.fromkeys((*needs, *self._rules(holder, "needs")))),
            parts=parts,
            parameters=self._parameters(holder.get("parameters", {}), rules),
            not_shown=not_shown,
            line=self._line,
        )

    def _rules(self, holder: Mapping[str, Any], key: str) -> tuple[str, ...]:
        rules = self._names(holder, key)
        for rule in rules:
            if self._known is not None and rule not in self._known:
                self._complain(f"there is no rule {_quoted(rule)}", reading.rule_meant(rule, self._known))
        return rules

    def _parameters(self, value: object, rules: Collection[str]) -> Mapping[str, Mapping[str, Any]]:
        found: dict[str, dict[str, Any]] = {}
        for rule, given in self._mapping(value, "parameters").items():
            if rule not in rules:
                self._complain(f"parameters names {_quoted(rule)}, which is not among its rules", "add it to rules:")
                continue
            embedded = catalogue.rules().get(rule)
            wanted = self._mapping(given, f"parameters.{rule}")
            found[rule] = {
                name: setting for name, setting in wanted.items() if self._is_parameter(embedded, rule, name, setting)
            }
        return found

    def _is_parameter(self, rule: catalogue.Rule | None, called: str, name: str, value: object) -> bool:
        if rule is None:
            return True  # an unknown rule is complained of elsewhere, and one's own was never asked with any
        declared = rule.parameters.get(name)
        if declared is None:
            self._complain(f"{called} has no {_quoted(name)}", _parameter_meant(name, rule))
            return False
        fits, form = configuration.TYPES[declared["type"]]
        if not fits(value):
            self._complain(f"{called}.{name} is not {form}")
        return fits(value)

    def _holder(self, item: object, keys: tuple[str, ...], what: str) -> Mapping[str, Any]:
        holder = self._mapping(item or None, what)
        for key in holder:
            if key not in keys:
                self._complain(f"there is no {_quoted(key)} in {what}", reading.nearest(key, keys))
        return holder

    def _mapping(self, value: object, what: str) -> Mapping[str, Any]:
        if isinstance(value, dict) and all(isinstance(key, str) for key in value):
            return value
        self._complain(f"{what} is not a mapping of names")
        return {}

    def _id(self, holder: Mapping[str, Any]) -> str:
        value = holder.get("id")
        # YAML reads an id such as 7 or 4.1 as a number; 4.10 would be another one then.
        if isinstance(value, str) and _ID.fullmatch(value):
            return value
        remedy = "put it in quotes" if isinstance(value, int | float) else f"write {_ID_FORM}"
        self._complain("its id is not a name", remedy)
        return ""

    def _text(self, holder: Mapping[str, Any], key: str) -> str:
        value = holder.get(key)
        if isinstance(value, str) and value.strip() and len(value) <= limits.LINE_CHARACTERS:
            return value.strip()
        self._complain(f"its {key} is not a text of 1 to {limits.LINE_CHARACTERS} characters", f"write {key}: …")
        return ""

    def _names(self, holder: Mapping[str, Any], key: str) -> tuple[str, ...]:
        value = holder.get(key, [])
        if not isinstance(value, list) or not all(isinstance(item, str) and item for item in value):
            self._complain(f"its {key} are not a list of names")
            return ()
        if len(set(value)) != len(value):
            self._complain(f"a name stands twice in its {key}", "take one of them out")
        return tuple(dict.fromkeys(value))


def _nodes(root: Node) -> list[Node]:
    return list(root.value) if root is not None and root.id == "sequence" else []


def _parameter_meant(name: str, rule: catalogue.Rule) -> str:
    return reading.nearest(name, rule.parameters) if rule.parameters else "take it out"


def _quoted(name: str) -> str:
    return repr(name if len(name) <= _SHOWN else name[: _SHOWN - 1] + "…")
