"""Small edits of JSON values and of texts, as the named cases write them; ``tests/cases/README.md`` is their manual."""

from __future__ import annotations

import base64
import copy
from collections.abc import Callable, Mapping
from typing import Any

Known = Mapping[str, str]
"""Texts that a case asks for by name, such as the id of a key that the tests make."""

Edit = Mapping[str, Any]


def value(wanted: Any, known: Known) -> Any:
    """Return ``wanted`` with every object of one ``$`` function replaced by what it makes."""
    if isinstance(wanted, list):
        return [value(item, known) for item in wanted]
    if not isinstance(wanted, dict):
        return wanted
    made = {key: value(item, known) for key, item in wanted.items()}
    name = next(iter(made), "")
    return _FUNCTIONS[name](made, known) if name.startswith("$") else made


def _loose(made: Edit, _: Known) -> str:
    """Set the lowest bit of the last character of base64 that ends in `=`: it decodes to the same bytes."""
    text = made["$loose"]
    alphabet = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/"
    body = text.rstrip("=")
    assert body != text
    return str(body[:-1] + alphabet[alphabet.index(body[-1]) + 1] + text[len(body) :])


def _without(made: Edit, _: Known) -> str:
    assert made["characters"] in made["$without"]
    return str(made["$without"].replace(made["characters"], made.get("by", "")))


_FUNCTIONS: Mapping[str, Callable[[Edit, Known], Any]] = {
    "$known": lambda made, known: known[made["$known"]],
    "$repeat": lambda made, _: made["$repeat"] * made["times"],
    "$join": lambda made, _: "".join(made["$join"]),
    "$base64": lambda made, _: base64.b64encode(made["$base64"].encode()).decode("ascii"),
    "$loose": _loose,
    "$without": _without,
}


def of_json(document: Any, edits: list[Edit], known: Known) -> Any:
    """Return a copy of ``document`` after ``edits``; a place that is not there is a fault of the case."""
    holder = {"": copy.deepcopy(document)}
    for edit in edits:
        _apply(holder, edit, known)
    return holder[""]


def _apply(root: dict[str, Any], edit: Edit, known: Known) -> None:
    holder, key = _place(root, edit["at"])
    match edit["op"]:
        case "set":
            _put(holder, key, value(edit["to"], known))
        case "remove":
            del holder[key]
        case "rename":
            renamed = {edit["to"] if name == key else name: item for name, item in holder.items()}
            holder.clear()
            holder.update(renamed)
        case "reverse":
            holder[key].reverse()
        case "copy":
            source, name = _place(root, edit["from"])
            for _ in range(edit.get("times", 1)):
                _put(holder, key, copy.deepcopy(source[name]))
        case other:
            raise ValueError(other)


def _put(holder: Any, key: Any, item: Any) -> None:
    if key == "-":
        holder.append(item)
    else:
        holder[key] = item


def _place(root: dict[str, Any], pointer: str) -> tuple[Any, Any]:
    """Return the holder and the key that a JSON pointer (RFC 6901) names."""
    *way, last = [token.replace("~1", "/").replace("~0", "~") for token in pointer.split("/")]
    holder: Any = root
    for token in way:
        holder = holder[_key(holder, token)]
    return holder, _key(holder, last)


def _key(holder: Any, token: str) -> Any:
    """Return a key of an object, or the index of a list's item: a number, or the start of a part of its type or name."""
    if isinstance(holder, dict) or token == "-":
        return token
    if token.isdigit():
        return int(token)
    return next(i for i, item in enumerate(holder) if f"/{token}" in _name(item))


def _name(item: Mapping[str, Any]) -> str:
    """Return what an item of a list goes by: a predicate, a subject, or a category or a check of linkerd's."""
    own = item.get("type", item.get("name"))
    return str(own if own is not None else "/" + item.get("categoryName", item.get("description", "")))


def of_text(data: bytes, edits: list[Edit], known: Known) -> bytes:
    """Return ``data`` after ``edits`` of its bytes; what is to be replaced must be there."""
    for edit in edits:
        match edit["op"]:
            case "replace":
                old = value(edit["old"], known).encode()
                assert old in data, f"{old!r} is not in the text"
                data = data.replace(old, _bytes(edit, known), 1)
            case "before":
                data = _bytes(edit, known) + data
            case "after":
                data += _bytes(edit, known)
            case "whole":
                data = _bytes(edit, known)
            case "cut":
                data = data[: data.index(edit["at"].encode()) if "at" in edit else edit["to"]]
            case "encode":
                data = data.decode().encode(edit["as"])
            case other:
                raise ValueError(other)
    return data


def _bytes(edit: Edit, known: Known) -> bytes:
    if "hex" in edit:
        return bytes.fromhex(edit["hex"])
    text: str = value(edit["text"], known)
    return text.encode()
