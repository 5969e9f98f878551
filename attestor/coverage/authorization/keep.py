"""What is kept of an object that decides who may reach what: the fields that decide, and no value of a header.

The fields are those of linkerd2 ``policy-controller/k8s/api/src/policy`` and of the Gateway API. They are kept as they
stand; what they mean is judged later, so that one strange object does not hide the others.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any

from attestor.lenient import items, mapping, rows

Kept = dict[str, Any]

CONTROLLER = "linkerd.io/policy-controller"
"""Who accepts a route for Linkerd (linkerd2 ``policy-controller/core/src/lib.rs``)."""

INJECTOR = "linkerd-proxy-injector-webhook-config"
_COMPONENT, _CONTROL_PLANE = "linkerd.io/control-plane-component", "linkerd.io/control-plane-ns"

_FIELDS = {
    "Server": ("podSelector", "externalWorkloadSelector", "port", "proxyProtocol", "accessPolicy"),
    "ServerAuthorization": ("server", "client"),
    "AuthorizationPolicy": ("targetRef", "requiredAuthenticationRefs"),
    "MeshTLSAuthentication": ("identities", "identityRefs"),
    "NetworkAuthentication": ("networks",),
    "EgressNetwork": ("networks", "trafficPolicy"),
}


def policy(api: str, kind: str, item: Mapping[str, Any]) -> Kept:
    """Return what is kept of an object of one of the policy kinds; raises ``KeyError`` where it has no name."""
    meta, spec = mapping(item.get("metadata")), mapping(item.get("spec"))
    found: Kept = {"api": api, "kind": kind, "namespace": str(meta["namespace"]), "name": str(meta["name"])}
    if kind in _FIELDS:
        found["spec"] = {field: spec[field] for field in _FIELDS[kind] if field in spec}
    else:
        found["spec"] = _route(spec, mapping(item.get("status")))
    if kind == "Server":  # older Servers go before younger ones, and ServerAuthorizations select them by labels
        labels = {str(key): str(value) for key, value in mapping(meta.get("labels")).items()}
        found |= {"labels": labels, "created": str(meta.get("creationTimestamp") or "")}
    return found


def _route(spec: Mapping[str, Any], status: Mapping[str, Any]) -> Kept:
    parents = [dict(parent) for parent in rows(spec.get("parentRefs"))]
    rules = rows(spec.get("rules"))
    filters = {str(found.get("type")) for rule in rules for found in rows(rule.get("filters"))}
    return {
        "parents": parents,
        "hostnames": [str(host) for host in items(spec.get("hostnames"))],
        "matches": [[_match(found) for found in rows(rule.get("matches"))] for rule in rules],
        "filters": sorted(filters),
        "accepted": sorted(set(_accepted(status))),
    }


def _match(found: Mapping[str, Any]) -> Kept:
    kept: Kept = {field: found[field] for field in ("path", "method") if field in found}
    for field in ("headers", "queryParams"):
        if field in found:
            kept[field] = [str(one.get("name")) for one in rows(found[field])]
    return kept


def _accepted(status: Mapping[str, Any]) -> Iterator[str]:
    """Return the names of the Servers for which Linkerd's controller has accepted the route."""
    for parent in rows(status.get("parents")):
        reference = mapping(parent.get("parentRef"))
        if parent.get("controllerName") != CONTROLLER or reference.get("kind") != "Server":
            continue
        for condition in rows(parent.get("conditions")):
            if condition.get("type") == "Accepted" and condition.get("status") == "True":
                yield str(reference.get("name"))


def network_policy(item: Mapping[str, Any]) -> Kept:
    """Return what is kept of a NetworkPolicy."""
    meta, spec = mapping(item.get("metadata")), mapping(item.get("spec"))
    return {
        "namespace": str(meta["namespace"]),
        "name": str(meta["name"]),
        "pod_selector": dict(mapping(spec.get("podSelector"))),
        "types": [str(found) for found in items(spec.get("policyTypes"))],
    }


def webhook(item: Mapping[str, Any]) -> Kept | None:
    """Return what is kept of the injector's MutatingWebhookConfiguration, and nothing of any other.

    By its label, else by its name (linkerd2 ``charts/linkerd-control-plane/templates/proxy-injector-rbac.yaml``).
    """
    meta = mapping(item.get("metadata"))
    name, labels = str(meta["name"]), mapping(meta.get("labels"))
    if labels.get(_COMPONENT) != "proxy-injector" and name != INJECTOR:
        return None
    hooks = [
        {field: hook[field] for field in ("failurePolicy", "namespaceSelector", "objectSelector") if field in hook}
        for hook in rows(item.get("webhooks"))
    ]
    return {"name": name, "control_plane": str(labels.get(_CONTROL_PLANE, "")), "hooks": hooks}
