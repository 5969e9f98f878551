"""Bytes read as a list of choices: what is done to a document whose shape a fuzzer of bytes would hardly ever keep.

libFuzzer mutates the choices, coverage tells it which were new, and an input of thirty bytes stands for a whole report.
"""

from __future__ import annotations

import copy
import json
from collections.abc import Callable, Iterator, Sequence
from typing import Any, TypeVar

Item = TypeVar("Item")
MOST_EDITS = 12
TEXT_LIMIT = 48

WORDS = (
    *("success", "error", "warning", "SUCCESS", "failure", "", " ", "x", "Loopback", "Disabled", "Not HTTP", "-", "0"),
    *("web.emojivoto", "web.", ".emojivoto", "WEB.emojivoto", "default", "web", "emojivoto", "linkerd-viz", "true"),
    *("not_provided_by_remote", "no_tls_from_remote", "\u0130", "\u212a", "a\u202eb", "\x1b[2J", "a\nb", "<b>&|`"),
    *("2026-11-21T11:00:00Z", "9999-12-31T23:59:59Z", "linkerd check -o json", "linkerd viz edges deploy"),
)
VALUES: tuple[Any, ...] = (None, True, False, 0, 1, -1, 2, 1.0, 0.5, 10**20, [], {}, [None], [""], {"a": 1}, *WORDS)
PIECES = (
    *(b"{", b"}", b"[", b"]", b",", b":", b'"', b"\\", b"null", b"NaN", b"-Infinity", b"1e999", b"\xef\xbb\xbf", b"\0"),
    *(b"\xff", b"\xed\xa0\x80", b'"\\ud800"', b'"success":true,', b'"result":"success",', b'"result":"error",', b"[]"),
    *(b'{"success":true,"categories":[]}', b'"no_tls_reason":"",', b'"server_id":"a.b",', b"\n", b"linkerd: broken\n"),
)


class Script:
    """Choices, in order; behind the last byte every choice is the first."""

    def __init__(self, data: bytes) -> None:
        self._data, self._at = data, 0

    @property
    def more(self) -> bool:
        """Whether a choice is left."""
        return self._at < len(self._data)

    def rest(self) -> bytes:
        """Return a share of the choices that are left, for somebody else."""
        taken = self._data[self._at : self._at + self.number(TEXT_LIMIT)]
        self._at += len(taken)
        return taken

    def number(self, below: int) -> int:
        """Return a number from 0 on, below ``below``."""
        width = 1 if below <= 256 else 2
        taken = self._data[self._at : self._at + width]
        self._at += width
        return int.from_bytes(taken, "big") % below if below else 0

    def one_of(self, items: Sequence[Item]) -> Item:
        """Return one of ``items``, of which there must be one."""
        return items[self.number(len(items))]

    def text(self) -> str:
        """Return some text: a word that matters, or whatever the bytes say, also halves of surrogate pairs."""
        if self.number(2) == 0:
            return self.one_of(WORDS)
        length = self.number(TEXT_LIMIT)
        taken = self._data[self._at : self._at + length]
        self._at += length
        return taken.decode("utf-8", "surrogateescape")

    def value(self) -> Any:
        """Return some JSON value."""
        return copy.deepcopy(self.one_of(VALUES)) if self.number(4) else self.text()


def edited(document: Any, script: Script, most: int = MOST_EDITS) -> Any:
    """Return ``document`` after at most so many edits at places that ``script`` chooses; the document is edited, too."""
    holder = {"": document}
    for _ in range(most):
        places = list(_places(holder))
        if not places or not script.more:
            break
        owner, key = script.one_of(places)
        _EDITS[script.number(len(_EDITS))](owner, key, script)
    return holder.get("")


def _places(value: Any) -> Iterator[tuple[Any, Any]]:
    keys = list(value) if isinstance(value, dict) else range(len(value)) if isinstance(value, list) else ()
    for key in keys:
        yield value, key
        yield from _places(value[key])


def _set(owner: Any, key: Any, script: Script) -> None:
    owner[key] = script.value()


def _remove(owner: Any, key: Any, _: Script) -> None:
    del owner[key]


def _twice(owner: Any, key: Any, script: Script) -> None:
    if isinstance(owner, list):
        owner.insert(script.number(len(owner) + 1), copy.deepcopy(owner[key]))


def _again(owner: Any, key: Any, script: Script) -> None:
    """Put a copy of a value elsewhere, which is how a row comes to be there twice and differ."""
    target, place = script.one_of([(owner, key), *_places(owner)])
    target[place] = copy.deepcopy(owner[key])


def _rename(owner: Any, key: Any, script: Script) -> None:
    if isinstance(owner, dict) and key:
        change: Callable[[str], str] = script.one_of((str.upper, str.title, str.swapcase, lambda name: name + " "))
        owner[change(key)] = owner[key]
        if script.number(2):
            del owner[key]


def _extra(owner: Any, _: Any, script: Script) -> None:
    if isinstance(owner, dict) and "" not in owner:
        owner[script.text()] = script.value()


def _swap(owner: Any, key: Any, script: Script) -> None:
    if isinstance(owner, list):
        other = script.number(len(owner))
        owner[key], owner[other] = owner[other], owner[key]


_EDITS = (_set, _remove, _twice, _again, _rename, _extra, _swap)


def stream(documents: Any, script: Script) -> bytes:
    """Return ``documents`` as linkerd prints them, one behind the other, with damage to the text where that is chosen."""
    listed = documents if isinstance(documents, list) else [documents]
    text = "\n".join(json.dumps(document, indent=script.one_of((None, 1))) for document in listed)
    data = text.encode("utf-8", "surrogatepass") + b"\n"
    if script.number(3) == 1:
        for _ in range(1 + script.number(3)):
            data = _damaged(data, script)
    return data


def _damaged(data: bytes, script: Script) -> bytes:
    at = script.number(len(data) + 1)
    match script.number(4):
        case 0:
            return data[:at] + script.one_of(PIECES) + data[at:]
        case 1:
            return data[:at]
        case 2:
            return data[:at] + data[at + 1 + script.number(32) :]
        case _:
            return data[:at] + data[at : at + 1 + script.number(256)] + data[at:]
