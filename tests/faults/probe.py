"""Watches a run from inside its process: which places it comes by, and at one of them a fault instead of the operation.

Python's profiler tells of each call of a C function before it is made, with the frame that makes it: there is no
operation on a file, a descriptor or a process that is not such a call, whichever library makes it. What the profiler
raises, the call raises. The nearest frame of the program says whose operation it is, to the column.
"""

from __future__ import annotations

import functools
import os
import selectors
import sys
from collections import Counter
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from types import CodeType, FrameType
from typing import Any

from attestor.preflight import unprivileged
from tests.faults import points
from tests.faults.points import Site

MODULES = frozenset({"posix", "_posixsubprocess", "fcntl", "select"})
FUNCTIONS = frozenset({
    "access", "chmod", "chown", "dup2", "epoll", "fchmod", "fchown", "flock", "fork_exec", "fstat", "fsync", "ftruncate",
    "getcwd", "kill", "killpg", "link", "listdir", "lstat", "mkdir", "open", "pipe", "pipe2", "poll", "read", "readlink",
    "remove", "rename", "replace", "rmdir", "scandir", "set_blocking", "stat", "symlink", "truncate", "unlink", "utime",
    "waitid", "waitpid", "write",
})  # fmt: skip
"""Functions of the modules above that ask the system for something which it can refuse."""

CLOSING = "close"
"""Not refused: what Linux says of a close comes when the descriptor is gone. A signal may arrive there."""

METHODS = frozenset({"read", "read1", "readall", "readinto", "readline", "seek", "truncate", "write", "flush", "register", "unregister",
                     "modify", "poll", "is_dir", "is_file", "is_symlink", "stat"})  # fmt: skip
TYPES = frozenset(
    {"FileIO", "BufferedReader", "BufferedWriter", "BufferedRandom", "TextIOWrapper", "epoll", "DirEntry"}
)

SHARED = ("process.py", "privacy.py", "capture/hashing.py")
"""What every stage uses: an operation there is told apart by who asked for it."""


@dataclass(frozen=True, order=True)
class Point:
    """A place that a run came by, for whom where several stages share it, and by which operation of the system."""

    site: str
    caller: str
    primitive: str

    def __str__(self) -> str:
        return f"{self.site} [{self.primitive}]{f' < {self.caller}' if self.caller else ''}"


@dataclass(frozen=True)
class Fault:
    """What is to happen at the ``nth`` visit of a point: an error, a signal, or a change of the file there."""

    point: Point
    nth: int
    kind: str
    number: int = 0

    def __str__(self) -> str:
        return f"{self.kind}{f' {self.number}' if self.number else ''} at {self.point}, visit {self.nth}"


Act = Callable[[Fault, FrameType], None]


class Probe:
    """A profiler; ``visits`` and ``span`` say how often and when each point was come by.

    ``callers`` are the places that shared code was called from, ``strangers`` what no source accounts for.
    """

    def __init__(self, fault: Fault | None) -> None:
        self._count = 0
        self.visits: Counter[Point] = Counter()
        self.span: dict[Point, tuple[int, int]] = {}
        self.strangers: set[str] = set()
        self.callers: set[str] = set()
        self.happened = False
        self._fault = fault

    def start(self) -> None:
        sys.setprofile(self)

    def stop(self) -> None:
        sys.setprofile(None)

    def __call__(self, frame: FrameType, event: str, called: Any) -> None:
        # A hundred thousand times in a run: what is of no interest must go at once.
        if event == "c_call":
            if called.__name__ not in _NAMES or (primitive := _primitive(called)) is None:
                return
        elif frame.f_code is _OPENING and event == "call":
            primitive = "epoll_create"
        else:
            return
        own = _own_frame(frame)
        if own is not None:
            self._come_by(frame, own, primitive)

    def _come_by(self, frame: FrameType, own: FrameType, primitive: str) -> None:
        site = _site(own.f_code, own.f_lasti)
        if site is None:
            if not primitive.endswith(CLOSING):  # else by the end of a `with`
                self.strangers.add(f"{own.f_code.co_filename} {own.f_code.co_qualname}: {primitive}")
            return
        caller, asked = _caller(own) if site.module in SHARED else ("", "")
        point = Point(site=str(site), caller=f"{caller} {asked}".strip(), primitive=primitive)
        self.callers |= {caller, *(_starting(own) if primitive == "fork_exec" else ())}
        self._note(point)
        fault = self._fault
        if fault is not None and fault.point == point and fault.nth == self.visits[point]:
            self.happened = True
            self._fault = None
            _act(fault, frame)

    def _note(self, point: Point) -> None:
        self._count += 1
        self.visits[point] += 1
        self.span[point] = (self.span.get(point, (self._count, 0))[0], self._count)


