"""Which authorizations hold at a Server, and on which of its routes.

Sources: ``client_authzs``, ``http_routes``, ``grpc_routes`` and ``route_client_authzs`` of linkerd2
``policy-controller/k8s/index/src/inbound/index.rs``, and ``inbound/routes.rs`` there: policies are of their own
namespace only; a policy for the namespace is one for each Server in it; a route counts once the controller has accepted
it.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from attestor.coverage.authorization import grants, judged, selectors
from attestor.coverage.authorization.grants import Grant, Rules
from attestor.coverage.authorization.index import Index, Object, group_of, refers_to
from attestor.coverage.authorization.judged import Judged
from attestor.coverage.authorization.kinds import GATEWAY, LINKERD
from attestor.coverage.authorization.selectors import NotUnderstood, Selector
from attestor.coverage.authorization.servers import GRPC, HTTP, Server
from attestor.lenient import items, mapping, rows

ROUTES = ((HTTP, LINKERD), (HTTP, GATEWAY), (GRPC, GATEWAY))
"""The kinds of routes that a Server may have, each with its group."""

_APPLIED = frozenset({"RequestHeaderModifier", "ResponseHeaderModifier", "RequestRedirect"})
"""Filters that Linkerd knows: it ignores a route with any other as a whole (``inbound/index/http.rs``, ``grpc.rs``)."""

Key = tuple[str, str, str]
"""Group, kind and name of a route, which are compared without case."""


@dataclass(frozen=True, slots=True)
class Route:
    """A route of Servers: those it names, and those for which it counts."""

    key: Key
    shown: str
    parents: frozenset[str]
    accepted: frozenset[str]


def key(group: str, kind: str, name: str) -> Key:
    """Return by what a policy finds a route."""
    return group.lower(), kind.lower(), name.lower()


def parents(route: Object) -> Sequence[Mapping[str, Any]]:
    """Return the parents of a route that are Servers."""
    return [one for one in rows(mapping(route["spec"]).get("parents")) if refers_to(one, "Server")]


def is_valid(route: Object, parent: Mapping[str, Any]) -> bool:
    """Tell whether a route may name this Server so: of its own namespace, as a whole. If not, the route is ignored."""
    near = parent.get("namespace") in (None, route["namespace"])
    return near and parent.get("port") is None and parent.get("sectionName") is None


def texts(found: object) -> list[str]:
    """Return the texts of a list."""
    return [one for one in items(found) if isinstance(one, str)]


def _route(found: Object) -> Route:
    spec, named = mapping(found["spec"]), parents(found)
    applied = all(is_valid(found, one) for one in named) and _APPLIED.issuperset(texts(spec.get("filters")))
    return Route(
        key=key(group_of(found), str(found["kind"]), str(found["name"])),
        shown=f"{found['kind']}/{found['name']}",
        parents=frozenset(str(one.get("name")) for one in named),
        accepted=frozenset(texts(spec.get("accepted"))) if applied else frozenset(),
    )


class Policies:
    """What the policies of one namespace grant."""

    def __init__(self, index: Index, namespace: str) -> None:
        self._index, self._namespace = index, namespace
        self._servers: dict[str, list[Judged]] = {}
        self._all: list[Judged] = []
        self._routed: dict[Key, list[Judged]] = {}
        self._selected: list[tuple[Selector, Judged]] = []
        self._routes: dict[str, list[Route]] = {}
        self._doubtful = any(
            index.unread(group, kind, namespace)
            for kind, group in (("ServerAuthorization", LINKERD), ("AuthorizationPolicy", LINKERD), *ROUTES)
        )
        for found in index.within("ServerAuthorization", namespace):
            self._server_authorization(found)
        for found in index.within("AuthorizationPolicy", namespace):
            self._target(mapping(mapping(found["spec"]).get("targetRef"))).append(
                judged.authorization_policy(found, index)
            )
        for route in (_route(found) for kind, group in ROUTES for found in index.within(kind, namespace, group)):
            for parent in route.parents:
                self._routes.setdefault(parent, []).append(route)

    def _server_authorization(self, found: Object) -> None:
        server, one = mapping(mapping(found["spec"]).get("server")), judged.server_authorization(found, self._index)
        if server.get("name") is not None:
            self._servers.setdefault(str(server["name"]), []).append(one)
            return
        try:
            self._selected.append((selectors.parse(server.get("selector") or {}), one))
        except NotUnderstood:
            self._doubtful = True

    def _target(self, target: Mapping[str, Any]) -> list[Judged]:
        """Return where a policy with this target belongs. Of an unknown target nobody knows what it lets in."""
        name = str(target.get("name"))
        if refers_to(target, "Server"):
            return self._servers.setdefault(name, [])
        if refers_to(target, "Namespace", ""):
            return self._all
        for kind, group in ROUTES:
            if refers_to(target, kind, group):
                return self._routed.setdefault(key(group, kind, name), [])
        self._doubtful = True
        return []

    def rules(self, server: Server) -> Rules:
        """Return what decides at a Server's port."""
        found = [*self._servers.get(server.name, []), *self._all]
        found += [one for selector, one in self._selected if selector.matches(server.labels)]
        routes, unsure = self._on_routes(server)
        doubtful = self._doubtful or unsure or any(one.doubtful for one in found)
        try:
            own = grants.of_default(server.policy)
        except NotUnderstood:
            own, doubtful = (), True
        return Rules(grants=(*_granted(found), *own), routes=routes, doubtful=doubtful)

    def _on_routes(self, server: Server) -> tuple[dict[str, tuple[Grant, ...]], bool]:
        """Return the grants on the Server's routes, and whether a route may count that does not yet."""
        routes: dict[str, tuple[Grant, ...]] = {}
        unsure = False
        for route in self._routes.get(server.name, []):
            found = self._routed.get(route.key, [])
            if route.key[1] != server.routes.lower() or not found:
                continue
            if server.name in route.accepted:
                routes[route.shown] = (*routes.get(route.shown, ()), *_granted(found))
                unsure |= any(one.doubtful for one in found)
            else:
                free = any(one.grant is not None and one.grant.identities is None for one in found)
                unsure |= free or any(one.doubtful for one in found)
        return routes, unsure


def _granted(found: Iterable[Judged]) -> tuple[Grant, ...]:
    return tuple(one.grant for one in found if one.grant is not None)
