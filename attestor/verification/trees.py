"""Material and product, rebuilt from their leaves: every field that the peer leaves unchecked is checked here.

Two leaf rules exist under one type URI (wire-format section 0). Path-bound (G1): SHA-256 of path, a zero byte and the
raw digest, leaves in path order. Content-only (G2, G3): SHA-256 of the raw digest, equal contents once.
"""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from typing import Any

from attestor import merkle
from attestor.verification.finding import Finding, Refuted, failed, ok, unchecked

_HEX = re.compile(r"[0-9a-f]{64}")

Leaf = Mapping[str, Any]


def examine(name: str, body: Mapping[str, Any]) -> Finding:
    """Return what is found out about the tree of the predicate ``name``."""
    check = f"{name} root"
    try:
        _constants(body)
        leaves = _leaves(body)
        if not leaves:
            return _empty(check, body)
        rule, size, root = _rebuild(leaves)
    except Refuted as error:
        return failed(check, str(error))
    if body["treeSize"] != size:
        return failed(check, f"treeSize is {body['treeSize']}, and the leaves give {size}")
    if body["merkleRoot"] != root:
        return failed(check, "the root does not follow from the leaves")
    return ok(check, f"rebuilt from {len(leaves)} leaves, {rule}")


def _constants(body: Mapping[str, Any]) -> None:
    for key, value in (("hashAlgorithm", "sha256"), ("construction", "RFC6962")):
        if body.get(key) != value:
            message = f"{key} is not {value}"
            raise Refuted(message)
    if not isinstance(body.get("merkleRoot"), str) or not _HEX.fullmatch(body["merkleRoot"]):
        message = "merkleRoot is not 64 lower-case hex digits"
        raise Refuted(message)
    if type(body.get("treeSize")) is not int:
        message = "treeSize is not an integer"
        raise Refuted(message)


def _leaves(body: Mapping[str, Any]) -> Sequence[Leaf]:
    leaves = body.get("leaves", [])
    if not isinstance(leaves, list):
        message = "leaves is not a list"
        raise Refuted(message)
    paths = set()
    for number, leaf in enumerate(leaves):
        path = leaf.get("path") if isinstance(leaf, dict) else None
        if not isinstance(path, str) or not path:
            message = f"leaf {number} has no path"
            raise Refuted(message)
        for key in ("fileDigest", "leafHash"):
            if not isinstance(leaf.get(key), str) or not _HEX.fullmatch(leaf[key]):
                message = f"leaf {number} has no {key} of 64 lower-case hex digits"
                raise Refuted(message)
        if path in paths:
            message = f"leaf {number} repeats a path"
            raise Refuted(message)
        paths.add(path)
    return leaves


def _empty(check: str, body: Mapping[str, Any]) -> Finding:
    if body["merkleRoot"] == merkle.EMPTY_ROOT and body["treeSize"] == 0:
        return ok(check, "an empty tree")
    return unchecked(check, f"root not checkable: no leaves are listed for {body['treeSize']} files")


def _rebuild(leaves: Sequence[Leaf]) -> tuple[str, int, str]:
    """Return the leaf rule by which every ``leafHash`` is right, and the size and root that follow by it."""
    if all(leaf["leafHash"] == merkle.leaf_hash(leaf["fileDigest"]) for leaf in leaves):
        hashes = {leaf["fileDigest"]: leaf["leafHash"] for leaf in leaves}
        ordered_hashes = [bytes.fromhex(hashes[digest]) for digest in sorted(hashes)]
        return "content-only", len(hashes), merkle.tree_root(ordered_hashes)
    if all(leaf["leafHash"] == merkle.path_bound_leaf_hash(leaf["path"], leaf["fileDigest"]) for leaf in leaves):
        ordered = sorted(leaves, key=lambda leaf: leaf["path"].encode("utf-8", "surrogatepass"))
        return "path-bound", len(leaves), merkle.tree_root([bytes.fromhex(leaf["leafHash"]) for leaf in ordered])
    message = "a leafHash is neither that of the content nor that of path and content"
    raise Refuted(message)
