"""What root writes into somebody's workspace becomes theirs, and nothing else does."""

from __future__ import annotations

import os
from pathlib import Path

import pytest

from attestor.github import owner

RUNNER = 1001


@pytest.fixture
def space(tmp_path: Path) -> Path:
    """A workspace of another user, as a container has it."""
    if os.geteuid() != 0:
        pytest.skip("only root can make a workspace of another user")
    folder = tmp_path / "workspace"
    folder.mkdir()
    os.chown(folder, RUNNER, RUNNER)
    return folder


def test_reports_are_given_to_the_workspaces_owner(space: Path) -> None:
    """With the group; a file that is not there is left."""
    report = space / "sub" / "a.json"
    report.parent.mkdir()
    report.write_bytes(b"{}")
    assert owner.give_back((report, space / "none"), space) == [report]
    assert (report.stat().st_uid, report.stat().st_gid) == (RUNNER, RUNNER)


def test_nothing_outside_is_given_away(space: Path, tmp_path: Path) -> None:
    """Neither by its path nor behind a link, nor one that has a second name."""
    outside = tmp_path / "shadow"
    outside.write_bytes(b"root's")
    (space / "link").symlink_to(outside)
    (space / "second").hardlink_to(outside)
    (space / "fold").symlink_to(tmp_path)
    os.mkfifo(space / "pipe")
    paths = (outside, space / "link", space / "second", space / "fold" / "shadow", space / "pipe", space)
    assert owner.give_back(paths, space) == []
    assert outside.stat().st_uid == 0


def test_what_nobody_wrote_into_roots_workspace_is_roots_again(tmp_path: Path) -> None:
    """Where the workspace is root's, linkerd ran as nobody; what is root's already is left."""
    if os.geteuid() != 0:
        pytest.skip("only root can make a file of another user")
    reports = [tmp_path / name for name in ("nobodys", "roots")]
    for report in reports:
        report.write_bytes(b"{}")
    os.chown(reports[0], 65534, 65534)
    assert owner.give_back(reports, tmp_path) == reports[:1]
    assert [(report.stat().st_uid, report.stat().st_gid) for report in reports] == [(0, 0), (0, 0)]


def test_a_workspace_of_ones_own_is_left_alone(tmp_path: Path) -> None:
    """As is one that is not there."""
    report = tmp_path / "a.json"
    report.write_bytes(b"{}")
    assert owner.give_back((report,), tmp_path) == []
    assert owner.give_back((report,), tmp_path / "none") == []
    assert report.stat().st_uid == os.geteuid()
