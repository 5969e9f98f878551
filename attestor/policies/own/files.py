"""Rego files of a team's own: which there are, read once, so that what was hashed is what is judged.

Nothing is left out in silence: a folder without a module, a link in it, or a name that opa would not take is an error,
as it would be a rule that is not asked, and so an allow.
"""

from __future__ import annotations

import os
import stat
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from pathlib import Path

from attestor import limits
from attestor.errors import AttestorError, SettingsError
from attestor.policies import OwnModule

SUFFIX = ".rego"
_TEST = "_test.rego"
_REMEDY = "name files that end in .rego, or folders of them, with policy"


def read(paths: Sequence[Path], complaints: list[AttestorError]) -> tuple[OwnModule, ...]:
    """Return the modules at ``paths``, files or folders, without tests; what is wrong is added to ``complaints``."""
    return tuple(module for module in read_all(paths, complaints) if not is_test(module))


def read_all(paths: Sequence[Path], complaints: list[AttestorError]) -> tuple[OwnModule, ...]:
    """Do as ``read``, tests included."""
    reader = _Reader(complaints)
    for path in paths:
        reader.take(path)
    return tuple(reader.found.values())


def is_test(module: OwnModule) -> bool:
    """Tell whether ``module`` is a test by its name, as opa's own habit is."""
    return module.path.endswith(_TEST)


@dataclass
class _Reader:
    """Reads each file once, whichever way it was named, and holds all of them to one limit."""

    complaints: list[AttestorError]
    found: dict[Path, OwnModule] = field(default_factory=dict)
    _left: int = field(default_factory=lambda: limits.POLICY_BYTES)

    def take(self, path: Path) -> None:
        """Take a file, or every module in a folder and below."""
        try:
            if path.is_dir():
                self._folder(path)
            elif path.name.endswith(_TEST) or not path.name.endswith(SUFFIX):
                path.stat()
                self._complain(f"{path} is no Rego module by its name")
            else:
                self._file(path, path.name)
        except OSError as error:
            self._complain(f"{error.filename or path} cannot be read: {error.strerror}")

    def _folder(self, folder: Path) -> None:
        before = len(self.found)
        name = folder.resolve().name
        for path in sorted(_walk(folder)):
            if path.is_symlink():
                self._complain(f"{path} is a link: what was reviewed need not be what is judged")
            elif not path.name.endswith(SUFFIX):
                self._complain(f"{path} would not be read: its name does not end in {SUFFIX} in small letters")
            else:
                self._file(path, f"{name}/{path.relative_to(folder).as_posix()}")
        if before == len(self.found) and not self.complaints:
            self._complain(f"{folder} holds no Rego module")

    def _file(self, path: Path, label: str) -> None:
        real = path.resolve()
        if real in self.found:
            return
        if len(self.found) >= limits.POLICY_FILES:
            self._complain(f"there are more than {limits.POLICY_FILES} Rego files")
            raise OSError(0, "one too many", str(path))
        data = self._read(path)
        self._left -= len(data)
        if self._left < 0:
            self._complain(f"the Rego files have more than {limits.POLICY_BYTES} bytes together")
            raise OSError(0, "one too many", str(path))
        self.found[real] = OwnModule(path=label, data=data)

    def _read(self, path: Path) -> bytes:
        # Not to be held up by a pipe that nobody writes to.
        descriptor = os.open(path, os.O_RDONLY | os.O_NONBLOCK | os.O_CLOEXEC)
        with os.fdopen(descriptor, "rb") as file:
            if not stat.S_ISREG(os.fstat(descriptor).st_mode):
                raise OSError(0, "it is no regular file", str(path))
            return file.read(max(self._left, 0) + 1)

    def _complain(self, problem: str) -> None:
        self.complaints.append(SettingsError(f"policy: {problem}", remedy=_REMEDY))


def _walk(folder: Path) -> Iterator[Path]:
    """Yield every file below ``folder`` that looks like Rego, and every link that could lead to one."""
    with os.scandir(folder) as entries:
        for entry in entries:
            if entry.is_symlink():
                if entry.name.casefold().endswith(SUFFIX) or entry.is_dir():
                    yield Path(entry.path)
            elif entry.is_dir():
                yield from _walk(Path(entry.path))
            elif entry.name.casefold().endswith(SUFFIX):
                yield Path(entry.path)
