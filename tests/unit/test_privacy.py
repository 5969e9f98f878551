"""Private folders, and files that appear whole or not at all."""

from __future__ import annotations

import contextlib
import errno
import os
import resource
import stat
import tempfile
from collections.abc import Callable
from pathlib import Path

import pytest

from attestor import privacy
from attestor.errors import CaptureError, SettingsError


def mode(path: Path) -> int:
    return stat.S_IMODE(path.stat().st_mode)


def test_a_private_folder_is_its_owners_alone_and_goes_with_everything_in_it() -> None:
    """Nobody else may enter it, and nothing of it stays."""
    with privacy.private_folder() as folder:
        assert mode(folder) == 0o700
        assert folder == folder.resolve()
        (folder / "below").mkdir()
        (folder / "below" / "key").write_bytes(b"secret")
    assert not folder.exists()


def test_a_private_folder_goes_when_the_run_fails() -> None:
    """An error does not leave a kubeconfig behind."""
    folders = contextlib.ExitStack()
    folder = folders.enter_context(privacy.private_folder())
    assert folder.exists()
    assert not folders.__exit__(RuntimeError, RuntimeError("no"), None)
    assert not folder.exists()


def test_only_a_regular_file_is_opened_where_others_may_write(tmp_path: Path) -> None:
    """Neither what a link leads to nor a pipe, on which one would wait."""
    (tmp_path / "file").write_bytes(b"text")
    (tmp_path / "link").symlink_to("file")
    os.mkfifo(tmp_path / "pipe")
    with privacy.open_regular(tmp_path / "file") as file:
        assert file.read() == b"text"
    for name in ("link", "pipe", ".", "none"):
        with pytest.raises(OSError, match=name):
            privacy.open_regular(tmp_path / name)


def test_a_private_file_is_its_owners_alone(tmp_path: Path) -> None:
    """From its first moment on it can be read by this user only."""
    privacy.write_private(tmp_path / "key", b"secret")
    assert (tmp_path / "key").read_bytes() == b"secret"
    assert mode(tmp_path / "key") == 0o600


@pytest.mark.parametrize("kind", ["file", "link"])
def test_a_private_file_is_never_written_over_or_through_another(tmp_path: Path, kind: str) -> None:
    """Whatever has the name already, also a link to elsewhere, stops the writing."""
    (tmp_path / "elsewhere").write_bytes(b"old")
    if kind == "link":
        (tmp_path / "key").symlink_to(tmp_path / "elsewhere")
    else:
        (tmp_path / "key").write_bytes(b"old")
    with pytest.raises(FileExistsError):
        privacy.write_private(tmp_path / "key", b"secret")
    assert (tmp_path / "key").read_bytes() == (tmp_path / "elsewhere").read_bytes() == b"old"


def test_a_whole_file_replaces_what_was_there(tmp_path: Path) -> None:
    """The old file is there until the new one is whole; no draft stays."""
    target = tmp_path / "attestation.json"
    target.write_bytes(b"old")
    privacy.write_whole(target, b"new")
    assert [path.name for path in tmp_path.iterdir()] == ["attestation.json"]
    assert target.read_bytes() == b"new"


def test_a_link_is_replaced_and_not_written_through(tmp_path: Path) -> None:
    """Who planted a link under the envelope's name does not choose what is overwritten."""
    (tmp_path / "victim").write_bytes(b"old")
    (tmp_path / "out").symlink_to(tmp_path / "victim")
    privacy.write_whole(tmp_path / "out", b"new")
    assert (tmp_path / "victim").read_bytes() == b"old"
    assert not (tmp_path / "out").is_symlink()


@pytest.mark.parametrize("name", ["missing/out", "folder"])
def test_nothing_is_left_where_writing_fails(tmp_path: Path, name: str) -> None:
    """Without its folder, or where a folder has the name, there is an error and no draft."""
    (tmp_path / "folder" / "below").mkdir(parents=True)
    with pytest.raises(OSError, match=r"No such file|Is a directory"):
        privacy.write_whole(tmp_path / name, b"new")
    assert [path.name for path in tmp_path.iterdir()] == ["folder"]


def test_a_file_that_cannot_be_finished_leaves_the_old_one(tmp_path: Path) -> None:
    """Where the system takes no more bytes, as on a full disk, the old file stays whole and the draft goes."""
    target = tmp_path / "attestation.json"
    target.write_bytes(b"old")
    soft, hard = resource.getrlimit(resource.RLIMIT_FSIZE)
    resource.setrlimit(resource.RLIMIT_FSIZE, (1000, hard))
    try:
        with pytest.raises(OSError, match="File too large"):
            privacy.write_whole(target, bytes(1_000_000))
    finally:
        resource.setrlimit(resource.RLIMIT_FSIZE, (soft, hard))
    assert [path.name for path in tmp_path.iterdir()] == ["attestation.json"]
    assert target.read_bytes() == b"old"


