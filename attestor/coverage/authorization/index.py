"""The kept objects of a cluster by kind, namespace and name, and the identities that they speak of."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from functools import cached_property
from typing import Any

from attestor.coverage.authorization.grants import EVERY
from attestor.coverage.authorization.kinds import LINKERD, Unread

Object = Mapping[str, Any]
_SERVICE_ACCOUNT = ".serviceaccount.identity."


@dataclass(frozen=True, slots=True)
class Defect:
    """Why a policy cannot match, or is wider than it looks."""

    code: str
    why: str


def group_of(found: Object) -> str:
    """Return the group of an object's kind."""
    return str(found["api"]).partition("/")[0]


def refers_to(reference: Mapping[str, Any], kind: str, group: str = LINKERD) -> bool:
    """Tell whether a reference is to this kind; the core group may be left out or be called core.

    Source: linkerd2 ``policy-controller/k8s/api/src/policy.rs``, ``targets_kind``.
    """
    said = str(reference.get("group") or "core").lower()
    return said == (group or "core") and str(reference.get("kind", "")).lower() == kind.lower()


def shown(reference: Mapping[str, Any]) -> str:
    """Return a reference in words."""
    return f"{str(reference.get('kind', ''))[:60]} {str(reference.get('name', ''))[:253]}"


class Index:
    """The objects, which of their lists are not whole, and the end that all identities of the mesh have."""

    def __init__(self, objects: Iterable[Object], reasons: Iterable[Mapping[str, Any]], mesh: str) -> None:
        self.mesh = mesh
        self.unread = Unread(reasons)
        self._kinds: dict[tuple[str, str], dict[str, dict[str, Object]]] = {}
        for found in objects:
            kind = self._kinds.setdefault((group_of(found), str(found["kind"])), {})
            kind.setdefault(str(found["namespace"]), {})[str(found["name"])] = found

    def named(self, kind: str, namespace: str, name: str, group: str = LINKERD) -> Object | None:
        """Return one object, where there is one."""
        return self._kinds.get((group, kind), {}).get(namespace, {}).get(name)

    def within(self, kind: str, namespace: str, group: str = LINKERD) -> Sequence[Object]:
        """Return the objects of a kind in a namespace."""
        return list(self._kinds.get((group, kind), {}).get(namespace, {}).values())

    def every(self, kind: str, group: str = LINKERD) -> Sequence[Object]:
        """Return the objects of a kind."""
        return [found for named in self._kinds.get((group, kind), {}).values() for found in named.values()]

    @cached_property
    def namespaces(self) -> frozenset[str]:
        """Where there are any."""
        return frozenset(namespace for found in self._kinds.values() for namespace in found)

    def service_account(self, namespace: str, name: str) -> str:
        """Return the identity of a service account (linkerd2 ``policy-controller/k8s/index/src/cluster_info.rs``).

        Where the mesh's trust domain is not known, in a form that no identity has.
        """
        return f"{name}.{namespace}{self.mesh}" if self.mesh else f"serviceaccount:{namespace}/{name}"

    def pattern(self, identity: str) -> str:
        """Return an identity, or ``*`` for a pattern that every identity of the mesh matches.

        ``*`` stands for any beginning, and only before a dot or alone
        (linkerd2 ``policy-controller/core/src/identity_match.rs``).
        """
        wide = identity.startswith("*.") and self.mesh.endswith(identity[1:])
        return EVERY if wide else identity


def mesh_of(pods: Iterable[Mapping[str, Any]]) -> str:
    """Return the end that all identities of covered pods have, from ``.serviceaccount`` on; empty if there is no one.

    A control plane names all its identities ``<sa>.<ns>.serviceaccount.identity.<namespace>.<trust domain>``.
    """
    found = {str(pod.get("identity", "")).partition(_SERVICE_ACCOUNT)[2] for pod in pods if pod["state"] == "covered"}
    found.discard("")
    return _SERVICE_ACCOUNT + found.pop() if len(found) == 1 else ""
