"""The working tree: every regular file with its digest, before the capture (material) and what changed by it (product).

Links are followed where their target lies in the tree, once for each target, and recorded under the link's path, as
the peer does (wire-format section 6.4). What is left out is recorded with its reason: a file that is not listed and
not excluded was not there. What should have been seen and cannot be read is a defect as well, which denies.
"""

from __future__ import annotations

import errno
import fnmatch
import os
import stat
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from pathlib import Path

from attestor import limits
from attestor.capture import hashing
from attestor.clock import Clock, Span
from attestor.errors import CaptureError
from attestor.evidence import Defect, Exclusion, File, Tree

CREDENTIALS = ("gha-creds-*.json", "gha-kubeconfig-*")
"""Files that well-known actions leave in the workspace; left out only where they are private and untracked."""

_OPEN = os.O_RDONLY | os.O_NOFOLLOW | os.O_NONBLOCK | os.O_CLOEXEC


@dataclass(frozen=True, slots=True, kw_only=True)
class Left:
    """What to leave out of a tree: resolved paths with the reason, and names that the repository tracks."""

    paths: Mapping[str, str] = field(default_factory=dict)
    tracked: frozenset[str] = frozenset()


def credential_names(root: Path) -> list[str]:
    """Return the names directly in ``root`` that look like credentials which an action left there."""
    return sorted(path.name for path in root.iterdir() if _looks_like_credentials(path.name))


def _looks_like_credentials(name: str) -> bool:
    return any(fnmatch.fnmatch(name, glob) for glob in CREDENTIALS)


def snapshot(root: Path, left: Left, clock: Clock) -> Tree:
    """Hash every file below ``root``, an absolute path without links."""
    started = clock()
    walk = _Walk(root=str(root), left=left)
    files = sorted(walk.files(), key=lambda file: file.path)
    return _tree(files, walk, Span(started=started, finished=clock()))


def changes(root: Path, left: Left, clock: Clock, material: Tree) -> Tree:
    """Return the files that are new, differ, or were written again since ``material``.

    A file whose size, times and inode are those of the first pass is not read a second time.
    """
    started = clock()
    before = {file.path: file for file in material.files}
    walk = _Walk(root=str(root), left=left, known=before)
    files = sorted((file for file in walk.files() if _is_product(file, before)), key=lambda file: file.path)
    return _tree(files, walk, Span(started=started, finished=clock()))


def _tree(files: list[File], walk: _Walk, span: Span) -> Tree:
    excluded = tuple(Exclusion(path=path, reason=walk.excluded[path]) for path in sorted(walk.excluded))
    defects = tuple(
        Defect(code="tree-unreadable", file=path, offset=0, detail=walk.unreadable[path])
        for path in sorted(walk.unreadable)
    )
    return Tree(span=span, files=tuple(files), excluded=excluded, defects=defects)


def _is_product(file: File, before: Mapping[str, File]) -> bool:
    old = before.get(file.path)
    # A rewrite with the same content is a product too: its time of change tells.
    return old is None or old.sha256 != file.sha256 or file.stamp[hashing.MTIME] != old.stamp[hashing.MTIME]


