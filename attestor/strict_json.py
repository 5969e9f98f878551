"""JSON as the specification has it: no duplicate keys, no ``NaN``, UTF-8 only, and concatenated documents one by one.

Two readers must never see two meanings in one text. Python's decoder takes the last of duplicate keys and
accepts ``NaN``; Go's matches keys in any case. What is ambiguous is refused here (RFC 8259, section 4).
"""

from __future__ import annotations

import itertools
import json
import math
import re
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from typing import Any, NoReturn

from attestor import limits

_SPACE = re.compile(r"[ \t\n\r]*")
_HALF = re.compile(r"\\u[dD][89a-fA-F]")
_STRUCTURE = (b"{", b"[", b",")
_CONTAINERS = (dict, list)

Json = Any
"""A decoded JSON value; its shape is checked by whoever reads it."""


class NotJson(ValueError):
    """The text is not JSON as the specification has it. ``offset`` counts bytes."""

    def __init__(self, reason: str, offset: int) -> None:
        super().__init__(reason)
        self.reason = reason
        self.offset = offset


@dataclass(frozen=True, slots=True)
class Document:
    """One decoded value of a stream and the byte at which it starts."""

    value: Json
    offset: int


def _unique(pairs: list[tuple[str, Json]]) -> dict[str, Json]:
    found = dict(pairs)
    if len(found) != len(pairs):
        message = "an object names a key twice"
        raise ValueError(message)
    return found


def _refuse_constant(name: str) -> NoReturn:
    message = f"{name} is not JSON"
    raise ValueError(message)


def _finite(digits: str) -> float:
    """Return the number, unless it is one that Python could only write as ``Infinity``, which is not JSON."""
    number = float(digits)
    if math.isinf(number):
        message = "a number is out of range"
        raise ValueError(message)
    return number


def _whole(digits: str) -> int:
    """Return the number; Python's own bound on digits depends on how it was started."""
    if len(digits) > limits.DIGITS:
        message = f"a number has more than {limits.DIGITS} digits"
        raise ValueError(message)
    return int(digits)


_DECODER = json.JSONDecoder(
    object_pairs_hook=_unique, parse_constant=_refuse_constant, parse_float=_finite, parse_int=_whole
)


def loads(data: bytes) -> Json:
    """Return the one value that ``data`` holds; raises ``NotJson`` for anything else, also for a second value.

    Raises it, too, for more than ``limits.JSON_VALUES`` values, before any of them takes memory.
    """
    if sum(map(data.count, _STRUCTURE)) > limits.JSON_VALUES:
        raise NotJson(f"it holds more than {limits.JSON_VALUES} values", 0)
    found = list(itertools.islice(documents(data), 2))
    if len(found) != 1:
        raise NotJson("no JSON value" if not found else "more than one JSON value", found[1].offset if found else 0)
    return found[0].value


def _is_text(value: Json) -> bool:
    """Tell whether every string of ``value`` can be written as UTF-8."""
    try:
        json.dumps(value, ensure_ascii=False).encode("utf-8")
    except (UnicodeEncodeError, RecursionError):
        return False
    return True


def documents(data: bytes) -> Iterator[Document]:
    """Yield each document of a concatenated stream; raises ``NotJson`` at the first byte that is not part of one.

    Half of a surrogate pair is no character, and every reader replaces it by another one: two names become the same.
    """
    try:
        text = data.decode("utf-8")
    except UnicodeDecodeError as error:
        yield from documents(data[: error.start])
        raise NotJson("the text is not UTF-8", error.start) from error
    position, counted, offset = 0, 0, 0
    while (position := _after_space(text, position)) < len(text):
        offset += len(text[counted:position].encode("utf-8"))
        counted = position
        value, position = _decode_at(text, position, offset)
        if _HALF.search(text, counted, position) and not _is_text(value):
            raise NotJson("a string holds half of a surrogate pair", offset)
        yield Document(value, offset)


def require_shallow(document: Document) -> None:
    """Raise ``NotJson`` where ``document`` nests deeper than ``limits.DEPTH``, as `field_names` does for evidence."""
    level = [document.value] if type(document.value) in _CONTAINERS else []
    for _ in range(limits.DEPTH):
        level = [child for value in level for child in _inside(value) if type(child) in _CONTAINERS]
        if not level:
            return
    raise NotJson(f"values are nested more than {limits.DEPTH} levels deep", document.offset)


def _inside(value: Json) -> Iterable[Json]:
    inside: Iterable[Json] = value.values() if isinstance(value, dict) else value
    return inside


def _after_space(text: str, position: int) -> int:
    found = _SPACE.match(text, position)
    return found.end() if found else position


def _decode_at(text: str, position: int, offset: int) -> tuple[Json, int]:
    try:
        value, end = _DECODER.raw_decode(text, position)
    except json.JSONDecodeError as error:
        inside = len(text[position : error.pos].encode("utf-8"))
        raise NotJson(error.msg.removesuffix(" starting at"), offset + inside) from error
    except ValueError as error:
        raise NotJson(str(error), offset) from error
    except RecursionError as error:
        reason = "values are nested too deeply"
        raise NotJson(reason, offset) from error
    return value, end
