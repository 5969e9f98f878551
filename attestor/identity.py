"""Whom the children run as, where this program runs as root: somebody who may neither read it nor open what is root's.

A container action runs as root, with the runner's Docker socket mounted into it: root there is root on the host.
"""

from __future__ import annotations

import os
import sys
from dataclasses import dataclass
from pathlib import Path

NOBODY = 65534
"""The user and the group that own nothing, on every Linux."""

IMAGE = "/opt/mesh-attestor"
"""Where the action's image has this program, and no other machine (Dockerfile)."""


@dataclass(frozen=True, slots=True, kw_only=True)
class User:
    """A user by number, without any other group than ``gid``.

    ``required`` says that a run must end rather than go on as root, where this user cannot reach what it needs.
    """

    uid: int
    gid: int = NOBODY
    required: bool = True

    def __str__(self) -> str:
        """Return how a person is told of it."""
        return f"user {self.uid}"


def of_children(workspace: Path) -> User | None:
    """Return the owner of ``workspace``, or nobody where that is root; ``None`` where this program is not root.

    Never with the workspace's group: on a runner that may be the one to which the Docker socket is open.
    """
    if os.geteuid() != 0:
        return None
    try:
        owner = workspace.stat().st_uid
    except OSError:
        owner = 0
    return User(uid=owner or NOBODY, required=sys.prefix == IMAGE)


def give(path: Path, user: User | None) -> None:
    """Make ``path`` the property of ``user``; nothing where children run as this program does."""
    if user is not None:
        os.chown(path, user.uid, user.gid, follow_symlinks=False)


def show(path: Path, user: User | None) -> None:
    """Let ``user`` read what stays root's: a folder may be entered and listed, a file be read, and by nobody else."""
    if user is not None:
        os.chown(path, 0, user.gid)
        path.chmod(0o750 if path.is_dir() else 0o640)
