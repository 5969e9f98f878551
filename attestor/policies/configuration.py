"""``policy-config``: the level and the parameters of each rule, who is exempt, and what differs by cluster.

    rules:
      mesh.required_namespaces: {level: deny, namespaces: [shop]}
    exempt: {namespaces: [kube-system], workloads: ["shop/legacy-*"]}
    clusters:
      prod-*: {rules: {mesh.warning_budget: {level: deny, max: 0}}}

Nothing is guessed: an unknown rule, key, level or type is an error, and so is every attempt to lower the floor.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Any

from attestor.errors import AttestorError, SettingsError
from attestor.policies import Policy, Section, catalogue, reading
from attestor.strict_yaml import Node

KIND = "policy configuration"
_KEYS = ("rules", "exempt")
_FAMILIES = ("mesh", "collection")
_SHOWN = 100
_LAST_PORT = 65535
_PATTERNS = "a list of names or patterns, whose only wild cards are * and ?"
_NAME = re.compile(r"[^\s*?]+")
_EDGE = re.compile(r"[^/\s*?]+/[^/\s*?]+ -> [^/\s*?]+/[^/\s*?]+")
_PAIR = re.compile(r"[-a-z0-9*?]+\.[-a-z0-9*?]+ -> [-a-z0-9*?]+\.[-a-z0-9*?]+")
"""What the rules themselves take: another form would only be found out when the mesh has been asked."""


def _texts(value: object) -> bool:
    return isinstance(value, list) and all(isinstance(item, str) and item for item in value)


def _patterns(value: object) -> bool:
    return isinstance(value, list) and all(reading.is_pattern(item) for item in value)


def _each(form: re.Pattern[str]) -> Callable[[object], bool]:
    """Return a test for a list of texts that are each of one form."""
    return lambda value: (
        isinstance(value, list) and all(isinstance(item, str) and form.fullmatch(item) for item in value)
    )


def _is_count(value: object) -> bool:
    return isinstance(value, int) and not isinstance(value, bool) and value >= 0


def _ports(value: object) -> bool:
    return isinstance(value, list) and all(_is_count(item) and 0 < item <= _LAST_PORT for item in value)


def _counts(value: object) -> bool:
    return isinstance(value, dict) and all(
        isinstance(key, str) and _NAME.fullmatch(key) and _is_count(count) for key, count in value.items()
    )


TYPES: Mapping[str, tuple[Callable[[object], bool], str]] = {
    "integer": (_is_count, "a whole number, 0 or more"),
    "boolean": (lambda value: isinstance(value, bool), "true or false"),
    "text": (lambda value: isinstance(value, str) and bool(value), "a text"),
    "texts": (_texts, "a list of texts"),
    "names": (_each(_NAME), "a list of texts, each a whole name: this knows no wild cards"),
    "edges": (
        _each(_EDGE),
        "a list of texts, each written namespace/workload -> namespace/workload, without wild cards",
    ),
    "pairs": (
        _each(_PAIR),
        "a list of texts, each written account.namespace -> account.namespace, whose only wild cards are * and ?",
    ),
    "patterns": (_patterns, _PATTERNS),
    "ports": (_ports, "a list of ports, each a number of 1 to 65535"),
    "counts": (_counts, "a mapping of names to whole numbers, and knows no wild cards"),
}
"""What a parameter may be: a test, and how it is called."""


def _odd(value: object, fits: Callable[[object], bool]) -> str:
    """Return which item of a list it is that does not fit, to be said behind the complaint."""
    items = value if isinstance(value, list) else []
    return next((f"; {str(item)[:_SHOWN]!r} is none" for item in items if not fits([item])), "")


def load(path: Path, complaints: list[AttestorError]) -> Policy:
    """Return the configuration in the file at ``path``; what is wrong with it is added to ``complaints``."""
    try:
        data, digest = reading.read(KIND, path)
        found = reading.load(KIND, path, data)
    except SettingsError as error:
        complaints.append(error)
        return Policy()
    reader = _Reader(str(path), complaints, reading.root(data))
    return Policy(sections=reader.sections(found), config_sha256=digest, config_path=str(path))


class _Reader:
    """Reads one document; every complaint names the place in it."""

    def __init__(self, path: str, complaints: list[AttestorError], root: Node) -> None:
        self._path, self._complaints, self._root = path, complaints, root

    def _complain(self, problem: str, remedy: str = "see docs/policy.md for its form", cause: str = "") -> None:
        self._complaints.append(SettingsError(f"the {KIND} {self._path}: {problem}", cause=cause, remedy=remedy))

    def sections(self, value: object) -> tuple[Section, ...]:
        """Return the part for every cluster, and then those for some, in their order."""
        holder = self._mapping(value, "the document")
        self._known(holder, (*_KEYS, "clusters"), "")
        found = [self._section(holder, "*", "", self._root)]
        parts = reading.entry(self._root, "clusters")
        for pattern, part in self._mapping(holder.get("clusters", {}), "clusters").items():
            where = f"clusters.{pattern}"
            if not reading.is_pattern(pattern):
                self._complain(
                    f"clusters has {pattern!r}, which is no name or pattern", "its only wild cards are * and ?"
                )
            inner = self._mapping(part, where)
            self._known(inner, _KEYS, f"{where}.")
            found.append(self._section(inner, pattern, f"{where}.", reading.entry(parts, pattern)))
        return tuple(found)

    def _section(self, holder: Mapping[str, Any], clusters: str, where: str, node: Node) -> Section:
        levels: dict[str, str] = {}
        parameters: dict[str, Mapping[str, Any]] = {}
        for name, given in self._mapping(holder.get("rules", {}), f"{where}rules").items():
            rule = catalogue.rules().get(name)
            if rule is None:
                self._unknown(name)
                continue
            settings = dict(self._mapping(given, f"{where}rules.{name}"))
            if "level" in settings:
                level = self._level(rule, settings.pop("level"))
            else:
                # What is given its parameters is wanted: it would be a trap if it said nothing then.
                level = "deny" if rule.level == "off" else ""
            levels |= {name: level} if level else {}
            parameters[name] = self._parameters(rule, settings)
        exempt = self._mapping(holder.get("exempt", {}), f"{where}exempt")
        self._known(exempt, ("namespaces", "workloads"), f"{where}exempt.")
        return Section(
            clusters=clusters,
            levels=levels,
            parameters={name: given for name, given in parameters.items() if given},
            namespaces=self._list(exempt, "namespaces", where, reading.is_namespace),
            workloads=self._list(exempt, "workloads", where, reading.is_workload),
            lines=reading.lines(reading.entry(node, "rules")),
        )

    def _unknown(self, name: str) -> None:
        """Complain of a rule that is none: it would be passed over, and whoever wrote it would think that it judges."""
        remedy = reading.rule_meant(name, catalogue.rules())
        cause = (
            "its name is misspelt"
            if remedy.startswith(("did", "one"))
            else "reports say a code first, files say the id"
        )
        if remedy.startswith("one of") and name.partition(".")[0] not in _FAMILIES and "." in name:
            cause = "it is one of your own: those have no level, as each says itself what denies and what warns"
            remedy = "take it out; `mesh-attestor policy list` shows the rules that can stand here"
        self._complain(f"there is no rule {name!r}", remedy, cause)

    def _level(self, rule: catalogue.Rule, level: object) -> str:
        if rule.of_the_floor:
            remedy = "take its level out: it always denies. A named insecure edge can be waived for a while"
            cause = "what rules of the floor say is what an allow means, whatever a file says"
            self._complain(f"{rule.id} is of the floor, and has no level", remedy, cause)
        elif level is False:
            return "off"  # what YAML 1.1 makes of the word
        elif level in catalogue.LEVELS:
            return str(level)
        else:
            self._complain(f"{level!r} is no level of {rule.id}", "one of: " + ", ".join(catalogue.LEVELS))
        return ""

    def _parameters(self, rule: catalogue.Rule, given: Mapping[str, Any]) -> Mapping[str, Any]:
        found = {}
        for name, value in given.items():
            declared = rule.parameters.get(name)
            if declared is None:
                known = (*rule.parameters, *(() if rule.of_the_floor else ("level",)))
                self._complain(f"{rule.id} has no {name!r}", reading.nearest(name, known) if known else "take it out")
                continue
            fits, called = TYPES[declared["type"]]
            if not fits(value):
                self._complain(f"{rule.id}.{name} is not {called}{_odd(value, fits)}")
                continue
            if isinstance(value, int) and value > declared.get("most", value):
                cause = f"{declared['text']}: more would be asked for, and never looked at"
                self._complain(f"{rule.id}.{name} is {value}", f"write {declared['most']} or less", cause)
                continue
            found[name] = value
        return found

    def _list(
        self, holder: Mapping[str, Any], name: str, where: str, fits: Callable[[object], bool]
    ) -> tuple[str, ...]:
        value = holder.get(name, [])
        if not _patterns(value):
            self._complain(f"{where}exempt.{name} is not {_PATTERNS}")
            return ()
        for item in value:
            if not fits(item):
                called = "namespace/workload" if name == "workloads" else "a namespace alone, or exempt the workload"
                self._complain(f"{where}exempt.{name}: {item!r} would never fit", f"write {called}")
        return tuple(value)

    def _mapping(self, value: object, where: str) -> Mapping[str, Any]:
        if isinstance(value, dict) and all(isinstance(key, str) for key in value):
            return value
        self._complain(f"{where} is not a mapping of names")
        return {}

    def _known(self, holder: Mapping[str, Any], names: tuple[str, ...], where: str) -> None:
        for name in holder:
            if name not in names:
                self._complain(f"there is no {where}{name}", reading.nearest(name, names))
