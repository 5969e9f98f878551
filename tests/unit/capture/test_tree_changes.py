"""What the capture wrote: new, changed and rewritten files, and no second reading of the others."""

from __future__ import annotations

import os
from pathlib import Path
from typing import TYPE_CHECKING

from attestor.capture import tree as capture
from attestor.capture.tree import Left
from attestor.clock import Clock
from tests.unit.capture.test_tree import NOTHING, excluded, listed, sha256, write

if TYPE_CHECKING:
    import pytest


def test_an_untouched_tree_has_no_products(tmp_path: Path, clock: Clock) -> None:
    """Nothing was written."""
    write(tmp_path / "a" / "b")
    material = capture.snapshot(tmp_path, NOTHING, clock)
    assert capture.changes(tmp_path, NOTHING, clock, material).files == ()


def test_new_changed_and_rewritten_files_are_products(tmp_path: Path, clock: Clock) -> None:
    """A rewrite with the same content too: its time tells. What was deleted leaves no trace here."""
    for name in ("kept", "changed", "rewritten", "deleted", "replaced"):
        write(tmp_path / name, b"old")
        os.utime(tmp_path / name, (1, 1))
    material = capture.snapshot(tmp_path, NOTHING, clock)
    write(tmp_path / "new" / "file", b"new")
    write(tmp_path / "changed", b"new and longer")
    write(tmp_path / "rewritten", b"old")
    write(tmp_path / "draft", b"other").rename(tmp_path / "replaced")
    (tmp_path / "deleted").unlink()
    assert listed(capture.changes(tmp_path, NOTHING, clock, material)) == {
        "changed": sha256(b"new and longer"),
        "new/file": sha256(b"new"),
        "replaced": sha256(b"other"),
        "rewritten": sha256(b"old"),
    }


def test_a_change_that_keeps_size_and_time_is_seen(tmp_path: Path, clock: Clock) -> None:
    """A file's inode and the time of its status give it away."""
    file = write(tmp_path / "file", b"aaa")
    os.utime(file, (1, 1))
    material = capture.snapshot(tmp_path, NOTHING, clock)
    os.utime(write(tmp_path / "draft", b"bbb"), (1, 1))
    (tmp_path / "draft").rename(file)
    assert listed(capture.changes(tmp_path, NOTHING, clock, material)) == {"file": sha256(b"bbb")}


def test_a_file_that_only_changed_its_mode_is_no_product(tmp_path: Path, clock: Clock) -> None:
    """It is read again, since something changed, and holds what it held."""
    file = write(tmp_path / "file")
    material = capture.snapshot(tmp_path, NOTHING, clock)
    file.chmod(0o600)
    assert capture.changes(tmp_path, NOTHING, clock, material).files == ()


def test_untouched_files_are_not_read_twice(tmp_path: Path, clock: Clock, monkeypatch: pytest.MonkeyPatch) -> None:
    """The second pass opens what changed, and nothing else."""
    write(tmp_path / "kept")
    write(tmp_path / "target")
    (tmp_path / "link").symlink_to("target")
    material = capture.snapshot(tmp_path, NOTHING, clock)
    write(tmp_path / "new")
    opened: list[str] = []
    system = os.open

    def noting(path: str, flags: int) -> int:
        opened.append(Path(path).name)
        return system(path, flags)

    monkeypatch.setattr(os, "open", noting)
    assert set(listed(capture.changes(tmp_path, NOTHING, clock, material))) == {"new"}
    assert opened == ["new"]


def test_what_is_left_out_is_no_product_either(tmp_path: Path, clock: Clock) -> None:
    """The envelope of this run, written between the passes, is named and not hashed."""
    left = Left(paths={str(tmp_path / "attestation.json"): "written by this program"})
    material = capture.snapshot(tmp_path, left, clock)
    write(tmp_path / "attestation.json")
    found = capture.changes(tmp_path, left, clock, material)
    assert (found.files, excluded(found)) == ((), {"attestation.json": "written by this program"})


def test_a_link_that_now_points_elsewhere_is_a_product(tmp_path: Path, clock: Clock) -> None:
    """The path has another content."""
    write(tmp_path / "one", b"1")
    write(tmp_path / "two", b"2")
    (tmp_path / "link").symlink_to("one")
    material = capture.snapshot(tmp_path, NOTHING, clock)
    (tmp_path / "link").unlink()
    (tmp_path / "link").symlink_to("two")
    assert listed(capture.changes(tmp_path, NOTHING, clock, material)) == {"link": sha256(b"2")}


def test_products_are_sorted_by_path(tmp_path: Path, clock: Clock) -> None:
    """As the materials are."""
    material = capture.snapshot(tmp_path, NOTHING, clock)
    for name in ("b", "a/b", "a.b", "B"):
        write(tmp_path / name)
    assert list(listed(capture.changes(tmp_path, NOTHING, clock, material))) == ["B", "a.b", "a/b", "b"]
