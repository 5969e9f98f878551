"""What readers of a team's files share: a file within its limit, and complaints that name the nearest word."""

from __future__ import annotations

import difflib
import hashlib
from collections.abc import Iterable
from pathlib import Path
from typing import Any

from attestor import limits, strict_yaml
from attestor.errors import SettingsError
from attestor.policies import catalogue
from attestor.strict_yaml import Node


def read(kind: str, path: Path) -> tuple[bytes, str]:
    """Return the bytes of the file at ``path`` and their digest; raises ``SettingsError``."""
    try:
        with path.open("rb") as file:
            data = file.read(limits.POLICY_BYTES + 1)
    except OSError as error:
        raise SettingsError(f"the {kind} {path} cannot be read: {error.strerror}", remedy="check the path") from error
    if len(data) > limits.POLICY_BYTES:
        raise SettingsError(f"the {kind} {path} has more than {limits.POLICY_BYTES} bytes", remedy="check the path")
    return data, hashlib.sha256(data).hexdigest()


def load(kind: str, path: Path, data: bytes, page: str = "docs/policy.md") -> Any:
    """Return the YAML document ``data``, whose form ``page`` describes; raises ``SettingsError``."""
    try:
        return strict_yaml.load(data)
    except strict_yaml.NotYaml as error:
        raise SettingsError(f"the {kind} {path} is not YAML: {error}", remedy=f"see {page} for its form") from error


def is_pattern(value: object) -> bool:
    """Tell whether ``value`` is a name or a pattern: a class such as [a-z] reads like a name and is everything."""
    return isinstance(value, str) and bool(value) and not set(value) & set("[]{}!\\")


def is_namespace(value: object) -> bool:
    """Tell whether ``value`` is the name of a namespace or a pattern for one: with a / it would never fit."""
    return is_pattern(value) and "/" not in str(value)


def is_workload(value: object) -> bool:
    """Tell whether ``value`` is written namespace/workload, as rules know workloads: anything else would never fit."""
    return is_pattern(value) and all(str(value).partition("/")[::2]) and str(value).count("/") == 1


def rule_meant(word: str, known: Iterable[str]) -> str:
    """Return the remedy for the unknown rule ``word``. Reports say a rule's code first, so that is often written."""
    coded = next((rule.id for rule in catalogue.rules().values() if rule.code == word.upper()), "")
    return f"that is its code: write {coded}" if coded else nearest(word, known)


def nearest(word: str, known: Iterable[str]) -> str:
    """Return the remedy that suggests what ``word`` may have been meant to be, or lists what there is."""
    names = sorted(known)
    close = difflib.get_close_matches(word, names, n=1)
    return f"did you mean {close[0]}?" if close else "one of: " + ", ".join(names)


def root(data: bytes) -> Node:
    """Return the nodes of a document that ``load`` has taken, which know their lines."""
    return strict_yaml.nodes(data)


def entry(node: Node, key: str) -> Node:
    """Return what stands under ``key`` of a mapping, or ``None``."""
    pairs = node.value if node is not None and node.id == "mapping" else []
    return next((value for name, value in pairs if name.value == key), None)


def lines(node: Node) -> dict[str, int]:
    """Return the line of each key of a mapping."""
    pairs = node.value if node is not None and node.id == "mapping" else []
    return {name.value: name.start_mark.line + 1 for name, _ in pairs if name.id == "scalar"}


def item_lines(node: Node) -> list[int]:
    """Return the line on which each item of a list starts."""
    items = node.value if node is not None and node.id == "sequence" else []
    return [item.start_mark.line + 1 for item in items]
