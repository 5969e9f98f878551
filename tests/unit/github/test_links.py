"""A link in the tree does not decide where root writes; a place that was named outside of it does."""

from __future__ import annotations

from pathlib import Path

import pytest

from attestor import settings
from attestor.errors import AttestorError
from attestor.github import links


def complaints(workspace: Path, directory: Path, **given: str) -> list[str]:
    options = {name.replace("_", "-"): value for name, value in given.items()}
    wrong: list[AttestorError] = []
    asked = settings.parse({"signing-key": "k"} | options, {}, directory, wrong)
    assert wrong == []
    return [error.problem.partition(" ")[0] for error in links.complaints(options, asked, workspace, directory)]


@pytest.fixture
def space(tmp_path: Path) -> Path:
    """A workspace with a folder, a link within it, and links out of it, one of them in the folder."""
    workspace, outside = tmp_path / "workspace", tmp_path / "outside"
    (workspace / "folder").mkdir(parents=True)
    outside.mkdir()
    (workspace / "within").symlink_to("folder")
    (workspace / "out").symlink_to(outside)
    (workspace / "folder" / "out").symlink_to("../../outside")
    return workspace


@pytest.mark.parametrize(
    ("given", "expected"),
    [
        ({}, []),
        ({"working_directory": "folder", "outfile": "../evidence.json"}, []),
        ({"working_directory": "within"}, []),
        ({"outfile": "within/evidence.json"}, []),
        ({"working_directory": "out"}, ["working-directory", "outfile"]),
        ({"working_directory": "folder/../out"}, ["working-directory", "outfile"]),
        ({"outfile": "out/evidence.json"}, ["outfile"]),
        ({"working_directory": "folder", "outfile": "out/evidence.json"}, ["outfile"]),
        ({"working_directory": "within", "outfile": "out/evidence.json"}, ["outfile"]),
        ({"working_directory": "../outside"}, []),
        ({"outfile": "../outside/evidence.json"}, []),
    ],
)
def test_only_what_a_link_leads_out_is_refused(space: Path, given: dict[str, str], expected: list[str]) -> None:
    """Who names a place outside means it."""
    assert complaints(space, space, **given) == expected


def test_an_absolute_path_through_a_link_is_refused_too(space: Path) -> None:
    """And a workspace that is itself reached by a link is none that leads away."""
    assert complaints(space, space, outfile=str(space / "out" / "e.json")) == ["outfile"]
    alias = space.parent / "alias"
    alias.symlink_to(space)
    assert complaints(alias, alias, outfile="folder/e.json") == []
    assert complaints(alias, space, outfile="out/e.json") == ["outfile"]
