"""The digest of a file that stayed as it was while it was read."""

from __future__ import annotations

import errno
import hashlib
import os
from io import BufferedReader, FileIO


def stamp(status: os.stat_result) -> tuple[int, ...]:
    """Return what would change with a file's content: its size, two times, and which file it is."""
    return (status.st_size, status.st_mtime_ns, status.st_ctime_ns, status.st_ino, status.st_dev)


MTIME = 1
"""Where a stamp has the time of the last change of the content."""


def sha256(file: FileIO | BufferedReader) -> str:
    """Return the hex SHA-256 of ``file``, open and at its start.

    Raises ``OSError``, also where the file changed meanwhile: such a digest would be one of no content that ever was.
    """
    before = stamp(os.fstat(file.fileno()))
    digest = hashlib.file_digest(file, "sha256").hexdigest()
    if stamp(os.fstat(file.fileno())) != before:
        raise OSError(errno.EBUSY, "it changed while it was read")
    return digest
