"""Which of many inputs reach all that the many do: smallest first, by the steps from line to line in the program."""

from __future__ import annotations

import sys
from collections.abc import Callable, Iterable
from types import FrameType
from typing import Any

import attestor

_FOLDER = attestor.__path__[0]

Step = tuple[str, int, int]


def steps(check: Callable[[bytes], None], data: bytes) -> set[Step]:
    """Return every step that ``check`` takes inside the program for ``data``."""
    found: set[Step] = set()

    def entered(frame: FrameType, _event: str, _argument: object) -> Any:
        name, last = frame.f_code.co_filename, frame.f_lineno
        if not name.startswith(_FOLDER):
            return None

        def stepped(frame: FrameType, event: str, _argument: object) -> Any:
            nonlocal last
            if event == "line":
                found.add((name, last, frame.f_lineno))
                last = frame.f_lineno
            return stepped

        return stepped

    before = sys.gettrace()
    sys.settrace(entered)
    try:
        check(data)
    finally:
        sys.settrace(before)
    return found


def fewest(check: Callable[[bytes], None], first: Iterable[bytes], more: Iterable[bytes]) -> list[bytes]:
    """Return those of ``more`` that take a step which neither ``first`` nor a smaller one takes."""
    reached = set[Step]().union(*(steps(check, data) for data in first))
    kept = []
    for data in sorted(set(more), key=lambda data: (len(data), data)):
        if new := steps(check, data) - reached:
            reached |= new
            kept.append(data)
    return kept
