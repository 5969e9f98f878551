"""RFC 6962 Merkle trees over file digests, as the peer builds them today (content-only leaves).

A leaf is SHA-256 of a file's raw 32-byte digest; the tree hashes each leaf once more with the prefix 0x00 and
each pair of nodes with the prefix 0x01. Equal contents count once (wire generation G3).
"""

from __future__ import annotations

import hashlib
from collections.abc import Iterable, Sequence

EMPTY_ROOT = hashlib.sha256().hexdigest()
"""Root of a tree without leaves: SHA-256 of nothing (RFC 6962, section 2.1)."""


def leaf_hash(file_sha256: str) -> str:
    """Return the hex ``leafHash`` of a file with the hex digest ``file_sha256``."""
    return hashlib.sha256(bytes.fromhex(file_sha256)).hexdigest()


def path_bound_leaf_hash(path: str, file_sha256: str) -> str:
    """Return the hex ``leafHash`` of wire generation G1, which hashes the path too: path, a zero byte, raw digest."""
    return hashlib.sha256(path.encode("utf-8", "surrogatepass") + b"\x00" + bytes.fromhex(file_sha256)).hexdigest()


def root(file_digests: Iterable[str]) -> str:
    """Return the hex root over the distinct hex ``file_digests``, in ascending order."""
    return tree_root([bytes.fromhex(leaf_hash(digest)) for digest in sorted(set(file_digests))])


def tree_root(leaves: Sequence[bytes]) -> str:
    """Return the hex RFC 6962 tree head over ``leaves`` in their order.

    Pairing neighbours level by level, with an odd last node carried up, splits at the largest power of two below
    the count exactly as the RFC's recursion does, without its depth.
    """
    if not leaves:
        return EMPTY_ROOT
    level = [hashlib.sha256(b"\x00" + leaf).digest() for leaf in leaves]
    while len(level) > 1:
        pairs = zip(level[::2], level[1::2], strict=False)
        above = [hashlib.sha256(b"\x01" + left + right).digest() for left, right in pairs]
        if len(level) % 2:
            above.append(level[-1])
        level = above
    return level[0].hex()
