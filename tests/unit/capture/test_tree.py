"""Every regular file of the tree with its digest, and everything else with its reason."""

from __future__ import annotations

import contextlib
import hashlib
import os
import socket
from collections.abc import Callable
from pathlib import Path

import pytest

from attestor.capture import tree as capture
from attestor.capture.tree import Left
from attestor.clock import Clock
from attestor.evidence import Defect, Tree

NOTHING = Left()


def sha256(data: bytes) -> str:
    return hashlib.sha256(data).hexdigest()


def listed(tree: Tree) -> dict[str, str]:
    return {file.path: file.sha256 for file in tree.files}


def excluded(tree: Tree) -> dict[str, str]:
    return {exclusion.path: exclusion.reason for exclusion in tree.excluded}


def write(path: Path, data: bytes = b"x") -> Path:
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_bytes(data)
    return path


def test_an_empty_tree_is_empty(tmp_path: Path, clock: Clock) -> None:
    """Also one of empty folders; the look takes some time."""
    (tmp_path / "a" / "b").mkdir(parents=True)
    found = capture.snapshot(tmp_path, NOTHING, clock)
    assert (found.files, found.excluded) == ((), ())
    assert found.span.started < found.span.finished


def test_files_of_any_depth_are_listed_by_relative_path_in_order(tmp_path: Path, clock: Clock) -> None:
    """Equal contents are listed under each of their paths."""
    for name in ("b", "a/z/deep", "a.txt", "a/b", "empty", "Ä"):
        write(tmp_path / name, b"" if name == "empty" else b"same")
    found = capture.snapshot(tmp_path, NOTHING, clock)
    assert list(listed(found)) == ["a.txt", "a/b", "a/z/deep", "b", "empty", "Ä"]
    assert set(listed(found).values()) == {sha256(b"same"), sha256(b"")}


@pytest.mark.parametrize(
    "name", ["line\nbreak", "tab\tand space ", "back\\slash", "*", ":colon", "-rf", "\x1b[2J", "😀"]
)
def test_a_name_may_hold_anything_that_is_text(tmp_path: Path, clock: Clock, name: str) -> None:
    """It is listed as it is."""
    write(tmp_path / "folder" / name)
    found = capture.snapshot(tmp_path, NOTHING, clock)
    assert (listed(found), found.excluded) == ({f"folder/{name}": sha256(b"x")}, ())


def test_names_that_are_not_utf8_are_left_out(tmp_path: Path, clock: Clock) -> None:
    """A file and a folder with all below it, each written with the bytes that it has; the rest is listed."""
    write(tmp_path / "folder-\udcff" / "inside")
    write(tmp_path / "file-\udce4")
    write(tmp_path / "kept")
    found = capture.snapshot(tmp_path, NOTHING, clock)
    assert set(listed(found)) == {"kept"}
    assert excluded(found) == {
        "file-\\udce4": "the name is not UTF-8",
        "folder-\\udcff": "the name is not UTF-8",
    }


