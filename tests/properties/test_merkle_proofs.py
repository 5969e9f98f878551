"""Every leaf of a tree has the inclusion path that RFC 6962 defines, and the path leads to the root."""

from __future__ import annotations

import hashlib

from hypothesis import given
from hypothesis import strategies as st

from attestor import merkle
from tests.fuzz.model import head
from tests.properties.meshes import quick

LEAVES = st.lists(st.binary(min_size=32, max_size=32), min_size=1, max_size=40)


def split(count: int) -> int:
    """Return the largest power of two below ``count``."""
    return 1 << (count - 1).bit_length() - 1


def path(number: int, leaves: list[bytes]) -> list[bytes]:
    """RFC 6962, section 2.1.1: the audit path of one leaf, word for word."""
    if len(leaves) == 1:
        return []
    k = split(len(leaves))
    if number < k:
        return [*path(number, leaves[:k]), head(leaves[k:])]
    return [*path(number - k, leaves[k:]), head(leaves[:k])]


def led_to(number: int, count: int, leaf: bytes, way: list[bytes]) -> bytes:
    """Return the root that a path leads to (RFC 9162, section 2.1.3.2, in its recursive form)."""
    if count == 1:
        return hashlib.sha256(b"\x00" + leaf).digest()
    k = split(count)
    *rest, sibling = way
    if number < k:
        return hashlib.sha256(b"\x01" + led_to(number, k, leaf, rest) + sibling).digest()
    return hashlib.sha256(b"\x01" + sibling + led_to(number - k, count - k, leaf, rest)).digest()


@quick
@given(LEAVES)
def test_every_path_leads_to_the_root(leaves: list[bytes]) -> None:
    """From each leaf, by its siblings, to the root that the program gives."""
    root = bytes.fromhex(merkle.tree_root(leaves))
    for number, leaf in enumerate(leaves):
        assert led_to(number, len(leaves), leaf, path(number, leaves)) == root


@quick
@given(LEAVES, st.data())
def test_another_leaf_is_another_root(leaves: list[bytes], data: st.DataObject) -> None:
    """No bit of no leaf goes unseen."""
    number = data.draw(st.integers(0, len(leaves) - 1))
    bit = data.draw(st.integers(0, 255))
    changed = (int.from_bytes(leaves[number], "big") ^ (1 << bit)).to_bytes(32, "big")
    assert merkle.tree_root([*leaves[:number], changed, *leaves[number + 1 :]]) != merkle.tree_root(leaves)


@quick
@given(st.lists(st.binary(min_size=32, max_size=32), min_size=2, max_size=20, unique=True), st.data())
def test_a_tree_knows_the_order_of_its_leaves(leaves: list[bytes], data: st.DataObject) -> None:
    """Two that change places change the root, so that sorting is what makes a root one of a set."""
    first = data.draw(st.integers(0, len(leaves) - 2))
    second = data.draw(st.integers(first + 1, len(leaves) - 1))
    swapped = list(leaves)
    swapped[first], swapped[second] = leaves[second], leaves[first]
    assert merkle.tree_root(swapped) != merkle.tree_root(leaves)


@quick
@given(st.lists(st.binary(max_size=4), min_size=1, max_size=12), st.data())
def test_a_root_speaks_of_the_distinct_contents(contents: list[bytes], data: st.DataObject) -> None:
    """In any order and number, and of no other content."""
    digests = [hashlib.sha256(content).hexdigest() for content in contents]
    shuffled = data.draw(st.permutations(digests + digests[:1]))
    expected = head([hashlib.sha256(bytes.fromhex(digest)).digest() for digest in sorted(set(digests))]).hex()
    assert merkle.root(shuffled) == merkle.root(digests) == expected
    fewer = [digest for digest in digests if digest != digests[0]]
    assert merkle.root(fewer) != expected
