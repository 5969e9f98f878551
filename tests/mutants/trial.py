"""Tries mutants: each in a child of its own, forked from a process that has imported what a test run needs.

A change in the body of a function is given to a child that has collected the tests already, by exchanging the
function's code; any other, such as a table or a limit, to one that imports the program anew with the change in it.
"""

from __future__ import annotations

import functools
import gc
import importlib.machinery
import importlib.util
import itertools
import os
import resource
import signal
import sys
import traceback
from collections.abc import Callable, Iterator, Mapping, Sequence
from pathlib import Path
from types import CodeType, FunctionType, ModuleType

import pytest
from _pytest.runner import runtestprotocol

SURVIVED, DIED, TOO_LONG = "survived", "died", "did not end"
NOT_EXCHANGED = "is other code than can be exchanged"
"""As where a change takes away what a function needs of its class, such as ``super()``: only a new import tries it."""

_PATIENCE = 5
"""How many times its usual time a test may take."""

_AT_LEAST = 2.0
_WAIT = 20
_MEMORY = 4 * 1024**3
_NO_TEST_FAILED = 0
_NOT_TRIED = 70
_OTHER_CODE = 71
_QUIET = ("-x", "-q", "-p", "no:cacheprovider", "-p", "no:xdist", "-m", "not slow and not tools and not cluster")
_IMPORTED = ("-W", "ignore::pytest.PytestAssertRewriteWarning")  # hypothesis, in front of all children


def arguments(folder: Path) -> list[str]:
    """Return pytest's arguments: stop at the first failure, write nothing into the checkout."""
    return [*_QUIET, *_IMPORTED, f"--basetemp={folder}"]


def in_child(task: Callable[[], int], *, seconds: float) -> str:
    """Run ``task`` in a forked child, which may take ``seconds`` at first, and tell how it ended."""
    child = os.fork()
    if child == 0:
        code = _NOT_TRIED
        try:
            os.setpgid(0, 0)
            resource.setrlimit(resource.RLIMIT_AS, (_MEMORY, _MEMORY))
            signal.signal(signal.SIGALRM, signal.SIG_DFL)
            _allow(seconds)
            code = task()
        except BaseException:  # noqa: BLE001 - a child must never go on as its parent would
            traceback.print_exc(file=sys.__stderr__)
        os._exit(code)
    _, status = os.waitpid(child, 0)
    if os.WIFSIGNALED(status):
        return TOO_LONG
    code = os.waitstatus_to_exitcode(status)
    if code == _OTHER_CODE:
        return NOT_EXCHANGED
    if code == _NOT_TRIED:
        raise RuntimeError("a mutant could not be tried; the log of its worker may say why")
    return SURVIVED if code == _NO_TEST_FAILED else DIED


def _allow(seconds: float) -> None:
    """Allow so much processor time from now on, and a multiple of it to one that only waits."""
    spent = resource.getrusage(resource.RUSAGE_SELF)
    most = int(spent.ru_utime + spent.ru_stime + seconds) + 1
    resource.setrlimit(resource.RLIMIT_CPU, (most, resource.getrlimit(resource.RLIMIT_CPU)[1]))
    signal.alarm(_WAIT * (int(seconds) + 1))


def anew(path: Path, name: str, text: str, tests: Sequence[str], folder: Path) -> int:
    """Import the program with the module ``name`` changed to ``text``, and run ``tests``; the child's whole task."""
    sys.meta_path.insert(0, _Changed(name, path, text))
    return int(pytest.main([*arguments(folder), *tests]))


class _Changed(importlib.machinery.SourceFileLoader):
    """Finds and loads one module, with another text than its file has."""

    def __init__(self, name: str, path: Path, text: str) -> None:
        super().__init__(name, str(path))
        self._text = text

    # A finder of importlib's is whatever has this method.
    def find_spec(
        self, fullname: str, path: Sequence[str] | None, target: ModuleType | None = None
    ) -> importlib.machinery.ModuleSpec | None:
        if fullname != self.name:
            return None
        return importlib.util.spec_from_file_location(fullname, self.path, loader=self)

    def get_code(self, fullname: str) -> CodeType:
        return compile(self._text, self.path, "exec", dont_inherit=True)


class Collected:
    """A plugin of pytest that collects the tests, and then does ``work`` instead of running all of them."""

    def __init__(self, work: Callable[[Collected], None]) -> None:
        self._work = work
        self._items: dict[str, pytest.Item] = {}

    def pytest_runtestloop(self, session: pytest.Session) -> bool:
        """Take the place of pytest's own loop."""
        self._items = {item.nodeid: item for item in session.items}
        _functions()
        gc.freeze()  # what is collected stays, so that no child copies it to look at it
        self._work(self)
        return True

    def run(self, text: str, path: Path, function: str, tests: Mapping[str, float]) -> int:
        """Give ``function`` its code in ``text`` and run ``tests`` up to the first failure; a child's whole task.

        Without a function nothing is changed: the control.
        """
        if function:
            try:
                _exchange(path, function, compile(text, str(path), "exec", dont_inherit=True))
            except ValueError:
                return _OTHER_CODE
        items = [self._items[test] for test in tests]
        for item, following in itertools.zip_longest(items, items[1:]):
            _allow(_AT_LEAST + _PATIENCE * tests[item.nodeid])
            if any(report.failed for report in runtestprotocol(item, log=False, nextitem=following)):
                return 1
        return _NO_TEST_FAILED


def _exchange(path: Path, function: str, module: CodeType) -> None:
    [changed] = [code for code in _codes(module) if code.co_qualname == function]
    for found in _functions()[str(path), function]:
        found.__code__ = changed


def _codes(code: CodeType) -> Iterator[CodeType]:
    for constant in code.co_consts:
        if isinstance(constant, CodeType):
            yield constant
            yield from _codes(constant)


@functools.cache
def _functions() -> dict[tuple[str, str], list[FunctionType]]:
    """Return every function that there is; a name that was imported elsewhere is the same function."""
    found: dict[tuple[str, str], list[FunctionType]] = {}
    for thing in gc.get_objects():
        if isinstance(thing, FunctionType):
            found.setdefault((thing.__code__.co_filename, thing.__code__.co_qualname), []).append(thing)
    return found
