"""The only module that starts programs: bytes, exit codes, and hard limits on time and size."""

from __future__ import annotations

import contextlib
import errno
import os
import select
import signal
import subprocess
from pathlib import Path

import pytest

from attestor import process
from attestor.process import Flooded, NotStarted, Refused, TimedOut, Unwatched

ENV = {"PATH": os.defpath}
LONG = 60.0
"""Seconds that no test here takes: what is to be stopped is stopped long before."""


def sh(script: str, **more: object) -> process.Completed:
    options: dict[str, object] = {"env": ENV, "timeout": LONG} | more
    return process.run(["/bin/sh", "-c", script], **options)  # type: ignore[arg-type]


def is_gone(pid: int) -> bool:
    """Whether a process has ended; one that nobody has reaped yet has."""
    with contextlib.suppress(OSError):
        return Path(f"/proc/{pid}/stat").read_text(encoding="utf-8").rpartition(")")[2].split()[0] in "ZX"
    return True


def wait_until_gone(pid: int) -> None:
    """Wait for a killed grandchild, whom only init can wait for."""
    with contextlib.suppress(OSError):
        descriptor = os.pidfd_open(pid)
        select.select([descriptor], [], [], 5)
        os.close(descriptor)
    assert is_gone(pid)


def test_stdout_stderr_and_exit_code_are_kept_apart() -> None:
    """Each stream is returned whole, as bytes, beside the exit code."""
    done = sh(r"printf 'out\0\377'; printf err >&2; exit 7")
    assert (done.exit_code, done.stdout, done.stderr) == (7, b"out\0\xff", b"err")


def test_a_signal_is_128_and_its_number() -> None:
    """A child that a signal ended has a shell's exit code for it."""
    assert sh("kill -TERM $$").exit_code == 128 + signal.SIGTERM


@pytest.mark.parametrize(("returncode", "code"), [(0, 0), (3, 3), (-9, 137), (-15, 143)])
def test_exit_codes_are_a_shells(returncode: int, code: int) -> None:
    """Python's negative number for a signal becomes 128 + n."""
    assert process.exit_code_of(returncode) == code


def test_the_child_gets_exactly_the_environment_it_is_handed() -> None:
    """Nothing of this process' environment is inherited."""
    done = process.run(["/usr/bin/env"], env={"ONLY": "this"}, timeout=LONG)
    assert done.stdout == b"ONLY=this\n"


def test_stdin_is_fed_and_closed() -> None:
    """A large input reaches the child whole, and its end too."""
    data = os.urandom(1 << 20)
    assert process.run(["/bin/cat"], env=ENV, timeout=LONG, stdin=data).stdout == data


def test_a_child_that_does_not_read_its_input_is_no_error() -> None:
    """Input that nobody takes is dropped with the pipe."""
    assert sh("exec <&-; exit 0", stdin=b"x" * (1 << 20)).exit_code == 0


def test_there_is_no_terminal_and_no_input() -> None:
    """A child without input reads the end at once, and no stream of it is a terminal."""
    assert sh("read line || echo end; test -t 0 || test -t 1 || test -t 2 || echo none").stdout == b"end\nnone\n"


def test_the_child_leads_a_session_of_its_own() -> None:
    """Its group is its own, so that it can be killed as a whole and has no terminal to ask."""
    done = sh("read -r _ _ _ _ group session _ < /proc/$$/stat; echo $$ $group $session")
    assert done.stdout.split() == [str(done.pid).encode()] * 3


def test_the_working_directory_is_the_childs(tmp_path: Path) -> None:
    """``cwd`` is where the child starts."""
    assert sh("pwd -P", cwd=tmp_path).stdout.strip() == str(tmp_path.resolve()).encode()


def test_a_child_over_its_time_is_killed_with_all_it_started() -> None:
    """At the limit the whole group dies, and what was printed by then is kept."""
    with pytest.raises(TimedOut, match=r"still running after 0\.3 s") as caught:
        sh("sleep 600 & echo $!; echo noise >&2; wait", timeout=0.3)
    assert caught.value.stderr == b"noise\n"
    assert caught.value.pid > 0
    wait_until_gone(int(caught.value.stdout))


def test_a_child_that_closed_its_streams_is_still_limited() -> None:
    """Silence does not hide a child from the clock."""
    with pytest.raises(TimedOut):
        sh("exec >&- 2>&-; exec sleep 600", timeout=0.2)


def test_a_grandchild_that_holds_the_pipes_is_killed_when_the_child_ends() -> None:
    """The run ends soon after the child, not when the last holder of its pipes does."""
    done = sh("sleep 600 & echo $!")
    assert done.exit_code == 0
    wait_until_gone(int(done.stdout))


@pytest.mark.parametrize(("redirect", "stream"), [("", "stdout"), (">&2", "stderr")])
def test_a_flood_is_stopped_at_the_limit(redirect: str, stream: str) -> None:
    """Either stream may hold so many bytes and no more; the first of them are kept."""
    with pytest.raises(Flooded, match="more than 1000 bytes") as caught:
        sh(f"exec yes {redirect}", limit=1000)
    assert len(getattr(caught.value, stream)) == 1000


