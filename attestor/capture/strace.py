"""Running the capture under strace: is it there, may it trace, and what did it see."""

from __future__ import annotations

import os
import shutil
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

from attestor import limits, privacy, process
from attestor.capture import hashing, trace
from attestor.evidence import Process, Trace
from attestor.identity import User
from attestor.process import ProcessError

_STRING_LIMIT = "1048576"
"""Longest string that strace prints in full; no argument on Linux is longer than 128 KiB."""

_PROBE_TIMEOUT = 10.0
_STRAYS_GRACE = 1.0
"""Seconds that strace gets to end by itself after the shell; it takes milliseconds."""

_FIRST_LINE, _LAST_LINE, _SCRIPT_START = 4096, 128, 21
_COMM_LENGTH = 15


@dataclass(frozen=True, slots=True, kw_only=True)
class Tracer:
    """strace, where it works; ``reason`` says why not, or why it was not wanted, where ``binary`` is empty."""

    binary: str = ""
    wanted: bool = True
    reason: str = ""

    def wrap(self, argv: Sequence[str], folder: Path) -> list[str]:
        """Return ``argv`` traced into ``folder``, or as it is where there is no tracing."""
        if not self.binary:
            return list(argv)
        # No `-e signal=none`: it would also drop the line that says which signal killed a process.
        flags = ["-f", "-ff", "--seccomp-bpf", "-q", "-s", _STRING_LIMIT]
        return [self.binary, *flags, "-e", f"trace={trace.CALLS}", "-o", str(folder / "trace"), "--", *argv]


def find(path: str, env: Mapping[str, str], *, wanted: bool, user: User | None = None) -> Tracer:
    """Return a tracer that was seen to work on ``/bin/true``, or the reason why there is none."""
    if not wanted:
        return Tracer(wanted=False, reason="switched off with trace: off")
    binary = shutil.which("strace", path=path)
    if binary is None:
        return Tracer(reason="strace is not installed")
    try:
        done = process.run(
            [binary, "-f", "--seccomp-bpf", "-qq", "-e", "trace=execve", "-o", "/dev/null", "--", "/bin/true"],
            env=env,
            timeout=_PROBE_TIMEOUT,
            user=user,
        )
    except ProcessError as error:
        return Tracer(reason=f"strace did not work: {error.problem}")
    if done.exit_code != 0:
        return Tracer(reason="strace may not trace here (ptrace is forbidden, or strace is older than 5.3)")
    return Tracer(binary=binary)


class Ending:
    """Tells when the traced shell has ended, and something that it left behind keeps the tracer waiting.

    A login plugin may leave an agent behind, for which strace would wait until the capture's limit.
    """

    def __init__(self, tracer: Tracer, argv: Sequence[str], folder: Path) -> None:
        self._folder = folder if tracer.binary else None
        self._start = f'["{argv[0]}", "{argv[1]}", "{argv[2][:_SCRIPT_START]}'.encode()
        self._shell: Path | None = None
        self._ended_at: float | None = None
        self.came = False

    def __call__(self, elapsed: float) -> bool:
        """Return whether the shell ended more than the time of grace before ``elapsed`` seconds."""
        if self._folder is None:
            return False
        self._shell = self._shell or next(filter(self._is_shells, _traces(self._folder)), None)
        if self._ended_at is None and self._shell is not None and b"\n+++ " in _end(self._shell):
            self._ended_at = elapsed
        self.came = self._ended_at is not None and elapsed - self._ended_at > _STRAYS_GRACE
        return self.came

    def _is_shells(self, file: Path) -> bool:
        try:
            with privacy.open_regular(file) as opened:
                return self._start in opened.readline(_FIRST_LINE)
        except OSError:  # put there by somebody else than strace; the reader complains of it
            return False


def _end(file: Path) -> bytes:
    try:
        with privacy.open_regular(file) as opened:
            opened.seek(max(0, os.fstat(opened.fileno()).st_size - _LAST_LINE))
            return opened.read(_LAST_LINE)
    except OSError:
        return b""


def _traces(folder: Path) -> list[Path]:
    """Return strace's files; not by glob(), for which a folder that may not be read is an empty one."""
    return sorted(path for path in folder.iterdir() if path.name.startswith("trace."))


def read(tracer: Tracer, folder: Path, pid: int, known: Mapping[str, str], *, killed: bool = False) -> Trace:
    """Return what ``tracer`` wrote into ``folder``; ``known`` holds digests of files that are hashed already.

    ``killed`` says that the shell had ended, and that what it left behind was killed with the tracer.
    Raises ``trace.UnreadableTrace`` where the files are not as strace writes them.
    """
    if not tracer.binary:
        return Trace(state="unavailable" if tracer.wanted else "off", reason=tracer.reason)
    files: dict[int, str] = {}
    for file in _traces(folder):
        with privacy.open_regular(file) as opened:
            text = opened.read(limits.TRACE_BYTES + 1)
        if len(text) > limits.TRACE_BYTES:
            message = "the trace is larger than it can be"
            raise trace.UnreadableTrace(message)
        files[int(file.suffix[1:])] = text.decode("utf-8", "replace")
    digests = dict(known)
    processes = [found for traced in trace.read(files, pid, killed=killed) for found in _records(traced, digests)]
    reason = "what outlived the shell was killed, with exit code 137" if killed else ""
    return Trace(state="on", reason=reason, processes=tuple(processes))


def _records(traced: trace.Traced, digests: dict[str, str]) -> list[Process]:
    found = []
    for image in traced.images:
        program = Path(image.path).resolve() if image.path.startswith("/") else None
        is_last = image is traced.images[-1]
        found.append(
            Process(
                program=str(program or image.path),
                pid=traced.pid,
                parent=traced.parent,
                comm=Path(image.path).name[:_COMM_LENGTH],
                argv=image.argv,
                # A relative path is one of a folder that is not known here.
                program_sha256=_sha256(program, digests) if program else "",
                exe_sha256=_sha256(_executable(program), digests) if program else "",
                exit_code=traced.exit_code if traced.exit_code is not None else -1,
                connections=tuple(sorted(traced.connections)) if is_last else (),
            )
        )
    return found


_UNREAD = (FileNotFoundError, NotADirectoryError, PermissionError)


def _executable(program: Path) -> Path:
    """Return what the kernel runs: the program itself, or the interpreter that a script names in its first line."""
    try:
        with program.open("rb") as file:
            first = file.readline(256)
    except _UNREAD:
        return program
    words = first[2:].split()
    return Path(words[0].decode("utf-8", "replace")).resolve() if first.startswith(b"#!") and words else program


def _sha256(file: Path, digests: dict[str, str]) -> str:
    """Return the digest of a program, or ``""`` where it is gone or only to be executed; raises ``OSError``."""
    if str(file) not in digests:
        try:
            with file.open("rb") as opened:
                digests[str(file)] = hashing.sha256(opened)
        except _UNREAD:
            digests[str(file)] = ""
    return digests[str(file)]
