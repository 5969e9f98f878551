"""Files that a run wrote into a workspace are given to its owner, as later steps run as that user.

A container action runs as root, and its linkerd as the owner or as nobody; a runner's workspace belongs to its user.
"""

from __future__ import annotations

import os
import stat
from collections.abc import Iterable
from pathlib import Path


def give_back(paths: Iterable[Path], workspace: Path) -> list[Path]:
    """Give each regular file of ``paths`` inside ``workspace`` to the workspace's owner; return those given."""
    try:
        status = workspace.stat()
    except OSError:
        return []
    if os.geteuid() != 0:
        return []
    return [path for path in paths if _give(path, workspace, status.st_uid, status.st_gid)]


def _give(path: Path, workspace: Path, uid: int, gid: int) -> bool:
    root = workspace.resolve()
    if root not in path.parent.resolve().parents and path.parent.resolve() != root:
        return False
    try:
        # Opened without following a link: what was put in a report's place is not given away.
        descriptor = os.open(path, os.O_RDONLY | os.O_NOFOLLOW | os.O_NONBLOCK)
    except OSError:
        return False
    try:
        status = os.fstat(descriptor)
        if not stat.S_ISREG(status.st_mode) or status.st_nlink != 1 or (status.st_uid, status.st_gid) == (uid, gid):
            return False
        os.fchown(descriptor, uid, gid)
    except OSError:
        return False
    finally:
        os.close(descriptor)
    return True
