"""A private folder for what must not be seen, and files that appear whole or not at all."""

from __future__ import annotations

import contextlib
import errno
import fcntl
import os
import secrets
import shutil
import stat
import tempfile
from collections.abc import Iterator
from pathlib import Path
from typing import BinaryIO

from attestor import interruption
from attestor.clock import system_now
from attestor.errors import CaptureError, SettingsError

PRIVATE_FILE = 0o600

_PRIVATE_FOLDER = 0o700
_PREFIX = "mesh-attestor-private-"
_SETTLED = 60.0
"""Seconds after which a private folder has its lock, if anybody is alive who could hold it."""

_RESERVE = 8
"""Descriptors kept for the removal of a private folder, which takes one for each level of folders, and one more."""


@contextlib.contextmanager
def private_folder() -> Iterator[Path]:
    """Make a folder that only this user may enter, and remove it with everything in it at the end.

    A program that is killed cannot do that: what such a one has left, the next removes. Raises ``SettingsError`` where
    none can be made, and ``CaptureError`` where it cannot be removed: it may hold the kubeconfig, so that a run which
    leaves it behind has not ended well.
    """
    folder: Path | None = None
    held: list[int] = []
    try:
        with interruption.held():
            folder = _made(held)
        yield folder
    finally:
        with interruption.held():
            for descriptor in held:
                os.close(descriptor)
            if folder is not None:
                _remove(folder)


def _made(held: list[int]) -> Path:
    """Make the folder, and put its lock and some more descriptors into ``held``.

    The others are for the removal: a run that comes to have no descriptor left can still do that.
    """
    try:
        _remove_left_behind(Path(tempfile.gettempdir()))
        for _ in range(_RESERVE):
            held.append(os.open(os.devnull, os.O_RDONLY))  # noqa: PERF401 - each is known as soon as it is there
        folder = Path(tempfile.mkdtemp(prefix=_PREFIX)).resolve()
        held += _locked(folder)
    except OSError as error:
        raise SettingsError(
            f"no private folder can be made for this run: {error.strerror}",
            cause="the disk is full or mounted read-only, or too few descriptors are allowed",
            remedy="make room, or set $TMPDIR to a folder of yours; `ulimit -n` tells how many descriptors there are",
        ) from error
    return folder


def _remove(folder: Path) -> None:
    """Remove ``folder``; where that fails, folders that a child made read-only are opened, and it is tried again."""
    with contextlib.suppress(OSError):
        shutil.rmtree(folder)
        return
    try:
        _open_up(folder)
        shutil.rmtree(folder)
    except FileNotFoundError:
        return
    except OSError as error:
        raise CaptureError(
            f"the private folder {folder} of this run cannot be removed: {error.strerror}",
            cause="something in it belongs to another user, or the file system became read-only",
            remedy="remove it by hand: the kubeconfig may be in it",
        ) from error


def _open_up(folder: Path) -> None:
    folder.chmod(stat.S_IRWXU)
    for place, folders, _ in os.walk(folder):
        for name in folders:
            if not Path(place, name).is_symlink():
                Path(place, name).chmod(stat.S_IRWXU)


def _remove_left_behind(parent: Path) -> None:
    """Remove this user's private folders that nobody holds a lock on, once they are old enough to have got one.

    Those are other runs' folders: what cannot be seen or removed waits for the next run, and does not end this one.
    """
    folders: list[Path] = []
    with contextlib.suppress(OSError):
        folders += parent.glob(f"{_PREFIX}*")
    for folder in folders:
        with contextlib.suppress(OSError):
            status = folder.lstat()
            if status.st_uid != os.geteuid() or status.st_mode != stat.S_IFDIR | _PRIVATE_FOLDER:
                continue
            if system_now().timestamp() - status.st_mtime > _SETTLED and (lock := _lock(folder)) is not None:
                shutil.rmtree(folder, ignore_errors=True)
                os.close(lock)


def _locked(folder: Path) -> list[int]:
    """Lock a new ``folder``, if this file system can; where it cannot be opened it does not stay."""
    try:
        lock = _lock(folder)
    except OSError:
        folder.rmdir()
        raise
    return [lock] if lock is not None else []


def _lock(folder: Path) -> int | None:
    """Lock ``folder`` until the descriptor is closed, as the death of this process does, too; or return ``None``."""
    descriptor = os.open(folder, os.O_RDONLY | os.O_DIRECTORY | os.O_NOFOLLOW)
    try:
        fcntl.flock(descriptor, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except OSError:  # somebody has it, or this file system has no locks
        os.close(descriptor)
        return None
    return descriptor


def open_regular(path: Path) -> BinaryIO:
    """Open for reading a file where somebody else may write: no link is followed, and no pipe waited on.

    Raises ``OSError``, also where it is no regular file.
    """
    descriptor = os.open(path, os.O_RDONLY | os.O_NOFOLLOW | os.O_NONBLOCK | os.O_CLOEXEC)
    if not stat.S_ISREG(os.fstat(descriptor).st_mode):
        os.close(descriptor)
        raise OSError(errno.EINVAL, "not a regular file", str(path))
    return os.fdopen(descriptor, "rb")


def write_private(path: Path, data: bytes) -> None:
    """Write ``data`` to a new file at ``path`` that only this user may read; raises ``OSError``."""
    descriptor = os.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL, PRIVATE_FILE)
    with os.fdopen(descriptor, "wb") as file:
        file.write(data)


def write_whole(path: Path, data: bytes, *, mode: int = 0o644) -> None:
    """Write ``data`` beside ``path`` and rename it over: a reader sees the old file or the new one, never a part.

    Raises ``OSError`` where the disk is full or the folder read-only; nothing is left behind then.
    """
    draft = path.with_name(f".{path.name}.{secrets.token_hex(8)}")
    try:
        descriptor = os.open(draft, os.O_WRONLY | os.O_CREAT | os.O_EXCL, mode)
        with os.fdopen(descriptor, "wb") as file:
            file.write(data)
        draft.replace(path)
    except BaseException:
        with interruption.held(), contextlib.suppress(FileNotFoundError):
            draft.unlink()
        raise
