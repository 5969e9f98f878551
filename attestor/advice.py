"""What a finding usually means, and the command that shows it. Pure.

The words are linkerd's own for missing TLS (linkerd2 ``viz/metrics-api/edges.go``), and what makes a proxy report them.
A rule's sentence stays as it is, so that a policy for another program says the same; this is told beside it.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass

from attestor.verdict import Violation


@dataclass(frozen=True, slots=True)
class Advice:
    """``meaning`` may be empty where the finding says it all."""

    meaning: str
    command: str

    def lines(self) -> list[str]:
        """Return the advice as lines for a person."""
        return [*([f"usually: {self.meaning}"] if self.meaning else []), f"shown by: {self.command}"]


_MEANINGS = {
    "Not Provided By Service Discovery": (
        "the destination has no proxy of this control plane, or the port is one that skips its proxy"
    ),
    "Not Provided By Remote": "the other end showed no identity: its proxy is very old, or answers for somebody else",
    "Loopback": "the workload called itself through its own Service, and the traffic never left the pod",
    "Disabled": "identity is switched off for the proxy of the source",
    "No Authority In HTTP Request": "the proxy is an old one, which encrypts only HTTP that names its host",
    "Not HTTP": "the proxy is an old one, which encrypts only HTTP",
    "none": "the proxy gave a reason that linkerd has no word for, or none at all",
}
"""By linkerd's reason."""

_USUALLY: Mapping[str, str] = {
    "collection.coverage_complete": "a right is missing, or Prometheus is where nobody was told to ask",
    "collection.workloads_covered": (
        "the pods were started before their namespace was annotated, or while the injector was away"
    ),
    "collection.workloads_opted_out": "the application could not wait for its proxy, or was to be out for a while only",
    "collection.ports_skipped": "a protocol in which the server speaks first; opaque ports do for it, and keep mTLS",
    "collection.anchors_agree": "the anchors were rotated, and the workloads not started again since",
    "collection.traffic_encrypted": "the other end has no proxy of this mesh, or the port is one that skips it",
    "collection.traffic_observed": "a policy keeps Prometheus away from port 4191, or another Prometheus was asked",
}
"""By rule."""

_EDGES, _CHECKS = "linkerd viz edges deploy -A", "linkerd check"
_UNMESHED, _POD_EDGES = "linkerd viz stat deploy -A --unmeshed", "linkerd viz edges pod -A"
_SETTINGS = "kubectl get pods -A -o yaml | grep -e config.linkerd.io/ -e linkerd.io/inject -e hostNetwork"
_POLICIES = "kubectl get servers,authorizationpolicies,meshtlsauthentications -A"
_OF_A_NAMESPACE = frozenset({_EDGES, _UNMESHED, _POD_EDGES, _SETTINGS, _POLICIES})
"""Those that say more of the namespace alone."""
_ANCHORS = "kubectl get configmap linkerd-identity-trust-roots -n linkerd -o jsonpath='{.data.ca-bundle\\.crt}'"
_COMMANDS: Mapping[str, str] = {
    "mesh.checks_pass": _CHECKS,
    "mesh.categories_present": "linkerd check -o json",
    "mesh.edges_captured": "linkerd viz check",
    "mesh.edges_present": _EDGES,
    "mesh.edges_mtls": _EDGES,
    "mesh.report_complete": "linkerd check -o json",
    "mesh.known_results": "linkerd check -o json",
    "mesh.known_reasons": "linkerd viz edges deploy -A -o json",
    "mesh.edges_identified": "linkerd viz edges deploy -A -o json",
    "mesh.required_namespaces": _EDGES,
    "mesh.required_edges": _EDGES,
    "mesh.minimum_edges": _EDGES,
    "mesh.allowed_pairs": _EDGES,
    "mesh.identity_namespaces": _EDGES,
    "mesh.required_checks": _CHECKS,
    "mesh.extensions_checked": _CHECKS,
    "mesh.warning_budget": _CHECKS,
    "mesh.versions_match": "linkerd version",
    "collection.coverage_complete": "mesh-attestor doctor",
    "collection.workloads_covered": _UNMESHED,
    "collection.workloads_opted_out": _SETTINGS,
    "collection.host_network": _SETTINGS,
    "collection.ports_skipped": _SETTINGS,
    "collection.inbound_policy": _SETTINGS,
    "collection.ports_authenticated": _POLICIES,
    "collection.authorization_matches": _POLICIES,
    "collection.certificates_valid": _ANCHORS,
    "collection.certificates_expire": _ANCHORS,
    "collection.certificates_strong": _ANCHORS,
    "collection.anchors_agree": "linkerd check --proxy",
    "collection.injection_enforced": "kubectl get mutatingwebhookconfiguration -o yaml",
    "collection.traffic_encrypted": _POD_EDGES,
    "collection.traffic_observed": "linkerd viz check --proxy",
    "collection.pod_edges_mtls": _POD_EDGES,
    "collection.proxy_checks_pass": "linkerd check --proxy",
    "collection.links_alive": "linkerd multicluster gateways",
}
"""By rule; a rule that is not here speaks of nothing that a command shows."""

_INSECURE = ("mesh.edges_mtls", "collection.pod_edges_mtls")
_REASON = re.compile(r".*, linkerd's reason (.+)", re.DOTALL)
_NAME = re.compile(r"[a-z0-9](?:[-a-z0-9.]{0,251}[a-z0-9])?")
"""What Kubernetes calls a workload or a namespace. Nothing else gets into a command that somebody will paste."""


def of(violation: Violation) -> Advice | None:
    """Return the advice on a finding of an embedded rule, or ``None`` where there is none."""
    command = _COMMANDS.get(violation.rule)
    if command is None:
        return None
    about = {key: value for key, value in violation.about if _NAME.fullmatch(value)}
    reason = _reason(violation)
    known = violation.rule == _INSECURE[0] and {"dst", "dst_namespace"} <= about.keys()
    if known and reason == "Not Provided By Service Discovery":
        command = f"linkerd viz stat deploy/{about['dst']} -n {about['dst_namespace']} --unmeshed"
    elif command in _OF_A_NAMESPACE and (namespace := about.get("src_namespace") or about.get("namespace")):
        command = command.replace(" -A", f" -n {namespace}")
    return Advice(_MEANINGS.get(reason, _USUALLY.get(violation.rule, "")), command)


def _reason(violation: Violation) -> str:
    """Return the reason that linkerd gave, which is the end of the sentence on an insecure edge."""
    found = _REASON.fullmatch(violation.message) if violation.rule in _INSECURE else None
    return found.group(1) if found else ""
