"""Policies that cannot match anything, or are wider than they look: each with a code and why.

Where a list was not read whole, nothing is said to be missing from it.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from typing import Any

from attestor.coverage.authorization import judged, selectors
from attestor.coverage.authorization.grants import of_default
from attestor.coverage.authorization.index import Defect, Index, Object, refers_to, shown
from attestor.coverage.authorization.kinds import LINKERD
from attestor.coverage.authorization.policies import ROUTES, is_valid, parents, texts
from attestor.coverage.authorization.ports import Selection
from attestor.coverage.authorization.selectors import NotUnderstood
from attestor.coverage.authorization.servers import Server
from attestor.lenient import mapping

_NOT_UNDERSTOOD = "not-understood"


def rows_of(index: Index, selection: Selection) -> list[dict[str, str]]:
    """Return what is wrong with the policies. ``selection`` must have seen the pods."""
    found = {
        (str(one["kind"]), str(one["namespace"]), str(one["name"]), defect.code, defect.why)
        for one, defect in _all(index, selection)
    }
    return [dict(zip(("kind", "namespace", "name", "code", "why"), row, strict=True)) for row in sorted(found)]


def _all(index: Index, selection: Selection) -> Iterator[tuple[Object, Defect]]:
    for namespace in index.namespaces:
        for one, why in selection.servers(namespace).strange:
            yield one, Defect(_NOT_UNDERSTOOD, why)
        for server in selection.servers(namespace).known:
            found = index.named("Server", namespace, server.name)
            yield from ((found, defect) for defect in _of_server(server, selection) if found is not None)
    for kind, judge in (
        ("ServerAuthorization", judged.server_authorization),
        ("AuthorizationPolicy", judged.authorization_policy),
        ("MeshTLSAuthentication", judged.mesh_authentication),
        ("NetworkAuthentication", judged.network_authentication),
    ):
        for one in index.every(kind):
            yield from ((one, defect) for defect in (*judge(one, index).defects, *_of_target(one, index, selection)))
    for kind, group in ROUTES:
        for one in index.every(kind, group):
            yield from ((one, defect) for defect in _of_route(one, index, selection))


def _of_server(server: Server, selection: Selection) -> Iterator[Defect]:
    place, seen = (server.namespace, server.name), selection.seen
    try:
        of_default(server.policy)
    except NotUnderstood as error:
        yield Defect(_NOT_UNDERSTOOD, str(error))
    if server.selector is None:
        return
    if place not in seen.pods:
        yield Defect("selects-nothing", "its podSelector selects no pod")
    elif place not in seen.covered:
        yield Defect("selects-nothing", "its podSelector selects only pods without a proxy")
    elif place not in seen.ports:
        yield Defect("selects-nothing", f"no pod that it selects has a port {server.port}")
    if place in seen.lost:
        yield Defect("conflict", seen.lost[place])


def _of_target(found: Object, index: Index, selection: Selection) -> Iterable[Defect]:
    spec, namespace = mapping(found["spec"]), str(found["namespace"])
    if found["kind"] == "ServerAuthorization":
        return _of_selected(mapping(spec.get("server")), namespace, index, selection)
    if found["kind"] == "AuthorizationPolicy":
        return _of_reference(mapping(spec.get("targetRef")), namespace, index)
    return ()


def _of_selected(wanted: Mapping[str, Any], namespace: str, index: Index, selection: Selection) -> Iterator[Defect]:
    """Judge how a ServerAuthorization finds its Servers: by name, else by labels."""
    if index.unread(LINKERD, "Server", namespace):
        return
    servers = selection.servers(namespace)
    if wanted.get("name") is not None:
        if str(wanted["name"]) not in servers.names:
            yield Defect("no-such-target", f"there is no Server {wanted['name']}")
        return
    try:
        selector = selectors.parse(wanted.get("selector") or {})
    except NotUnderstood as error:
        yield Defect(_NOT_UNDERSTOOD, str(error))
        return
    if not servers.strange and not any(selector.matches(server.labels) for server in servers.known):
        yield Defect("selects-nothing", "its selector selects no Server")


def _of_reference(target: Mapping[str, Any], namespace: str, index: Index) -> Iterator[Defect]:
    """Judge the target of an AuthorizationPolicy. For Linkerd, a Namespace is always the policy's own."""
    if refers_to(target, "Namespace", ""):
        if target.get("name") != namespace:
            yield Defect("no-such-target", f"it names the {shown(target)}, and holds for its own")
        return
    for kind, group in (("Server", LINKERD), *ROUTES):
        if not refers_to(target, kind, group):
            continue
        missing = index.named(kind, namespace, str(target.get("name")), group) is None
        if missing and not index.unread(group, kind, namespace):
            yield Defect("no-such-target", f"there is no {shown(target)}")
        return
    yield Defect("unknown-kind", f"its target is the unknown {shown(target)}, and Linkerd ignores it")


def _of_route(found: Object, index: Index, selection: Selection) -> Iterator[Defect]:
    """Judge the Servers that a route names; its other parents are no matter of who may come in."""
    namespace = str(found["namespace"])
    if index.unread(LINKERD, "Server", namespace):
        return
    for parent in parents(found):
        if not is_valid(found, parent):
            yield Defect("no-such-parent", f"it names the {shown(parent)} of another namespace or a part of it")
        elif str(parent.get("name")) not in selection.servers(namespace).names:
            yield Defect("no-such-parent", f"there is no {shown(parent)}")
        elif str(parent.get("name")) not in texts(mapping(found["spec"]).get("accepted")):
            yield Defect("no-such-parent", f"Linkerd's controller has not accepted it for the {shown(parent)}")
