"""Traced runs, with the real strace."""

from __future__ import annotations

import hashlib
import shlex
import sys
from collections.abc import Callable
from pathlib import Path

import pytest

from tests.conftest import RECORDINGS, Run
from tests.integration.test_recordings import denying_rules, predicate

pytestmark = pytest.mark.tools

SCRIPT = "linkerd check -o json > linkerd-check.json; linkerd viz edges deploy -A -o json > linkerd-edges.json"


def test_the_shell_and_each_linkerd_have_a_record(run: Run, tree: Path) -> None:
    """Program, parent, digest, whole argv and exit code of the shell and of both linkerd processes are recorded."""
    assert run("healthy", "--trace", "on").code == 0
    command = predicate(tree, "command-run")
    assert command["capture"]["trace"] == {"state": "on", "reason": ""}
    shell = command["processes"][0]
    assert (shell["comm"], shell["exitcode"]) == ("sh", 0)
    assert shell["cmdline"] == f"sh -c '{SCRIPT}'"
    linkerd = [process for process in command["processes"] if process["comm"] == "linkerd"]
    assert [process["cmdline"] for process in linkerd] == [
        "linkerd check -o json",
        "linkerd viz edges deploy -A -o json",
    ]
    digest = hashlib.sha256((RECORDINGS / "linkerd").read_bytes()).hexdigest()
    for process in linkerd:
        assert process["programdigest"] == {"sha256": digest}
        assert process["exedigest"] == shell["exedigest"]  # a script: what runs is its interpreter
        assert (process["parentpid"], process["exitcode"]) == (shell["processid"], 0)


def test_the_exit_code_that_the_shell_hides_is_recorded(run: Run, tree: Path) -> None:
    """Where check fails and the edges command succeeds, the shell says 0 and the trace says 1."""
    assert run("expired-issuer", "--trace", "on").code == 1
    command = predicate(tree, "command-run")
    codes = {process["cmdline"]: process["exitcode"] for process in command["processes"]}
    assert (command["exitcode"], codes["linkerd check -o json"]) == (0, 1)


def test_connections_and_signals_are_recorded(run: Run, tree: Path, fake: Callable[[str], Path]) -> None:
    """An address that a child of linkerd connects to, and the signal that ends it, are in the evidence."""
    connect = "import socket; s = socket.socket(); s.connect_ex(('127.0.0.1', 9)); import os; os.kill(os.getpid(), 9)"
    done = run(
        fake(f'[ "$1" = version ] && echo replay && exit; {shlex.quote(sys.executable)} -I -S -c "{connect}"; exit 1')
    )
    assert done.code == 3, done.said
    python = [process for process in predicate(tree, "command-run")["processes"] if "network" in process]
    assert python[0]["network"] == {
        "connections": [{"syscall": "connect", "family": "AF_INET", "address": "127.0.0.1", "port": 9}]
    }
    assert python[0]["exitcode"] == 137


def test_a_report_that_its_own_exit_code_disowns_is_denied(run: Run, tree: Path, fake: Callable[[str], Path]) -> None:
    """A whole core report with exit code 1 is what linkerd prints where it could not look for extensions."""
    healthy = RECORDINGS / "healthy"
    body = f"""case "$*" in
    "version --client --short") echo replay ;;
    "check -o json") cat '{healthy}/check.json'; exit 1 ;;
    *) cat '{healthy}/edges.json' ;;
    esac"""
    done = run(fake(body))
    assert (done.code, denying_rules(done.out)) == (1, {"collection.exit_codes"})
    assert run(fake(body), "--trace", "off").code == 0  # what nobody saw cannot deny: hence the trace
    assert predicate(tree, "command-run")["capture"]["trace"]["state"] == "off"


def test_what_linkerd_leaves_behind_does_not_hold_the_run_up(run: Run, tree: Path, fake: Callable[[str], Path]) -> None:
    """An agent that a login plugin leaves behind is killed, and the shell's own end is what counts."""
    healthy = RECORDINGS / "healthy"
    body = f"""case "$*" in
    "version --client --short") echo replay ;;
    "check -o json") sleep 300 >/dev/null 2>&1 & cat '{healthy}/check.json' ;;
    *) cat '{healthy}/edges.json' ;;
    esac"""
    done = run(fake(body), "--timeout", "20s")
    assert done.code == 0, done.said
    command = predicate(tree, "command-run")
    assert command["exitcode"] == 0
    assert command["capture"]["trace"] == {
        "state": "on",
        "reason": "what outlived the shell was killed, with exit code 137",
    }
    codes = {process["cmdline"]: process["exitcode"] for process in command["processes"]}
    assert (codes["linkerd check -o json"], codes["sleep 300"]) == (0, 137)


def test_a_linkerd_that_hangs_is_no_stray(run: Run, tree: Path, fake: Callable[[str], Path]) -> None:
    """The shell waits for linkerd, so a hanging linkerd still ends at the limit."""
    done = run(fake('[ "$1" = version ] && echo replay && exit; sleep 300'), "--timeout", "2s")
    assert (done.code, "was still running after 2 s" in done.err) == (3, True)
    assert predicate(tree, "command-run")["capture"]["defects"][0]["code"] == "capture-stopped"