def _act(fault: Fault, frame: FrameType) -> None:
    if fault.kind == "error":
        raise OSError(fault.number, os.strerror(fault.number))
    if fault.kind == "signal":
        os.kill(os.getpid(), fault.number)
    if fault.kind == "change":
        _change(frame)


def _change(frame: FrameType) -> None:
    """Write to the file that is being read in ``frame``, as a program beside the run would; only to the attempt's."""
    file = next(value for value in frame.f_locals.values() if hasattr(value, "fileno"))
    path = Path(f"/proc/self/fd/{file.fileno()}").readlink()
    if path.is_relative_to(Path.cwd().parent):
        with path.open("ab") as other:
            other.write(b"changed\n")


def _primitive(called: Any) -> str | None:
    name: str = called.__name__
    owner = getattr(called, "__self__", None)
    if name in FUNCTIONS and getattr(called, "__module__", None) in MODULES:
        return name
    if name == "open" and getattr(called, "__module__", None) in {"io", "_io"}:
        return name
    if name == "print" and getattr(called, "__module__", None) == "builtins":
        return name
    if (name in METHODS or name == CLOSING) and type(owner).__name__ in TYPES:
        return f"{type(owner).__name__}.{name}"
    return CLOSING if name == CLOSING and getattr(called, "__module__", None) in MODULES else None


_OPENING = selectors.DefaultSelector.__init__.__code__
"""A Python function that asks the system by making an object, which the profiler does not tell of."""

_NAMES = FUNCTIONS | METHODS | {CLOSING, "print"}


def _own_frame(frame: FrameType | None) -> FrameType | None:
    """Return the nearest frame of the program, unless Python is loading a module there."""
    known = points.sources()
    while frame is not None:
        name = frame.f_code.co_filename
        if name in known:
            return frame
        if name.startswith("<frozen importlib"):
            return None
        frame = frame.f_back
    return None


def _caller(frame: FrameType) -> tuple[str, str]:
    """Return the place from which the shared code was asked, and the program that it is about."""
    known, asked = points.sources(), ""
    outer: FrameType | None = frame
    while outer is not None:
        if outer.f_code.co_filename in known:
            asked = asked or _program(outer)
            site = _site(outer.f_code, outer.f_lasti)
            if not outer.f_code.co_filename.endswith(SHARED):
                return str(site) if site else _whole(outer), asked
        outer = outer.f_back
    return "", asked


def _starting(frame: FrameType) -> set[str]:
    """Return the places further out that start a program, each by asking the next."""
    known, found = points.sources(), set()
    outer: FrameType | None = frame
    while outer is not None:
        site = _site(outer.f_code, outer.f_lasti) if outer.f_code.co_filename in known else None
        found |= {str(site)} if site is not None and site.starts else set()
        outer = outer.f_back
    return found


def _whole(frame: FrameType) -> str:
    """Return module and function of a frame whose instruction is no place, as the end of a `with` is none."""
    path = Path(frame.f_code.co_filename)
    return f"{path.relative_to(points.PACKAGE).as_posix()} {frame.f_code.co_qualname}"


def _program(frame: FrameType) -> str:
    """Return what a call of ``process.run`` starts: the program's name, and its first word that is no option."""
    argv = frame.f_locals.get("argv") if frame.f_code.co_qualname == "run" else None
    return label(argv) if argv else ""


def label(argv: list[str]) -> str:
    """Return a program's name and what it is asked, such as ``git status``."""
    name = Path(argv[0]).name
    words = argv[3:] if name == "git" else argv[1:]
    asked = words[0] if words and words[0].isprintable() and len(words[0]) < 20 and name != "strace" else ""
    if argv[2:3] == [unprivileged._SCRIPT]:
        asked = "as another user"
    if name == "strace":
        asked = words[-1] if words[-1] == "/bin/true" else "-ff"
    return f"{name} {asked}".rstrip()


@functools.cache
def _site(code: CodeType, instruction: int) -> Site | None:
    position = list(code.co_positions())[instruction // 2]
    line, end_line, column, end_column = position
    if None in position:
        return None
    return points.sources()[code.co_filename].at((line or 0, end_line or 0, column or 0, end_column or 0))
