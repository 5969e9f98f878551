"""A linkerd that is not there, hangs, is killed, floods, or puts something else in a report's place."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import pytest

from tests.conftest import Done
from tests.integration.conftest import CHECK, EDGES, Attempt, Fake
from tests.integration.test_recordings import denying_rules, predicate

Gone = Callable[[Path], bool]
SIGNED = "what was seen is signed, and on disk"


def unobserved(attempt: Attempt, done: Done) -> list[str]:
    """Return the codes of the signed defects of a run that could not observe."""
    assert done.code == 3, done.said
    assert SIGNED in done.err
    assert "ALLOW" not in done.said
    return [defect["code"] for defect in predicate(attempt.tree, "command-run")["capture"]["defects"]]


def test_missing(attempt: Attempt) -> None:
    """A path without a program is named, and nothing on PATH is taken in its place."""
    said = attempt.refused(linkerd_path=attempt.tree.parent / "nowhere" / "linkerd")
    assert "linkerd-path: there is no program at" in said


def test_missing_on_path(attempt: Attempt) -> None:
    """Without a linkerd on PATH the option that names one is named."""
    said = attempt.refused(linkerd_path=None, env={"PATH": "/usr/bin:/bin"})
    assert "there is no linkerd on PATH" in said
    assert "--linkerd-path" in said


def test_only_in_the_working_directory(attempt: Attempt) -> None:
    """A linkerd that lies in the tree which is looked at is not trusted, even where PATH leads there."""
    (attempt.tree / "linkerd").symlink_to(attempt.options["linkerd-path"])
    said = attempt.refused(linkerd_path=None, env={"PATH": f"{attempt.tree}:.:/usr/bin:/bin"})
    assert "lies in the working directory, where it is not trusted" in said


def test_not_executable(attempt: Attempt, linkerd: Fake) -> None:
    """A linkerd without permission to run names the command that gives it."""
    path = linkerd()
    path.chmod(0o644)
    assert f"chmod +rx {path}" in attempt.refused(linkerd_path=path)


def test_a_folder(attempt: Attempt) -> None:
    """A folder is no program."""
    assert "linkerd-path: there is no program at" in attempt.refused(linkerd_path=attempt.tree)


def test_no_program_of_this_machine(attempt: Attempt, tmp_path: Path) -> None:
    """A binary for another processor leaves no report, and the shell's own words are shown."""
    path = tmp_path / "linkerd"
    path.write_bytes(b"\x7fELF\x02\x01\x01" + bytes(9) + b"\x02\x00\xf3\x00" + bytes(44))
    path.chmod(0o755)
    done = attempt(linkerd_path=path, kubeconfig=kubeconfig(tmp_path))
    assert unobserved(attempt, done) == []
    assert "nothing was written into linkerd-check.json" in done.err
    assert "linkerd: " in done.err


def kubeconfig(folder: Path) -> Path:
    path = folder / "kubeconfig"
    path.write_text(
        "{current-context: a, contexts: [{name: a, context: {cluster: a}}], clusters: [{name: a, cluster: {}}]}",
        encoding="utf-8",
    )
    return path


HANGS = {
    "sleeping": "exec sleep 300",
    "deaf to SIGTERM": "trap '' TERM INT HUP; while :; do sleep 300; done",
    "with a child": "sleep 300 & sleep 300",
    "busy": "while :; do :; done",
    "at a fifo": 'mkfifo "$TMPDIR/f"; exec cat "$TMPDIR/f"',
}


@pytest.mark.parametrize(("how", "trace"), [*((how, "off") for how in sorted(HANGS)), ("with a child", "auto")])
def test_hanging(attempt: Attempt, linkerd: Fake, tmp_path: Path, gone: Gone, how: str, trace: str) -> None:
    """At its limit the capture is killed with all that it started, and what was seen is signed."""
    path = linkerd(check=f"echo $$ > {tmp_path}/pid; {HANGS[how]}")
    done = attempt(linkerd_path=path, timeout="500ms", trace=trace)
    assert unobserved(attempt, done) == ["capture-stopped"]
    assert "mesh-attestor: linkerd was still running after 0.5 s and was killed" in done.err
    assert gone(tmp_path / "pid")


def test_hanging_at_the_second_report(attempt: Attempt, linkerd: Fake) -> None:
    """A whole check report does not make up for a capture that did not end."""
    done = attempt(linkerd_path=linkerd(edges="exec sleep 300"), timeout="500ms")
    assert unobserved(attempt, done) == ["capture-stopped"]
    assert predicate(attempt.tree, "linkerd-check")["check_summary"]["overall_success"] is True


def test_hanging_when_asked_for_its_version(attempt: Attempt, linkerd: Fake, tmp_path: Path) -> None:
    """A linkerd that does not tell its version is no replay, and its version stays empty."""
    path = linkerd(version="exec sleep 300")
    done = attempt(linkerd_path=path, timeout="500ms", kubeconfig=kubeconfig(tmp_path))
    assert done.code == 0, done.said
    assert predicate(attempt.tree, "command-run")["capture"]["linkerd"]["version"] == ""