class _Walk:
    """One pass over the tree; ``excluded`` and ``unreadable`` fill while ``files`` is consumed."""

    def __init__(self, *, root: str, left: Left, known: Mapping[str, File] | None = None) -> None:
        self.excluded: dict[str, str] = {}
        self.unreadable: dict[str, str] = {}
        self._root, self._left, self._known = root, left, known or {}
        self._visited: set[str] = set()

    def files(self) -> Iterator[File]:
        """Yield every recorded file, depth first in the order of names; a stack, since trees can be deep."""
        stack, number = [self._entries(self._root, "")], 0
        while stack:
            for entry, path in stack[-1]:
                found = self._visited_or_unreadable(entry, path)
                if isinstance(found, File):
                    number += 1
                    if number > limits.FILES:
                        raise _too_many()
                    yield found
                elif found is not None:
                    stack.append(self._entries(found, path + "/"))
                    break
            else:
                stack.pop()

    def _entries(self, folder: str, prefix: str) -> Iterator[tuple[os.DirEntry[str], str]]:
        try:
            with os.scandir(folder) as found:
                entries = sorted(found, key=lambda entry: entry.name)
        except OSError as error:
            self._note_unreadable(prefix.rstrip("/") or ".", error)
            return
        for entry in entries:
            yield entry, prefix + entry.name

    def _visited_or_unreadable(self, entry: os.DirEntry[str], path: str) -> File | str | None:
        """Return the file that ``entry`` is, the folder to go into, or nothing where it is left out or unreadable."""
        try:
            return self._visit(entry, path)
        except OSError as error:
            self._note_unreadable(path, error)
            return None

    def _visit(self, entry: os.DirEntry[str], path: str) -> File | str | None:
        if self._is_left_out(entry, path):
            return None
        if entry.is_symlink():
            return self._link(entry.path, path)
        if entry.is_dir(follow_symlinks=False):
            return entry.path
        return self._file(entry.path, path)

    def _is_left_out(self, entry: os.DirEntry[str], path: str) -> bool:
        if (reason := self._left.paths.get(entry.path)) is not None:
            return self._leave_out(path, reason)
        if not path.isprintable() and _is_not_text(path):
            return self._leave_out(path, "the name is not UTF-8")
        return "/" not in path and self._is_credential(entry, path)

    def _is_credential(self, entry: os.DirEntry[str], path: str) -> bool:
        if path in self._left.tracked or not _looks_like_credentials(path):
            return False
        mode = entry.stat(follow_symlinks=False).st_mode
        private = stat.S_ISREG(mode) and not mode & 0o077
        return private and self._leave_out(path, "credentials that an action left here: private and not tracked")

    def _leave_out(self, path: str, reason: str) -> bool:
        self.excluded[_printable(path)] = reason
        return True

    def _note_unreadable(self, path: str, error: OSError) -> None:
        self._leave_out(path, f"unreadable: {error.strerror}")
        self.unreadable[_printable(path)] = str(error.strerror)

    def _link(self, location: str, path: str) -> File | str | None:
        target = _target(location, self._root)
        if target is None:
            self._leave_out(path, "a link to nothing")
            return None
        reason = self._unfollowed(target)
        if reason:
            self._leave_out(path, reason)
            return None
        self._visited.add(target)
        return target if Path(target).is_dir() else self._file(target, path)

    def _unfollowed(self, target: str) -> str:
        """Return why a link to ``target`` is not followed, or nothing."""
        if target == self._root:
            return "a link to the tree itself"
        if not target.startswith(self._root.rstrip("/") + "/"):
            return "a link out of the tree"
        if self._hidden_by(target):
            return "a link to what is left out"
        return "a second link to the same target" if target in self._visited else ""

    def _hidden_by(self, target: str) -> bool:
        return any(target == hidden or target.startswith(hidden + "/") for hidden in self._left.paths)

    def _file(self, location: str, path: str) -> File | None:
        status = os.lstat(location)
        if not stat.S_ISREG(status.st_mode):
            self._leave_out(path, "not a regular file")
            return None
        old = self._known.get(path)
        return old if old is not None and old.stamp == hashing.stamp(status) else self._read(location, path)

    def _read(self, location: str, path: str) -> File | None:
        with os.fdopen(os.open(location, _OPEN), "rb", buffering=0) as file:
            status = os.fstat(file.fileno())
            if not stat.S_ISREG(status.st_mode):
                self._leave_out(path, "not a regular file")
                return None
            return File(path=path, sha256=hashing.sha256(file), stamp=hashing.stamp(status))


_LEADS_NOWHERE = frozenset({errno.ENOENT, errno.ENOTDIR, errno.ELOOP})


def _target(location: str, root: str) -> str | None:
    """Return where a link leads, or ``None`` where that is nowhere; raises ``OSError`` where that cannot be seen.

    Of a link that leads out of ``root`` into what this user may not look at, no more is wanted than that it does.
    """
    try:
        return str(Path(location).resolve(strict=True))
    except RuntimeError:  # how Python before 3.13 tells of a loop
        return None
    except OSError as error:
        if error.errno in _LEADS_NOWHERE:
            return None
        target = os.path.realpath(location)
        if os.path.commonpath((target, root)) == root:
            raise
        return target


def _printable(path: str) -> str:
    return path.encode("utf-8", "backslashreplace").decode("utf-8")


def _too_many() -> CaptureError:
    return CaptureError(
        f"the working tree has more than {limits.FILES} files",
        cause="the working directory is a home or a root, or holds caches of other tools",
        remedy="name the repository, or an empty folder, with --working-directory",
    )


def _is_not_text(path: str) -> bool:
    try:
        path.encode("utf-8")
    except UnicodeEncodeError:
        return True
    return False
