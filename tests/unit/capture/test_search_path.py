"""The PATH of a capture: the chosen binaries first, and nothing else that is called linkerd."""

from __future__ import annotations

import errno
import os
import shutil
from pathlib import Path

import pytest

from attestor.capture import search_path


def program(path: Path) -> Path:
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text("#!/bin/sh\n", encoding="utf-8")
    path.chmod(0o755)
    return path


@pytest.fixture
def private(tmp_path: Path) -> Path:
    folder = tmp_path / "private"
    folder.mkdir()
    return folder


def test_the_chosen_binaries_come_first_under_their_names(tmp_path: Path, private: Path) -> None:
    """Linkerd under its own name whatever the file is called, extensions under theirs."""
    chosen, viz = program(tmp_path / "cli" / "linkerd2-cli-edge"), program(tmp_path / "ext" / "linkerd-viz")
    path = search_path.build(private, chosen, [viz], [])
    assert shutil.which("linkerd", path=path) == str(private / "bin" / "linkerd")
    assert (private / "bin" / "linkerd").resolve() == chosen
    assert (private / "bin" / "linkerd-viz").resolve() == viz
    assert sorted(entry.name for entry in (private / "bin").iterdir()) == ["linkerd", "linkerd-viz"]


def test_no_other_linkerd_is_on_the_path(tmp_path: Path, private: Path) -> None:
    """A folder with one is replaced by links to all the rest of it; the order of folders stays."""
    folder, clean = tmp_path / "tools", tmp_path / "clean"
    for name in ("linkerd", "linkerd-viz", "linkerd-", "kubectl", "linkerd2", "xlinkerd-viz"):
        program(folder / name)
    program(clean / "other")
    path = search_path.build(private, program(tmp_path / "cli"), [], [str(folder), str(clean)])
    assert path.split(os.pathsep) == [str(private / "bin"), str(private / "path-0"), str(clean)]
    for name in ("linkerd-viz", "linkerd-"):
        assert shutil.which(name, path=path) is None
    for name in ("kubectl", "linkerd2", "xlinkerd-viz", "other"):
        assert shutil.which(name, path=path) is not None
    assert (private / "path-0" / "kubectl").resolve() == folder / "kubectl"


def test_the_folders_are_its_owners_alone(tmp_path: Path, private: Path) -> None:
    """Nobody can put a program into them between the look and the run."""
    program(tmp_path / "tools" / "linkerd-x")
    search_path.build(private, program(tmp_path / "cli"), [], [str(tmp_path / "tools")])
    assert {(private / name).stat().st_mode & 0o777 for name in ("bin", "path-0")} == {0o700}


def test_a_folder_that_cannot_be_listed_stays(private: Path, tmp_path: Path) -> None:
    """It is gone, and brings nothing."""
    path = search_path.build(private, program(tmp_path / "cli"), [], ["/nonexistent"])
    assert path.endswith(":/nonexistent")


def test_a_relative_binary_is_linked_by_its_absolute_path(
    tmp_path: Path, private: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The link stands in another folder."""
    program(tmp_path / "cli")
    monkeypatch.chdir(tmp_path)
    search_path.build(private, Path("cli"), [], [])
    assert (private / "bin" / "linkerd").resolve() == tmp_path / "cli"


def test_only_absolute_folders_outside_the_tree_are_trusted(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Neither the current folder, nor one in the working tree, also by a link; each that exists once, in order."""
    tree = tmp_path / "tree"
    for name in ("tree/bin", "tools", "tree-of-another-name"):
        (tmp_path / name).mkdir(parents=True)
    (tmp_path / "link").symlink_to(tree / "bin")
    monkeypatch.chdir(tmp_path)
    asked = ["", ".", "tools", "relative", str(tree), str(tree / "bin"), str(tmp_path / "link"), "/nonexistent"]
    kept = [str(tmp_path / "tools"), str(tmp_path / "tree-of-another-name")]
    found = search_path.trusted_folders(os.pathsep.join([*asked, *kept, kept[0], "/usr/bin"]), tree)
    assert found[:3] == [*kept, "/usr/bin"]
    assert len(found) == len(set(found))


@pytest.mark.parametrize("path", ["", "utter-nonsense", "/nonexistent:"])
def test_the_systems_folders_are_always_there(tmp_path: Path, path: str) -> None:
    """A runner may hand a container a PATH of its own host."""
    found = search_path.trusted_folders(path, tmp_path)
    assert found == [folder for folder in search_path.SYSTEM if Path(folder).is_dir()]
    assert "/usr/bin" in found


def test_a_working_directory_above_the_system_leaves_nothing(tmp_path: Path) -> None:
    """What lies in the tree is not trusted, whatever it is called."""
    assert search_path.trusted_folders("/usr/bin:/bin", Path("/")) == []


def test_a_folder_that_may_not_be_looked_at_is_left_out(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """As root's own folders are for everybody else, to whom a PATH was handed on."""
    is_dir = Path.is_dir

    def refuse(self: Path) -> bool:
        if self.name == "closed":
            raise PermissionError(errno.EACCES, "Permission denied")
        return is_dir(self)

    monkeypatch.setattr(Path, "is_dir", refuse)
    found = search_path.trusted_folders(f"{tmp_path}/closed:{tmp_path}", Path("/nonexistent"))
    assert found[0] == str(tmp_path)


def test_a_folder_that_cannot_be_listed_now_is_no_folder_without_linkerd(
    tmp_path: Path, private: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Too few descriptors for a look must not put a stray extension on the PATH."""

    def refuse(_: Path) -> None:
        raise OSError(errno.EMFILE, "Too many open files")

    monkeypatch.setattr(Path, "iterdir", refuse)
    with pytest.raises(OSError, match="Too many open files"):
        search_path.build(private, None, [], [str(tmp_path)])
