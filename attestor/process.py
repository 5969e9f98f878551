"""The only module that starts programs: bytes in, bytes out, an exit code, and a hard limit on time and size.

Every child gets a process group of its own, no terminal, and exactly the environment that it is handed. When a
run ends, for whatever reason, the whole group is killed, so that nothing outlives the program that started it.
"""

from __future__ import annotations

import contextlib
import errno
import os
import selectors
import signal
import subprocess
import time
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from attestor import interruption, limits
from attestor.errors import AttestorError
from attestor.identity import User

_SCARCE = frozenset({errno.EAGAIN, errno.EIO, errno.EMFILE, errno.ENFILE, errno.ENOMEM, errno.ENOSPC})
"""What the system says where a child could not be made, whichever program it was to run."""

_CHUNK = 1 << 16
_TICK = 0.1
_LINGER = 0.5
"""Seconds a pipe may stay open after the child has ended, held by a grandchild."""

Tick = Callable[[float], bool]
"""Called about ten times a second with the seconds gone by; true ends the child as it is, an exception too."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Completed:
    """A child that ended by itself: its exit code (128 + n for signal n) and what it printed."""

    pid: int
    exit_code: int
    stdout: bytes
    stderr: bytes


class ProcessError(AttestorError):
    """A child could not be run to its end. ``stdout`` and ``stderr`` hold what it had printed by then."""

    pid = 0

    def __init__(self, problem: str, *, stdout: bytes = b"", stderr: bytes = b"") -> None:
        super().__init__(problem)
        self.stdout = stdout
        self.stderr = stderr


class NotStarted(ProcessError):
    """The program is not there, may not be executed, or is not one for this machine."""


class Refused(NotStarted):
    """The system had no descriptor, memory or process id for one more child; the program itself may be well."""


class TimedOut(ProcessError):
    """The child was still running at its limit and was killed with its whole group."""


class Flooded(ProcessError):
    """The child printed more than the limit and was killed with its whole group."""


class Unwatched(ProcessError):
    """The system refused what is needed to hear of the child, which was killed with its whole group."""


def exit_code_of(returncode: int) -> int:
    """Return a shell's exit code for ``returncode``: 128 + n where signal n ended the child."""
    return returncode if returncode >= 0 else 128 - returncode


def run(  # noqa: PLR0913 - each is one thing that a child must not be started without deciding
    argv: Sequence[str],
    *,
    env: Mapping[str, str],
    timeout: float,
    cwd: Path | None = None,
    stdin: bytes = b"",
    limit: int | None = None,
    memory: int | None = None,
    on_tick: Tick | None = None,
    user: User | None = None,
) -> Completed:
    """Run ``argv`` to its end and return what it printed.

    ``timeout`` is in seconds, ``limit`` in bytes for each of stdout and stderr (else ``limits.OUTPUT_BYTES``), and
    ``memory`` in bytes, where the system can hold a child to it. With ``user``, which takes root, the child runs as
    that user, without any further group: where that cannot be, it is not started. Raises ``NotStarted``, ``TimedOut``,
    ``Flooded`` or ``Unwatched``, and whatever ``on_tick`` raises but an ``OSError``, which is ``Unwatched``; in each
    case the whole process group is dead.
    """
    limit = limits.OUTPUT_BYTES if limit is None else limit
    try:
        with _started(lambda: _start(argv, env, cwd, user, memory)) as child:
            talk = _Conversation(child, argv[0], stdin, limit)
            try:
                talk.until(time.monotonic() + timeout, timeout, on_tick)
            except ProcessError as error:
                error.pid = child.pid
                # Also where it was not this module that stopped the child: its last words say why.
                error.stdout, error.stderr = bytes(talk.out[:limit]), bytes(talk.err[:limit])
                raise
    except OSError as error:
        message = f"{argv[0]} could not be watched and was killed: {error.strerror or type(error).__name__}"
        raise Unwatched(message) from error
    return Completed(
        pid=child.pid, exit_code=exit_code_of(child.returncode), stdout=bytes(talk.out), stderr=bytes(talk.err)
    )


@contextlib.contextmanager
def _started(start: Callable[[], subprocess.Popen[bytes]]) -> Iterator[subprocess.Popen[bytes]]:
    """Start the child, and end it with its group behind the body, also where a signal breaks in on the start."""
    child: subprocess.Popen[bytes] | None = None
    try:
        with interruption.held():
            child = start()
        yield child
    finally:
        if child is not None:
            with interruption.held():
                _end(child)


class _Child(subprocess.Popen[bytes]):
    """A child that does not outlive a failure to start it: it may run already when the system refuses the rest."""

    def __init__(self, *arguments: Any, **options: Any) -> None:
        try:
            subprocess.Popen.__init__(self, *arguments, **options)  # by name, as an operation of the system
        except BaseException:
            if getattr(self, "pid", 0) and self.returncode is None:
                _end(self)
            raise


