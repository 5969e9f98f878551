"""Makes the mutants of a module: mutmut's operators, applied wherever the module's code says something.

mutmut's own run leaves out what is decorated and what stands outside functions. Here those are the exit codes (which are
properties), the limits and the tables of names, so that only its operators are used, and tests/mutants/trial.py runs.
"""

from __future__ import annotations

import difflib
import itertools
from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import libcst
from mutmut.mutation.mutators import mutation_operators

_HARMLESS = (libcst.Annotation, libcst.Decorator, libcst.Import, libcst.ImportFrom)
"""Not executed, or wrong in a way that no import survives."""

_CERTAIN_TO_FAIL = {"len", "isinstance"}
"""Calls of which every mutant raises an error at once; they would only embellish the figures."""


_ADVICE = {"cause", "remedy"}


@dataclass(frozen=True, slots=True, kw_only=True)
class Mutant:
    """One change of one module. ``function`` is empty where the change stands outside of functions."""

    path: str
    number: int
    function: str
    in_body: bool
    original: Any = field(repr=False)
    changed: Any = field(repr=False)


class Source:
    """A module as a syntax tree, and its mutants in the order in which they stand in it."""

    def __init__(self, root: Path, path: str) -> None:
        self.path = path
        self.text = (root / path).read_text(encoding="utf-8")
        self._module = libcst.parse_module(self.text)
        places = _places(self._module, _Where())
        self.mutants = [
            Mutant(path=path, number=number, function=where.function, in_body=where.in_body, original=node, changed=new)
            for number, (node, new, where) in enumerate(places)
        ]

    def difference(self, mutant: Mutant) -> tuple[str, str]:
        """Return the lines that change, before and after, without their indentation."""
        lines = list(difflib.ndiff(self.text.splitlines(), self.changed(mutant).splitlines()))
        before, after = ([line[2:].strip() for line in lines if line.startswith(sign)] for sign in ("- ", "+ "))
        return " ".join(before), " ".join(after)

    def changed(self, mutant: Mutant) -> str:
        """Return the module's text with the one change in it."""
        return str(self._module.deep_replace(mutant.original, mutant.changed).code)


@dataclass(frozen=True, slots=True, kw_only=True)
class _Where:
    names: tuple[str, ...] = ()
    function: str = ""
    in_body: bool = False


def _places(node: Any, where: _Where) -> Iterator[tuple[Any, Any, _Where]]:
    if _is_left_out(node):
        return
    for kind, operator in mutation_operators:
        if isinstance(node, kind):
            found = operator(node)
            # One wrong spelling of a string is tried, and not two more in small letters and in capitals.
            for changed in itertools.islice(found, 1) if isinstance(node, libcst.SimpleString) else found:
                if not _changes_only_words(node, changed):
                    yield node, changed, where
    for child in node.children:
        yield from _places(child, _within(node, child, where))


def _within(node: Any, child: Any, where: _Where) -> _Where:
    """Return where ``child`` stands: what is in a function belongs to the outermost one, as its code does."""
    if where.function or not isinstance(node, libcst.ClassDef | libcst.FunctionDef):
        return where
    names = (*where.names, node.name.value)
    if isinstance(node, libcst.ClassDef):
        return _Where(names=names)
    return _Where(function=".".join(names), in_body=child is node.body)


def _changes_only_words(node: Any, changed: Any) -> bool:
    """Tell whether a call loses nothing but words to a person: a sentence, or what it says of cause and remedy."""
    if not isinstance(node, libcst.Call) or not isinstance(changed, libcst.Call):
        return False
    lost = [argument for argument in node.args if argument not in changed.args]
    if len(lost) != 1:
        return False
    if lost[0].keyword is not None and lost[0].keyword.value in _ADVICE:
        return True
    return len(changed.args) == len(node.args) and _is_sentence(lost[0].value)


def _is_sentence(value: Any) -> bool:
    if isinstance(value, libcst.ConcatenatedString):
        return True
    if isinstance(value, libcst.FormattedString):
        return any(isinstance(part, libcst.FormattedStringText) and " " in part.value for part in value.parts)
    return isinstance(value, libcst.SimpleString) and " " in value.value


def _is_left_out(node: Any) -> bool:
    if isinstance(node, libcst.SimpleString):
        # A sentence to a person: with other words around it, it says the same.
        return _is_sentence(node)
    if isinstance(node, libcst.Call) and isinstance(node.func, libcst.Name):
        return node.func.value in _CERTAIN_TO_FAIL
    # What a star would import: nobody here writes one.
    exported = isinstance(node, libcst.Assign) and getattr(node.targets[0].target, "value", "") == "__all__"
    return exported or isinstance(node, _HARMLESS)
