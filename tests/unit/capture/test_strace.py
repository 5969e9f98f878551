"""strace: whether it works here, and what it saw."""

from __future__ import annotations

import hashlib
import os
import shutil
import sys
from collections.abc import Callable
from pathlib import Path

import pytest

from attestor import limits, process
from attestor.capture import strace
from attestor.capture.strace import Tracer
from attestor.capture.trace import UnreadableTrace
from attestor.evidence import Connection, Process, Trace

ENV = {"PATH": os.defpath}
TRACER = Tracer(binary="/usr/bin/strace")
END = "+++ exited with 0 +++\n"


def sha256(path: str | Path) -> str:
    return hashlib.sha256(Path(path).read_bytes()).hexdigest()


def execve(path: str | Path, *argv: str) -> str:
    return f'execve("{path}", [{", ".join(f"{chr(34)}{word}{chr(34)}" for word in argv)}], 0x7ffe /* 3 vars */) = 0\n'


def test_what_was_switched_off_is_not_looked_for(tmp_path: Path) -> None:
    """The reason names the option."""
    found = strace.find(str(tmp_path), ENV, wanted=False)
    assert found == Tracer(wanted=False, reason="switched off with trace: off")
    assert strace.read(found, tmp_path, 1, {}) == Trace(state="off", reason="switched off with trace: off")


def test_without_strace_there_is_a_reason(tmp_path: Path) -> None:
    """An untraced run is recorded as one."""
    found = strace.find(str(tmp_path), ENV, wanted=True)
    assert found == Tracer(reason="strace is not installed")
    assert strace.read(found, tmp_path, 1, {}) == Trace(state="unavailable", reason="strace is not installed")


@pytest.mark.parametrize(
    ("body", "reason"),
    [
        ("echo 'ptrace: Operation not permitted' >&2; exit 1", "strace may not trace here"),
        ("kill -SEGV $$", "strace may not trace here"),
        ("exec yes", "strace did not work: "),
    ],
)
def test_a_strace_that_does_not_work_is_not_used(fake: Callable[..., Path], body: str, reason: str) -> None:
    """It was tried on a program that does nothing."""
    found = strace.find(str(fake(body, name="strace").parent), ENV, wanted=True)
    assert found.binary == ""
    assert found.reason.startswith(reason)


def test_a_strace_that_hangs_is_not_used(fake: Callable[..., Path], monkeypatch: pytest.MonkeyPatch) -> None:
    """The trial has a limit."""
    monkeypatch.setattr(strace, "_PROBE_TIMEOUT", 0.2)
    found = strace.find(str(fake("exec sleep 600", name="strace").parent), ENV, wanted=True)
    assert "still running after 0.2 s" in found.reason


def test_a_strace_that_works_is_used(fake: Callable[..., Path], tmp_path: Path) -> None:
    """It wraps the command, writes into the private folder, and cuts no argument."""
    binary = fake("exit 0", name="strace")
    found = strace.find(str(binary.parent), ENV, wanted=True)
    assert found == Tracer(binary=str(binary))
    wrapped = found.wrap(["sh", "-c", "x"], tmp_path)
    assert wrapped[0] == str(binary)
    assert wrapped[-4:] == ["--", "sh", "-c", "x"]
    assert wrapped[wrapped.index("-o") + 1] == str(tmp_path / "trace")
    assert int(wrapped[wrapped.index("-s") + 1]) > 128 * 1024


def test_without_a_tracer_the_command_stays_as_it_is(tmp_path: Path) -> None:
    """The recorded argv is the one that runs."""
    assert Tracer(reason="x").wrap(("sh", "-c", "x"), tmp_path) == ["sh", "-c", "x"]


def test_records_name_the_program_behind_the_link_and_what_the_kernel_runs(tmp_path: Path) -> None:
    """A script's record has the script's digest and its interpreter's; the name is the one it was called by."""
    script = tmp_path / "replay-program"
    script.write_text("#! /bin/sh -e\n:\n", encoding="utf-8")
    (tmp_path / "linkerd").symlink_to(script)
    (tmp_path / "trace.10").write_text(execve(tmp_path / "linkerd", "linkerd", "check") + END, encoding="utf-8")
    found = strace.read(TRACER, tmp_path, 9, {})
    assert found == Trace(
        state="on",
        reason="",
        processes=(
            Process(
                program=str(script),
                pid=10,
                parent=9,
                comm="linkerd",
                argv=("linkerd", "check"),
                program_sha256=sha256(script),
                exe_sha256=sha256("/bin/sh"),
                exit_code=0,
            ),
        ),
    )


def test_digests_that_are_known_are_not_computed_again(tmp_path: Path) -> None:
    """Linkerd was hashed when it was identified."""
    (tmp_path / "trace.10").write_text(execve("/bin/true", "true") + END, encoding="utf-8")
    known = {str(Path("/bin/true").resolve()): "known"}
    (record,) = strace.read(TRACER, tmp_path, 9, known).processes
    assert (record.program_sha256, record.exe_sha256) == ("known", "known")
    assert len(known) == 1


@pytest.mark.parametrize("path", ["/nonexistent/program", "./program", "program", ""])
def test_a_program_that_cannot_be_found_has_no_digest(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, path: str
) -> None:
    """It is gone, or its path is relative to a folder that nobody knows: not to this one."""
    (tmp_path / "program").write_bytes(b"another program of that name")
    monkeypatch.chdir(tmp_path)
    (tmp_path / "trace.10").write_text(execve(path, "x") + END, encoding="utf-8")
    (record,) = strace.read(TRACER, tmp_path, 9, {}).processes
    assert (record.program, record.program_sha256, record.exe_sha256) == (path, "", "")


