"""Grants: whom one authorization lets in, and what several of them let in together.

A grant without identities lets in clients that show none; by ``unauthenticatedTLS`` they must speak TLS to the proxy,
for which they need no certificate, so that they count as the same.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from attestor.coverage.authorization.networks import ANYWHERE, CLUSTER, Network, everywhere
from attestor.coverage.authorization.selectors import NotUnderstood

EVERY = "*"


@dataclass(frozen=True, slots=True)
class Grant:
    """Identities that must be shown, of which one is enough, or none at all; and the networks from which it holds."""

    identities: tuple[str, ...] | None
    networks: tuple[Network, ...] = ANYWHERE
    audit: bool = False


_DEFAULTS: Mapping[str, tuple[Grant, ...]] = {
    "all-unauthenticated": (Grant(None),),
    "all-authenticated": (Grant((EVERY,)),),
    "cluster-unauthenticated": (Grant(None, (CLUSTER,)),),
    "cluster-authenticated": (Grant((EVERY,), (CLUSTER,)),),
    "audit": (Grant(None, audit=True),),
    "deny": (),
}


def of_default(policy: str, *, identified: bool = False) -> tuple[Grant, ...]:
    """Return what a default inbound policy, or an accessPolicy, lets in; raises ``NotUnderstood``.

    ``identified`` is for ports that the annotation config.linkerd.io/proxy-require-identity-inbound-ports names: for
    them, the policies that let everybody in let only the mesh in; audit does not. Source:
    ``policy-controller/k8s/index/src/defaults.rs``, ``default_inbound_server`` of ``inbound/index.rs``, and the same
    words in linkerd2-proxy's ``linkerd/app/src/env.rs``.
    """
    if policy not in _DEFAULTS:
        raise NotUnderstood(f"{policy!r:.60} is no inbound policy")
    found = _DEFAULTS[policy]
    return tuple(one if one.audit else Grant((EVERY,), one.networks) for one in found) if identified else found


@dataclass(frozen=True, slots=True, kw_only=True)
class Rules:
    """What decides at a port: grants for all of it, grants on routes only, and whether there may be more than is known.

    A route does not take anything away: the proxy adds a Server's authorizations to those of each of its routes
    (linkerd2-proxy ``linkerd/proxy/server-policy/src/lib.rs``, ``mk_routes``). A request that matches no route is not
    answered at all.
    """

    grants: tuple[Grant, ...] = ()
    routes: Mapping[str, tuple[Grant, ...]] = field(default_factory=dict)
    doubtful: bool = False


def access(rules: Rules) -> dict[str, Any]:
    """Return what a port lets in, as the predicate has it. Where more may be let in than is known, it is unknown.

    The proxy's own host is always let in, and so are probes on their paths from the networks of the nodes
    (``default_inbound_http_routes``); neither is told here.
    """
    free = [
        network for grant in rules.grants if grant.identities is None and not grant.audit for network in grant.networks
    ]
    routes = sorted(name for name, grants in rules.routes.items() if any(grant.identities is None for grant in grants))
    said = _unauthenticated(rules, free, routes)
    all_of_them = [*rules.grants, *(grant for grants in rules.routes.values() for grant in grants)]
    found: dict[str, Any] = {
        "unauthenticated": said,
        "identities": [EVERY] if said in ("allowed", "audited") else _identities(all_of_them),
    }
    if said not in ("allowed", "audited"):
        found |= {"networks": sorted({network.text for network in free})} if free else {}
        found |= {"routes": routes} if routes else {}
    return found


UNKNOWN: Mapping[str, Any] = {"unauthenticated": "unknown", "identities": []}
"""What a port lets in of which it is not known what decides."""


def _unauthenticated(rules: Rules, free: Sequence[Network], routes: Sequence[str]) -> str:
    if everywhere(free):
        return "allowed"
    if any(grant.audit for grant in rules.grants):
        return "audited"
    if rules.doubtful:
        return "unknown"
    return "some" if free or routes else "denied"


def _identities(grants: Iterable[Grant]) -> list[str]:
    found = {identity for grant in grants for identity in grant.identities or ()}
    return [EVERY] if EVERY in found else sorted(found)
