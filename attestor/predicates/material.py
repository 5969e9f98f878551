"""``material/v0.3``: a Merkle root over the tree before the capture (rookery ``plugins/attestors/material``)."""

from __future__ import annotations

from attestor import merkle
from attestor.evidence import Evidence
from attestor.predicates import tree
from attestor.reports import Reports
from attestor.statement import ATTESTATIONS, Predicate, Subject

TYPE = ATTESTATIONS + "material/v0.3"


def build(evidence: Evidence, _reports: Reports) -> Predicate:
    """Return the predicate; an empty tree keeps its empty list, a signed word that nothing was consumed."""
    files = evidence.material.files
    root = merkle.root(file.sha256 for file in files)
    leaves = [tree.leaf(file) for file in files]
    subject = Subject(name="tree:materials", digest={"sha256": root})
    return Predicate(
        type=TYPE,
        span=evidence.material.span,
        body=tree.body(root, leaves) | {"leaves": leaves},
        subjects=[subject],
        back_references=[subject],
    )
