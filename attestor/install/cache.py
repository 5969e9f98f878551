"""The user's cache: where it is, one set-up at a time in it, and files that are whole or not there."""

from __future__ import annotations

import contextlib
import fcntl
import hashlib
import tempfile
from collections.abc import Callable, Iterator, Mapping
from pathlib import Path

from attestor.errors import SettingsError

NAME = "mesh-attestor"


def folder(env: Mapping[str, str]) -> Path:
    """Return the cache folder of the user whose environment ``env`` is; it need not exist yet.

    Raises ``SettingsError`` where neither ``XDG_CACHE_HOME`` nor ``HOME`` is an absolute path.
    """
    # The XDG specification wants a relative value to be ignored.
    for base in (Path(env.get("XDG_CACHE_HOME", "")), Path(env.get("HOME", "")) / ".cache"):
        if base.is_absolute():
            return base / NAME
    raise SettingsError(
        "there is no folder for downloaded programs",
        cause="Neither XDG_CACHE_HOME nor HOME names a folder.",
        remedy="Set HOME, or XDG_CACHE_HOME to a folder that may be written.",
    )


@contextlib.contextmanager
def alone(place: Path, say: Callable[[str], None]) -> Iterator[None]:
    """Hold ``place`` (made if it is missing) for this process alone; the system lets go of it when a process dies."""
    place.mkdir(parents=True, exist_ok=True)
    with (place / ".lock").open("ab") as lock:
        try:
            fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            say("another set-up is at work; waiting for it")
            fcntl.flock(lock, fcntl.LOCK_EX)
        yield


def digest(file: Path) -> str:
    """Return the sha256 of ``file`` as lower-case hex; raises ``OSError``."""
    with file.open("rb") as source:
        return hashlib.file_digest(source, "sha256").hexdigest()


def write(file: Path, content: bytes) -> None:
    """Write ``content`` under the name ``file`` in one step; raises ``OSError``."""
    with tempfile.TemporaryDirectory(dir=file.parent, prefix=f".{file.name}-") as draft:
        part = Path(draft) / file.name
        part.write_bytes(content)
        part.replace(file)


def link(file: Path, place: Path) -> Path:
    """Make ``place``/``file.name`` a symbolic link to ``file``, replacing in one step what was there; return the link.

    Raises ``OSError``.
    """
    name = place / file.name
    with tempfile.TemporaryDirectory(dir=place, prefix=f".{file.name}-") as draft:
        fresh = Path(draft) / file.name
        fresh.symlink_to(file)
        fresh.replace(name)
    return name