def test_a_grandchild_that_keeps_the_pipe_open(attempt: Attempt, linkerd: Fake, tmp_path: Path, gone: Gone) -> None:
    """What linkerd leaves behind neither delays the end of the capture nor outlives it."""
    done = attempt(linkerd_path=linkerd(check=f"sleep 300 & echo $! > {tmp_path}/pid; {CHECK}"))
    assert done.code == 0, done.said
    assert gone(tmp_path / "pid")


@pytest.mark.parametrize("signal", ["KILL", "SEGV", "TERM"])
def test_killed(attempt: Attempt, linkerd: Fake, signal: str) -> None:
    """A linkerd that a signal ended before it printed anything is no observation, and its edges do not help."""
    done = attempt(linkerd_path=linkerd(check=f"echo last words >&2; kill -{signal} $$"))
    assert unobserved(attempt, done) == []
    assert "nothing was written into linkerd-check.json" in done.err
    assert "linkerd: last words" in done.err


def test_writing_nothing_with_exit_code_1(attempt: Attempt, linkerd: Fake) -> None:
    """Two empty reports and a failure are no observation."""
    done = attempt(linkerd_path=linkerd(check="exit 1", edges="exit 1"))
    assert unobserved(attempt, done) == []
    assert "no check report that could be read (exit code 1): nothing was written into linkerd-check.json" in done.err


@pytest.mark.parametrize("flood", ["head -c 200000000 /dev/zero", "yes"])
def test_writing_200_megabytes(attempt: Attempt, linkerd: Fake, flood: str) -> None:
    """A report that outgrows its limit is stopped, or not read where it was quicker, and the limit is named."""
    done = attempt(linkerd_path=linkerd(check=flood))
    assert unobserved(attempt, done) in (["capture-stopped", "report-unreadable"], ["report-unreadable"])
    assert "134217728" in done.err
    assert "linkerd-check.json" in done.err


def test_flooding_stderr(attempt: Attempt, linkerd: Fake) -> None:
    """Words without end are cut, and so is the evidence of them."""
    done = attempt(linkerd_path=linkerd(check="yes >&2"))
    assert unobserved(attempt, done) == ["capture-stopped"]
    assert "linkerd printed more than 67108864 bytes and was killed" in done.err
    assert len(predicate(attempt.tree, "command-run")["stderr"]) < 1_100_000


def test_noisy_stderr_on_success(attempt: Attempt, linkerd: Fake) -> None:
    """Warnings on stderr are kept in the evidence and are no reason for anything."""
    done = attempt(linkerd_path=linkerd(check=f"echo 'W0524 deprecated' >&2; {CHECK}", edges=f"echo E >&2; {EDGES}"))
    assert done.code == 0, done.said
    assert predicate(attempt.tree, "command-run")["stderr"] == "W0524 deprecated\nE\n"


REPLACED = {
    "a link": "ln -sf {elsewhere} linkerd-check.json",
    "a link within the tree": "cp {elsewhere} inside.json; ln -sf inside.json linkerd-check.json",
    "a fifo": "rm linkerd-check.json; mkfifo linkerd-check.json",
    "a folder": "rm linkerd-check.json; mkdir linkerd-check.json",
    "nothing": "rm linkerd-check.json",
}


@pytest.mark.parametrize("what", sorted(REPLACED))
def test_the_check_report_replaced(attempt: Attempt, linkerd: Fake, tmp_path: Path, what: str) -> None:
    """Only a regular file that this capture wrote is a report; a link to a good one is none."""
    (tmp_path / "elsewhere").write_bytes((Path(CHECK.split("'")[1])).read_bytes())
    done = attempt(linkerd_path=linkerd(check=REPLACED[what].format(elsewhere=tmp_path / "elsewhere")))
    assert unobserved(attempt, done) == ([] if what == "nothing" else ["report-unreadable"])
    reason = "nothing was written into" if what == "nothing" else "the report is not a regular file"
    assert reason in done.err


def test_a_fifo_in_the_place_of_the_edges(attempt: Attempt, linkerd: Fake) -> None:
    """A fifo that nobody reads holds the shell up to the limit, and no longer."""
    done = attempt(linkerd_path=linkerd(check=f"mkfifo linkerd-edges.json; {CHECK}"), timeout="500ms")
    assert "capture-stopped" in unobserved(attempt, done)


def test_the_edges_replaced_by_a_link(attempt: Attempt, linkerd: Fake, tmp_path: Path) -> None:
    """A link in the place of the edges is a named defect and denies."""
    swap = f"cp linkerd-edges.json {tmp_path}/e; ln -sf {tmp_path}/e linkerd-edges.json"
    done = attempt(linkerd_path=linkerd(edges=f"{EDGES}; {swap}"))
    assert (done.code, denying_rules(done.out)) == (1, {"collection.capture_clean", "mesh.edges_captured"})


def test_one_endless_line_of_complaints(attempt: Attempt, linkerd: Fake) -> None:
    """Of tens of megabytes without a line break an error repeats the end, and not each byte as an escape."""
    done = attempt(linkerd_path=linkerd(check="head -c 60000000 /dev/zero >&2; echo the end >&2; exit 1"))
    assert unobserved(attempt, done) == []
    assert len(done.err) < 200_000
    assert done.err.rstrip().endswith("the end")
