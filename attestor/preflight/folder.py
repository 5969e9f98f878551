"""The working directory: can it be written to, is every name that will be written free, what is left out of it."""

from __future__ import annotations

import os
import secrets
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

from attestor import interruption
from attestor.capture import git, tree
from attestor.capture.linkerd import CHECK_FILE, EDGES_FILE
from attestor.capture.tree import Left
from attestor.errors import AttestorError, SettingsError
from attestor.evidence import Defect
from attestor.settings import Settings

REPORTS = (CHECK_FILE, EDGES_FILE)


@dataclass(frozen=True, slots=True, kw_only=True)
class Checked:
    """What the look at the folder found: whether a repository begins there, and which of the asked names it tracks.

    ``defects`` say why that is not known. The capture records them, so that it cannot end in an allow.
    """

    is_repository_root: bool = False
    tracked: frozenset[str] = frozenset()
    defects: tuple[Defect, ...] = ()


def check(settings: Settings, git_env: Mapping[str, str], complaints: list[AttestorError]) -> Checked:
    """Look at the working directory and at the place of the envelope."""
    root = settings.working_directory
    if not root.is_dir():
        complaints.append(SettingsError(f"the working directory {root} is not a folder", remedy="check the path"))
        return Checked()
    _check_outfile(settings, complaints)
    complaints.extend(
        SettingsError(f"{path} is a folder, and {what} goes there", remedy="move it away")
        for path, what in (
            (settings.verdict, "the signed verdict"),
            *((path, "the report") for path in settings.reports.values()),
        )
        if path.is_dir() and not path.is_symlink()
    )
    for folder in dict.fromkeys((root, settings.outfile.parent)):
        _check_writable(folder, complaints)
    complaints.extend(
        SettingsError(f"{name} is a folder, and linkerd's report goes there", remedy="move it away")
        for name in REPORTS
        if (root / name).is_dir() and not (root / name).is_symlink()
    )
    return _check_tracked(settings, git_env, complaints)


def _check_outfile(settings: Settings, complaints: list[AttestorError]) -> None:
    outfile = settings.outfile
    if outfile.name in REPORTS and outfile.parent == settings.working_directory:
        complaints.append(SettingsError(f"outfile may not be {outfile.name}, which is a report", remedy="name another"))
    elif outfile in settings.reports.values():
        complaints.append(
            SettingsError(f"outfile may not be {outfile.name}, the name of a report beside it", remedy="name another")
        )
    elif outfile.is_dir():
        complaints.append(SettingsError(f"outfile {outfile} is a folder", remedy="name a file"))
    elif outfile.parent == Path("/dev") or (outfile.exists() and not outfile.is_file()):
        complaints.append(
            SettingsError(
                f"outfile {outfile} is not a regular file",
                cause="an earlier run's envelope is removed first, and a device or a pipe is none",
                remedy="name a file; its text can be read from there",
            )
        )


def refuse_overwriting(settings: Settings, private_files: Sequence[Path], complaints: list[AttestorError]) -> None:
    """Refuse to write over what is read: whatever has the name of an output is unlinked before the capture."""
    written = (*settings.written, *(settings.working_directory / name for name in REPORTS))
    complaints.extend(
        SettingsError(f"{path} would be overwritten", cause="it is the key or the kubeconfig", remedy="name another")
        for path in written
        if path in private_files
    )
    complaints.extend(
        SettingsError(f"{path} would be overwritten", cause="it is a policy's file", remedy="name another")
        for path in (settings.policy_config, settings.waivers, settings.controls)
        if path is not None and path.resolve() in written
    )


def _check_writable(folder: Path, complaints: list[AttestorError]) -> None:
    try:
        with interruption.held():
            _try_a_file(folder)
    except OSError as error:
        complaints.append(
            SettingsError(
                f"{folder} cannot be written to: {error.strerror}",
                cause="the folder is mounted read-only, the disk is full, or it belongs to another user",
                remedy="choose a folder of yours with --working-directory and --outfile",
            )
        )


def _try_a_file(folder: Path) -> None:
    probe = folder / f".mesh-attestor-{secrets.token_hex(8)}"
    os.close(os.open(probe, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600))
    try:
        probe.unlink()
    except OSError:
        probe.unlink(missing_ok=True)
        raise


def _check_tracked(settings: Settings, git_env: Mapping[str, str], complaints: list[AttestorError]) -> Checked:
    """Refuse reports that the repository tracks: they are unlinked before each run, which would look like a change."""
    root = settings.working_directory
    try:
        repository = git.open_repository(root, git_env, settings.user)
        if repository is None:
            return Checked()
        tracked = git.tracked(repository, root, [*REPORTS, *tree.credential_names(root)])
    except git.UNREADABLE as error:
        return Checked(defects=(git.unreadable(error),))
    complaints.extend(
        SettingsError(
            f"{name} is tracked by git",
            cause="a report of an earlier run was committed; it would be deleted and rewritten here",
            remedy=f"git rm --cached {name}, and add it to .gitignore",
        )
        for name in sorted(tracked & set(REPORTS))
    )
    return Checked(is_repository_root=repository.root == root, tracked=tracked)


def left_out(settings: Settings, checked: Checked, private_files: tuple[Path, ...], private: Path) -> Left:
    """Return what material and product leave out: only what was resolved, nothing by its name alone."""
    root = settings.working_directory
    paths = {str(path): "the signing key, its passphrase or the kubeconfig" for path in private_files}
    paths |= dict.fromkeys(map(str, settings.written), "written by this program")
    paths[str(private)] = "this program's private folder"
    if checked.is_repository_root:
        paths[str(root / ".git")] = "the git predicate speaks for it"
    return Left(paths=paths, tracked=checked.tracked)


def _reports(settings: Settings) -> list[tuple[Path, str]]:
    return [(path, "the report") for path in settings.reports.values()]
