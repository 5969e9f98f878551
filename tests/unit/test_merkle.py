"""Merkle roots agree with RFC 6962 and with what the peer computed."""

from __future__ import annotations

import hashlib
import json
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from attestor import merkle

VECTORS = json.loads(
    (Path(__file__).parent.parent / "fixtures" / "rookery-recorded" / "derived-vectors.json").read_bytes()
)["merkle"]
TREES = ["fixture_material", "fixture_product", "real_two_files", "with_duplicate_content"]


def by_the_rfc(leaves: list[bytes]) -> bytes:
    """The definition of RFC 6962, section 2.1, word for word."""
    if not leaves:
        return hashlib.sha256().digest()
    if len(leaves) == 1:
        return hashlib.sha256(b"\x00" + leaves[0]).digest()
    split = 1 << (len(leaves) - 1).bit_length() - 1
    return hashlib.sha256(b"\x01" + by_the_rfc(leaves[:split]) + by_the_rfc(leaves[split:])).digest()


def test_a_tree_without_leaves_has_the_digest_of_nothing() -> None:
    """The root over no file is SHA-256 of no byte."""
    assert merkle.root([]) == merkle.EMPTY_ROOT == VECTORS["empty_root"]


def test_the_peers_seven_leaves() -> None:
    """The vector that the peer's own test pins."""
    leaves = [hashlib.sha256(bytes([number])).digest() for number in range(7)]
    assert merkle.tree_root(leaves) == VECTORS["rfc6962_seven_leaf"]["root"]


@pytest.mark.parametrize("name", TREES)
def test_roots_and_leaf_hashes_are_the_peers(name: str) -> None:
    """Content-only leaves over the distinct digests, in ascending order."""
    expected = VECTORS[name]["content_only"]
    assert merkle.root(VECTORS[name]["files"].values()) == expected["merkleRoot"]
    for leaf in expected["leaves"]:
        assert merkle.leaf_hash(leaf["fileDigest"]) == leaf["leafHash"]


@settings(deadline=None)
@given(st.lists(st.binary(min_size=32, max_size=32), max_size=40))
def test_pairing_level_by_level_is_the_rfcs_recursion(leaves: list[bytes]) -> None:
    """Any number of leaves gives the tree head that the definition gives."""
    assert merkle.tree_root(leaves) == by_the_rfc(leaves).hex()


@settings(deadline=None)
@given(st.lists(st.binary(min_size=32, max_size=32), max_size=10), st.randoms())
def test_neither_order_nor_repetition_changes_a_root(contents: list[bytes], random: object) -> None:
    """A root speaks of the set of contents."""
    digests = [content.hex() for content in contents]
    assert merkle.root(reversed(digests + digests)) == merkle.root(digests)
