"""A job that is cancelled: nothing is allowed, nothing is left running, nothing half written."""

from __future__ import annotations

import contextlib
import os
import signal
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from tests.conftest import ROOT
from tests.integration.conftest import Attempt, Fake

STOPS = [signal.SIGTERM, signal.SIGINT, signal.SIGHUP]


def wait_for(file: Path) -> None:
    for _ in range(1000):
        if file.exists() and file.read_text(encoding="utf-8").endswith("\n"):
            return
        time.sleep(0.01)
    pytest.fail(f"{file} did not appear")


@contextlib.contextmanager
def disposed(to: signal.Handlers, *numbers: signal.Signals) -> Iterator[None]:
    """Let children begin with these signals so; a shell that puts the tests into the background ignores SIGINT."""
    before = {number: signal.signal(number, to) for number in numbers}
    try:
        yield
    finally:
        for number, handler in before.items():
            signal.signal(number, handler)


def start(attempt: Attempt, **options: str | Path | None) -> subprocess.Popen[bytes]:
    with disposed(signal.SIG_DFL, *STOPS):
        return begun(attempt, **options)


def begun(attempt: Attempt, **options: str | Path | None) -> subprocess.Popen[bytes]:
    return subprocess.Popen(
        [sys.executable, "-m", "attestor", "run", *attempt.argv(options)],
        cwd=attempt.tree,
        env={"PATH": os.environ["PATH"], "PYTHONPATH": str(ROOT)} | attempt.surroundings({}),
        stdin=subprocess.DEVNULL,
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
    )


def ended(attempt: Attempt, running: subprocess.Popen[bytes]) -> str:
    """Return what an interrupted run said, after a look at all that it may not leave."""
    out, err = running.communicate(timeout=30)
    assert (running.returncode, out) == (3, b""), err
    assert list(attempt.scratch.iterdir()) == []
    assert [path.name for path in attempt.tree.iterdir() if "attestation" in path.name] == []
    return err.decode()


@pytest.mark.parametrize(("number", "trace"), [*((number, "off") for number in STOPS), (signal.SIGTERM, "auto")])
def test_a_signal_during_the_capture(
    attempt: Attempt, linkerd: Fake, tmp_path: Path, gone: Callable[[Path], bool], number: signal.Signals, trace: str
) -> None:
    """Whoever cancels gets exit 3 at once; linkerd is dead, the private folder gone, and no envelope begun."""
    path = linkerd(
        check=f"trap '' TERM INT HUP; sleep 300 & echo $! > {tmp_path}/child; echo $$ > {tmp_path}/pid; wait"
    )
    running = start(attempt, linkerd_path=path, trace=trace)
    wait_for(tmp_path / "pid")
    running.send_signal(number)
    assert "the run was interrupted, and nothing was allowed" in ended(attempt, running)
    assert gone(tmp_path / "pid")
    assert gone(tmp_path / "child")


def test_a_second_signal(attempt: Attempt, linkerd: Fake, tmp_path: Path) -> None:
    """Runners send one signal after the other; those behind the first do not break off the cleaning up."""
    running = start(attempt, linkerd_path=linkerd(check=f"echo $$ > {tmp_path}/pid; exec sleep 300"))
    wait_for(tmp_path / "pid")
    for number in (signal.SIGINT, signal.SIGTERM, signal.SIGINT, signal.SIGHUP):
        running.send_signal(number)
    assert ended(attempt, running).count("the run was interrupted") == 1


def test_a_signal_during_the_gate(attempt: Attempt, fake: Fake, opa: Path, tmp_path: Path) -> None:
    """What was signed before a cancelled gate stays whole on disk, and allows nothing."""
    slow = fake(f"echo $$ > {tmp_path}/pid; exec sleep 300", name="opa")
    (slow.parent / "opa-capabilities.json").write_bytes(opa.resolve().with_name("opa-capabilities.json").read_bytes())
    running = start(attempt, opa=slow)
    wait_for(tmp_path / "pid")
    running.send_signal(signal.SIGTERM)
    out, _ = running.communicate(timeout=30)
    assert (running.returncode, out) == (3, b"")
    assert (attempt.tree / "attestation.json").read_bytes().rstrip().endswith(b"}")


def test_a_signal_that_the_caller_ignores(attempt: Attempt, linkerd: Fake, tmp_path: Path) -> None:
    """Under nohup a hang-up goes unheeded."""
    path = linkerd(check=f"echo $$ > {tmp_path}/pid; sleep 0.3; exit 1")
    attempt.options["linkerd-path"] = path
    with disposed(signal.SIG_IGN, signal.SIGHUP):
        running = begun(attempt)
    wait_for(tmp_path / "pid")
    running.send_signal(signal.SIGHUP)
    _, err = running.communicate(timeout=30)
    assert b"interrupted" not in err
    assert b"left no check report" in err
