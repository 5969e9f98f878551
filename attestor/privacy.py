"""A private folder for what must not be seen, and files that appear whole or not at all."""

from __future__ import annotations

import contextlib
import os
import secrets
import shutil
import stat
import tempfile
from collections.abc import Iterator
from pathlib import Path

from attestor import interruption
from attestor.errors import CaptureError, SettingsError

PRIVATE_FILE = 0o600

_RESERVE = 8
"""Descriptors kept for the removal of a private folder, which takes one for each level of folders, and one more."""


@contextlib.contextmanager
def private_folder() -> Iterator[Path]:
    """Make a folder that only this user may enter, and remove it with everything in it at the end.

    Raises ``SettingsError`` where none can be made, and ``CaptureError`` where it cannot be removed: it may hold the
    kubeconfig, so that a run which leaves it behind has not ended well.
    """
    folder: Path | None = None
    reserve: list[int] = []
    try:
        with interruption.held():
            folder = _made(reserve)
        yield folder
    finally:
        with interruption.held():
            for descriptor in reserve:
                os.close(descriptor)
            if folder is not None:
                _remove(folder)


def _made(reserve: list[int]) -> Path:
    """Make the folder, and put descriptors into ``reserve``: a run that comes to have none left can still remove it."""
    try:
        for _ in range(_RESERVE):
            reserve.append(os.open(os.devnull, os.O_RDONLY))  # noqa: PERF401 - each is known as soon as it is there
        return Path(tempfile.mkdtemp(prefix="mesh-attestor-")).resolve()
    except OSError as error:
        raise SettingsError(
            f"no private folder can be made for this run: {error.strerror}",
            cause="the disk is full or mounted read-only, or too few descriptors are allowed",
            remedy="make room, or set $TMPDIR to a folder of yours; `ulimit -n` tells how many descriptors there are",
        ) from error


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
