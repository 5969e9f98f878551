"""Trees of both wire generations, rebuilt from their leaves."""

from __future__ import annotations

import base64
import json

import pytest

from attestor.evidence import File
from attestor.merkle import EMPTY_ROOT, path_bound_leaf_hash, root, tree_root
from attestor.predicates import tree
from attestor.verification import trees
from attestor.verification.finding import Finding, State
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


LEAVES = [tree.leaf(File(path=path, sha256=path * 64)) for path in ("a", "b")]
BODY = tree.body("0" * 64, LEAVES) | {"leaves": LEAVES, "treeSize": 2}
BODY["merkleRoot"] = root(["a" * 64, "b" * 64])


def without(index: int, key: str) -> list[dict[str, object]]:
    return [{k: v for k, v in leaf.items() if (i, k) != (index, key)} for i, leaf in enumerate(LEAVES)]


def with_leaf(index: int, **fields: object) -> list[dict[str, object]]:
    return [{**leaf, **fields} if i == index else {**leaf} for i, leaf in enumerate(LEAVES)]


def test_a_tree_of_contents_is_rebuilt() -> None:
    """By the rule of today's wire generation."""
    assert trees.examine("material", BODY) == Finding(
        check="material root", state=State.OK, detail="rebuilt from 2 leaves, content-only"
    )


@pytest.mark.parametrize(
    ("change", "said"),
    [
        ({"hashAlgorithm": "sha512"}, "hashAlgorithm is not sha256"),
        ({"construction": "RFC9162"}, "construction is not RFC6962"),
        ({"merkleRoot": None}, "merkleRoot is not 64 lower-case hex digits"),
        ({"merkleRoot": "A" * 64}, "merkleRoot is not 64 lower-case hex digits"),
        ({"merkleRoot": "a" * 65}, "merkleRoot is not 64 lower-case hex digits"),
        ({"treeSize": True}, "treeSize is not an integer"),
        ({"treeSize": 2.0}, "treeSize is not an integer"),
        ({"treeSize": 3}, "treeSize is 3, and the leaves give 2"),
        ({"merkleRoot": "a" * 64}, "the root does not follow from the leaves"),
        ({"leaves": {}}, "leaves is not a list"),
        ({"leaves": None}, "leaves is not a list"),
        ({"leaves": [LEAVES[0], "b"]}, "leaf 1 has no path"),
        ({"leaves": without(1, "path")}, "leaf 1 has no path"),
        ({"leaves": with_leaf(1, path="")}, "leaf 1 has no path"),
        ({"leaves": with_leaf(1, path=1)}, "leaf 1 has no path"),
        ({"leaves": without(1, "fileDigest")}, "leaf 1 has no fileDigest of 64 lower-case hex digits"),
        ({"leaves": with_leaf(0, fileDigest="A" * 64)}, "leaf 0 has no fileDigest of 64 lower-case hex digits"),
        ({"leaves": without(0, "leafHash")}, "leaf 0 has no leafHash of 64 lower-case hex digits"),
        ({"leaves": with_leaf(1, leafHash="ab")}, "leaf 1 has no leafHash of 64 lower-case hex digits"),
        ({"leaves": [LEAVES[0], LEAVES[0]]}, "leaf 1 repeats a path"),
        (
            {"leaves": with_leaf(1, leafHash="c" * 64)},
            "a leafHash is neither that of the content nor that of path and content",
        ),
    ],
)
def test_a_tree_that_is_none_is_refused(change: dict[str, object], said: str) -> None:
    """With what is wrong with it."""
    assert trees.examine("product", BODY | change) == Finding(check="product root", state=State.FAILED, detail=said)


@pytest.mark.parametrize("field", ["hashAlgorithm", "construction", "merkleRoot", "treeSize"])
def test_a_tree_without_a_field_is_refused(field: str) -> None:
    """The peer leaves them unchecked."""
    body = {key: value for key, value in BODY.items() if key != field}
    found = trees.examine("material", body)
    assert (found.state, found.detail.startswith(f"{field} is not ")) == (State.FAILED, True)


@pytest.mark.parametrize("leaves", [{}, {"leaves": []}])
def test_a_tree_without_leaves_is_the_empty_one_or_not_checkable(leaves: dict[str, object]) -> None:
    """Empty only where both its root and its size say so."""
    empty = {key: value for key, value in BODY.items() if key != "leaves"} | leaves
    found = trees.examine("material", empty | {"merkleRoot": EMPTY_ROOT, "treeSize": 0})
    assert found == Finding(check="material root", state=State.OK, detail="an empty tree")
    for change in ({"merkleRoot": EMPTY_ROOT, "treeSize": 1}, {"treeSize": 0}):
        found = trees.examine("material", empty | change)
        assert (found.check, found.state) == ("material root", State.UNCHECKED)
        assert found.detail == f"root not checkable: no leaves are listed for {change['treeSize']} files"


def test_equal_contents_are_one_leaf() -> None:
    """Two paths of one content count once by today's rule."""
    leaves = [tree.leaf(File(path=path, sha256="a" * 64)) for path in ("a", "b")]
    body = BODY | {"leaves": leaves, "treeSize": 1, "merkleRoot": root(["a" * 64])}
    assert trees.examine("material", body).detail == "rebuilt from 2 leaves, content-only"


def test_a_path_that_is_no_unicode_is_ordered_by_its_bytes() -> None:
    """As the peer's sorting has it: by UTF-8, in which a surrogate stands behind what is below it."""
    digest = "ab" * 32
    paths = ["\udc80", "\ud7ff", "\U00010000"]
    ordered = sorted(paths, key=lambda path: path.encode("utf-8", "surrogatepass"))
    assert ordered != sorted(paths)[::-1]
    hashes = {path: path_bound_leaf_hash(path, digest) for path in paths}
    leaves = [{"path": path, "fileDigest": digest, "leafHash": hashes[path]} for path in paths]
    made = tree_root([bytes.fromhex(hashes[path]) for path in ordered])
    found = trees.examine("material", BODY | {"leaves": leaves, "treeSize": 3, "merkleRoot": made})
    assert found.detail == "rebuilt from 3 leaves, path-bound"
