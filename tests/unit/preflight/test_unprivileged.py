"""The user that children run as is tried before anything is run as it: what it cannot reach is named."""

from __future__ import annotations

import os
import tempfile
from collections.abc import Callable, Iterator
from dataclasses import replace
from pathlib import Path

import pytest

from attestor import gate, process
from attestor.capture import search_path
from attestor.capture.kubeconfig import Kubeconfig
from attestor.errors import AttestorError, GateError, SettingsError
from attestor.identity import NOBODY, User
from attestor.install import capabilities
from attestor.preflight import unprivileged
from attestor.preflight.unprivileged import Need
from attestor.process import Completed
from attestor.settings import Settings
from tests.forked import forked
from tests.unit.preflight.conftest import problems

STRANGER = User(uid=1001)
VOLUNTARY = replace(STRANGER, required=False)


@pytest.fixture
def settled(
    named: Callable[..., Settings], open_folder: Path
) -> Iterator[Callable[..., tuple[Settings, bool, list[str], list[str]]]]:
    """Settle a user over a working directory, a private folder and needs; return that, complaints and what was said."""
    if os.geteuid() != 0:
        pytest.skip("only root can run a program as another user")
    private = Path(tempfile.mkdtemp())
    (open_folder / "work").mkdir(mode=0o755)

    def call(user: User, *needs: Need, mode: int = 0o755) -> tuple[Settings, bool, list[str], list[str]]:
        (open_folder / "work").chmod(mode)
        said: list[str] = []
        complaints: list[AttestorError] = []
        asked = replace(named(working_directory=open_folder / "work"), user=user)
        settings, writes = unprivileged.settle(asked, private, needs, complaints, said.append)
        return settings, writes, problems(complaints), said

    yield call
    private.rmdir()


Settled = Callable[..., tuple[Settings, bool, list[str], list[str]]]


def test_a_user_that_reaches_everything_is_taken(settled: Settled) -> None:
    """Whether it can write to the folder is known as well."""
    settings, writes, complaints, said = settled(STRANGER)
    assert (settings.user, writes, complaints, said) == (STRANGER, False, [], [])
    assert settled(STRANGER, mode=0o777)[1]


def test_without_a_user_nothing_is_asked(named: Callable[..., Settings], private: Path) -> None:
    """As on the command line."""
    settings = named()
    assert unprivileged.settle(settings, private, [], [], pytest.fail) == (settings, True)


def test_what_it_cannot_reach_ends_the_run(settled: Settled, open_folder: Path) -> None:
    """All of it, each by its name."""
    secret, program = open_folder / "secret", open_folder / "program"
    for path in (secret, program):
        path.write_text("x", encoding="utf-8")
        path.chmod(0o600)
    needs = (Need(path=secret, name="the key"), Need(path=Path("/bin/sh"), name="sh", mode="x"))
    _, _, complaints, said = settled(STRANGER, *needs, Need(path=program, name="opa", mode="x"), mode=0o700)
    who = "by user 1001, as whom linkerd, strace, git and opa run here"
    assert complaints == [
        f"the working directory {open_folder / 'work'} cannot be read and entered or executed {who}",
        f"the key {secret} cannot be read {who}",
        f"opa {program} cannot be read and entered or executed {who}",
    ]
    assert said == []


def test_temporary_files_in_a_folder_of_roots_end_the_run(named: Callable[..., Settings], tmp_path: Path) -> None:
    """$TMPDIR may be anywhere; linkerd is found, and its kubeconfig lies, in the private folder there."""
    if os.geteuid() != 0:
        pytest.skip("only root can run a program as another user")
    tmp_path.chmod(0o700)
    (tmp_path / "private").mkdir(mode=0o700)
    complaints: list[AttestorError] = []
    asked = replace(named(working_directory="/"), user=STRANGER)
    unprivileged.settle(asked, tmp_path / "private", [], complaints, pytest.fail)
    assert [problem.partition(" cannot be ")[0] for problem in problems(complaints)] == [
        f"the folder for temporary files {tmp_path / 'private'}"
    ]


def test_outside_the_image_the_run_goes_on_and_says_so(settled: Settled) -> None:
    """Never in silence."""
    settings, writes, complaints, said = settled(VOLUNTARY, mode=0o700)
    assert (settings.user, writes, complaints) == (None, True, [])
    (line,) = said
    assert line.startswith("children run as root, and not as user 1001: the working directory ")


def test_a_user_that_cannot_be_asked_ends_the_run(settled: Settled, monkeypatch: pytest.MonkeyPatch) -> None:
    """Whatever the reason; here there is no shell."""
    monkeypatch.setattr(search_path, "SYSTEM", ("/nonexistent",))
    problem = "no program can be run as user 1001: sh could not be started: No such file or directory"
    assert settled(STRANGER)[2] == [problem]
    settings, _, complaints, said = settled(VOLUNTARY)
    assert (settings.user, complaints) == (None, [])
    assert said == [f"children run as root, and not as user 1001: {problem}"]


