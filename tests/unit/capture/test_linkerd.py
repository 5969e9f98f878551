"""The recorded command, the CLI that it runs, and what is kept of it when it goes wrong."""

from __future__ import annotations

import hashlib
import os
from collections.abc import Callable
from pathlib import Path

import pytest

from attestor import limits
from attestor.capture import linkerd as cli
from attestor.capture.linkerd import Surroundings
from attestor.capture.strace import Tracer
from attestor.clock import Clock
from attestor.errors import CaptureError
from attestor.evidence import Command, Defect
from attestor.process import NotStarted

UNTRACED = Tracer(wanted=False, reason="off")
LONG = 60.0


@pytest.fixture
def surroundings(tmp_path: Path) -> Surroundings:
    for name in ("tree", "private", "fake"):
        (tmp_path / name).mkdir()
    return Surroundings(
        directory=tmp_path / "tree",
        private=tmp_path / "private",
        environment={"PATH": f"{tmp_path / 'fake'}:{os.defpath}"},
        timeout=LONG,
    )


def within(surroundings: Surroundings, timeout: float) -> Surroundings:
    return Surroundings(
        directory=surroundings.directory,
        private=surroundings.private,
        environment=surroundings.environment,
        timeout=timeout,
    )


def run(
    script: str, surroundings: Surroundings, clock: Clock, tracer: Tracer = UNTRACED
) -> tuple[Command, list[Defect]]:
    defects: list[Defect] = []
    command = cli.capture(("sh", "-c", script), surroundings, tracer, clock, lambda _: None, defects)
    return command, defects


@pytest.mark.parametrize(
    ("namespaces", "wait", "script"),
    [
        (
            [],
            "",
            "linkerd check -o json > linkerd-check.json; linkerd viz edges deploy -A -o json > linkerd-edges.json",
        ),
        (
            ["a"],
            "",
            "linkerd check -o json > linkerd-check.json; linkerd viz edges deploy -n a -o json > linkerd-edges.json",
        ),
        (
            ["a", "b"],
            "30s",
            (
                "linkerd check -o json --wait 30s > linkerd-check.json; "
                "linkerd viz edges deploy -n a -o json > linkerd-edges.json; "
                "linkerd viz edges deploy -n b -o json >> linkerd-edges.json"
            ),
        ),
    ],
)
def test_the_command_is_the_contracts(namespaces: list[str], wait: str, script: str) -> None:
    """Namespaces and wait are the only parts that vary."""
    assert cli.shell_command(namespaces, wait) == ("sh", "-c", script)


@pytest.mark.parametrize(
    ("body", "version", "is_replay"),
    [
        ("echo edge-25.5.2", "edge-25.5.2", False),
        ("echo stable-2.14.10; echo noise >&2", "stable-2.14.10", False),
        ('[ "$*" = "version --client --short" ] && echo edge-1', "edge-1", False),
        ("echo 'edge-1 (replay)'", "edge-1 (replay)", True),
        ("echo 'replay of a recorded edge-25.5.2'", "replay of a recorded edge-25.5.2", True),
        ("echo REPLAY", "REPLAY", True),
        ("echo 'a replay; of something'", "", True),
        ("echo replayed", "replayed", True),
        ("echo; echo", "", False),
        ("printf 'a\\nb\\n'", "", False),
        ("head -c 500 /dev/zero | tr '\\0' x", "", False),
        ("echo edge-1; exit 1", "", False),
        ("kill -9 $$", "", False),
        ("exec yes", "", False),
    ],
)
def test_a_cli_is_what_it_says_it_is(
    fake: Callable[[str], Path], tmp_path: Path, body: str, version: str, is_replay: bool
) -> None:
    """A version is one short line of ordinary letters; a replay is known by its own word, whatever else it says."""
    binary = fake(body)
    environment = {"PATH": f"{binary.parent}:{os.defpath}"}
    around = Surroundings(directory=tmp_path, private=tmp_path, environment=environment, timeout=LONG)
    found = cli.identify(binary, "PATH: x", around)
    assert found.sha256 == hashlib.sha256(binary.read_bytes()).hexdigest()
    assert (found.source, found.pinned) == ("PATH: x", False)
    assert (found.version, found.replay) == (version, is_replay)


def test_a_cli_that_hangs_tells_no_version(fake: Callable[[str], Path], tmp_path: Path) -> None:
    """The question has the run's own limit, where that is shorter."""
    binary = fake("exec sleep 600")
    environment = {"PATH": f"{binary.parent}:{os.defpath}"}
    around = Surroundings(directory=tmp_path, private=tmp_path, environment=environment, timeout=0.2)
    assert cli.identify(binary, "x", around).version == ""


def test_the_command_runs_in_the_tree_with_its_own_environment(surroundings: Surroundings, clock: Clock) -> None:
    """Both streams are kept apart, the times around it are recorded, and the shell's exit code."""
    command, defects = run("pwd > where; env > seen; echo out; echo err >&2; exit 3", surroundings, clock)
    assert defects == []
    assert (surroundings.directory / "where").read_text(encoding="utf-8").strip() == str(surroundings.directory)
    seen = (surroundings.directory / "seen").read_text(encoding="utf-8").splitlines()
    names = {line.split("=")[0] for line in seen}
    assert names - {"PWD", "OLDPWD", "SHLVL", "_"} == {"PATH"}
    assert (command.stdout, command.stderr, command.exit_code, command.failure) == (b"out\n", b"err\n", 3, "")
    assert command.span.started < command.span.finished
    assert (command.trace.state, command.trace.reason) == ("off", "off")


