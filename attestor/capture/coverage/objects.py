"""Asks the API server for a mesh's objects, part by part; what is made of them is said in ``attestor.coverage``."""

from __future__ import annotations

import functools
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import Any

from attestor.cluster.inquiry import Inquiry
from attestor.coverage import certificates, cluster, identity, links, pods, workloads
from attestor.coverage.certificates import Bundles
from attestor.coverage.part import Part, Scope
from attestor.lenient import mapping, rows

CONFIG = "linkerd-config"
ROOTS = "linkerd-identity-trust-roots"
_EXTERNAL = "workload.linkerd.io"
Ask = Callable[[], Inquiry]
"""Begins the questions of one part."""


@dataclass(slots=True, kw_only=True)
class Found:
    """What later parts need of earlier ones."""

    values: Mapping[str, Any] = field(default_factory=dict)
    namespaces: list[dict[str, Any]] = field(default_factory=list)
    pods: list[dict[str, Any]] = field(default_factory=list)
    bundles: Bundles = field(default_factory=Bundles)


def observe_cluster(inquiry: Inquiry, scope: Scope, server: str, found: Found) -> Part:
    """Return which cluster this is and what its mesh was told, and note the latter in ``found``."""
    body: dict[str, Any] = {"server": server}
    for name, path, value in (
        ("version", "/version", lambda answer: answer["gitVersion"]),
        ("uid", "/api/v1/namespaces/kube-system", lambda answer: answer["metadata"]["uid"]),
        ("linkerd", f"/api/v1/namespaces/{scope.control_plane}/configmaps/{CONFIG}", cluster.values),
    ):
        taken = _taken(inquiry, path, value)
        if taken is not None:
            body[name] = taken
    found.values = body.get("linkerd", {})
    body |= {"linkerd": cluster.linkerd(found.values)} if found.values else {}
    return inquiry.part(body)


def _taken(inquiry: Inquiry, path: str, value: Callable[[Mapping[str, Any]], Any]) -> Any:
    """Return what ``value`` takes of the object at ``path``, or nothing and a reason."""
    answer = inquiry.get(path)
    if answer is None:
        return None
    try:
        return value(answer)
    except (KeyError, TypeError, ValueError) as error:
        inquiry.note("not-understood", f"GET {path}", f"the answer is not of the expected shape: {error}")
        return None


def observe_workloads(inquiry: Inquiry, scope: Scope, found: Found) -> Part:
    """Return every pod and workload of the scope, and note namespaces and pods in ``found``."""
    if scope.namespaces:
        paths = [f"/api/v1/namespaces/{name}" for name in scope.namespaces]
        answers = [_taken(inquiry, path, workloads.keep_namespace) for path in paths]
        namespaces = [answer for answer in answers if answer is not None]
    else:
        namespaces = inquiry.list("/api/v1/namespaces", workloads.keep_namespace)
    kept = [pod for path in scope.paths("/api/v1", "pods") for pod in inquiry.list(path, pods.keep)]
    listed = []
    for kind, whole in workloads.KINDS.items():
        api, plural = whole.rsplit("/", 1)
        keep = functools.partial(workloads.keep_workload, kind)
        listed += [item for path in scope.paths(api, plural) for item in inquiry.list(path, keep)]
    body = workloads.build(namespaces, listed, kept, scope.control_plane, found.bundles)
    found.namespaces, found.pods = body["namespaces"], body["pods"]
    return inquiry.part(body)


def observe_identity(inquiry: Inquiry, scope: Scope, found: Found) -> Part:
    """Return whom the mesh believes; the issuer's certificate only where it can be read without a Secret."""
    path = f"/api/v1/namespaces/{scope.control_plane}/configmaps/{ROOTS}"
    pem = _taken(inquiry, path, identity.anchors) or ""
    body: dict[str, Any] = {
        "anchors": _read(inquiry, f"GET {path}", identity.trusted, pem) if pem else [],
        "config_anchors": _config_anchors(inquiry, found),
        "copies": identity.copies(found.pods, found.bundles, pem),
        "identities": identity.in_use(found.pods, scope.control_plane, _trust_domain(found)),
        "external_workloads": _external(inquiry, scope),
    }
    told = cluster.at(found.values, cluster.ISSUER)
    scheme = str(cluster.at(found.values, ("identity", "issuer", "scheme")) or "")
    body |= _read(inquiry, CONFIG, lambda text: identity.issuer(text, pem, scheme), told) or {}
    events = f"/api/v1/namespaces/{scope.control_plane}/events"
    updates = [when for when in inquiry.list(events, identity.keep_event, "reason=IssuerUpdated") if when]
    return inquiry.part(body | ({"issuer_updated": max(updates)} if updates else {}))


def _trust_domain(found: Found) -> str:
    return str(cluster.linkerd(found.values).get("trust_domain", "")) if found.values else ""


def _config_anchors(inquiry: Inquiry, found: Found) -> list[dict[str, Any]]:
    pem = cluster.at(found.values, cluster.ANCHORS)
    if not isinstance(pem, str) or not pem.strip():
        return []
    return _read(inquiry, CONFIG, identity.trusted, pem) or []


def _read(inquiry: Inquiry, source: str, read: Callable[[Any], Any], pem: object) -> Any:
    try:
        return read(pem)
    except certificates.NoCertificates as error:
        inquiry.note("not-understood", source, str(error))
        return []


def _external(inquiry: Inquiry, scope: Scope) -> list[dict[str, str]]:
    version = newest(inquiry, _EXTERNAL)
    if not version:
        return []
    paths = scope.paths(f"/apis/{_EXTERNAL}/{version}", "externalworkloads")
    return [item for path in paths for item in inquiry.list(path, identity.keep_external)]


def newest(inquiry: Inquiry, group: str) -> str:
    """Return the version of ``group`` that the API server prefers, empty where it serves none or did not say.

    An answer of another shape is a reason, and not a cluster without the group.
    """
    answer = inquiry.get("/apis")
    if answer is None:
        return ""
    if not isinstance(answer.get("groups"), list):
        inquiry.note("not-understood", "GET /apis", "the answer is no list of groups")
        return ""
    named = [entry for entry in rows(answer["groups"]) if entry.get("name") == group]
    version = str(mapping(named[0].get("preferredVersion")).get("version", "")) if named else ""
    if named and not version:
        inquiry.note("not-understood", "GET /apis", f"the group {group} is served in no version")
    return version


def observe_links(inquiry: Inquiry) -> Part:
    """Return the Links of the cluster; without the kind there can be none."""
    version = newest(inquiry, links.GROUP)
    if not version:
        return inquiry.part({"installed": False, "links": []})
    path = f"/apis/{links.GROUP}/{version}/links"  # of the whole cluster: they stand in a namespace of their own
    return inquiry.part({"installed": True, "links": inquiry.list(path, links.keep)})
