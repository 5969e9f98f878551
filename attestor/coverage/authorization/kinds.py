"""Which kinds decide who may reach what, which version of each is read, and which of them could not be read."""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping
from typing import Any

LINKERD, GATEWAY = "policy.linkerd.io", "gateway.networking.k8s.io"

KINDS: Mapping[str, Mapping[str, str]] = {
    LINKERD: {
        "servers": "Server",
        "serverauthorizations": "ServerAuthorization",
        "authorizationpolicies": "AuthorizationPolicy",
        "meshtlsauthentications": "MeshTLSAuthentication",
        "networkauthentications": "NetworkAuthentication",
        "httproutes": "HTTPRoute",
        "grpcroutes": "GRPCRoute",
        "egressnetworks": "EgressNetwork",
    },
    GATEWAY: {"httproutes": "HTTPRoute", "grpcroutes": "GRPCRoute"},
}
"""The kinds by group and plural."""

DISCOVERY = "/apis"

_VERSION = re.compile(r"v(?P<major>[0-9]+)(?:(?P<stage>alpha|beta)(?P<minor>[0-9]+))?")
_STAGES = {"alpha": 0, "beta": 1, None: 2}
_LIST = re.compile(r"GET /apis/(?P<group>[^/]+)/[^/]+(?:/namespaces/(?P<namespace>[^/]+))?(?:/(?P<plural>[^/]+))?")


def newest(versions: Iterable[str]) -> str:
    """Return the newest of the versions of a kind, in Kubernetes' own order: v1, v1beta3, v1beta2, v1alpha1.

    An object is the same in every served version. Source: Kubernetes' "Version priority" of CustomResourceDefinitions.
    """
    return max(versions, key=_priority)


def _priority(version: str) -> tuple[int, int, int, str]:
    found = _VERSION.fullmatch(version)
    if found is None:
        return -1, 0, 0, version
    return _STAGES[found["stage"]], int(found["major"]), int(found["minor"] or 0), version


class Unread:
    """Which lists are not whole, by the reasons of the part: a missing object among them proves nothing."""

    def __init__(self, reasons: Iterable[Mapping[str, Any]]) -> None:
        found = {place for reason in reasons if (place := _place(reason)) is not None}
        self._places: frozenset[tuple[str, str, str]] = frozenset(found)

    def __call__(self, group: str, kind: str, namespace: str) -> bool:
        """Tell whether objects of the kind in the namespace may have been missed."""
        plural = next((plural for plural, found in KINDS.get(group, {}).items() if found == kind), kind)
        wider = {("", "", ""), (group, "", ""), (group, plural, ""), (group, plural, namespace)}
        return not self._places.isdisjoint(wider)


def _place(reason: Mapping[str, Any]) -> tuple[str, str, str] | None:
    """Return the list that a reason is about, empty where it is about all; none where it is about something else."""
    source = str(reason.get("source", ""))
    if source == f"GET {DISCOVERY}":
        # A group that is not installed has no objects, which is known and not missed.
        return None if reason.get("code") == "not-installed" else ("", "", "")
    found = _LIST.fullmatch(source)
    if found is None or found["group"] not in KINDS:
        return None
    return found["group"], found["plural"] or "", found["namespace"] or ""
