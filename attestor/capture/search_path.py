"""The PATH of a capture: first a private folder with the chosen binaries, then the system's, without any ``linkerd-*``.

linkerd executes every ``linkerd-*`` that it finds on PATH (linkerd2 ``cli/cmd/check_extensions.go``), so a stray one
would run with the cluster's credentials and could add documents to the report.
"""

from __future__ import annotations

import os
from collections.abc import Sequence
from pathlib import Path

SYSTEM = ("/usr/local/sbin", "/usr/local/bin", "/usr/sbin", "/usr/bin", "/sbin", "/bin")
"""Always there, behind whatever PATH the process has: a runner may hand a container a PATH of its own host."""


def trusted_folders(path: str, working_directory: Path) -> list[str]:
    """Return the folders of ``path`` and of the system that exist, are absolute, and do not lie in the working tree."""
    found: list[str] = []
    for folder in (*path.split(os.pathsep), *SYSTEM):
        if folder.startswith("/") and folder not in found and _is_folder(Path(folder)):
            resolved = Path(folder).resolve()
            if resolved != working_directory and working_directory not in resolved.parents:
                found.append(folder)
    return found


def _is_folder(path: Path) -> bool:
    try:
        return path.is_dir()
    except PermissionError:
        return False  # as /root/bin is to everybody but root: nothing in it could be run


def build(private: Path, linkerd: Path | None, extensions: Sequence[Path], folders: Sequence[str]) -> str:
    """Make the private folder and return the whole PATH.

    ``private`` must be a folder that only this user can enter. A folder of ``folders`` that holds a ``linkerd`` or
    ``linkerd-*`` is replaced by a private shadow of links to all the rest of it. Without ``linkerd`` there is none on
    the PATH until one is chosen.
    """
    chosen = private / "bin"
    chosen.mkdir(mode=0o700)
    if linkerd is not None:
        choose(private, linkerd)
    for extension in extensions:
        (chosen / extension.name).symlink_to(extension.absolute())
    shadows = [_without_linkerd(folder, private / f"path-{number}") for number, folder in enumerate(folders)]
    return os.pathsep.join([str(chosen), *shadows])


def choose(private: Path, linkerd: Path) -> None:
    """Put ``linkerd`` on the PATH that was built in ``private``."""
    (private / "bin" / "linkerd").symlink_to(linkerd.absolute())


def _without_linkerd(folder: str, shadow: Path) -> str:
    try:
        names = [entry.name for entry in Path(folder).iterdir()]
    except (FileNotFoundError, PermissionError):
        return folder  # linkerd cannot look for extensions in it either
    if not any(_is_linkerd(name) for name in names):
        return folder
    shadow.mkdir(mode=0o700)
    for name in names:
        if not _is_linkerd(name):
            (shadow / name).symlink_to(Path(folder) / name)
    return str(shadow)


def _is_linkerd(name: str) -> bool:
    return name == "linkerd" or name.startswith("linkerd-")
