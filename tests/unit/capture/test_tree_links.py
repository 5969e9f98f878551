"""Links are followed once for each target that lies in the tree, and never out of it."""

from __future__ import annotations

from pathlib import Path

import pytest

from attestor.capture import tree as capture
from attestor.capture.tree import Left
from attestor.clock import Clock
from tests.unit.capture.test_tree import NOTHING, excluded, listed, sha256, write


def test_a_link_to_a_file_is_recorded_under_its_own_path_too(tmp_path: Path, clock: Clock) -> None:
    """And the file under its own."""
    write(tmp_path / "sub" / "file", b"x")
    (tmp_path / "link").symlink_to("sub/file")
    found = capture.snapshot(tmp_path, NOTHING, clock)
    assert listed(found) == {"link": sha256(b"x"), "sub/file": sha256(b"x")}
    assert found.excluded == ()


def test_a_link_to_a_folder_is_gone_into(tmp_path: Path, clock: Clock) -> None:
    """What lies in it is recorded under the link's path."""
    write(tmp_path / "real" / "below" / "file")
    (tmp_path / "link").symlink_to("real")
    found = capture.snapshot(tmp_path, NOTHING, clock)
    assert set(listed(found)) == {"link/below/file", "real/below/file"}


def test_the_second_link_to_a_target_is_named_and_not_followed(tmp_path: Path, clock: Clock) -> None:
    """The first in the order of names is, as with the peer."""
    write(tmp_path / "file")
    for name in ("b", "a", "c"):
        (tmp_path / name).symlink_to("file")
    found = capture.snapshot(tmp_path, NOTHING, clock)
    assert set(listed(found)) == {"a", "file"}
    assert excluded(found) == dict.fromkeys(["b", "c"], "a second link to the same target")


def test_a_chain_of_links_is_one_link_to_its_end(tmp_path: Path, clock: Clock) -> None:
    """Each of its links has the same target."""
    write(tmp_path / "file")
    (tmp_path / "a").symlink_to("b")
    (tmp_path / "b").symlink_to("file")
    found = capture.snapshot(tmp_path, NOTHING, clock)
    assert set(listed(found)) == {"a", "file"}
    assert excluded(found) == {"b": "a second link to the same target"}


@pytest.mark.parametrize(
    ("target", "reason"),
    [
        ("/etc/passwd", "a link out of the tree"),
        ("../outside", "a link out of the tree"),
        ("../tree-of-another-name/file", "a link out of the tree"),
        ("missing", "a link to nothing"),
        ("link", "a link to nothing"),
        (".", "a link to the tree itself"),
        ("../tree", "a link to the tree itself"),
        ("secret/key", "a link to what is left out"),
        ("secret", "a link to what is left out"),
        ("secret/below/file", "a link to what is left out"),
    ],
)
def test_a_link_that_is_not_followed_says_why(tmp_path: Path, clock: Clock, target: str, reason: str) -> None:
    """Out of the tree, into nothing, in a circle, or around an exclusion."""
    root = tmp_path / "tree"
    for name in ("secret/key", "secret/below/file"):
        write(root / name)
    write(tmp_path / "outside")
    write(tmp_path / "tree-of-another-name" / "file")
    (root / "link").symlink_to(target)
    found = capture.snapshot(root, Left(paths={str(root / "secret"): "left out"}), clock)
    assert listed(found) == {}
    assert excluded(found) == {"link": reason, "secret": "left out"}


def test_a_link_to_a_folder_around_an_exclusion_leaves_that_out(tmp_path: Path, clock: Clock) -> None:
    """The key does not come in by a side door."""
    write(tmp_path / "keys" / "signing.key")
    write(tmp_path / "keys" / "readme")
    (tmp_path / "link").symlink_to("keys")
    found = capture.snapshot(tmp_path, Left(paths={str(tmp_path / "keys" / "signing.key"): "the key"}), clock)
    assert set(listed(found)) == {"keys/readme", "link/readme"}
    assert excluded(found) == dict.fromkeys(["keys/signing.key", "link/signing.key"], "the key")


def test_folders_that_link_to_each_other_end(tmp_path: Path, clock: Clock) -> None:
    """Each target is gone into once, so that a circle is walked once."""
    write(tmp_path / "a" / "file")
    write(tmp_path / "b" / "file")
    (tmp_path / "a" / "to-b").symlink_to("../b")
    (tmp_path / "b" / "to-a").symlink_to("../a")
    found = capture.snapshot(tmp_path, NOTHING, clock)
    assert {"a/file", "b/file", "a/to-b/file", "a/to-b/to-a/file"} == set(listed(found))
    assert set(excluded(found).values()) == {"a second link to the same target"}


def test_a_link_to_its_own_folder_ends(tmp_path: Path, clock: Clock) -> None:
    """The folder is gone into once more, under the link's path, and not a third time."""
    write(tmp_path / "a" / "file")
    (tmp_path / "a" / "self").symlink_to(".")
    found = capture.snapshot(tmp_path, NOTHING, clock)
    assert set(listed(found)) == {"a/file", "a/self/file"}
    assert excluded(found) == {"a/self/self": "a second link to the same target"}


def test_a_link_with_a_name_that_is_not_utf8_is_left_out(tmp_path: Path, clock: Clock) -> None:
    """As a file of such a name is."""
    write(tmp_path / "file")
    (tmp_path / "link-\udcff").symlink_to("file")
    found = capture.snapshot(tmp_path, NOTHING, clock)
    assert (set(listed(found)), excluded(found)) == ({"file"}, {"link-\\udcff": "the name is not UTF-8"})