def _start(
    argv: Sequence[str], env: Mapping[str, str], cwd: Path | None, user: User | None, memory: int | None
) -> subprocess.Popen[bytes]:
    try:
        with _ceiling(memory):
            return _Child(
                list(argv),
                env=dict(env),
                cwd=cwd,
                stdin=subprocess.PIPE,
                stdout=subprocess.PIPE,
                stderr=subprocess.PIPE,
                start_new_session=True,
                user=user.uid if user else None,
                group=user.gid if user else None,
                extra_groups=[] if user else None,
            )
    except (OSError, ValueError) as error:
        reason = error.strerror if isinstance(error, OSError) and error.strerror else type(error).__name__
        message = f"{argv[0]} could not be started: {reason}"
        raise (Refused if getattr(error, "errno", None) in _SCARCE else NotStarted)(message) from error


@contextlib.contextmanager
def _ceiling(memory: int | None) -> Iterator[None]:
    """Lower this process's own limit while a child is started: it inherits it, and no right is needed to put it back.

    It bounds private writable memory (``getrlimit(2)``, ``RLIMIT_DATA``): what Go only reserves does not count.
    """
    if memory is None:
        yield
        return
    import resource

    soft, hard = resource.getrlimit(resource.RLIMIT_DATA)
    lowest = min(bound for bound in (memory, soft, hard) if bound != resource.RLIM_INFINITY)
    resource.setrlimit(resource.RLIMIT_DATA, (lowest, hard))
    try:
        yield
    finally:
        resource.setrlimit(resource.RLIMIT_DATA, (soft, hard))


def _end(child: subprocess.Popen[bytes]) -> None:
    """Kill what is left of the group, then reap: in this order the group's number cannot be somebody else's yet."""
    with contextlib.suppress(ProcessLookupError, PermissionError):
        os.killpg(child.pid, signal.SIGKILL)
    child.wait()
    for pipe in (child.stdin, child.stdout, child.stderr):
        if pipe is not None:
            with contextlib.suppress(OSError):
                pipe.close()


def _has_ended(child: subprocess.Popen[bytes]) -> bool:
    """Tell whether the child has ended, without reaping it."""
    return os.waitid(os.P_PID, child.pid, os.WEXITED | os.WNOHANG | os.WNOWAIT) is not None


class _Conversation:
    """Feeds stdin and collects stdout and stderr until the child and its pipes are done."""

    def __init__(self, child: subprocess.Popen[bytes], name: str, stdin: bytes, limit: int) -> None:
        self.out, self.err = bytearray(), bytearray()
        self._child, self._name, self._limit = child, name, limit
        self._left = memoryview(stdin)
        self._selector = selectors.DefaultSelector()
        assert child.stdin is not None
        assert child.stdout is not None
        assert child.stderr is not None
        for pipe, sink in ((child.stdout, self.out), (child.stderr, self.err)):
            os.set_blocking(pipe.fileno(), False)
            self._selector.register(pipe, selectors.EVENT_READ, sink)
        if stdin:
            os.set_blocking(child.stdin.fileno(), False)
            self._selector.register(child.stdin, selectors.EVENT_WRITE)
        else:
            child.stdin.close()

    def until(self, deadline: float, timeout: float, on_tick: Tick | None) -> None:
        """Talk until the child has ended; raise ``TimedOut`` at ``deadline`` (monotonic seconds)."""
        begun, ended_at = time.monotonic(), None
        due = begun
        with self._selector:
            while True:
                self._exchange()
                now = time.monotonic()
                if on_tick is not None and now >= due:
                    due = now + _TICK
                    if on_tick(now - begun):
                        return
                if ended_at is None and _has_ended(self._child):
                    ended_at = now
                if ended_at is not None and (not self._reading() or now > ended_at + _LINGER):
                    return
                if now >= deadline:
                    message = f"{self._name} was still running after {timeout:g} s and was killed"
                    raise TimedOut(message, stdout=bytes(self.out), stderr=bytes(self.err))

    def _reading(self) -> bool:
        return any(key.data is not None for key in self._selector.get_map().values())

    def _exchange(self) -> None:
        if not self._selector.get_map():
            # Both pipes are closed: the child is ending, or lives on in silence. A short nap either way.
            time.sleep(0.0005 if _has_ended(self._child) else 0.002)
            return
        for key, _ in self._selector.select(_TICK):
            if key.data is None:
                self._feed(key.fd)
            else:
                self._drain(key.fd, key.data)

    def _feed(self, fd: int) -> None:
        try:
            self._left = self._left[os.write(fd, self._left[:_CHUNK]) :]
        except BlockingIOError:
            return
        except BrokenPipeError:
            self._left = self._left[:0]
        if not self._left and self._child.stdin is not None:
            self._selector.unregister(self._child.stdin)
            self._child.stdin.close()

    def _drain(self, fd: int, sink: bytearray) -> None:
        try:
            chunk = os.read(fd, _CHUNK)
        except BlockingIOError:
            return
        if not chunk:
            self._selector.unregister(fd)
            return
        sink += chunk
        if len(sink) > self._limit:
            message = f"{self._name} printed more than {self._limit} bytes and was killed"
            raise Flooded(message, stdout=bytes(self.out[: self._limit]), stderr=bytes(self.err[: self._limit]))
