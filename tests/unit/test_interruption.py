"""A signal waits for the end of what must not be broken off, and is heeded then."""

from __future__ import annotations

import signal
import threading
from collections.abc import Callable, Iterator
from types import FrameType

import pytest

from attestor import interruption


class Heard(Exception):
    """The handler was called."""


@pytest.fixture(autouse=True)
def handlers() -> Iterator[None]:
    """Handlers as a run has them, and the ones of before at the end."""

    def hear(number: int, _frame: FrameType | None) -> None:
        raise Heard(number)

    before = {number: signal.signal(number, hear) for number in interruption.STOPS}
    yield
    for number, handler in before.items():
        signal.signal(number, handler)


def body(*numbers: signal.Signals, then: Callable[[], object] = lambda: None) -> None:
    """Hold signals back, and let them arrive meanwhile."""
    with interruption.held():
        for number in numbers:
            signal.raise_signal(number)
        then()


@pytest.mark.parametrize("number", interruption.STOPS)
def test_a_signal_is_heeded_behind_the_body(number: signal.Signals) -> None:
    """What the body began is known by then."""
    done: list[str] = []
    with pytest.raises(Heard):
        body(number, then=lambda: done.append("all of it"))
    assert done == ["all of it"]


def test_the_first_of_several_signals_is_heeded() -> None:
    """One is enough to end a run."""
    with pytest.raises(Heard, match=str(int(signal.SIGTERM))):
        body(signal.SIGTERM, signal.SIGINT)


def test_the_handlers_are_those_of_before() -> None:
    """Also where the body failed, and what was ignored stays so."""
    signal.signal(signal.SIGHUP, signal.SIG_IGN)
    before = [signal.getsignal(number) for number in interruption.STOPS]
    with pytest.raises(ZeroDivisionError):
        body(signal.SIGHUP, then=lambda: 1 // 0)
    assert [signal.getsignal(number) for number in interruption.STOPS] == before


def test_another_thread_is_left_alone() -> None:
    """It hears no signals, and may set no handlers."""
    done = []

    def work() -> None:
        with interruption.held():
            done.append("work")

    thread = threading.Thread(target=work)
    thread.start()
    thread.join()
    assert done == ["work"]