def test_output_up_to_the_limit_is_no_flood() -> None:
    """The limit itself may be reached."""
    assert len(sh("head -c 1000 /dev/zero", limit=1000).stdout) == 1000


def test_a_tick_can_stop_the_child() -> None:
    """What ``on_tick`` raises ends the run, and the child with it."""
    ticks: list[float] = []

    def tick(elapsed: float) -> None:
        ticks.append(elapsed)
        if elapsed > 0.15:
            raise Flooded("enough")

    with pytest.raises(Flooded, match="enough") as caught:
        sh("exec sleep 600", on_tick=tick)
    assert ticks == sorted(ticks)
    wait_until_gone(caught.value.pid)


@pytest.mark.parametrize(
    ("argv", "env", "reason"),
    [
        (["/nonexistent/program"], ENV, "No such file or directory"),
        (["/etc/passwd"], ENV, "Permission denied"),
        (["/bin/true", "nul\0"], ENV, "ValueError"),
        (["/bin/true"], {"A=B": "x"}, "ValueError"),
    ],
)
def test_what_cannot_be_started_says_why(argv: list[str], env: dict[str, str], reason: str) -> None:
    """A program that is not there, may not be executed, or gets what no program can get, is named with the reason."""
    with pytest.raises(NotStarted, match=reason) as caught:
        process.run(argv, env=env, timeout=LONG)
    assert argv[0] in caught.value.problem


def test_a_program_for_another_machine_is_not_started(tmp_path: Path) -> None:
    """A file that the kernel cannot execute is the same kind of error as one that is not there."""
    binary = tmp_path / "binary"
    binary.write_bytes(b"\x7fELF" + bytes(60))
    binary.chmod(0o755)
    with pytest.raises(NotStarted, match="Exec format error"):
        process.run([str(binary)], env=ENV, timeout=LONG)


@pytest.mark.parametrize("step", ["epoll", "tick"])
def test_a_child_that_cannot_be_watched_is_killed(monkeypatch: pytest.MonkeyPatch, tmp_path: Path, step: str) -> None:
    """Where the system has no descriptor left, nothing goes on unseen: neither the child nor what it left."""

    def refuse(*_: object) -> bool:
        raise OSError(errno.EMFILE, "Too many open files")

    if step == "epoll":
        monkeypatch.setattr(process.selectors, "DefaultSelector", refuse)  # type: ignore[attr-defined]
    begun: list[int] = []
    start = process._start
    monkeypatch.setattr(process, "_start", lambda *given: _noted(start(*given), begun))
    with pytest.raises(Unwatched, match=r"/bin/sh could not be watched and was killed: Too many open files"):
        sh("sleep 300 & sleep 300", on_tick=refuse)
    assert is_gone(begun[0])


def _noted(child: subprocess.Popen[bytes], begun: list[int]) -> subprocess.Popen[bytes]:
    begun.append(child.pid)
    return child


def test_a_system_without_room_for_a_child_is_not_a_bad_program(monkeypatch: pytest.MonkeyPatch) -> None:
    """Both could not be started, and who has to know which can tell."""

    def refuse(*_: object, **__: object) -> None:
        raise OSError(errno.EMFILE, "Too many open files")

    monkeypatch.setattr(process, "_Child", refuse)
    with pytest.raises(Refused, match="could not be started: Too many open files"):
        sh("exit 0")
    monkeypatch.undo()
    with pytest.raises(NotStarted) as caught:
        process.run(["/nonexistent"], env=ENV, timeout=LONG)
    assert not isinstance(caught.value, Refused)


def test_a_signal_while_a_child_is_started_ends_it(monkeypatch: pytest.MonkeyPatch) -> None:
    """A child that runs already, and of which nobody knows yet, does not outlive its program."""
    begun: list[int] = []
    start = process._start

    def interrupted(*given: object) -> subprocess.Popen[bytes]:
        child = _noted(start(*given), begun)  # type: ignore[arg-type]
        signal.raise_signal(signal.SIGINT)
        return child

    monkeypatch.setattr(process, "_start", interrupted)
    before = signal.signal(signal.SIGINT, signal.default_int_handler)
    with pytest.raises(KeyboardInterrupt):
        sh("sleep 300")
    signal.signal(signal.SIGINT, before)
    assert is_gone(begun[0])


def test_a_child_whose_start_cannot_be_told_is_killed(monkeypatch: pytest.MonkeyPatch) -> None:
    """It runs already when the system refuses to say so."""
    begun: list[int] = []
    end, read = process._end, os.read

    def noted(child: subprocess.Popen[bytes]) -> None:
        end(_noted(child, begun))

    def refuse(*_: object) -> bytes:
        monkeypatch.setattr(os, "read", read)
        raise OSError(errno.EIO, "Input/output error")

    monkeypatch.setattr(process, "_end", noted)
    monkeypatch.setattr(os, "read", refuse)
    with pytest.raises(Refused, match="could not be started: Input/output error"):
        sh("sleep 300")
    assert is_gone(begun[0])
