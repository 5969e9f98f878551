"""The linkerd CLI: which one it is, and the one recorded shell command that runs it.

Its stderr may be noisy on success (deprecation warnings, reflector errors) and is never a reason by itself; it gets
no terminal, since a spinner would draw into the JSON (linkerd2 ``cli/cmd/check_extensions.go``).
"""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path

from attestor import identity, limits, process
from attestor.capture import hashing, strace
from attestor.capture.strace import Tracer
from attestor.capture.trace import KILLED, UnreadableTrace
from attestor.clock import Clock, Span
from attestor.errors import CaptureError, SettingsError
from attestor.evidence import Command, Defect, Linkerd, Trace
from attestor.identity import User
from attestor.process import Completed, Flooded, NotStarted, ProcessError, Refused, Unwatched

CHECK_FILE = "linkerd-check.json"
EDGES_FILE = "linkerd-edges.json"
_VERSION = re.compile(r"[A-Za-z0-9][A-Za-z0-9 ._+():/-]{0,127}")
_REPLAY = re.compile("replay", re.IGNORECASE)

Progress = Callable[[float], None]
"""Called about ten times a second while linkerd works, with the seconds gone by."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Surroundings:
    """Where a capture runs: its folder, a private one, the whole environment of linkerd, and its limit in seconds.

    ``digests`` are those of programs that were hashed already, by resolved path. ``user`` is as whom it runs, where
    that is not as this program; ``writes`` whether new files can be made in ``directory`` then.
    """

    directory: Path
    private: Path
    environment: Mapping[str, str] = field(repr=False)
    timeout: float
    digests: Mapping[str, str] = field(default_factory=dict)
    user: User | None = None
    writes: bool = True


def shell_command(namespaces: Sequence[str], wait: str) -> tuple[str, ...]:
    """Return the argv of the capture. Namespaces and ``wait`` must have been validated: they go into a shell script."""
    check = "linkerd check -o json" + (f" --wait {wait}" if wait else "")
    scopes = [f"-n {namespace}" for namespace in namespaces] or ["-A"]
    edges = [
        f"linkerd viz edges deploy {scope} -o json {'>>' if number else '>'} {EDGES_FILE}"
        for number, scope in enumerate(scopes)
    ]
    return ("sh", "-c", "; ".join([f"{check} > {CHECK_FILE}", *edges]))


def identify(binary: Path, source: str, surroundings: Surroundings, *, pinned: bool = False) -> Linkerd:
    """Return what ``binary`` is: its digest, and the version that it says it has, empty where it says none."""
    try:
        with binary.open("rb") as file:
            digest = hashing.sha256(file)
    except OSError as error:
        raise SettingsError(f"the linkerd {binary} cannot be read: {error.strerror}", remedy="run it again") from error
    said = _ask_version(surroundings)
    version = said if _VERSION.fullmatch(said) else ""
    return Linkerd(version=version, sha256=digest, source=source, pinned=pinned, replay=bool(_REPLAY.search(said)))


def _ask_version(surroundings: Surroundings) -> str:
    argv = ["linkerd", "version", "--client", "--short"]
    limit = min(limits.VERSION_SECONDS, surroundings.timeout)
    try:
        done = process.run(
            argv, env=surroundings.environment, cwd=surroundings.private, timeout=limit, user=surroundings.user
        )
    except (Refused, Unwatched) as error:
        # Not the program's own silence, which stands in the evidence as such.
        raise SettingsError(error.problem, cause="the system is short of descriptors, memory or processes") from error
    except ProcessError:
        return ""
    return done.stdout.decode("utf-8", "replace").strip() if done.exit_code == 0 else ""


def capture(
    argv: tuple[str, ...],
    surroundings: Surroundings,
    tracer: Tracer,
    clock: Clock,
    progress: Progress,
    defects: list[Defect],
) -> Command:
    """Run the recorded command and return how it went; what went wrong with it is its ``failure`` and a defect."""
    folder = surroundings.private / "strace"
    _make(folder)
    identity.give(folder, surroundings.user)
    ending = strace.Ending(tracer, argv, folder)

    def watch(elapsed: float) -> bool:
        progress(elapsed)
        _refuse_floods(surroundings.directory)
        return ending(elapsed)

    started = clock()
    failure, wrapped = "", tracer.wrap(argv, folder)
    try:
        done = process.run(
            wrapped,
            env=surroundings.environment,
            cwd=surroundings.directory,
            timeout=surroundings.timeout,
            on_tick=watch,
            user=surroundings.user,
        )
    except NotStarted:
        raise
    except ProcessError as error:
        # The shell or strace was stopped; what a person waits for is linkerd.
        failure = "linkerd" + error.problem.removeprefix(wrapped[0]).removeprefix("linkerd")
        done = Completed(pid=error.pid, exit_code=KILLED, stdout=error.stdout, stderr=error.stderr)
        defects.append(Defect(code="capture-stopped", file="", offset=0, detail=failure))
    span = Span(started=started, finished=clock())
    trace = _trace(tracer, surroundings, done.pid, defects if not failure else [], killed=ending.came)
    return Command(
        span=span,
        argv=argv,
        exit_code=_shells_code(trace, done) if ending.came else done.exit_code,
        stdout=done.stdout,
        stderr=done.stderr,
        trace=trace,
        failure=failure,
    )


def _make(folder: Path) -> None:
    try:
        folder.mkdir(mode=0o700, exist_ok=True)
    except OSError as error:
        raise CaptureError(
            f"the private folder {folder} cannot be made: {error.strerror}",
            cause="the disk is full or became read-only",
            remedy="make room, or set $TMPDIR to a folder of yours",
        ) from error


def _shells_code(trace: Trace, done: Completed) -> int:
    """Return how the traced shell ended, where the tracer was killed for waiting on what the shell left behind."""
    return next((process.exit_code for process in trace.processes if process.parent == done.pid), KILLED)


def _refuse_floods(directory: Path) -> None:
    for name in (CHECK_FILE, EDGES_FILE):
        try:
            size = (directory / name).lstat().st_size
        except OSError:
            continue
        if size > limits.REPORT_BYTES:
            message = f"linkerd wrote more than {limits.REPORT_BYTES} bytes into {name} and was killed"
            raise Flooded(message)


def _trace(tracer: Tracer, surroundings: Surroundings, pid: int, defects: list[Defect], *, killed: bool) -> Trace:
    try:
        return strace.read(tracer, surroundings.private / "strace", pid, surroundings.digests, killed=killed)
    except (UnreadableTrace, OSError, ValueError) as error:
        detail = f"the trace could not be read: {error}"
        defects.append(Defect(code="trace-unreadable", file="", offset=0, detail=detail))
        return Trace(state="unavailable", reason=detail)
