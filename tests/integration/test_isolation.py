"""What the program starts cannot read it: not by the same user's rights, and in a container not by another's."""

from __future__ import annotations

import base64
import json
import os
import subprocess
import sys
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest

from tests import runner
from tests.conftest import ROOT, KeyPair
from tests.integration.conftest import Attempt, Fake
from tests.integration.spying import CLOSED, SPY, install, powerless, reachable

CANARY = "canary-of-the-environment"
KUBECONFIG = """apiVersion: v1
current-context: x
contexts: [{name: x, context: {cluster: c, user: u}}]
clusters: [{name: c, cluster: {server: "https://127.0.0.1:1"}}]
users: [{name: u, user: {token: hunter2-token}}]
"""


@pytest.fixture
def call(attempt: Attempt, tmp_path: Path) -> Callable[..., set[str]]:
    """Run a command in a Python of its own, as a user without a capability; return what its children saw of it."""
    if sys.platform != "linux":
        pytest.skip("no other system has such a switch")

    def run(*arguments: str | Path) -> set[str]:
        argv = powerless([sys.executable, "-m", "attestor", *map(str, arguments)])
        env = {"PATH": os.environ["PATH"], "HOME": str(tmp_path), "PYTHONPATH": str(ROOT), "GITHUB_TOKEN": CANARY}
        done = subprocess.run(argv, cwd=attempt.tree, env=env, capture_output=True, text=True, timeout=60, check=False)
        seen = tmp_path / "seen"
        assert seen.exists(), done.stderr
        return set(seen.read_text(encoding="utf-8").splitlines())

    return run


@pytest.fixture
def spy(tmp_path: Path) -> str:
    """A line of a script that notes what it sees."""
    return f"{{ {SPY}\n}} >>'{tmp_path}/seen' 2>/dev/null"


@pytest.fixture
def spying_opa(fake: Fake, opa: Path, spy: str) -> Path:
    """An opa that looks around before it works."""
    return fake(f"{spy}\nexec '{opa}' \"$@\"", name="opa")


def test_the_spy_sees_what_is_not_closed(tmp_path: Path, spy: str) -> None:
    """The tests below would pass with a spy that is blind."""
    argv = powerless(["sh", "-c", 'sh -c "$1"; true', "/entrypoint.py", spy])
    subprocess.run(argv, check=True, env={"PATH": os.environ["PATH"]})
    assert {"environ open", "maps open", "fd open"} <= set((tmp_path / "seen").read_text(encoding="utf-8").splitlines())


def test_run_is_closed_to_linkerd(call: Callable[..., set[str]], attempt: Attempt, linkerd: Fake, spy: str) -> None:
    """From its first call on, in which it is asked for its version."""
    binary = linkerd(version=f"{spy}; exit 9")
    assert call("run", *attempt.argv({"linkerd_path": binary})) == CLOSED


def test_run_is_closed_to_opa(call: Callable[..., set[str]], attempt: Attempt, spying_opa: Path) -> None:
    """That of a user's own choice."""
    assert call("run", *attempt.argv({"opa": spying_opa})) == CLOSED


def test_doctor_is_closed(call: Callable[..., set[str]], fake: Fake, spying_opa: Path, spy: str) -> None:
    """It reads the same secrets."""
    binary = fake(spy)
    assert call("doctor", "--linkerd-path", binary, "--opa", spying_opa, "--trace", "off") == CLOSED


def test_verify_is_closed(call: Callable[..., set[str]], attempt: Attempt, key: KeyPair, spying_opa: Path) -> None:
    """Its environment is that of a job, which may hold secrets of other steps."""
    assert attempt().code == 0
    envelope = attempt.tree / "attestation.json"
    assert call("verify", envelope, "--key", key.public, "--allow-replay", "--opa", spying_opa) == CLOSED


@dataclass(frozen=True)
class Ended:
    """How the entry ended: its code and log, the outputs, the workspace, and what linkerd printed to stderr."""

    code: int
    log: str
    outputs: dict[str, str]
    workspace: Path

    def command(self) -> dict[str, Any]:
        envelope = json.loads((self.workspace / "attestation.json").read_bytes())
        entries = json.loads(base64.b64decode(envelope["payload"]))["predicate"]["attestations"]
        found: dict[str, Any] = next(entry["attestation"] for entry in entries if "/command-run/" in entry["type"])
        return found

    def seen(self) -> list[str]:
        """Return what was said at the check, before the stderr of the recording and the edges'."""
        lines: list[str] = self.command()["stderr"].splitlines()
        return lines[: lines.index("--")]

    def owners(self) -> set[tuple[int, int]]:
        status = [path.stat() for path in self.workspace.iterdir() if path.is_file()]
        return {(found.st_uid, found.st_gid) for found in status}


Enter = Callable[..., Ended]


@pytest.fixture
def place() -> Iterator[Path]:
    """A folder that every user may enter."""
    if os.geteuid() != 0:
        pytest.skip("only root can become another user")
    with reachable() as folder:
        yield folder


