"""The command line's front door: which command, which arguments, and the one place that turns an error into a code."""

from __future__ import annotations

import contextlib
import importlib
import io
import os
import signal
import sys
import traceback
from collections.abc import Callable, Sequence
from pathlib import Path
from types import FrameType
from typing import NoReturn

from attestor import __version__
from attestor.errors import AttestorError, CaptureError, SettingsError
from attestor.interruption import STOPS

_SUMMARIES = {
    "run": "capture, build the collection, sign, write, judge, report",
    "verify": "check an envelope and judge it",
    "show": "print the evidence of an envelope",
    "policy": "write the rules as a signed policy for cilock (policy export)",
    "keygen": "make an Ed25519 key pair",
    "doctor": "before a run, say what would stand in its way",
}


def main() -> NoReturn:
    """Run the command line and exit with the contract's code."""
    prepare_streams()
    sys.exit(flushed(execute(sys.argv[1:])))


def prepare_streams() -> None:
    """Make the standard streams such that printing never ends a run, and that nothing but our own words is printed."""
    _open_missing_streams()
    sys.excepthook = _say_kind
    sys.unraisablehook = _say_nothing
    for stream in (sys.stdout, sys.stderr):
        if isinstance(stream, io.TextIOWrapper):
            # A log that knows no `√` gets an escape: what was decided must not end in an encoding error.
            stream.reconfigure(errors="backslashreplace")


def flushed(code: int) -> int:
    """Bring out what was printed and return ``code``, which nothing on the way out can change."""
    for descriptor, stream in ((1, sys.stdout), (2, sys.stderr)):
        try:
            stream.flush()
        except OSError:
            # The reader is gone, as `| head` is, or the log's disk is full: that changes nothing about the verdict.
            os.dup2(os.open(os.devnull, os.O_WRONLY), descriptor)
    return code


def _say_kind(kind: type[BaseException], error: BaseException, _trace: object) -> None:
    """Stand in for Python's traceback, which repeats the messages of every error on the way, and values in them."""
    where = _place(error)
    with contextlib.suppress(OSError):
        print(
            f"mesh-attestor: a fault of this program, and nothing was allowed: {kind.__name__}{where}", file=sys.stderr
        )


def _say_nothing(_found: object) -> None:
    """Stand in for Python's words about an error that nobody can handle, at the end of an object."""


def _open_missing_streams() -> None:
    """Give a stream that was closed before the start to nobody, so that no file gets its number and its text."""
    for name, mode in (("stdin", "r"), ("stdout", "w"), ("stderr", "w")):
        if getattr(sys, name) is None:
            setattr(sys, name, os.fdopen(os.open(os.devnull, os.O_RDWR), mode, encoding="utf-8"))


def current_folder() -> Path:
    """Return the folder that this process is in; raises ``SettingsError`` where it was removed, or may not be seen."""
    try:
        return Path.cwd()
    except OSError as error:
        raise SettingsError(
            f"the current folder cannot be found: {error.strerror}",
            cause="it was removed, or belongs to another user",
            remedy="change to a folder that is there",
        ) from error


def execute(argv: Sequence[str]) -> int:
    """Return the exit code of ``mesh-attestor`` with ``argv``; ``--version`` is answered before anything is loaded."""
    if list(argv) == ["--version"]:
        print(f"mesh-attestor {__version__}")
        return 0
    return guarded(lambda: _command(argv))


def guarded(action: Callable[[], int], *, tell: Callable[[AttestorError], None] | None = None) -> int:
    """Run ``action``; an error of the family, or an interruption, is told and becomes its exit code.

    It is printed to stderr, or given to ``tell``. Behind this a signal changes nothing any more: all is said and done.
    """
    say = tell or _print_error
    for number in STOPS:
        if signal.getsignal(number) is not signal.SIG_IGN:  # as nohup asks
            signal.signal(number, _interrupt)
    try:
        code = flushed(_told(action, say))
        _ignore_signals()  # the last thing that a signal can break in on
    except (KeyboardInterrupt, _Interrupted):
        found = CaptureError("the run was interrupted, and nothing was allowed", cause="the job was cancelled")
        say(found)
        return found.exit_code
    return code