def test_a_root_without_rights_ends_the_run(named: Callable[..., Settings], open_folder: Path) -> None:
    """As in a container that was started with none: it can neither give files away nor become another user."""
    open_folder.chmod(0o777)
    asked = replace(named(), user=STRANGER)

    def attempt() -> list[str]:
        private = Path(tempfile.mkdtemp(dir=open_folder))
        complaints: list[AttestorError] = []
        unprivileged.settle(asked, private, [], complaints, pytest.fail)
        return problems(complaints)

    assert forked(attempt, user=NOBODY) == ["no program can be run as user 1001: Operation not permitted"]


def test_an_open_socket_is_told_of(settled: Settled, open_folder: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Some open it to everybody; no user of ours would be kept from it."""
    socket = open_folder / "socket"
    monkeypatch.setattr(unprivileged, "SOCKET", socket)
    assert settled(STRANGER)[3] == []
    socket.touch(mode=0o660)
    assert settled(STRANGER)[3] == []
    socket.chmod(0o666)
    assert settled(STRANGER)[3] == [
        "the Docker socket is open to user 1001, as whom linkerd runs: its rights allow that to everybody here"
    ]


def test_what_came_later_is_required_too(settled: Settled, open_folder: Path) -> None:
    """A linkerd that was just installed."""
    assert settled(STRANGER)[2] == []
    program = open_folder / "linkerd"
    program.touch(mode=0o700)
    need = Need(path=program, name="linkerd", mode="x")
    unprivileged.require(need, None)
    with pytest.raises(SettingsError, match=f"^linkerd {program} cannot be read and entered or executed by user 1001"):
        unprivileged.require(need, STRANGER)
    program.chmod(0o755)
    unprivileged.require(need, STRANGER)


def test_every_program_and_file_of_a_child_is_needed(named: Callable[..., Settings], tmp_path: Path, opa: Path) -> None:
    """As far as it is there: what is not is complained of by those who look for it."""
    key, extension = tmp_path / "client.key", tmp_path / "linkerd-x"
    for path in (key, extension):
        path.touch(mode=0o755)
    user = {"client-key": str(key), "client-certificate": str(tmp_path / "none"), "tokenFile": ""}
    content = {"users": [{"name": "u", "user": user}]}
    config = Kubeconfig(context="", server="", content=content, secrets=frozenset())
    settings = named(linkerd_extensions=extension)
    assert settings.linkerd_path is not None
    found = {
        (need.mode, need.name, need.path.name) for need in unprivileged.needs(settings, settings.linkerd_path, config)
    }
    assert found == {
        ("x", "linkerd-extensions:", "linkerd-x"),
        ("x", "opa", opa.resolve().name),
        ("x", "linkerd", "linkerd"),
        ("r", "opa's capabilities", capabilities.FILE_NAME),
        ("r", "the policy", "gate.rego"),
        ("r", "the kubeconfig's client-key", "client.key"),
    }


@pytest.mark.parametrize(("code", "answer"), [(0, b""), (0, b"1\n"), (0, b"\xff\nall\n"), (1, b"all\n"), (137, b"1\n")])
def test_an_answer_that_is_not_whole_is_none(monkeypatch: pytest.MonkeyPatch, code: int, answer: bytes) -> None:
    """A shell that was killed, or said nothing, has not said that nothing is missing."""
    done = Completed(pid=1, exit_code=code, stdout=answer, stderr=b"")
    monkeypatch.setattr(process, "run", lambda *_, **__: done)
    with pytest.raises(SettingsError, match=f"as user 1001: the shell did not answer, .* exit code {code}$"):
        unprivileged.require(Need(path=Path("/x"), name="x"), STRANGER)


def test_a_policy_that_is_not_there_is_told_before_anything_is_run(
    named: Callable[..., Settings], monkeypatch: pytest.MonkeyPatch
) -> None:
    """As what is wrong with the installation, in the stage that it is found in: there is no evidence to judge yet."""

    def gone() -> Path:
        raise GateError("the embedded rules cannot be read", cause="x", remedy="judge the signed evidence")

    monkeypatch.setattr(gate, "policy_folder", gone)
    with pytest.raises(SettingsError, match="the embedded rules cannot be read") as found:
        list(unprivileged.needs(named(), None, None))
    assert "evidence" not in found.value.remedy


def test_the_user_is_nobody_in_every_text() -> None:
    """A number, which needs no list of names."""
    assert str(User(uid=NOBODY)) == "user 65534"
