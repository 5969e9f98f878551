"""As whom children run: the workspace's owner, nobody where that is root, and without any group that opens a door."""

from __future__ import annotations

import os
import stat
from pathlib import Path

import pytest

from attestor import identity, process
from attestor.identity import NOBODY, User
from attestor.process import NotStarted
from tests.forked import forked

OWNER, DOCKER = 1001, 127
"""A runner's user, and the group that its Docker socket is open to."""


@pytest.fixture
def root() -> None:
    """Only root can give files away and become somebody else."""
    if os.geteuid() != 0:
        pytest.skip("only root can become another user")


def said(script: str, user: User | None, cwd: Path | None = None) -> list[str]:
    done = process.run(["/bin/sh", "-c", script], env={"PATH": os.defpath}, timeout=60, user=user, cwd=cwd)
    return done.stdout.decode().split()


@pytest.mark.usefixtures("root")
def test_it_is_the_owner_of_the_workspace_and_not_its_group(tmp_path: Path) -> None:
    """The group of a runner's workspace can be the one that Docker's socket is open to."""
    os.chown(tmp_path, OWNER, DOCKER)
    found = identity.of_children(tmp_path)
    assert found is not None
    assert (found.uid, found.gid) == (OWNER, NOBODY)


@pytest.mark.usefixtures("root")
@pytest.mark.parametrize("name", [".", "none"])
def test_it_is_nobody_where_the_owner_is_root_or_unknown(tmp_path: Path, name: str) -> None:
    """Never root."""
    found = identity.of_children(tmp_path / name)
    assert found is not None
    assert (found.uid, found.gid, found.required) == (NOBODY, NOBODY, False)


@pytest.mark.usefixtures("root")
def test_the_image_requires_it(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Where it is installed decides, which no variable of a workflow changes."""
    monkeypatch.setattr("sys.prefix", identity.IMAGE)
    found = identity.of_children(tmp_path)
    assert found is not None
    assert found.required


def test_who_is_not_root_stays_who_they_are(tmp_path: Path) -> None:
    """There is nothing to give up."""
    assert forked(lambda: identity.of_children(tmp_path) is None, user=NOBODY)


@pytest.mark.usefixtures("root")
def test_a_child_has_the_user_and_no_further_group() -> None:
    """Real, effective and saved; root's own groups are not inherited."""
    script = "id -u; id -G; sed -n 's/^Uid:\\|^Gid:\\|^Groups:\\|^CapEff://p' /proc/self/status"

    def with_groups() -> list[str]:
        os.setgroups([0, DOCKER])
        return said(script, User(uid=OWNER))

    found = forked(with_groups)
    assert found == [str(OWNER), str(NOBODY), *[str(OWNER)] * 4, *[str(NOBODY)] * 4, "0" * 16]


@pytest.mark.usefixtures("root")
def test_a_child_without_a_user_is_as_this_program() -> None:
    """As on the command line."""
    assert said("id -u", None) == ["0"]


def test_where_it_cannot_be_nothing_is_started(tmp_path: Path) -> None:
    """Never as who this is instead."""
    mark = tmp_path / "mark"

    def attempt() -> str:
        try:
            process.run(["/bin/sh", "-c", f"touch '{mark}'"], env={}, timeout=60, user=User(uid=OWNER))
        except NotStarted as error:
            return error.problem
        return "started"

    assert forked(attempt, user=NOBODY) == "/bin/sh could not be started: Operation not permitted"
    assert not mark.exists()


@pytest.mark.usefixtures("root")
def test_what_is_shown_is_read_by_the_user_and_by_nobody_else(open_folder: Path) -> None:
    """It stays root's: what linkerd runs from and opa judges by is not theirs to change."""
    user = User(uid=OWNER)
    folder, file = open_folder / "folder", open_folder / "folder" / "file"
    folder.mkdir(mode=0o700)
    file.write_text("word\n", encoding="utf-8")
    for path in (folder, file):
        identity.show(path, user)
    assert said("cat file; ls; echo x > file; mv file other; touch new", user, cwd=folder) == ["word", "file"]
    assert said("cat folder/file || echo closed", User(uid=2, gid=2), cwd=open_folder) == ["closed"]
    assert [stat.S_IMODE(path.stat().st_mode) for path in (folder, file)] == [0o750, 0o640]


@pytest.mark.usefixtures("root")
def test_what_is_given_is_the_users_and_a_link_is_not_followed(open_folder: Path) -> None:
    """A file of root's behind a link stays root's."""
    mine, given, link = (open_folder / name for name in ("mine", "given", "link"))
    for path in (mine, given):
        path.write_text("", encoding="utf-8")
    link.symlink_to(mine)
    for path in (given, link):
        identity.give(path, User(uid=OWNER))
    assert [path.lstat().st_uid for path in (given, link, mine)] == [OWNER, OWNER, 0]


def test_without_a_user_nothing_is_changed(tmp_path: Path) -> None:
    """As on the command line, where everything is this user's anyway."""
    before = tmp_path.stat()
    identity.give(tmp_path, None)
    identity.show(tmp_path, None)
    assert tmp_path.stat() == before
