"""A checked-out tree in which a link stands where a folder is meant: root must not write wherever it leads.

A workflow names a folder of its repository; whether that is a folder is for whoever made the branch to say.
"""

from __future__ import annotations

import os
from collections.abc import Mapping
from pathlib import Path

from attestor.errors import AttestorError, SettingsError
from attestor.settings import DEFAULTS, Settings


def complaints(given: Mapping[str, str], asked: Settings, workspace: Path, directory: Path) -> list[AttestorError]:
    """Return a complaint for each folder that was named inside ``workspace``, and by a link lies outside of it.

    ``directory`` is the folder that relative paths mean.
    """
    tree = Path(directory, given.get("working-directory", DEFAULTS["working-directory"]))
    folder = Path(tree, given.get("outfile", DEFAULTS["outfile"])).parent
    real = workspace.resolve()
    pairs = (("working-directory", tree, asked.working_directory), ("outfile", folder, asked.outfile.parent))
    return [
        SettingsError(
            f"{option} is named inside the workspace, and a link leads it out of there, to {meant}",
            cause="the tree that was checked out has a link in the place of a folder",
            remedy="look at who put it there; to write elsewhere, name that place itself",
        )
        for option, named, meant in pairs
        if _is_in(Path(os.path.normpath(named)), workspace, real) and not _is_in(meant, real)
    ]


def _is_in(path: Path, *folders: Path) -> bool:
    return any(folder in (path, *path.parents) for folder in folders)