def test_a_command_over_its_time_is_stopped_and_what_was_seen_is_kept(surroundings: Surroundings, clock: Clock) -> None:
    """A failure, a defect that denies, the exit code of a kill, and the output until then."""
    script = "echo half > linkerd-check.json; echo waiting >&2; exec sleep 600"
    command, defects = run(script, within(surroundings, 0.3), clock)
    assert "still running after 0.3 s" in command.failure
    assert (command.exit_code, command.stderr) == (137, b"waiting\n")
    assert [(defect.code, defect.detail) for defect in defects] == [("capture-stopped", command.failure)]
    assert (surroundings.directory / "linkerd-check.json").read_text(encoding="utf-8") == "half\n"


@pytest.mark.parametrize("name", [cli.CHECK_FILE, cli.EDGES_FILE])
def test_a_report_without_end_is_stopped(
    surroundings: Surroundings, clock: Clock, monkeypatch: pytest.MonkeyPatch, name: str
) -> None:
    """The disk is not filled while the clock runs."""
    monkeypatch.setattr(limits, "REPORT_BYTES", 100_000)
    command, defects = run(f"exec yes > {name}", surroundings, clock)
    assert command.failure == f"linkerd wrote more than 100000 bytes into {name} and was killed"
    assert [defect.code for defect in defects] == ["capture-stopped"]


def test_output_without_end_is_stopped(surroundings: Surroundings, clock: Clock) -> None:
    """Neither stream is kept beyond its limit."""
    command, defects = run("exec yes", surroundings, clock)
    assert len(command.stdout) == limits.OUTPUT_BYTES
    assert "printed more than" in command.failure
    assert [defect.code for defect in defects] == ["capture-stopped"]


def test_without_a_shell_there_is_no_capture(surroundings: Surroundings, clock: Clock) -> None:
    """Nothing was run, so there is no evidence of it."""
    with pytest.raises(NotStarted):
        cli.capture(("/nonexistent/sh", "-c", ""), surroundings, UNTRACED, clock, lambda _: None, [])


def test_the_watcher_sees_time_go_by_and_may_stop_it(surroundings: Surroundings, clock: Clock) -> None:
    """Whatever it raises that is no word of the child's goes up."""
    seen: list[float] = []

    def watch(elapsed: float) -> None:
        seen.append(elapsed)
        if elapsed > 0.05:
            raise CaptureError("enough")

    with pytest.raises(CaptureError, match="enough"):
        cli.capture(("sh", "-c", "exec sleep 600"), surroundings, UNTRACED, clock, watch, [])
    assert seen == sorted(seen)


def stand_in(fake: Callable[..., Path], writes: str) -> Tracer:
    """A program that stands in for strace: it writes ``writes`` as the trace and then runs the command."""
    body = f"""while [ "$1" != -- ]; do [ "$1" = -o ] && out=$2; shift; done; shift
    printf '%b' '{writes}' > "$out.$$"; exec "$@" """
    return Tracer(binary=str(fake(body, name="strace")))


def test_a_traced_command_has_its_processes(
    surroundings: Surroundings, clock: Clock, fake: Callable[..., Path]
) -> None:
    """The recorded argv is the command's own, not the tracer's."""
    trace = r'execve("/bin/sh", ["sh", "-c", "exit 0"], NULL) = 0\n+++ exited with 0 +++\n'
    command, defects = run("exit 0", surroundings, clock, stand_in(fake, trace))
    assert (defects, command.argv) == ([], ("sh", "-c", "exit 0"))
    assert (command.trace.state, command.trace.reason) == ("on", "")
    assert [record.argv for record in command.trace.processes] == [("sh", "-c", "exit 0")]


@pytest.mark.parametrize("trace", ["", "garbage", r'execve("/bin/sh", ["sh"], NULL) = 0\n'])
def test_a_trace_that_cannot_be_read_is_a_defect(
    surroundings: Surroundings, clock: Clock, fake: Callable[..., Path], trace: str
) -> None:
    """It was to be traced, and nobody knows what ran."""
    command, defects = run("exit 0", surroundings, clock, stand_in(fake, trace))
    assert (command.trace.state, command.trace.processes) == ("unavailable", ())
    assert command.trace.reason.startswith("the trace could not be read: ")
    assert [(defect.code, defect.detail) for defect in defects] == [("trace-unreadable", command.trace.reason)]


def test_the_trace_of_a_stopped_command_is_no_second_defect(
    surroundings: Surroundings, clock: Clock, fake: Callable[..., Path]
) -> None:
    """Its processes have no end, because they were killed: that it was stopped is said once."""
    trace = r'execve("/bin/sh", ["sh"], NULL) = 0\n'
    command, defects = run("exec sleep 600", within(surroundings, 0.5), clock, stand_in(fake, trace))
    assert command.trace.state == "unavailable"
    assert [defect.code for defect in defects] == ["capture-stopped"]