def test_without_room_for_a_private_folder_nothing_is_run(monkeypatch: pytest.MonkeyPatch) -> None:
    """The way out is another $TMPDIR."""
    monkeypatch.setattr(tempfile, "tempdir", "/nonexistent")
    with pytest.raises(SettingsError, match="no private folder can be made") as caught, privacy.private_folder():
        pytest.fail("there is no folder to work in")
    assert "$TMPDIR" in caught.value.remedy


def left_behind(parent: Path, name: str = "mesh-attestor-private-abcd1234", mode: int = 0o700) -> Path:
    folder = parent / name
    folder.mkdir()
    (folder / "kubeconfig").write_bytes(b"secret")
    folder.chmod(mode)
    os.utime(folder, (0, 0))
    return folder


@pytest.fixture
def temporary(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A folder for temporary files of one's own."""
    monkeypatch.setattr(tempfile, "tempdir", str(tmp_path))
    return tmp_path


def test_what_a_killed_run_left_is_removed_by_the_next(temporary: Path) -> None:
    """With everything in it."""
    folder = left_behind(temporary)
    with privacy.private_folder():
        assert not folder.exists()


@pytest.mark.parametrize("method", ["glob", "lstat"])
def test_what_another_run_left_does_not_end_this_one(
    temporary: Path, monkeypatch: pytest.MonkeyPatch, method: str
) -> None:
    """Where it cannot be seen, it waits for the next."""
    folder = left_behind(temporary)
    real = getattr(Path, method)

    def refused(path: Path, *rest: str) -> object:
        if path in (temporary, folder):
            raise OSError(errno.EROFS, "Read-only file system")
        return real(path, *rest)

    monkeypatch.setattr(Path, method, refused)
    with privacy.private_folder() as mine:
        assert mine.is_dir()
    assert folder.is_dir()


def test_the_folder_of_a_run_that_lives_is_left_alone(temporary: Path) -> None:
    """However long it has been running: it holds a lock."""
    with privacy.private_folder() as first:
        os.utime(first, (0, 0))
        with privacy.private_folder() as second:
            assert first.exists()
            assert first != second


@pytest.mark.parametrize("kind", ["young", "of another mode", "of another name", "a link", "a file"])
def test_what_may_be_somebody_elses_is_left_alone(temporary: Path, kind: str) -> None:
    """A run that has just begun, a person's own folder, and a link to one."""
    name = "mesh-attestor-work" if kind == "of another name" else "mesh-attestor-private-abcd1234"
    if kind == "a link":
        found = left_behind(temporary, "elsewhere")
        (temporary / name).symlink_to(found)
    elif kind == "a file":
        found = temporary / name
        found.write_bytes(b"")
    else:
        found = left_behind(temporary, name, 0o755 if kind == "of another mode" else 0o700)
    if kind == "young":
        os.utime(found)
    with privacy.private_folder():
        assert found.exists()


def test_a_private_folder_with_read_only_folders_in_it_goes(
    without_root: Callable[[], contextlib.AbstractContextManager[None]], monkeypatch: pytest.MonkeyPatch
) -> None:
    """A login plugin may leave some in its home."""
    with without_root(), tempfile.TemporaryDirectory(dir="/tmp") as place:
        monkeypatch.setattr(tempfile, "tempdir", place)
        with privacy.private_folder() as folder:
            (folder / "home" / "cache").mkdir(parents=True)
            (folder / "home" / "cache" / "file").write_bytes(b"")
            (folder / "home" / "cache").chmod(0o500)
            (folder / "home").chmod(0o500)
        assert not folder.exists()


def test_a_private_folder_that_stays_is_an_error(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """The kubeconfig may be in it: a run that leaves it behind has not ended well."""
    monkeypatch.setattr(tempfile, "tempdir", str(tmp_path))

    def refuse(*_: object, **__: object) -> None:
        raise OSError(errno.EROFS, "Read-only file system")

    monkeypatch.setattr(privacy.shutil, "rmtree", refuse)  # type: ignore[attr-defined]
    folders = contextlib.ExitStack()
    folder = folders.enter_context(privacy.private_folder())
    with pytest.raises(CaptureError, match=f"{folder} of this run cannot be removed: Read-only file system"):
        folders.close()


def test_what_is_not_written_to_its_end_is_no_file(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """A signal between the draft and its name leaves the old file and no draft."""
    (tmp_path / "file").write_bytes(b"old")

    def interrupted(*_: object) -> None:
        raise KeyboardInterrupt

    monkeypatch.setattr(Path, "replace", interrupted)
    with pytest.raises(KeyboardInterrupt):
        privacy.write_whole(tmp_path / "file", b"new")
    assert [(path.name, path.read_bytes()) for path in tmp_path.iterdir()] == [("file", b"old")]
