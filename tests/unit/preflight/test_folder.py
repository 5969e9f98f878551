"""The working directory: it can be written to, no name is taken, and what is left out of it was resolved."""

from __future__ import annotations

import contextlib
import os
from collections.abc import Callable
from pathlib import Path

import pytest

from attestor.capture import git as git_capture
from attestor.capture.linkerd import CHECK_FILE, EDGES_FILE
from attestor.errors import AttestorError
from attestor.evidence import Defect
from attestor.preflight import folder
from attestor.preflight.folder import Checked
from attestor.settings import Settings
from tests.conftest import git
from tests.unit.preflight.conftest import Ask, problems

GIT = git_capture.environment(os.environ["PATH"], Path("/nonexistent"))


def check(settings: Settings) -> tuple[Checked, list[str]]:
    complaints: list[AttestorError] = []
    found = folder.check(settings, GIT, complaints)
    return found, problems(complaints)


def test_a_good_folder_is_left_as_it_was(ask: Ask, tree: Path) -> None:
    """The trial of writing leaves nothing behind."""
    before = sorted(path.name for path in tree.iterdir())
    assert check(ask()) == (Checked(is_repository_root=True), [])
    assert sorted(path.name for path in tree.iterdir()) == before


def test_a_folder_below_a_repository_or_outside_of_one_is_no_root_of_it(ask: Ask, tree: Path, tmp_path: Path) -> None:
    """A `.git` further up is not in the tree."""
    for root in (tree / "below", tmp_path / "outside"):
        root.mkdir()
        assert check(ask(working_directory=root)) == (Checked(), [])


def test_a_folder_that_is_not_there_is_one_complaint(ask: Ask, tmp_path: Path) -> None:
    """What follows from it is not said as well."""
    (tmp_path / "file").write_bytes(b"")
    for name in ("missing", "file"):
        assert check(ask(working_directory=tmp_path / name))[1] == [
            f"the working directory {tmp_path / name} is not a folder"
        ]


def test_a_folder_that_cannot_be_written_to_is_named(
    ask: Ask, tmp_path: Path, without_root: Callable[[], contextlib.AbstractContextManager[None]]
) -> None:
    """The tree, or the folder of the envelope; each once."""
    assert check(ask(outfile=tmp_path / "missing" / "a.json"))[1] == [
        f"{tmp_path / 'missing'} cannot be written to: No such file or directory"
    ]
    with without_root():
        found = check(ask(working_directory="/"))[1]
    assert found == ["/ cannot be written to: Permission denied"]


@pytest.mark.parametrize("name", [CHECK_FILE, EDGES_FILE])
def test_the_names_of_the_reports_are_linkerds(ask: Ask, tree: Path, name: str) -> None:
    """The envelope may not have one, and no folder may; elsewhere the name is free."""
    assert check(ask(outfile=name))[1] == [f"outfile may not be {name}, which is a report"]
    (tree / name).mkdir()
    assert check(ask())[1] == [f"{name} is a folder, and linkerd's report goes there"]
    (tree / "sub").mkdir()
    (tree / name).rmdir()
    assert check(ask(outfile=f"sub/{name}"))[1] == []


def test_an_envelope_that_is_no_file_is_refused(ask: Ask, tree: Path) -> None:
    """An earlier one is removed first, which a folder, a pipe and a device do not survive."""
    (tree / "folder").mkdir()
    os.mkfifo(tree / "pipe")
    assert check(ask(outfile="folder"))[1] == [f"outfile {tree / 'folder'} is a folder"]
    assert check(ask(outfile="pipe"))[1] == [f"outfile {tree / 'pipe'} is not a regular file"]
    assert f"outfile {Path('/dev/null')} is not a regular file" in check(ask(outfile="/dev/null"))[1]


def test_an_earlier_envelope_may_be_there(ask: Ask, tree: Path) -> None:
    """A file is replaced; so is a link."""
    (tree / "attestation.json").write_bytes(b"old")
    assert check(ask())[1] == []
    (tree / "link").symlink_to("README")
    assert check(ask(outfile="link"))[1] == []


def test_a_report_that_is_tracked_is_refused(ask: Ask, tree: Path) -> None:
    """It would be deleted and written again, which git would call a change; other tracked names are remembered."""
    for name in (CHECK_FILE, EDGES_FILE, "gha-creds-1.json"):
        (tree / name).write_bytes(b"{}")
    git(tree, "add", CHECK_FILE, "gha-creds-1.json")
    found, complaints = check(ask())
    assert complaints == [f"{CHECK_FILE} is tracked by git"]
    assert found.tracked == {CHECK_FILE, "gha-creds-1.json"}


def test_a_report_that_is_tracked_below_the_root_is_refused(ask: Ask, tree: Path) -> None:
    """The working directory is what counts."""
    (tree / "sub").mkdir()
    (tree / "sub" / CHECK_FILE).write_bytes(b"{}")
    git(tree, "add", f"sub/{CHECK_FILE}")
    assert check(ask())[1] == []
    assert check(ask(working_directory=tree / "sub"))[1] == [f"{CHECK_FILE} is tracked by git"]


def test_a_repository_that_cannot_be_read_is_a_defect(ask: Ask, tree: Path) -> None:
    """It is handed on to the capture, which records it, so that what is not known to be tracked denies."""
    (tree / ".git" / "config").write_text("[", encoding="utf-8")
    defect = Defect(code="git-unreadable", file=".git", offset=0, detail="git ls-files ended with exit code 128")
    assert check(ask()) == (Checked(defects=(defect,)), [])


@pytest.mark.parametrize("name", ["attestation.json", CHECK_FILE, EDGES_FILE])
def test_the_key_is_not_written_over(ask: Ask, tree: Path, name: str) -> None:
    """What has the name of an output is unlinked before the capture: that would be the end of the key."""
    complaints: list[AttestorError] = []
    folder.refuse_overwriting(ask(), (tree / name, tree / "other"), complaints)
    assert problems(complaints) == [f"{tree / name} would be overwritten"]
    folder.refuse_overwriting(ask(), (tree / "sub" / name,), complaints)
    assert len(complaints) == 1


def test_what_is_left_out_was_resolved(ask: Ask, tree: Path, tmp_path: Path) -> None:
    """The key, the envelope, the private folder, and git's own folder where the repository begins here."""
    checked = Checked(is_repository_root=True, tracked=frozenset({"gha-creds-1.json"}))
    left = folder.left_out(ask(), checked, (tree / "signing.key",), tmp_path / "private")
    assert left.paths == {
        str(tree / "signing.key"): "the signing key, its passphrase or the kubeconfig",
        str(tree / "attestation.json"): "written by this program",
        str(tree / "attestation.verdict.json"): "written by this program",
        str(tree / "attestation.report.md"): "written by this program",
        str(tree / "attestation.sarif"): "written by this program",
        str(tree / "attestation.junit.xml"): "written by this program",
        str(tree / "attestation.compliance.json"): "written by this program",
        str(tmp_path / "private"): "this program's private folder",
        str(tree / ".git"): "the git predicate speaks for it",
    }
    assert left.tracked == {"gha-creds-1.json"}
    assert str(tree / ".git") not in folder.left_out(ask(), Checked(), (), tmp_path).paths