@pytest.fixture
def enter(place: Path, opa: Path, key: KeyPair) -> Enter:
    """Run the entry as root, as a container does, over a workspace with an owner, with a linkerd made of its calls."""
    install(place, opa)
    healthy = place / "healthy"

    def call(owner: int, check: str = "", **inputs: str | Path) -> Ended:
        workspace, scratch, told = place / "workspace", place / "tmp", place / "output"
        workspace.mkdir()
        scratch.mkdir()
        scratch.chmod(0o1777)
        os.chown(workspace, owner, 127 if owner else 0)
        linkerd = place / "spy"
        calls = {
            "version": "echo replay of edge-1",
            "check": check.replace("@", str(healthy)) or f"cat {healthy}/check.json",
        }
        calls |= {"": f"cat {healthy}/edges.json"}
        cases = "".join(f"{name}*) {answer} ;;\n" for name, answer in calls.items())
        body = f'case "$*" in\n{cases}esac'
        linkerd.write_text(f"#!/bin/sh\n{body}\n", encoding="utf-8")
        linkerd.chmod(0o755)
        given = {"linkerd-path": str(linkerd), "allow-replay": "true", "opa": str(place / "opa"), "trace": "off"}
        given |= {"signing-key": key.private.read_text(encoding="ascii"), "kubeconfig": KUBECONFIG}
        given |= {name.replace("_", "-"): str(value) for name, value in inputs.items()}
        env = {f"INPUT_{name.upper()}": value for name, value in given.items()}
        env |= {"GITHUB_WORKSPACE": str(workspace), "GITHUB_OUTPUT": str(told), "TMPDIR": str(scratch), "HOME": "/root"}
        argv = [sys.executable, str(place / "entrypoint.py")]
        done = subprocess.run(argv, cwd=workspace, env=env, capture_output=True, text=True, timeout=60, check=False)
        assert list(scratch.iterdir()) == []
        found = runner.outputs(told.read_text(encoding="utf-8"))
        return Ended(code=done.returncode, log=done.stdout + done.stderr, outputs=found, workspace=workspace)

    return call


OWNERS = pytest.mark.parametrize(("owner", "user"), [(1001, 1001), (0, 65534)])


@OWNERS
def test_linkerd_is_the_workspaces_owner_or_nobody(enter: Enter, owner: int, user: int) -> None:
    """Without a further group, and the program above it is closed; what was written is the owner's in the end."""
    check = f"{{ id -u; id -G; {SPY}\necho --; }} >&2; cat @/check.json"
    ended = enter(owner, check)
    assert (ended.code, ended.outputs["verdict"]) == (0, "allow"), ended.log
    assert ended.seen()[:2] == [str(user), "65534"]
    assert set(ended.seen()[2:]) == CLOSED
    assert ended.owners() == {(owner, 127 if owner else 0)}


@OWNERS
def test_linkerd_reads_its_kubeconfig_and_changes_nothing_else(enter: Enter, owner: int, user: int) -> None:
    """The private folder holds what it needs, and neither its own place on the PATH nor opa's folder is its to change."""
    check = """{ stat -c '%u %a' "$KUBECONFIG" "$HOME" "$TMPDIR"; grep -c hunter2-token "$KUBECONFIG"
      bin=${PATH%%:*}; for path in "$bin/x" "$bin/../x" "$bin/../opa/x" ; do
        if touch "$path"; then echo open; else echo closed; fi; done 2>/dev/null
      if mv "$bin/../opa" "$bin/../other"; then echo open; else echo closed; fi 2>/dev/null
      if ln -sf /bin/true "$bin/linkerd"; then echo open; else echo closed; fi 2>/dev/null
      echo --; } >&2; cat @/check.json"""
    ended = enter(owner, check)
    assert ended.code == 0, ended.log
    assert ended.seen() == [f"{user} 600", f"{user} 700", f"{user} 700", "1", *["closed"] * 5]


@OWNERS
def test_opa_is_the_same_user(enter: Enter, place: Path, owner: int, user: int) -> None:
    """Also where it is only asked for its capabilities or its version, and what it can do is not its to change."""
    seen = place / "seen"
    seen.touch()
    seen.chmod(0o666)
    (place / "own").mkdir()
    own = place / "own" / "opa"
    spy = "touch x ../opa-capabilities.json 2>/dev/null || echo closed"
    own.write_text(f"#!/bin/sh\n{{ echo $1; id -u; {spy}; }} >>'{seen}'\nexec '{place}/opa' \"$@\"\n", encoding="utf-8")
    own.chmod(0o755)
    ended = enter(owner, opa=own)
    assert ended.code == 0, ended.log
    found = seen.read_text(encoding="utf-8").split()
    assert found == [word for asked in ("capabilities", "eval", "version") for word in (asked, str(user), "closed")]


@OWNERS
def test_opa_reads_rules_of_ones_own_as_that_user(enter: Enter, place: Path, owner: int, user: int) -> None:
    """They are copied into a folder that is root's, and that the user of opa may enter: what they find denies."""
    assert user != 0
    rule = place / "rule.rego"
    rule.write_text('package acme.never\n\ndeny contains "never" if input.edge_report\n', encoding="utf-8")
    ended = enter(owner, policy=rule)
    assert (ended.code, ended.outputs["verdict"]) == (1, "deny"), ended.log
    assert "never" in ended.outputs["violations"]


@OWNERS
def test_a_linkerd_that_writes_nothing_is_named_as_ever(enter: Enter, owner: int, user: int) -> None:
    """In a workspace where nobody may make files the two reports are laid out for it, empty, as a shell leaves them."""
    assert user != 0
    ended = enter(owner, "exit 1")
    assert (ended.code, ended.outputs["verdict"]) == (3, "error"), ended.log
    problem = (
        "linkerd left no check report that could be read (exit code 0): nothing was written into linkerd-check.json"
    )
    assert problem in ended.log
    assert (ended.workspace / "linkerd-check.json").read_bytes() == b""
    assert {found for found, _ in ended.owners()} == {owner}


def test_a_workspace_that_the_user_cannot_reach_is_told_of(enter: Enter, place: Path) -> None:
    """Outside the image the run goes on as who it is, and says so; in the image it ends (test_unprivileged.py)."""
    place.chmod(0o700)
    ended = enter(0)
    assert ended.code == 0, ended.log
    assert "| children run as root, and not as user 65534: the working directory " in ended.log
