"""What a module says, from the syntax tree that opa prints: its package, its rules, and what it refers to. Pure.

The tree is that of ``opa parse --format json``: a reference is a list of terms, of which the first is a variable.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Any

from attestor.policies import OwnModule

KNOWN = ("deny", "violation", "warn")
"""The names of rules that are asked, as conftest and Witness have them."""

_INPUT = {"type": "var", "value": "input"}
_GET = [
    {"type": "ref", "value": [{"type": "var", "value": "object"}, {"type": "string", "value": "get"}]},
    {"type": "ref", "value": [_INPUT]},
]
_GET_TERMS = 4
"""The call ``object.get(input, keys, otherwise)``, as the tree has it."""

Path = tuple[str, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class Head:
    """The head of one rule. ``form`` says what it makes: ``set``, ``value``, ``boolean``, ``map`` or ``function``."""

    name: str
    form: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Syntax:
    """One module: ``data`` and ``inputs`` are the constant beginnings of references, without that first word.

    ``words`` are the variables that its rules mention. ``exchanges`` says that it uses ``with``, and ``schemas`` that
    its annotations bring a schema.
    """

    module: OwnModule
    package: Path
    heads: tuple[Head, ...]
    data: frozenset[Path]
    inputs: frozenset[Path]
    words: frozenset[str]
    exchanges: bool
    schemas: bool

    @property
    def known(self) -> frozenset[str]:
        """Which of the known rules it has."""
        return frozenset(head.name for head in self.heads) & frozenset(KNOWN)

    @property
    def looks(self) -> bool:
        """Whether it may see any input: what only computes is the same for everybody."""
        return bool(self.inputs or self.data)


def read(module: OwnModule, tree: Mapping[str, Any]) -> Syntax:
    """Return what the syntax tree of ``module`` says; raises ``LookupError`` or ``TypeError`` for another ``tree``."""
    reader = _Reader(_aliases(tree.get("imports") or []))
    heads = []
    for rule in tree.get("rules") or []:
        heads.append(_head(rule["head"]))
        reader.rule(rule)
    return Syntax(
        module=module,
        package=tuple(str(term["value"]) for term in tree["package"]["path"][1:]),
        heads=tuple(heads),
        data=frozenset(reader.data),
        inputs=frozenset(reader.inputs),
        words=frozenset(reader.words),
        exchanges=reader.exchanges,
        schemas=any("schemas" in annotation for annotation in tree.get("annotations") or []),
    )


def _head(head: Mapping[str, Any]) -> Head:
    name = str(head["ref"][0]["value"])
    if "args" in head:
        return Head(name=name, form="function")
    if len(head["ref"]) > 1:
        return Head(name=name, form="map")
    if "key" in head:
        # With a value beside its key it is an object, as `deny[msg] = text` is.
        return Head(name=name, form="map" if "value" in head else "set")
    return Head(name=name, form="boolean" if head.get("value", {}).get("type", "boolean") == "boolean" else "value")


def _aliases(imports: list[Mapping[str, Any]]) -> dict[str, list[Mapping[str, Any]]]:
    """Return what each imported name stands for."""
    found = {}
    for item in imports:
        terms = item["path"]["value"]
        found[str(item.get("alias") or terms[-1]["value"])] = terms
    return found


class _Reader:
    """Walks a tree and notes what it refers to."""

    def __init__(self, aliases: Mapping[str, list[Mapping[str, Any]]]) -> None:
        self._aliases = aliases
        self.data: set[Path] = set()
        self.inputs: set[Path] = set()
        self.words: set[str] = set()
        self.exchanges = False

    def rule(self, rule: Mapping[str, Any]) -> None:
        """Walk a rule and its else branches, without the names that they give themselves."""
        head = dict(rule["head"])
        head["ref"] = head["ref"][1:]
        head.pop("name", None)
        self._walk(head)
        self._walk(rule.get("body"))
        if "else" in rule:
            self.rule(_named(rule["else"]))

    def _walk(self, node: object) -> None:
        if isinstance(node, list):
            if not self._got(node):
                for item in node:
                    self._walk(item)
        elif isinstance(node, dict):
            self._term(node)

    def _term(self, node: Mapping[str, Any]) -> None:
        kind, value = node.get("type"), node.get("value")
        self.exchanges = self.exchanges or bool(node.get("with"))
        if kind == "ref" and isinstance(value, list):
            self._reference(value)
        elif kind == "var":
            self._reference([node])
        else:
            for child in node.values():
                self._walk(child)

    def _got(self, call: list[Any]) -> bool:
        """Take ``object.get(input, "field", …)``, whose path is as plain as a reference's, for one."""
        if len(call) != _GET_TERMS or call[:2] != _GET or call[2].get("type") not in {"string", "array"}:
            return False
        keys = call[2]
        self._reference([_INPUT, *(keys["value"] if keys["type"] == "array" else [keys])])
        self._walk(call[3])
        return True

    def _reference(self, terms: list[Mapping[str, Any]]) -> None:
        """Note a reference by its first word, behind which an import may stand."""
        if _word(terms) in self._aliases:
            terms = [*self._aliases[_word(terms)], *terms[1:]]
        word = _word(terms)
        if word == "data":
            self.data.add(tuple(_constants(terms[1:])))
        elif word == "input":
            self.inputs.add(tuple(_constants(terms[1:])))
        elif word:
            self.words.add(word)
        self._walk([term for term in terms[1 if word else 0 :] if term.get("type") != "string"])


def _word(terms: list[Mapping[str, Any]]) -> str:
    """Return the variable that a reference begins with, or nothing where it is a value of another kind."""
    return str(terms[0]["value"]) if terms[0].get("type") == "var" else ""


def _named(branch: Mapping[str, Any]) -> Mapping[str, Any]:
    """Return an else branch whose head has the form of a rule's."""
    head = branch["head"]
    return {**branch, "head": {**head, "ref": head.get("ref") or [{"type": "var", "value": ""}]}}


def _constants(terms: list[Mapping[str, Any]]) -> Iterator[str]:
    for term in terms:
        if term.get("type") != "string":
            return
        yield str(term["value"])
