"""Which Rego files are taken: every one that was meant, each once, and none in silence left out."""

from __future__ import annotations

import hashlib
from collections.abc import Callable
from contextlib import AbstractContextManager
from pathlib import Path

import pytest

from attestor.errors import AttestorError, SettingsError
from attestor.policies import OwnModule, Policy, own


def taken(*paths: Path) -> list[str]:
    complaints: list[AttestorError] = []
    found = own.read(paths, complaints)
    assert complaints == []
    return [module.path for module in found]


def refused(*paths: Path) -> list[str]:
    complaints: list[AttestorError] = []
    own.read(paths, complaints)
    assert all(isinstance(complaint, SettingsError) and complaint.remedy for complaint in complaints)
    return [complaint.problem for complaint in complaints]


@pytest.fixture
def rules(tmp_path: Path) -> Path:
    """A folder with two modules, one of them deeper, a test, and other files."""
    folder = tmp_path / "rules"
    (folder / "deep" / "er").mkdir(parents=True)
    (folder / "b.rego").write_bytes(b"package b\n")
    (folder / "deep" / "er" / "a.rego").write_bytes(b"package a\n")
    (folder / "b_test.rego").write_bytes(b"package b_test\n")
    (folder / "data.json").write_bytes(b"{}")
    return folder


def test_a_folder_is_its_modules_and_those_below_without_tests(rules: Path) -> None:
    """Named by the folder, not by where it lies on this machine."""
    assert taken(rules) == ["rules/b.rego", "rules/deep/er/a.rego"]
    assert [module.path for module in own.read_all([rules], [])] == [
        "rules/b.rego",
        "rules/b_test.rego",
        "rules/deep/er/a.rego",
    ]


def test_a_hidden_folder_is_looked_into(rules: Path) -> None:
    """Nobody said that a leading dot switches a rule off."""
    (rules / ".more").mkdir()
    (rules / ".more" / "c.rego").touch()
    assert taken(rules) == ["rules/.more/c.rego", "rules/b.rego", "rules/deep/er/a.rego"]


def test_a_file_that_is_named_twice_is_one_module(rules: Path, tmp_path: Path) -> None:
    """By its folder, by itself, and by a link that the caller named."""
    (tmp_path / "link.rego").symlink_to(rules / "b.rego")
    assert taken(rules, rules / "b.rego", tmp_path / "link.rego") == ["rules/b.rego", "rules/deep/er/a.rego"]
    assert taken(tmp_path / "link.rego") == ["link.rego"]


def test_a_link_inside_a_folder_is_refused(rules: Path, tmp_path: Path) -> None:
    """To a module, to a folder, or to nothing that is there; a link to anything else is nobody's concern."""
    (tmp_path / "other").mkdir()
    (rules / "module.rego").symlink_to("b.rego")
    (rules / "folder").symlink_to(tmp_path / "other")
    (rules / "nothing.rego").symlink_to("gone")
    (rules / "notes").symlink_to("data.json")
    found = refused(rules)
    assert [problem.split(" is a link")[0].rpartition("/")[2] for problem in found] == [
        "folder",
        "module.rego",
        "nothing.rego",
    ]


def test_every_path_is_complained_of(tmp_path: Path) -> None:
    """What is not there, and what is no Rego by its name."""
    (tmp_path / "a.txt").touch()
    found = refused(tmp_path / "gone", tmp_path / "a.txt", tmp_path / "b.txt")
    assert [problem.rpartition("/")[2] for problem in found] == [
        "gone cannot be read: No such file or directory",
        "a.txt is no Rego module by its name",
        "b.txt cannot be read: No such file or directory",
    ]


def test_what_may_not_be_read_is_complained_of(
    rules: Path, tmp_path: Path, without_root: Callable[[], AbstractContextManager[None]]
) -> None:
    """A module, and a folder below."""
    tmp_path.chmod(0o755)
    for folder in (*tmp_path.parents, rules):
        folder.chmod(folder.stat().st_mode | 0o011)
    rules.chmod(0o755)
    (rules / "b.rego").chmod(0)
    (rules / "deep").chmod(0o755)
    with without_root():
        found = refused(rules)
    assert len(found) == 1
    assert "b.rego cannot be read: Permission denied" in found[0]


def test_the_digest_over_all_modules_does_not_ask_for_names() -> None:
    """The sorted digests, a line each; and nothing where there is no module."""
    modules = (OwnModule(path="a", data=b"one"), OwnModule(path="b", data=b"two"))
    lines = sorted(hashlib.sha256(data).hexdigest() + "\n" for data in (b"one", b"two"))
    expected = hashlib.sha256("".join(lines).encode()).hexdigest()
    assert Policy(own=modules).own_sha256 == expected
    assert Policy(own=(OwnModule(path="z", data=b"two"), OwnModule(path="y", data=b"one"))).own_sha256 == expected
    assert Policy().own_sha256 == ""
