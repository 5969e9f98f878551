"""Small meshes: objects as they are kept, pods as the predicate has them, and what follows from both."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from attestor.coverage.authorization.derivation import build

Object = dict[str, Any]

MESH = "serviceaccount.identity.linkerd.cluster.local"
POLICY = "policy.linkerd.io/v1beta3"
GATEWAY = "gateway.networking.k8s.io/v1"
WEB = {"matchLabels": {"app": "web"}}


def pod(name: str = "web-1", **more: Any) -> Object:
    """A covered pod of the Deployment web in namespace shop, at whose port 8080 everybody is let in by default."""
    found: Object = {
        "namespace": "shop",
        "name": name,
        "owner": {"kind": "Deployment", "name": "web"},
        "state": "covered",
        "labels": {"app": "web"},
        "ports": [{"port": 8080, "protocol": "TCP", "name": "http"}],
        "default_inbound_policy": "all-unauthenticated",
        "identity": f"web.shop.{MESH}",
    }
    return found | more


def kept(kind: str, name: str, spec: Mapping[str, Any], api: str = POLICY, namespace: str = "shop") -> Object:
    return {"api": api, "kind": kind, "namespace": namespace, "name": name, "spec": dict(spec)}


def server(name: str = "web", created: str = "2026-01-01T00:00:00Z", **spec: Any) -> Object:
    """A Server of the port http of the pods labelled app=web."""
    spec = {"podSelector": WEB, "port": "http", "accessPolicy": "deny"} | spec
    wanted = {key: value for key, value in spec.items() if value is not None}
    return kept("Server", name, wanted) | {"labels": {"of": name}, "created": created}


def reference(kind: str, name: str, group: str = "policy.linkerd.io", **more: str) -> Object:
    return {"group": group, "kind": kind, "name": name, **more}


def allows(target: Mapping[str, Any], *required: Mapping[str, Any], name: str = "allow") -> Object:
    """An AuthorizationPolicy."""
    return kept("AuthorizationPolicy", name, {"targetRef": dict(target), "requiredAuthenticationRefs": list(required)})


def mesh(name: str, *identities: str, namespace: str = "shop", **spec: Any) -> Object:
    """A MeshTLSAuthentication."""
    return kept("MeshTLSAuthentication", name, {"identities": list(identities)} | spec, namespace=namespace)


def network(name: str, *networks: Mapping[str, Any], namespace: str = "shop") -> Object:
    """A NetworkAuthentication."""
    return kept("NetworkAuthentication", name, {"networks": list(networks)}, namespace=namespace)


def route(name: str = "get", *, kind: str = "HTTPRoute", api: str = POLICY, **spec: Any) -> Object:
    """A route of the Server web that Linkerd has accepted."""
    own: Object = {"parents": [reference("Server", "web")], "hostnames": [], "matches": [], "filters": []}
    return kept(kind, name, own | {"accepted": ["web"]} | spec, api=api)


def permits(**client: Any) -> Object:
    """A ServerAuthorization for the Server web."""
    return kept("ServerAuthorization", "permit", {"server": {"name": "web"}, "client": client})


def built(*objects: Object, pods: list[Object] | None = None, reasons: list[Object] | None = None) -> Object:
    return build(objects, [pod()] if pods is None else pods, reasons or [])


def rows(*objects: Object, pods: list[Object] | None = None, reasons: list[Object] | None = None) -> dict[int, Object]:
    """The rows by port."""
    return {row["port"]: row for row in built(*objects, pods=pods, reasons=reasons)["ports"]}


def http(*objects: Object, **more: Any) -> Object:
    """The row of the port 8080."""
    return rows(*objects, **more)[8080]


def unmatched(*objects: Object, **more: Any) -> list[tuple[str, str, str]]:
    """Kind, name and code of each policy that cannot match."""
    return [(row["kind"], row["name"], row["code"]) for row in built(*objects, **more)["unmatched"]]


def unread(path: str, code: str = "forbidden") -> list[Object]:
    """The reasons of a part for which one list was not read."""
    return [{"code": code, "source": f"GET {path}", "detail": "no"}]
