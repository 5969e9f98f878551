"""``urn:mesh-attestor:mesh-coverage:v0.1``: what edges cannot prove, where it was asked for (docs/predicates)."""

from __future__ import annotations

import hashlib

from attestor.evidence import Evidence
from attestor.reports import Reports
from attestor.statement import Predicate, Subject, encoded

TYPE = "urn:mesh-attestor:mesh-coverage:v0.1"


def build(evidence: Evidence, _reports: Reports) -> Predicate | None:
    """Return the predicate, or ``None`` where no coverage was asked for."""
    found = evidence.coverage
    if found is None:
        return None
    body: dict[str, object] = {"scope": found.scope.to_dict()}
    body |= {name: part.to_dict() for name, part in found.parts.items()}
    return Predicate(type=TYPE, span=found.span, body=body, subjects=_subjects(body))


def _subjects(body: dict[str, object]) -> list[Subject]:
    """Return the cluster, by which evidence about it can be looked up."""
    cluster = body.get("cluster")
    uid = cluster.get("uid") if isinstance(cluster, dict) else None
    if not isinstance(uid, str) or not uid:
        return []
    return [Subject(name=f"cluster-uid:{uid}", digest={"sha256": hashlib.sha256(encoded(uid)).hexdigest()})]
