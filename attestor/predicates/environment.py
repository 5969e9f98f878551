"""``environment/v0.1``: the host and its variables, secrets masked (rookery ``plugins/attestors/environment``)."""

from __future__ import annotations

from attestor import redaction
from attestor.evidence import Evidence
from attestor.reports import Reports
from attestor.statement import ATTESTATIONS, Predicate

TYPE = ATTESTATIONS + "environment/v0.1"


def build(evidence: Evidence, _reports: Reports) -> Predicate:
    """Return the predicate; ``kernel`` is ours, as the integration page names it and the peer has no such field."""
    host = evidence.host
    body: dict[str, object] = {"os": host.os, "hostname": host.hostname, "username": host.username}
    if host.variables:
        body["variables"] = redaction.variables(host.variables, evidence.secrets)
    body["kernel"] = host.kernel
    return Predicate(type=TYPE, span=host.span, body=body)
