"""Runs by the hundred: each is forked from a process that has loaded the program, and may have one thing go wrong.

As `tests/warm.py`, and beside what that does: the container's entry can be run too, the run is watched by a `Probe`, one
of its children can be replaced, and its clock can be set back.
"""

from __future__ import annotations

import json
import os
import resource
import select
import signal
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable
from dataclasses import asdict, dataclass, field
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any, NoReturn

from tests.conftest import ROOT
from tests.faults.children import Swap
from tests.faults.probe import Fault, Point, Probe, label
from tests.warm import STREAMS, _open_streams

_PATIENCE = 60
_HASTE = 0.6
"""Seconds that a replaced child gets, where it has minutes otherwise."""


@dataclass(frozen=True)
class Call:
    """One run: what is started, where, with what, and what goes wrong in it."""

    argv: tuple[str, ...]
    folder: Path
    env: dict[str, str]
    stdin: bytes = b""
    fault: Fault | None = None
    swap: Swap | None = None
    clock: str = ""
    descriptors: int = 0
    watched: bool = True


@dataclass(frozen=True)
class Visit:
    """How often a point was come by, and which visit of all visits its first and its last were."""

    count: int
    first: int
    last: int


@dataclass(frozen=True)
class Ended:
    """How a run ended: its code (-n for signal n), what it said, and what it came by."""

    code: int
    out: str
    err: str
    visits: dict[Point, Visit] = field(default_factory=dict)
    callers: frozenset[str] = frozenset()
    strangers: tuple[str, ...] = ()
    children: tuple[str, ...] = ()
    happened: bool = False

    @property
    def said(self) -> str:
        return self.out + self.err


class Server:
    """A process that forks runs, started with the first of them."""

    def __init__(self) -> None:
        self._process: subprocess.Popen[str] | None = None

    def close(self) -> None:
        if self._process is not None:
            self._process.communicate()
            self._process = None

    def __call__(self, call: Call) -> Ended:
        server = self._started()
        assert server.stdin is not None
        assert server.stdout is not None
        with tempfile.TemporaryDirectory() as streams:
            (Path(streams) / "in").write_bytes(call.stdin)
            asked = asdict(call) | {"streams": streams, "stdin": None}
            print(json.dumps(asked, default=str), file=server.stdin, flush=True)
            child = int(server.stdout.readline())
            if not select.select([server.stdout], [], [], _PATIENCE)[0]:
                os.kill(child, signal.SIGKILL)
                server.stdout.readline()
                raise subprocess.TimeoutExpired(list(call.argv), _PATIENCE)
            code = int(server.stdout.readline())
            out, err = ((Path(streams) / name).read_bytes().decode() for name in STREAMS[1:])
            seen = Path(streams) / "seen"
            found = json.loads(seen.read_text(encoding="utf-8")) if seen.exists() else {}
        return _ended(code, out, err, found)

    def _started(self) -> subprocess.Popen[str]:
        if self._process is None:
            self._process = subprocess.Popen(
                [sys.executable, "-u", "-m", "tests.faults.server"],
                cwd=ROOT,
                stdin=subprocess.PIPE,
                stdout=subprocess.PIPE,
                text=True,
                env={"PATH": os.environ["PATH"], "HOME": "/nonexistent", "PYTHONPATH": str(ROOT)},
            )
        return self._process


def _ended(code: int, out: str, err: str, found: dict[str, Any]) -> Ended:
    visits = {Point(*names): Visit(*numbers) for names, numbers in found.get("visits", [])}
    return Ended(
        code=code,
        out=out,
        err=err,
        visits=visits,
        callers=frozenset(found.get("callers", ())),
        strangers=tuple(found.get("strangers", ())),
        children=tuple(found.get("children", ())),
        happened=bool(found.get("happened")),
    )


def _serve() -> None:
    import entrypoint  # noqa: F401 - loaded before the first call, like those above
    from attestor import redaction
    from tests.faults import points

    points.sources()
    redaction._sensitive.cache_clear()
    for line in iter(sys.stdin.readline, ""):
        call = json.loads(line)
        if (child := os.fork()) == 0:
            _run(call)
        print(child, flush=True)
        _, status = os.waitpid(child, 0)
        print(os.waitstatus_to_exitcode(status), flush=True)


