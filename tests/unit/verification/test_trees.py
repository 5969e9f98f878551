"""Trees of both wire generations, rebuilt from their leaves."""

from __future__ import annotations

import base64
import json

import pytest

from attestor.evidence import File
from attestor.merkle import path_bound_leaf_hash, tree_root
from attestor.predicates import tree
from attestor.verification import trees
from attestor.verification.finding import State
from tests.conftest import ROOT

G1 = ROOT / "tests" / "fixtures" / "rookery-recorded" / "attestation.json"


@pytest.mark.parametrize("name", ["material", "product"])
def test_a_recorded_path_bound_tree_is_rebuilt(name: str) -> None:
    """The trees of an envelope of wire generation G1 follow from their leaves by the path-bound rule."""
    statement = json.loads(base64.b64decode(json.loads(G1.read_bytes())["payload"]))
    entries = statement["predicate"]["attestations"]
    body = next(entry["attestation"] for entry in entries if f"/{name}/" in entry["type"])
    finding = trees.examine(name, body)
    assert (finding.state, finding.detail) == (State.OK, "rebuilt from 1 leaves, path-bound")


def test_path_bound_leaves_are_ordered_by_path_and_none_is_dropped() -> None:
    """Equal contents under two paths are two leaves of a path-bound tree, whatever the order in which they are listed."""
    digest = "ab" * 32
    hashes = {path: path_bound_leaf_hash(path, digest) for path in ("a", "b")}
    leaves = [{"path": path, "fileDigest": digest, "leafHash": hashes[path]} for path in ("b", "a")]
    body = tree.body(tree_root([bytes.fromhex(hashes[path]) for path in ("a", "b")]), leaves) | {"leaves": leaves}
    assert trees.examine("material", body).state is State.FAILED  # its size counts distinct digests
    assert trees.examine("material", body | {"treeSize": 2}).state is State.OK


def test_rules_are_not_mixed() -> None:
    """A tree with one leaf by each rule follows from neither."""
    digest = "ab" * 32
    leaves = [tree.leaf(File(path="a", sha256=digest)), {"path": "b", "fileDigest": digest}]
    leaves[1]["leafHash"] = path_bound_leaf_hash("b", digest)
    finding = trees.examine("material", tree.body("0" * 64, leaves) | {"leaves": leaves})
    assert (finding.state, "neither" in finding.detail) == (State.FAILED, True)