def test_what_is_no_file_is_left_out_and_not_opened(
    tmp_path: Path, clock: Clock, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A FIFO would block its reader; it and a socket are named."""
    os.mkfifo(tmp_path / "fifo")
    monkeypatch.chdir(tmp_path)
    with contextlib.closing(socket.socket(socket.AF_UNIX)) as listening:
        listening.bind("socket")
        (tmp_path / "to-fifo").symlink_to("fifo")
        found = capture.snapshot(tmp_path, NOTHING, clock)
    assert found.files == ()
    assert excluded(found) == dict.fromkeys(["fifo", "socket", "to-fifo"], "not a regular file")


def test_what_this_user_may_not_read_is_named(
    open_folder: Path, clock: Clock, without_root: Callable[[], contextlib.AbstractContextManager[None]]
) -> None:
    """A file and a folder; the rest of the tree is listed all the same."""
    write(open_folder / "secret").chmod(0)
    write(open_folder / "closed" / "inside")
    (open_folder / "closed").chmod(0)
    write(open_folder / "kept").chmod(0o644)
    with without_root():
        found = capture.snapshot(open_folder, NOTHING, clock)
    (open_folder / "closed").chmod(0o755)
    assert set(listed(found)) == {"kept"}
    assert excluded(found) == dict.fromkeys(["closed", "secret"], "unreadable: Permission denied")


def test_a_root_that_cannot_be_read_is_named(tmp_path: Path, clock: Clock) -> None:
    """As the folder itself."""
    found = capture.snapshot(tmp_path / "gone", NOTHING, clock)
    assert excluded(found) == {".": "unreadable: No such file or directory"}


def test_what_vanishes_during_the_walk_is_named(tmp_path: Path) -> None:
    """A file and a folder that were seen in their folder and are gone when it is their turn."""
    write(tmp_path / "a")
    gone = write(tmp_path / "b")
    (tmp_path / "c").mkdir()
    write(tmp_path / "d")
    walk = capture._Walk(root=str(tmp_path), left=NOTHING)
    files = walk.files()
    assert next(files).path == "a"
    gone.unlink()
    (tmp_path / "c").rmdir()
    assert [file.path for file in files] == ["d"]
    assert walk.excluded == dict.fromkeys(["b", "c"], "unreadable: No such file or directory")


def test_a_file_that_becomes_a_pipe_during_the_walk_is_not_read(tmp_path: Path) -> None:
    """Nor a link that takes its place: what is opened is looked at again."""
    write(tmp_path / "a")
    for name in ("b", "c"):
        write(tmp_path / name)
    walk = capture._Walk(root=str(tmp_path), left=NOTHING)
    os.mkfifo(tmp_path / "fifo")
    (tmp_path / "link").symlink_to("a")
    assert walk._read(str(tmp_path / "fifo"), "b") is None
    with pytest.raises(OSError, match="Too many levels of symbolic links"):
        walk._read(str(tmp_path / "link"), "c")
    assert walk.excluded == {"b": "not a regular file"}


def test_two_thousand_folders_deep_is_no_crash(open_folder: Path, clock: Clock) -> None:
    """What lies deeper than the system can name is said to be there; what can be named is listed."""
    write(open_folder / "top")
    here = os.open(open_folder, os.O_RDONLY)
    for level in range(2000):
        os.mkdir("d", dir_fd=here)
        below = os.open("d", os.O_RDONLY, dir_fd=here)
        os.close(here)
        here = below
        if level in {1000, 1999}:
            os.close(os.open("file", os.O_WRONLY | os.O_CREAT, dir_fd=here))
    os.close(here)
    found = capture.snapshot(open_folder, NOTHING, clock)
    seen = {*listed(found), *excluded(found)}
    assert set(listed(found)) >= {"top", "d/" * 1001 + "file"}
    assert "d/" * 2000 + "file" in seen or any(path.startswith("d/" * 1990) for path in excluded(found))


def test_what_was_resolved_is_left_out_with_its_reason(tmp_path: Path, clock: Clock) -> None:
    """A file and a folder with all below it, by their paths and not by their names."""
    for name in ("key.pem", "out.json", "sub/key.pem", ".git/HEAD", "sub/.git/HEAD"):
        write(tmp_path / name)
    left = Left(paths={str(tmp_path / "key.pem"): "the key", str(tmp_path / ".git"): "git speaks for it"})
    found = capture.snapshot(tmp_path, left, clock)
    assert set(listed(found)) == {"out.json", "sub/.git/HEAD", "sub/key.pem"}
    assert excluded(found) == {".git": "git speaks for it", "key.pem": "the key"}


@pytest.mark.parametrize(
    ("name", "mode", "tracked", "is_left_out"),
    [
        ("gha-creds-0123.json", 0o600, False, True),
        ("gha-kubeconfig-1", 0o400, False, True),
        ("gha-creds-0123.json", 0o600, True, False),
        ("gha-creds-0123.json", 0o640, False, False),
        ("gha-creds-0123.json", 0o604, False, False),
        ("gha-creds-0123.txt", 0o600, False, False),
        ("sub/gha-creds-0123.json", 0o600, False, False),
        ("kubeconfig", 0o600, False, False),
    ],
)
def test_credentials_of_an_action_are_left_out_where_they_are_private_and_untracked(
    tmp_path: Path, clock: Clock, name: str, mode: int, tracked: bool, is_left_out: bool
) -> None:
    """A name alone hides nothing."""
    write(tmp_path / name).chmod(mode)
    left = Left(tracked=frozenset({name}) if tracked else frozenset())
    found = capture.snapshot(tmp_path, left, clock)
    assert (name in listed(found)) == (not is_left_out)
    assert (name in excluded(found)) == is_left_out


def test_a_link_or_folder_with_the_name_of_credentials_hides_nothing(tmp_path: Path, clock: Clock) -> None:
    """Only a regular file is what an action left."""
    write(tmp_path / "data")
    (tmp_path / "gha-creds-1.json").symlink_to("data")
    write(tmp_path / "gha-kubeconfig-2" / "file")
    (tmp_path / "gha-kubeconfig-2").chmod(0o700)
    found = capture.snapshot(tmp_path, NOTHING, clock)
    assert set(listed(found)) == {"data", "gha-creds-1.json", "gha-kubeconfig-2/file"}
    assert capture.credential_names(tmp_path) == ["gha-creds-1.json", "gha-kubeconfig-2"]


def test_credentials_that_vanish_during_the_walk_are_named(tmp_path: Path) -> None:
    """They cannot be looked at any more, and were there."""
    write(tmp_path / "a")
    gone = write(tmp_path / "gha-creds-1.json")
    walk = capture._Walk(root=str(tmp_path), left=NOTHING)
    files = walk.files()
    next(files)
    gone.unlink()
    assert list(files) == []
    assert walk.excluded == {"gha-creds-1.json": "unreadable: No such file or directory"}


def test_what_cannot_be_read_is_a_defect_and_what_is_left_out_is_none(
    open_folder: Path, clock: Clock, without_root: Callable[[], contextlib.AbstractContextManager[None]]
) -> None:
    """It should have been seen; a pipe, a link out of the tree and one to nothing should not."""
    write(open_folder / "secret").chmod(0)
    os.mkfifo(open_folder / "fifo")
    (open_folder / "out").symlink_to("/etc/hostname")
    (open_folder / "nowhere").symlink_to("gone")
    (open_folder / "loop").symlink_to("loop")
    with without_root():
        found = capture.snapshot(open_folder, NOTHING, clock)
    assert found.defects == (Defect(code="tree-unreadable", file="secret", offset=0, detail="Permission denied"),)
    assert set(excluded(found)) == {"fifo", "loop", "nowhere", "out", "secret"}


def test_a_link_into_what_may_not_be_looked_at(
    open_folder: Path, clock: Clock, without_root: Callable[[], contextlib.AbstractContextManager[None]]
) -> None:
    """Out of the tree it is a link out of the tree; within, it should have been followed."""
    (open_folder / "closed").mkdir()
    write(open_folder / "closed" / "file")
    (open_folder / "in").symlink_to("closed/file")
    (open_folder / "out").symlink_to("/root/closed/file")
    (open_folder / "closed").chmod(0)
    with without_root():
        found = capture.snapshot(open_folder, NOTHING, clock)
    (open_folder / "closed").chmod(0o755)
    assert [defect.file for defect in found.defects] == ["closed", "in"]
    if Path("/root").stat().st_mode & 0o007 == 0:
        assert excluded(found)["out"] == "a link out of the tree"
