"""Who may reach what, read from a real API server with Linkerd's own kinds and their schemas."""

from __future__ import annotations

import json
from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Any

import pytest

from attestor.capture.coverage import authorization
from attestor.clock import Clock
from attestor.cluster.client import Client
from attestor.cluster.credentials import Credentials
from attestor.cluster.inquiry import Inquiry
from attestor.coverage import pods
from attestor.coverage.authorization.keep import CONTROLLER
from attestor.coverage.part import Scope
from tests.conftest import ROOT
from tests.integration.cluster.conftest import ADMIN, NOBODY, Cluster

pytestmark = pytest.mark.cluster

OBJECTS = ROOT / "tests/fixtures/worlds/emojivoto/objects.json"
POLICY = "/apis/policy.linkerd.io"
VIZ, SHOP, MESH = "authz-viz", "authz-shop", "authz-mesh"
IDENTITY = f"serviceaccount.identity.{MESH}.cluster.local"

Observe = Callable[..., dict[str, Any]]


def world(kind: str) -> list[dict[str, Any]]:
    return [one for one in json.loads(OBJECTS.read_bytes()) if one["kind"] == kind]


def pod(namespace: str, name: str, labels: Mapping[str, str], *ports: Mapping[str, Any]) -> dict[str, Any]:
    """A covered pod."""
    return {
        "namespace": namespace,
        "name": name,
        "owner": {"kind": "Deployment", "name": name},
        "state": "covered",
        "labels": dict(labels),
        "ports": [dict(port) for port in ports],
        "default_inbound_policy": "deny",
        "identity": f"{name}.{namespace}.{IDENTITY}",
    }


def of_viz() -> list[dict[str, Any]]:
    """The recorded pods of viz, in the namespace of this test."""
    recorded = [pods.keep(one) for one in world("Pod") if one["metadata"]["namespace"] == "linkerd-viz"]
    identities = [one.get("identity", "").replace("identity.linkerd.", f"identity.{MESH}.") for one in recorded]
    return [
        {**one, "namespace": VIZ, "state": "covered", "identity": identity}
        for one, identity in zip(recorded, identities, strict=True)
    ]


WEB = pod(SHOP, "web", {"app": "web"}, {"port": 8080, "protocol": "TCP", "name": "http"})


@pytest.fixture(scope="module")
def policies(cluster: Cluster, crds: None) -> None:
    """The policies of viz in a namespace of this test, and some more in another."""
    for namespace in (VIZ, SHOP):
        cluster.create("/api/v1/namespaces", {"metadata": {"name": namespace}})
    plurals = {"Server": "servers", "AuthorizationPolicy": "authorizationpolicies"}
    plurals |= {"MeshTLSAuthentication": "meshtlsauthentications", "NetworkAuthentication": "networkauthentications"}
    for kind, plural in plurals.items():
        for one in world(kind):
            meta = {key: one["metadata"][key] for key in ("name", "labels")}
            path = f"/apis/{one['apiVersion']}/namespaces/{VIZ}/{plural}"
            cluster.create(path, {**one, "metadata": meta})
    create(cluster, "v1beta1", "Server", "old", {"podSelector": {"matchLabels": {"app": "web"}}, "port": "http"})
    route = {"parentRefs": [{"group": "policy.linkerd.io", "kind": "Server", "name": "old"}], "rules": []}
    create(cluster, "v1beta2", "HTTPRoute", "get", route)
    target = {"group": "policy.linkerd.io", "kind": "HTTPRoute", "name": "get"}
    create(cluster, "v1alpha1", "AuthorizationPolicy", "get", {"targetRef": target, "requiredAuthenticationRefs": []})
    hook = {
        "name": "authz.linkerd.io",
        "failurePolicy": "Ignore",
        "sideEffects": "None",
        "admissionReviewVersions": ["v1"],
        "clientConfig": {"service": {"name": "none", "namespace": MESH}},
        "namespaceSelector": {
            "matchExpressions": [{"key": "kubernetes.io/metadata.name", "operator": "NotIn", "values": [VIZ]}]
        },
    }  # without rules, so that nobody waits for it
    labels = {"linkerd.io/control-plane-component": "proxy-injector", "linkerd.io/control-plane-ns": MESH}
    cluster.create(
        authorization.WEBHOOKS, {"metadata": {"name": "authz-injector", "labels": labels}, "webhooks": [hook]}
    )
    spec = {"podSelector": {}, "policyTypes": ["Ingress"]}
    path = "/".join((authorization.NETWORK_POLICIES[0], "namespaces", SHOP, authorization.NETWORK_POLICIES[1]))
    cluster.create(path, {"metadata": {"name": "deny"}, "spec": spec})


def create(cluster: Cluster, version: str, kind: str, name: str, spec: Mapping[str, Any]) -> None:
    plural = "authorizationpolicies" if kind == "AuthorizationPolicy" else f"{kind.lower()}s"
    body = {"apiVersion": f"policy.linkerd.io/{version}", "kind": kind, "metadata": {"name": name}, "spec": dict(spec)}
    cluster.create(f"{POLICY}/{version}/namespaces/{SHOP}/{plural}", body)