def _run(call: dict[str, Any]) -> NoReturn:
    code: object = 70
    probe = Probe(_fault(call["fault"]) if call["fault"] else None)
    children: list[str] = []
    happened: list[str] = []
    soft, hard = resource.getrlimit(resource.RLIMIT_NOFILE)
    try:
        _settle(call)
        _watch_children(children, happened, Swap(**call["swap"]) if call["swap"] else None)
        _set_clock(call["clock"])
        if call["descriptors"]:
            resource.setrlimit(resource.RLIMIT_NOFILE, (call["descriptors"], hard))
        if call["watched"]:
            probe.start()
        _enter(call["argv"])
    except SystemExit as end:
        code = end.code
    finally:
        probe.stop()
        resource.setrlimit(resource.RLIMIT_NOFILE, (soft, hard))
        seen = {
            "visits": [
                ((point.site, point.caller, point.primitive), (probe.visits[point], *span))
                for point, span in probe.span.items()
            ],
            "callers": sorted(probe.callers),
            "strangers": sorted(probe.strangers),
            "children": children,
            "happened": probe.happened or bool(happened),
        }
        (Path(call["streams"]) / "seen").write_text(json.dumps(seen), encoding="utf-8")
        os._exit(code if isinstance(code, int) else 70)


def _fault(asked: dict[str, Any]) -> Fault:
    return Fault(**(asked | {"point": Point(**asked["point"])}))


def _settle(call: dict[str, Any]) -> None:
    _open_streams(Path(call["streams"]))
    os.chdir(call["folder"])
    (Path(call["folder"]).parent / "pid").write_text(str(os.getpid()), encoding="ascii")
    os.environ.clear()
    os.environ.update(call["env"])
    # Python would go on to the system's own folders, where a look for what was left behind finds that of others.
    places = [place for place in (os.environ.get("TMPDIR"), os.environ.get("TMPDIR_2")) if place]
    tempfile._candidate_tempdir_list = lambda: places  # type: ignore[attr-defined]
    for number in (signal.SIGINT, signal.SIGTERM, signal.SIGHUP):
        signal.signal(number, signal.default_int_handler if number == signal.SIGINT else signal.SIG_DFL)


def _enter(argv: list[str]) -> NoReturn:
    """Do what the two files do that a user starts: `attestor/__main__.py` and `entrypoint.py`."""
    from attestor import cli

    if argv[0] == "entrypoint.py":
        import entrypoint
        from attestor import identity

        identity.IMAGE = sys.prefix  # where children that cannot be another user end the run
        cli.prepare_streams()
        sys.exit(cli.flushed(entrypoint.main()))
    sys.argv = argv
    cli.main()


def _watch_children(children: list[str], happened: list[str], swap: Swap | None) -> None:
    """List every child as it is started, and start another program in the place of the one that `swap` means."""
    from attestor import process

    start = process._start
    until = process._Conversation.until
    replaced: list[int] = []

    def started(argv: Any, *given: Any) -> Any:
        children.append(label(list(argv)))
        if swap is None or len(children) - 1 != swap.number:
            return start(argv, *given)
        happened.append(swap.name)
        child = start(swap.argv(list(argv)), *given)
        replaced.append(child.pid)
        return child

    def shortened(self: Any, deadline: float, timeout: float, on_tick: Callable[[float], bool] | None) -> None:
        if self._child.pid in replaced and swap is not None and swap.hangs:
            deadline, timeout = min(deadline, time.monotonic() + _HASTE), min(timeout, _HASTE)
        until(self, deadline, timeout, on_tick)

    vars(process)["_start"] = started
    process._Conversation.until = shortened  # type: ignore[method-assign]


def _set_clock(how: str) -> None:
    """Let the system's clock go backwards by an hour with each look at it."""
    if how != "backwards":
        return
    from attestor import clock

    moment = [datetime.now(UTC)]

    def earlier() -> datetime:
        moment[0] -= timedelta(hours=1)
        return moment[0]

    vars(clock.Clock)["__init__"].__defaults__ = (earlier,)


if __name__ == "__main__":
    _serve()
