"""``product/v0.3``: a Merkle root over what the capture wrote (rookery ``plugins/attestors/product``)."""

from __future__ import annotations

from attestor import merkle
from attestor.evidence import Evidence, File
from attestor.predicates import tree
from attestor.reports import Reports
from attestor.statement import ATTESTATIONS, Predicate, Subject

TYPE = ATTESTATIONS + "product/v0.3"

_KINDS = (
    ("slsa-provenance", (".slsa-provenance.json",)),
    ("intoto", (".intoto.jsonl", ".intoto.json")),
    ("intoto-dsse", (".intoto.dsse", ".dsse")),
    ("spdx", (".spdx.json", ".spdx.yaml", ".spdx.yml")),
    ("cyclonedx", (".cdx.json", ".cdx.xml", "/bom.json")),
    ("sarif", (".sarif.json", ".sarif")),
    ("vex", (".vex.json", ".csaf.json")),
)
"""The peer's names for files that are evidence themselves, by the end of their lower-cased name."""


def build(evidence: Evidence, _reports: Reports) -> Predicate:
    """Return the predicate; the peer leaves an empty ``leaves`` out, and so does this."""
    files = evidence.product.files
    root = merkle.root(file.sha256 for file in files)
    leaves = [_leaf(file) for file in files]
    subject = Subject(name="tree:products", digest={"sha256": root})
    return Predicate(
        type=TYPE,
        span=evidence.product.span,
        body=tree.body(root, leaves) | ({"leaves": leaves} if leaves else {}),
        subjects=[subject],
        back_references=[subject],
    )


def _leaf(file: File) -> dict[str, str]:
    kind = kind_of(file.path)
    return tree.leaf(file) | ({"kind": kind} if kind else {})


def kind_of(path: str) -> str:
    """Return what kind of evidence a product's name says it is, or ``""``."""
    name = f"/{path.lower()}"
    return next((kind for kind, ends in _KINDS if name.endswith(ends)), "")