@pytest.fixture
def observe(cluster: Cluster, policies: None, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Observe:
    """Observe some namespaces as somebody, with the pods of this test."""
    monkeypatch.setenv("NO_PROXY", "127.0.0.1")
    (tmp_path / "ca.crt").write_bytes(cluster.bundle)

    def call(*namespaces: str, token: str = ADMIN) -> dict[str, Any]:
        known = Credentials(
            server=cluster.server, headers={"Authorization": f"Bearer {token}"}, verify=str(tmp_path / "ca.crt")
        )
        scope = Scope(namespaces=namespaces, control_plane=MESH)
        named = [{"name": name, "labels": {}} for name in (VIZ, SHOP)]
        part = authorization.observe(Inquiry(Client(known), Clock()), scope, [*of_viz(), WEB], named)
        read: dict[str, Any] = json.loads(json.dumps(part.to_dict()))
        return read

    return call


def row(part: Mapping[str, Any], workload: str, port: int) -> dict[str, Any]:
    (found,) = [one for one in part["ports"] if (one["workload"], one["port"]) == (f"Deployment/{workload}", port)]
    return dict(found)


def test_the_policies_of_viz_let_in_whom_they_should(observe: Observe) -> None:
    """As Linkerd installs them."""
    part = observe(VIZ, SHOP)
    assert (part["complete"], part["reasons"]) == (True, [])
    metrics = row(part, "metrics-api", 8085)
    assert (metrics["server"], metrics["unauthenticated"]) == ("metrics-api", "denied")
    assert metrics["identities"] == [f"web.{VIZ}.{IDENTITY}"]
    assert row(part, "tap", 8089)["unauthenticated"] == "allowed"
    assert [one for one in part["unmatched"] if one["namespace"] == VIZ] == []


def test_every_version_is_served_and_the_newest_is_read(observe: Observe) -> None:
    """A Server that was written in an older one has what the newest gives it by default."""
    part = observe(VIZ, SHOP)
    served = [one for one in part["served"] if one.endswith(("/servers", "/authorizationpolicies"))]
    assert served == [
        "policy.linkerd.io/v1alpha1/authorizationpolicies",
        *(f"policy.linkerd.io/{version}/servers" for version in ("v1alpha1", "v1beta1", "v1beta2", "v1beta3")),
    ]
    assert {f"gateway.networking.k8s.io/v1/{plural}" for plural in ("httproutes", "grpcroutes")} < set(part["served"])
    (old,) = [one for one in part["objects"] if (one["kind"], one["name"]) == ("Server", "old")]
    assert (old["api"], old["spec"]["accessPolicy"]) == ("policy.linkerd.io/v1beta3", "deny")
    assert old["created"]


def test_a_route_counts_once_it_is_accepted(observe: Observe, cluster: Cluster) -> None:
    """Until then what it will let in is not known."""
    assert row(observe(SHOP), "web", 8080)["unauthenticated"] == "unknown"
    path = f"{POLICY}/v1beta3/namespaces/{SHOP}/httproutes/get"
    found = cluster.send("GET", path)
    condition = {
        "type": "Accepted",
        "status": "True",
        "reason": "Accepted",
        "message": "",
        "lastTransitionTime": "2026-01-01T00:00:00Z",
    }
    parent = {"group": "policy.linkerd.io", "kind": "Server", "name": "old", "namespace": SHOP}
    accepted = {"controllerName": CONTROLLER, "parentRef": parent, "conditions": [condition]}
    cluster.send("PUT", f"{path}/status", {**found, "status": {"parents": [accepted]}})
    part = observe(SHOP)
    assert (row(part, "web", 8080)["unauthenticated"], row(part, "web", 8080)["routes"]) == ("some", ["HTTPRoute/get"])
    assert [one for one in part["unmatched"] if one["namespace"] == SHOP] == []


def test_what_keeps_it_so_is_told(observe: Observe) -> None:
    """The injector of this mesh, and NetworkPolicies."""
    part = observe(VIZ, SHOP)
    assert (part["injector"]["name"], part["injector"]["failure_policy"]) == ("authz-injector", "Ignore")
    assert part["injector"]["exempt_namespaces"] == [VIZ]
    assert part["network_policies"] == [{"namespace": SHOP, "name": "deny", "pod_selector": {}, "types": ["Ingress"]}]


def test_the_whole_cluster_is_read_at_once(observe: Observe) -> None:
    """With one list for each kind."""
    part = observe()
    assert part["complete"] is True
    assert f"GET {POLICY}/v1beta3/servers" in part["sources"]
    assert {VIZ, SHOP} <= {one["namespace"] for one in part["objects"]}


def test_without_rights_nothing_is_known(observe: Observe) -> None:
    """Everybody may discover what is served, and nobody else may list it."""
    part = observe(VIZ, SHOP, token=NOBODY)
    assert {reason["code"] for reason in part["reasons"]} == {"forbidden"}
    assert part["served"]
    assert {one["unauthenticated"] for one in part["ports"]} == {"unknown"}
