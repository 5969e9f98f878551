"""Access to evidence of any shape that never fails: what is of another type is taken as empty.

For showing and comparing only. What decides is checked strictly elsewhere, and there denies.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any


def mapping(value: object) -> Mapping[str, Any]:
    """Return ``value`` where it is an object, else an empty one."""
    return value if isinstance(value, dict) else {}


def items(value: object) -> list[Any]:
    """Return ``value`` where it is an array, else an empty one."""
    return value if isinstance(value, list) else []


def rows(value: object) -> list[Mapping[str, Any]]:
    """Return the objects of an array."""
    return [item for item in items(value) if isinstance(item, dict)]
