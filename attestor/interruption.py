"""Signals held back for a moment, so that nothing is begun which nobody knows of yet and so nobody would end."""

from __future__ import annotations

import contextlib
import signal
import threading
from collections.abc import Iterator
from types import FrameType

STOPS = (signal.SIGINT, signal.SIGTERM, signal.SIGHUP)
"""What a person, a runner or a lost terminal sends to end a run."""


@contextlib.contextmanager
def held() -> Iterator[None]:
    """Let the body come to its end before a signal that arrived in it is heeded.

    For a few lines that must not be broken off between making something and noting that it is there: a child, a folder,
    a draft. Only handlers of this process wait; what is ignored stays ignored, and what kills still kills. Does nothing
    outside of the main thread, which alone hears signals.
    """
    if threading.current_thread() is not threading.main_thread():
        yield
        return
    waiting: list[int] = []

    def note(number: int, _frame: FrameType | None) -> None:
        waiting.append(number)

    before = {number: signal.getsignal(number) for number in STOPS}
    heard = {number: handler for number, handler in before.items() if callable(handler)}
    for number in heard:
        signal.signal(number, note)
    try:
        yield
    finally:
        for number, handler in heard.items():
            signal.signal(number, handler)
        for waited in waiting[:1]:  # the first one ends the run
            signal.raise_signal(waited)
