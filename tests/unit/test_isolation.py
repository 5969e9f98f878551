"""A process that closed itself cannot be read by its own children, though they are the same user."""

from __future__ import annotations

import ctypes
import os
import resource
import signal
import sys
from pathlib import Path

import pytest

from attestor import isolation, process
from attestor.errors import SettingsError
from attestor.identity import NOBODY
from tests.forked import forked

pytestmark = pytest.mark.skipif(sys.platform != "linux", reason="no other system has such a switch")

LOOK = """for name in environ maps; do
  if cat /proc/$PPID/$name >/dev/null 2>&1; then echo $name; fi
done
if (exec 3</proc/$PPID/mem) 2>/dev/null; then echo mem; fi
if ls /proc/$PPID/fd/ >/dev/null 2>&1; then echo fd; fi
if readlink /proc/$PPID/exe >/dev/null; then echo exe; fi"""


def look() -> list[str]:
    """Return what of this process a child can read."""
    return process.run(["/bin/sh", "-c", LOOK], env={"PATH": os.defpath}, timeout=60).stdout.decode().split()


def open_up() -> None:
    """Be as readable as a program is that a user has just started: a change of the user id closes a process, too."""
    ctypes.CDLL(None).prctl(4, *map(ctypes.c_ulong, (1, 0, 0, 0)))


def test_a_child_reads_nothing_of_a_closed_process() -> None:
    """Neither environment nor memory nor files; the same child did read them of a process that is not closed."""

    def before_and_after() -> tuple[list[str], list[str]]:
        open_up()
        before = look()
        isolation.close()
        return before, look()

    before, after = forked(before_and_after, user=NOBODY)
    assert {"environ", "maps", "fd", "exe"} <= set(before)
    assert after == []


def test_a_child_can_be_read_as_ever() -> None:
    """It executes a program of its own, so that strace and a person's tools find what they expect."""

    def own() -> str:
        isolation.close()
        return process.run(["/bin/cat", "/proc/self/environ"], env={"A": "b"}, timeout=60).stdout.decode()

    assert forked(own, user=NOBODY) == "A=b\0"


def test_nobody_leaves_a_core_file(open_folder: Path) -> None:
    """Neither this process nor a child, which cannot raise the limit again."""
    open_folder.chmod(0o777)

    def crash() -> tuple[list[int], int]:
        isolation.close()
        script = "ulimit -c unlimited 2>/dev/null; kill -SEGV $$"
        done = process.run(["/bin/sh", "-c", script], env={}, cwd=open_folder, timeout=60)
        return list(resource.getrlimit(resource.RLIMIT_CORE)), done.exit_code

    limits, code = forked(crash, user=NOBODY)
    assert max(limits) <= 1
    assert code == 128 + signal.SIGSEGV
    assert list(open_folder.iterdir()) == []


def test_a_lower_limit_is_kept() -> None:
    """Where an administrator allows no byte, there is none to allow."""

    def limits() -> list[int]:
        resource.setrlimit(resource.RLIMIT_CORE, (0, 0))
        isolation.close()
        return list(resource.getrlimit(resource.RLIMIT_CORE))

    assert forked(limits, user=NOBODY) == [0, 0]


@pytest.mark.parametrize("wanted", [False, True])
def test_children_gain_no_privileges_in_the_container(wanted: bool) -> None:
    """And on a person's machine they may: a login plugin can be a setuid program."""

    def status() -> str:
        isolation.close(no_new_privileges=wanted)
        script = "grep NoNewPrivs /proc/self/status"
        return process.run(["/bin/sh", "-c", script], env={"PATH": os.defpath}, timeout=60).stdout.decode()

    assert forked(status, user=NOBODY).split() == ["NoNewPrivs:", str(int(wanted))]


def test_a_system_that_refuses_ends_the_run(monkeypatch: pytest.MonkeyPatch) -> None:
    """Never a run that is open in silence."""
    monkeypatch.setattr(isolation, "_PR_SET_DUMPABLE", 1 << 20)  # a number that no kernel knows
    with pytest.raises(SettingsError, match="cannot be closed to the programs that it starts: Invalid argument"):
        isolation.close()


def test_another_system_is_left_as_it_is(monkeypatch: pytest.MonkeyPatch) -> None:
    """There is no prctl to call, and no claim that there was one."""
    monkeypatch.setattr(sys, "platform", "darwin")
    monkeypatch.setattr(isolation, "_PR_SET_DUMPABLE", 1 << 20)
    isolation.close(no_new_privileges=True)
