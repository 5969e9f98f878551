"""What material and product share: leaves listed inline for every path, the root over the distinct digests.

The peer keeps one path for each content, so that a swapped duplicate goes unseen; listing every path over the
same root is accepted by its verifier, and is caught by it (measured against cilock v4.1.0).
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from attestor import merkle
from attestor.evidence import File


def body(root: str, leaves: Sequence[Mapping[str, str]]) -> dict[str, object]:
    """Return the common keys; ``treeSize`` counts the distinct digests, as the root does."""
    return {
        "merkleRoot": root,
        "treeSize": len({leaf["fileDigest"] for leaf in leaves}),
        "hashAlgorithm": "sha256",
        "construction": "RFC6962",
    }


def leaf(file: File) -> dict[str, str]:
    """Return one inline leaf."""
    return {"path": file.path, "fileDigest": file.sha256, "leafHash": merkle.leaf_hash(file.sha256)}
