"""Asks the API server for what decides who may reach what; what follows from it is said in ``attestor.coverage``.

Each kind is read once, in the newest version that is served: the objects are the same in every one.
"""

from __future__ import annotations

import functools
from collections.abc import Iterable, Iterator, Mapping, Sequence
from typing import Any

from attestor.cluster.inquiry import Inquiry
from attestor.coverage.authorization import injector, keep
from attestor.coverage.authorization.derivation import build
from attestor.coverage.authorization.judged import AUTHENTICATIONS, references
from attestor.coverage.authorization.kinds import DISCOVERY, KINDS, LINKERD, newest
from attestor.coverage.authorization.selectors import NotUnderstood
from attestor.coverage.part import Part, Scope
from attestor.lenient import rows

WEBHOOKS = "/apis/admissionregistration.k8s.io/v1/mutatingwebhookconfigurations"
NETWORK_POLICIES = ("/apis/networking.k8s.io/v1", "networkpolicies")
_GROUP = "the API server does not serve the group"


def observe(
    inquiry: Inquiry, scope: Scope, pods: Sequence[Mapping[str, Any]], namespaces: Iterable[Mapping[str, Any]]
) -> Part:
    """Return who may reach what. ``pods`` and ``namespaces`` are those of the part ``workloads``."""
    served = _served(inquiry)
    objects = [found for path, api, kind in _lists(served, scope) for found in _read(inquiry, path, api, kind)]
    objects += _authentications_elsewhere(inquiry, scope, served, objects)
    network_policies = [
        found for path in scope.paths(*NETWORK_POLICIES) for found in inquiry.list(path, keep.network_policy)
    ]
    body = build(objects, pods, [reason.to_dict() for reason in inquiry.reasons])
    more = {
        "injector": _injector(inquiry, scope, namespaces),
        "network_policies": sorted(network_policies, key=lambda found: (found["namespace"], found["name"])),
    }
    return inquiry.part({"served": sorted(served), **body, **more})


def _served(inquiry: Inquiry) -> list[str]:
    """Return the policy kinds with every version in which they are served, as ``group/version/plural``."""
    answer = inquiry.get(DISCOVERY)
    if answer is None:
        return []
    if not isinstance(answer.get("groups"), list):
        inquiry.note("not-understood", f"GET {DISCOVERY}", "the answer is no list of groups")
        return []
    groups = {str(found.get("name")): rows(found.get("versions")) for found in rows(answer["groups"])}
    if LINKERD not in groups:
        inquiry.note("not-installed", f"GET {DISCOVERY}", f"{_GROUP} {LINKERD}")
    return [
        f"{found['groupVersion']}/{plural}"
        for group, kinds in KINDS.items()
        for found in groups.get(group, [])
        for plural in _resources(inquiry, str(found.get("groupVersion")))
        if plural in kinds
    ]


def _resources(inquiry: Inquiry, api: str) -> list[str]:
    path = f"{DISCOVERY}/{api}"
    answer = inquiry.get(path)
    if answer is not None and not isinstance(answer.get("resources"), list):
        inquiry.note("not-understood", f"GET {path}", "the answer is no list of resources")
        return []
    return [str(found.get("name")) for found in rows(answer["resources"])] if answer is not None else []


def _newest(served: Iterable[str]) -> Mapping[tuple[str, str], str]:
    """Return the newest version by group and plural."""
    found: dict[tuple[str, str], set[str]] = {}
    for entry in served:
        group, version, plural = entry.split("/")
        found.setdefault((group, plural), set()).add(version)
    return {kind: newest(versions) for kind, versions in found.items()}


def _lists(served: Iterable[str], scope: Scope) -> Iterator[tuple[str, str, str]]:
    """Return the paths to read, each with the group and version and the kind of its objects."""
    for (group, plural), version in _newest(served).items():
        for path in scope.paths(f"{DISCOVERY}/{group}/{version}", plural):
            yield path, f"{group}/{version}", KINDS[group][plural]


def _read(inquiry: Inquiry, path: str, api: str, kind: str) -> list[keep.Kept]:
    return inquiry.list(path, functools.partial(keep.policy, api, kind))


def _authentications_elsewhere(
    inquiry: Inquiry, scope: Scope, served: Iterable[str], objects: Iterable[Mapping[str, Any]]
) -> list[keep.Kept]:
    """Return the authentications outside of the scope that its AuthorizationPolicies refer to."""
    if not scope.namespaces:
        return []
    wanted = {found for one in objects for found in references(one) if found[1] not in scope.namespaces}
    versions, kept = _newest(served), []
    for kind, namespace in sorted({(kind, namespace) for kind, namespace, _ in wanted}):
        plural = AUTHENTICATIONS[kind]
        if (LINKERD, plural) not in versions:
            continue
        api = f"{LINKERD}/{versions[LINKERD, plural]}"
        listed = _read(inquiry, f"{DISCOVERY}/{api}/namespaces/{namespace}/{plural}", api, kind)
        kept += [found for found in listed if (kind, namespace, found["name"]) in wanted]
    return kept


def _injector(inquiry: Inquiry, scope: Scope, namespaces: Iterable[Mapping[str, Any]]) -> Mapping[str, Any]:
    found = [kept for kept in inquiry.list(WEBHOOKS, keep.webhook) if kept is not None]
    try:
        return injector.build(found, namespaces, scope.control_plane)
    except NotUnderstood as error:
        inquiry.note("not-understood", f"GET {WEBHOOKS}", str(error))
        return {"found": True}
