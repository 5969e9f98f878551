"""``command-run/v0.1``: the literal argv, how it ended, what it printed, and how it was observed."""

from __future__ import annotations

import shlex
from dataclasses import replace
from typing import Any

import pytest

from attestor import limits
from attestor.evidence import Command, Connection, Defect, Process, Trace
from attestor.predicates import command_run
from attestor.reports import Reports
from tests import golden

EVIDENCE = golden.evidence()
NONE = Reports(check=None, edges=None, defects=())
UNTRACED = Trace(state="off", reason="switched off")
PROCESS = Process(
    program="/usr/bin/dash",
    pid=7,
    parent=6,
    comm="sh",
    argv=("sh", "-c", "x 'y' \n z"),
    program_sha256="aa",
    exe_sha256="bb",
    exit_code=0,
)


def body(secrets: tuple[str, ...] = (), defects: tuple[Defect, ...] = (), **changes: object) -> dict[str, Any]:
    command: Command = replace(EVIDENCE.command, **{"trace": UNTRACED, "stdout": b"", "stderr": b"", **changes})  # type: ignore[arg-type]
    found = command_run.build(replace(EVIDENCE, command=command, secrets=secrets), replace(NONE, defects=defects))
    assert found.type == "https://aflock.ai/attestations/command-run/v0.1"
    assert (found.subjects, found.back_references) == ((), ())
    return dict(found.body)


@pytest.mark.parametrize("code", [0, 1, 137])
def test_argv_and_exit_code_are_always_there(code: int) -> None:
    """Also where the command failed, and where its code is 0."""
    found = body(exit_code=code)
    assert (found["cmd"], found["exitcode"]) == (list(EVIDENCE.command.argv), code)
    assert list(found) == ["cmd", "exitcode", "capture"]


def test_streams_are_kept_where_something_was_printed() -> None:
    """With secrets cut out, and what is no text replaced."""
    found = body(secrets=("hunter2",), stdout=b"out\xff", stderr=b"token hunter2\n")
    assert (found["stdout"], found["stderr"]) == ("out\ufffd", "token [REDACTED]\n")
    assert list(found) == ["cmd", "exitcode", "stdout", "stderr", "capture"]


def test_a_stream_beyond_its_limit_is_cut_and_says_so() -> None:
    """The reports go to files; what is left out is counted."""
    found = body(stderr=b"x" * (limits.STREAM_CHARACTERS + 5))
    assert found["stderr"].startswith("x" * limits.STREAM_CHARACTERS + "\n[mesh-attestor: 5 more characters")
    whole = b"x" * limits.STREAM_CHARACTERS
    assert body(stdout=whole)["stdout"] == whole.decode()


def test_how_the_evidence_came_to_be_stands_in_capture() -> None:
    """linkerd, the trace, what was left out, defects, and the namespaces that were asked for."""
    defect = Defect(code="edges-not-json", file="linkerd-edges.json", offset=7, detail="cut")
    found = body(defects=(defect,))["capture"]
    assert list(found) == ["linkerd", "trace", "excluded", "defects", "namespaces"]
    assert found["linkerd"] == {
        "version": "stable-2.14.10",
        "sha256": "0" * 64,
        "source": "golden",
        "pinned": True,
        "replay": False,
    }
    assert found["trace"] == {"state": "off", "reason": "switched off"}
    assert found["excluded"] == [{"path": ".git", "reason": "the git predicate speaks for it"}]
    assert found["defects"] == [{"code": "edges-not-json", "file": "linkerd-edges.json", "offset": 7, "detail": "cut"}]
    assert found["namespaces"] == []


def processes(*traced: Process, secrets: tuple[str, ...] = ()) -> list[dict[str, Any]]:
    found: list[dict[str, Any]] = body(secrets=secrets, trace=Trace(state="on", reason="", processes=traced))[
        "processes"
    ]
    return found


def test_a_process_is_written_as_the_contract_lists_it() -> None:
    """A command line is one string that a shell would read back; the exit code stands also where it is 0."""
    (found,) = processes(PROCESS)
    assert list(found.items()) == [
        ("program", "/usr/bin/dash"),
        ("processid", 7),
        ("parentpid", 6),
        ("programdigest", {"sha256": "aa"}),
        ("comm", "sh"),
        ("cmdline", "sh -c 'x '\"'\"'y'\"'\"' \n z'"),
        ("exedigest", {"sha256": "bb"}),
        ("exitcode", 0),
    ]
    assert tuple(shlex.split(found["cmdline"])) == PROCESS.argv


def test_a_digest_that_nobody_knows_is_left_out() -> None:
    """An empty one would be a lie."""
    (found,) = processes(replace(PROCESS, program_sha256="", exe_sha256="", exit_code=137))
    assert ("programdigest" in found, "exedigest" in found, found["exitcode"]) == (False, False, 137)


def test_connections_stand_under_network() -> None:
    """Each with its call, family, address and port."""
    to = Connection(syscall="connect", family="AF_INET6", address="::1", port=443)
    (found,) = processes(replace(PROCESS, connections=(to,)))
    assert found["network"] == {
        "connections": [{"syscall": "connect", "family": "AF_INET6", "address": "::1", "port": 443}]
    }


def test_secrets_in_a_command_line_are_cut_out() -> None:
    """A credential plugin may be called with one."""
    secrets = ("hunter2", 'hunter\'s "2"')
    for secret in secrets:
        (found,) = processes(replace(PROCESS, argv=("login", f"--token={secret}")), secrets=secrets)
        assert found["cmdline"] == "login '--token=[REDACTED]'"


def test_a_shallow_clone_says_that_it_is_one() -> None:
    """The git predicate has no field for it, so the capture names the file that cuts the history."""
    seen = golden.evidence()
    seen = replace(seen, git=replace(seen.git, shallow=True))
    capture = command_run.build(seen, Reports(check=None, edges=None, defects=())).body["capture"]
    assert isinstance(capture, dict)
    assert [item["path"] for item in capture["excluded"]] == [".git", ".git/shallow"]
    assert capture["excluded"][1]["reason"].startswith("a shallow clone: ")


def test_a_mebi_of_characters_is_the_most_of_a_stream() -> None:
    """The reports go to files, not there."""
    assert limits.STREAM_CHARACTERS == 1_048_576