def test_two_programs_of_one_process_are_two_records_and_the_last_has_the_connections(tmp_path: Path) -> None:
    """With one process id and one exit code; names are cut as the kernel cuts them."""
    connect = 'connect(3, {sa_family=AF_INET, sin_port=htons(1), sin_addr=inet_addr("10.0.0.1")}, 16) = 0\n'
    lines = execve("/bin/sh", "sh") + execve("/bin/a-name-longer-than-15", "x") + connect + "+++ exited with 3 +++\n"
    (tmp_path / "trace.10").write_text(lines, encoding="utf-8")
    first, second = strace.read(TRACER, tmp_path, 9, {}).processes
    assert (first.pid, first.exit_code, first.connections) == (10, 3, ())
    assert (second.pid, second.exit_code, second.comm) == (10, 3, "a-name-longer-t")
    assert second.connections == (Connection(syscall="connect", family="AF_INET", address="10.0.0.1", port=1),)


def as_a_pipe(place: Path, _secret: Path) -> None:
    os.mkfifo(place)


def as_a_link(place: Path, secret: Path) -> None:
    place.symlink_to(secret)


def as_a_folder(place: Path, _secret: Path) -> None:
    place.mkdir()


@pytest.mark.parametrize("put", [as_a_pipe, as_a_link, as_a_folder])
def test_what_a_child_put_in_the_place_of_a_trace_is_not_read(
    tmp_path: Path, put: Callable[[Path, Path], None]
) -> None:
    """The folder is the traced user's: a pipe would be waited on for ever, a link lead to what only root may read."""
    secret, folder = tmp_path / "secret", tmp_path / "folder"
    argv = ("sh", "-c", "linkerd check -o json > linkerd-check.json")
    secret.write_text(execve("/bin/sh", *argv) + END, encoding="utf-8")
    folder.mkdir()
    put(folder / "trace.7", secret)
    ending = strace.Ending(TRACER, argv, folder)
    assert not any(ending(elapsed) for elapsed in (1.0, 100.0))
    with pytest.raises(OSError, match=r"not a regular file|Too many levels"):
        strace.read(TRACER, folder, 1, {})
    (folder / "trace.7").rename(tmp_path / "away")
    (folder / "trace.7").write_bytes(secret.read_bytes())
    assert [ending(elapsed) for elapsed in (1.0, 100.0)] == [False, True]


def test_a_trace_that_is_too_large_is_not_read(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Whatever filled it, it is no trace of a capture."""
    monkeypatch.setattr(limits, "TRACE_BYTES", 10)
    (tmp_path / "trace.10").write_text(execve("/bin/true", "true") + END, encoding="utf-8")
    with pytest.raises(UnreadableTrace, match="larger than it can be"):
        strace.read(TRACER, tmp_path, 9, {})


@pytest.mark.parametrize("name", ["trace.x", "trace.10.old"])
def test_a_file_that_is_no_threads_is_refused(tmp_path: Path, name: str) -> None:
    """Strace writes one for each thread id, and nobody else may write there."""
    (tmp_path / name).write_text(END, encoding="utf-8")
    with pytest.raises(ValueError, match="invalid literal"):
        strace.read(TRACER, tmp_path, 9, {})


SCRIPT = """
import os, socket, subprocess, sys, threading
def child():
    subprocess.run(["/bin/sh", "-c", "kill -9 $$", 'q"uote', "new\\nline", "caf\\u00e9"], check=False)
thread = threading.Thread(target=child)
thread.start()
thread.join()
for family, address in ((socket.AF_INET, ("127.0.0.1", 9)), (socket.AF_INET6, ("::1", 9)), (socket.AF_UNIX, "/no/sock")):
    socket.socket(family).connect_ex(address)
if os.fork() == 0:
    os._exit(3)
os.wait()
threading.Thread(target=lambda: os.execv("/bin/sh", ["sh", "-c", "exit 4"])).start()
threading.Event().wait()
"""


@pytest.mark.tools
def test_the_real_strace_sees_all_of_it(tmp_path: Path) -> None:
    """A thread's child killed by a signal, connections, a fork without a program, and an execve by a thread."""
    tracer = strace.find(os.environ["PATH"], ENV, wanted=True)
    assert tracer.binary == shutil.which("strace")
    done = process.run(tracer.wrap([sys.executable, "-I", "-S", "-c", SCRIPT], tmp_path), env=ENV, timeout=60)
    assert done.exit_code == 4, done.stderr
    python, replaced, child = strace.read(tracer, tmp_path, done.pid, {}).processes
    assert (python.parent, python.pid, python.exit_code) == (done.pid, replaced.pid, 4)
    assert python.program_sha256 == sha256(Path(sys.executable).resolve())
    assert python.argv == (sys.executable, "-I", "-S", "-c", SCRIPT)
    assert (replaced.comm, replaced.argv) == ("sh", ("sh", "-c", "exit 4"))
    assert {(to.family, to.address, to.port) for to in replaced.connections} == {
        ("AF_INET", "127.0.0.1", 9),
        ("AF_INET6", "::1", 9),
        ("AF_UNIX", "/no/sock", 0),
    }
    assert (child.parent, child.exit_code) == (python.pid, 137)
    assert child.argv == ("/bin/sh", "-c", "kill -9 $$", 'q"uote', "new\nline", "café")
