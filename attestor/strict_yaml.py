"""YAML from untrusted files, read within bounds: PyYAML's safe loader, after a look at how deep and how shared it is.

libyaml's composer recurses in C, so that a deeply nested file ends the process rather than raising; aliases let a few
lines unfold into gigabytes (https://yaml.org/spec/1.2.2/, section 3.2.1).
"""

from __future__ import annotations

from typing import Any

import yaml

from attestor import limits

_LOADER = getattr(yaml, "CSafeLoader", yaml.SafeLoader)


class NotYaml(ValueError):
    """The text is not one YAML document within the limits; the message says why, and repeats nothing of it."""


def load(text: bytes) -> Any:
    """Return the value of the one document in ``text``; raises ``NotYaml``."""
    try:
        _refuse_excess(text)
        return yaml.load(text, Loader=_LOADER)  # noqa: S506 - a safe loader, in C where there is one
    except (yaml.YAMLError, UnicodeDecodeError, ValueError, RecursionError) as error:
        if isinstance(error, NotYaml):
            raise
        raise NotYaml("it is not one YAML document") from error


def _refuse_excess(text: bytes) -> None:
    open_ones: list[_Collection] = []
    for event in yaml.parse(text, Loader=_LOADER):
        if isinstance(event, yaml.AliasEvent):
            raise NotYaml("it uses an alias, which nothing here needs")
        if isinstance(event, (yaml.ScalarEvent, yaml.CollectionStartEvent)) and open_ones:
            open_ones[-1].take(event)
        if isinstance(event, yaml.CollectionStartEvent):
            open_ones.append(_Collection(is_mapping=isinstance(event, yaml.MappingStartEvent)))
            if len(open_ones) > limits.DEPTH:
                raise NotYaml(f"it is nested more than {limits.DEPTH} levels deep")
        elif isinstance(event, yaml.CollectionEndEvent):
            open_ones.pop()


class _Collection:
    """A list or a mapping that is being read: of a mapping, every second node is a key."""

    def __init__(self, *, is_mapping: bool) -> None:
        self._is_mapping, self._at_key, self._keys = is_mapping, True, set[str]()

    def take(self, event: yaml.Event) -> None:
        """Take the next node; two readers could read a key that stands twice, or merges another in, in two ways."""
        if self._is_mapping and self._at_key and isinstance(event, yaml.ScalarEvent):
            if event.value in self._keys:
                raise NotYaml("a key stands twice in one mapping")
            if event.value == "<<":
                raise NotYaml("it merges one mapping into another, which nothing here needs")
            self._keys.add(event.value)
        self._at_key = not self._at_key
