"""Field access that refuses what is absent or of another type, and says where it stood."""

from __future__ import annotations

from collections.abc import Mapping

from attestor.strict_json import Json


class Misshapen(ValueError):
    """A value is not of the shape that linkerd writes. The text names the place, never the value."""


def mapping(value: Json, where: str) -> Mapping[str, Json]:
    """Return ``value`` as an object."""
    if not isinstance(value, dict):
        message = f"{where} is not an object"
        raise Misshapen(message)
    return value


def sequence(value: Json, where: str) -> list[Json]:
    """Return ``value`` as an array."""
    if not isinstance(value, list):
        message = f"{where} is not an array"
        raise Misshapen(message)
    return value


def text(holder: Mapping[str, Json], key: str, where: str) -> str:
    """Return the string under ``key``, which must be there."""
    value = holder.get(key)
    if not isinstance(value, str):
        message = f"{where}.{key} is {'missing' if key not in holder else 'not a string'}"
        raise Misshapen(message)
    return value


def text_or_empty(holder: Mapping[str, Json], key: str, where: str) -> str:
    """Return the string under ``key``, or ``""`` where the key is absent."""
    return text(holder, key, where) if key in holder else ""


def truth(holder: Mapping[str, Json], key: str, where: str) -> bool:
    """Return the boolean under ``key``, which must be there."""
    value = holder.get(key)
    if not isinstance(value, bool):
        message = f"{where}.{key} is {'missing' if key not in holder else 'not a boolean'}"
        raise Misshapen(message)
    return value