def _told(action: Callable[[], int], say: Callable[[AttestorError], None]) -> int:
    try:
        return action()
    except AttestorError as error:
        found = error
    except Exception as error:  # noqa: BLE001 - Python's own exit code for a fault is 1, which means denied
        found = _fault(error)
    try:
        _hide_secrets(found)
        say(found)
    except Exception as error:  # noqa: BLE001 - the exit code stands, whatever becomes of the words
        _say_kind(type(error), error, None)
    return found.exit_code


_LOADING = "<frozen importlib"
"""How Python calls its own code that loads modules."""


def _fault(error: Exception) -> CaptureError:
    """Return an error that names the place of a fault of this program, and no value, which could be a secret."""
    loads = any(file.startswith(_LOADING) for file, _ in _places(error))
    if isinstance(error, (OSError, ImportError)) and loads:
        reason = getattr(error, "strerror", None) or type(error).__name__
        return CaptureError(
            f"a part of this program cannot be loaded, and nothing was allowed: {reason}",
            cause="the system is short of descriptors or memory, or the installation cannot be read",
            remedy="raise the limits (`ulimit -n`), or install it anew",
        )
    return CaptureError(
        f"a fault of this program, and nothing was allowed: {type(error).__name__}{_place(error)}",
        cause="a case that nobody thought of",
        remedy="report it with this line; the evidence written so far is intact",
    )


def _place(error: BaseException) -> str:
    places = _places(error)
    return f" at {Path(places[-1][0]).name}:{places[-1][1]}" if places else ""


def _places(error: BaseException) -> list[tuple[str, int]]:
    """Return file and line of each frame, the fault's own last; no source is read for that, as ``traceback`` would."""
    return [(frame.f_code.co_filename, line) for frame, line in traceback.walk_tb(error.__traceback__)]


class _Interrupted(BaseException):
    """The process was asked to end; not an ``Exception``, so that nothing on the way up takes it for a fault."""


def _interrupt(_number: int, _frame: FrameType | None) -> NoReturn:
    _ignore_signals()  # once is enough: a second one must not break off the cleaning up
    raise _Interrupted


def _hide_secrets(error: AttestorError) -> None:
    """Cut the environment's secrets out of ``error``: a path or a name may be one, given in the wrong place."""
    from attestor import redaction

    hidden = redaction.named_forms(os.environ)
    error.reword(lambda words: redaction.text(words, hidden))


def _ignore_signals() -> None:
    for number in STOPS:
        signal.signal(number, signal.SIG_IGN)


def _print_error(error: AttestorError) -> None:
    shown = _shown()
    with contextlib.suppress(OSError):  # a log that takes no more changes no exit code
        for number, line in enumerate(error.lines()):
            print(f"{'mesh-attestor: ' if number == 0 else '  '}{shown(line)}", file=sys.stderr)


def _shown() -> Callable[[object], str]:
    """Return what makes text safe to print; an error must be told also where nothing can be loaded any more."""
    try:
        from attestor.report import shown
    except (OSError, ImportError):
        return ascii
    return shown


def _command(argv: Sequence[str]) -> int:
    from attestor import arguments, isolation
    from attestor.commands import NAMES, World

    if not argv or argv[0] in {"--help", "-h", "help"}:
        print(_overview())
        return 0
    if argv[0] not in NAMES:
        raise SettingsError("there is no such command", remedy="one of: " + ", ".join(NAMES))
    command = importlib.import_module(f"attestor.commands.{argv[0]}")
    if {"--help", "-h"} & set(argv[1:]):
        print(arguments.usage(argv[0], command.SUMMARY, command.POSITIONALS, command.OPTIONS))
        return 0
    isolation.close()
    complaints: list[AttestorError] = []
    parsed = arguments.parse(argv[1:], command.OPTIONS, complaints)
    world = World(
        env=dict(os.environ),
        stdin=sys.stdin.buffer,
        stdout=sys.stdout,
        stderr=sys.stderr,
        directory=current_folder(),
    )
    code: int = command.execute(parsed, complaints, world)
    return code


def _overview() -> str:
    lines = ["usage: mesh-attestor COMMAND [options]", ""]
    lines += [f"  {name:<8} {summary}" for name, summary in _SUMMARIES.items()]
    return "\n".join([*lines, "", "mesh-attestor COMMAND --help explains its options; mesh-attestor --version"])
