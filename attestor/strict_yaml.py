"""YAML from untrusted files, read within bounds: PyYAML's safe loader, after a look at how deep and how shared it is.

A key that stands twice in one mapping is refused: YAML 1.2 allows no such mapping (section 3.2.1.1), and readers differ
in which of the two they take.

libyaml's composer recurses in C, so that a deeply nested file ends the process rather than raising; aliases let a few
lines unfold into gigabytes (https://yaml.org/spec/1.2.2/, section 3.2.1).
"""

from __future__ import annotations

from typing import Any

import yaml

from attestor import limits

_LOADER: Any = getattr(yaml, "CSafeLoader", yaml.SafeLoader)

_MISFITS = (ValueError, RecursionError, LookupError, AttributeError, TypeError)
"""What PyYAML's constructors raise where a tag is on a text that it does not fit, as in `!!bool x` and `!!int ""`."""

_MERGE = "tag:yaml.org,2002:merge"


class NotYaml(ValueError):
    """The text is not one YAML document within the limits; the message says why, and repeats nothing of it."""


class _Loader(_LOADER):  # type: ignore[misc]
    """The safe loader, in C where there is one, but that it takes no mapping in which a key stands twice."""

    def construct_mapping(self, node: yaml.MappingNode, deep: bool = False) -> Any:  # noqa: FBT001, FBT002 - PyYAML's
        if any(key.tag == _MERGE for key, _ in node.value):
            raise NotYaml("it merges mappings, which nothing here needs")
        found = super().construct_mapping(node, deep=deep)
        if len(found) != len(node.value):
            raise NotYaml("a key stands twice in one mapping")
        return found


def load(text: bytes) -> Any:
    """Return the value of the one document in ``text``; raises ``NotYaml``."""
    try:
        _refuse_excess(text)
        return yaml.load(text, Loader=_Loader)  # noqa: S506 - a safe loader
    except (yaml.YAMLError, *_MISFITS) as error:
        if isinstance(error, NotYaml):
            raise
        raise NotYaml("it is not one YAML document") from error


Node = Any
"""A node of PyYAML, or ``None`` for an empty document: what it holds, and the mark at which it starts."""


def nodes(text: bytes) -> Node:
    """Return the nodes of a document that ``load`` has taken before, for whoever asks on which line something is."""
    return yaml.compose(text, Loader=_LOADER)


def _refuse_excess(text: bytes) -> None:
    depth = 0
    for event in yaml.parse(text, Loader=_LOADER):
        if isinstance(event, yaml.CollectionStartEvent):
            depth += 1
            if depth > limits.DEPTH:
                raise NotYaml(f"it is nested more than {limits.DEPTH} levels deep")
        elif isinstance(event, yaml.CollectionEndEvent):
            depth -= 1
        elif isinstance(event, yaml.AliasEvent):
            raise NotYaml("it uses an alias, which nothing here needs")
