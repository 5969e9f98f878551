"""The API server is asked for every served kind once, and what it does not answer is a reason."""

from __future__ import annotations

import functools
import json
from collections.abc import Callable, Iterator, Mapping
from pathlib import Path
from typing import Any

import pytest

from attestor.capture.coverage import authorization, objects
from attestor.clock import Clock
from attestor.cluster.client import Client
from attestor.cluster.credentials import Credentials
from attestor.cluster.inquiry import Inquiry
from attestor.coverage.authorization.derivation import derive
from attestor.coverage.part import Scope
from tests import worlds
from tests.worlds import World

SCHEMA = Path(authorization.__file__).parents[2] / "coverage" / "mesh-coverage-v0.1.schema.json"
Observe = Callable[..., dict[str, Any]]


@pytest.fixture
def world() -> World:
    """A healthy mesh."""
    return World()


@pytest.fixture
def observe(world: World, monkeypatch: pytest.MonkeyPatch) -> Iterator[Observe]:
    """Observe the world's workloads and then who may reach what; give the latter part."""
    monkeypatch.setenv("NO_PROXY", "127.0.0.1")
    with worlds.served(world) as url:

        def call(*namespaces: str, stopped: Callable[[], bool] = lambda: False) -> dict[str, Any]:
            client = Client(Credentials(server=url))
            scope, found = Scope(namespaces=namespaces), objects.Found()
            pods = objects.observe_workloads(Inquiry(client, Clock()), scope, found).to_dict()
            inquiry = Inquiry(client, Clock(), stopped)
            part = authorization.observe(inquiry, scope, found.pods, found.namespaces).to_dict()
            read: dict[str, Any] = json.loads(json.dumps({"authorization": part, "workloads": pods}))
            follows = {key: read["authorization"][key] for key in ("ports", "unmatched")}
            assert derive(read) == follows  # whatever was observed
            fits(read["authorization"])
            return dict(read["authorization"])

        yield call


@functools.cache
def _validator() -> Callable[[object], object]:
    import fastjsonschema

    schema = json.loads(SCHEMA.read_bytes())
    compiled: Callable[[object], object] = fastjsonschema.compile(
        {"$defs": schema["$defs"], **schema["properties"]["authorization"]}
    )
    return compiled


def fits(part: Mapping[str, Any]) -> None:
    """Check the part against the schema."""
    _validator()(part)


def rows(part: Mapping[str, Any], workload: str) -> dict[int, Any]:
    return {row["port"]: row for row in part["ports"] if row["workload"] == workload}


def api(kind: str, *, version: str = "v1alpha1") -> str:
    return f"policy.linkerd.io/{version}"


def add(world: World, kind: str, name: str, spec: Mapping[str, Any], namespace: str = "emojivoto") -> None:
    meta = {"namespace": namespace, "name": name}
    world.add({"apiVersion": api(kind), "kind": kind, "metadata": meta, "spec": dict(spec)})


def test_a_healthy_mesh_is_read_whole(observe: Observe) -> None:
    """By default everybody may come in, and viz' own Servers let in whom they should."""
    part = observe()
    assert (part["complete"], part["reasons"], part["unmatched"]) == (True, [], [])
    assert {row["unauthenticated"] for row in rows(part, "Deployment/emoji").values()} == {"allowed"}
    assert rows(part, "Deployment/metrics-api")[8085] == {
        "namespace": "linkerd-viz",
        "workload": "Deployment/metrics-api",
        "pods": 1,
        "port": 8085,
        "name": "http",
        "server": "metrics-api",
        "policy": "deny",
        "default": False,
        "unauthenticated": "denied",
        "identities": ["web.linkerd-viz.serviceaccount.identity.linkerd.cluster.local"],
    }
    assert rows(part, "Deployment/tap")[8089]["unauthenticated"] == "allowed"


def test_every_served_version_is_told_and_each_kind_read_once(observe: Observe, world: World) -> None:
    """In the newest."""
    part = observe()
    assert [one for one in part["served"] if one.endswith("/servers")] == [
        f"policy.linkerd.io/{version}/servers" for version in ("v1alpha1", "v1beta1", "v1beta2", "v1beta3")
    ]
    lists = [source for source in part["sources"] if source.endswith("/servers")]
    assert lists == ["GET /apis/policy.linkerd.io/v1beta3/servers"]
    assert {one["api"] for one in part["objects"] if one["kind"] == "Server"} == {"policy.linkerd.io/v1beta3"}


def test_a_kind_that_only_an_older_version_has_is_read_there(observe: Observe, world: World) -> None:
    """Its newest is not that of its group."""
    part = observe()
    assert "GET /apis/policy.linkerd.io/v1alpha1/authorizationpolicies" in part["sources"]
    assert "GET /apis/policy.linkerd.io/v1beta1/serverauthorizations" in part["sources"]


def test_a_scope_is_read_by_namespace(observe: Observe) -> None:
    """And the rest of the cluster is not."""
    part = observe("linkerd-viz")
    assert "GET /apis/policy.linkerd.io/v1beta3/namespaces/linkerd-viz/servers" in part["sources"]
    assert {row["namespace"] for row in part["ports"]} == {"linkerd-viz"}
    assert part["unmatched"] == []


def test_authentications_of_other_namespaces_are_read_where_a_policy_refers_to_them(
    observe: Observe, world: World
) -> None:
    """And only those."""
    add(world, "Server", "web", {"podSelector": {}, "port": 8080})
    kind = "MeshTLSAuthentication"
    needs = {"group": "policy.linkerd.io", "kind": kind, "name": "metrics-api-web", "namespace": "linkerd-viz"}
    target = {"group": "policy.linkerd.io", "kind": "Server", "name": "web"}
    add(world, "AuthorizationPolicy", "web", {"targetRef": target, "requiredAuthenticationRefs": [needs]})
    add(world, kind, "unused", {"identities": ["*"]}, "linkerd-viz")
    part = observe("emojivoto")
    assert [one["name"] for one in part["objects"] if one["kind"] == kind] == ["metrics-api-web"]
    path = "GET /apis/policy.linkerd.io/v1alpha1/namespaces/linkerd-viz/meshtlsauthentications"
    assert (path in part["sources"], part["complete"]) == (True, True)
    identity = "web.linkerd-viz.serviceaccount.identity.linkerd.cluster.local"
    assert rows(part, "Deployment/web")[8080]["identities"] == [identity]


def test_an_authentication_whose_kind_is_not_served_is_missing(observe: Observe, world: World) -> None:
    """Nothing is asked for it, wherever a policy says that it is."""
    needs = {"group": "policy.linkerd.io", "kind": "NetworkAuthentication", "name": "all", "namespace": "linkerd-viz"}
    target = {"kind": "Namespace", "name": "emojivoto"}
    add(world, "AuthorizationPolicy", "web", {"targetRef": target, "requiredAuthenticationRefs": [needs]})
    world.crds = [crd for crd in world.crds if "networkauthentications" not in crd["metadata"]["name"]]
    part = observe("emojivoto")
    assert [one["code"] for one in part["unmatched"]] == ["no-such-authentication"]
    assert part["complete"] is True


def test_a_list_that_is_refused_is_a_reason(observe: Observe, world: World) -> None:
    """What it may have let in is unknown."""
    world.refused = ("authorizationpolicies",)
    part = observe()
    assert [(reason["code"], reason["source"]) for reason in part["reasons"]] == [
        ("forbidden", "GET /apis/policy.linkerd.io/v1alpha1/authorizationpolicies")
    ]
    assert rows(part, "Deployment/metrics-api")[8085]["unauthenticated"] == "unknown"
    assert rows(part, "Deployment/emoji")[8080]["unauthenticated"] == "allowed"


@pytest.mark.parametrize("refused", ["/apis", "/apis/policy.linkerd.io/v1beta2"])
def test_without_discovery_nothing_is_known(observe: Observe, world: World, refused: str) -> None:
    """Of one version as of all: its kinds may be served there alone."""
    answer = world.answer

    def refusing(target: str) -> tuple[int, Any]:
        return (403, {"message": "no"}) if target == refused else answer(target)

    world.answer = refusing  # type: ignore[method-assign]
    part = observe()
    assert part["complete"] is False
    assert {row["unauthenticated"] for row in part["ports"]} == {"unknown"}


@pytest.mark.parametrize("path", ["/apis", "/apis/policy.linkerd.io/v1beta3"])
def test_a_strange_discovery_is_not_understood(observe: Observe, world: World, path: str) -> None:
    """It does not count as nothing."""
    answer = world.answer

    def strange(target: str) -> tuple[int, Any]:
        return (200, {"kind": "Table"}) if target == path else answer(target)

    world.answer = strange  # type: ignore[method-assign]
    part = observe()
    assert ("not-understood", f"GET {path}") in [(reason["code"], reason["source"]) for reason in part["reasons"]]
    assert {row["unauthenticated"] for row in part["ports"]} == {"unknown"}


def test_without_linkerds_kinds_the_default_is_all_there_is(observe: Observe, world: World) -> None:
    """They are not installed, which is a reason; of Gateway API's that is none."""
    world.crds = []
    part = observe()
    assert [(reason["code"], reason["source"]) for reason in part["reasons"]] == [("not-installed", "GET /apis")]
    assert (part["served"], part["objects"]) == ([], [])
    assert {row["unauthenticated"] for row in part["ports"]} == {"allowed"}


def test_without_the_gateway_api_nothing_is_missing(observe: Observe, world: World) -> None:
    """No object of it can exist."""
    world.crds = [crd for crd in world.crds if "gateway" not in crd["spec"]["group"]]
    part = observe()
    assert part["complete"] is True
    assert not [one for one in part["served"] if one.startswith("gateway")]


def test_the_injector_is_told(observe: Observe, world: World) -> None:
    """With the namespaces that it leaves out."""
    assert observe()["injector"]["exempt_namespaces"] == ["kube-system", "linkerd"]


def test_without_an_injector_none_is_found(observe: Observe, world: World) -> None:
    """That of viz is another."""
    world.objects = [item for item in world.objects if "proxy-injector-webhook" not in item["metadata"]["name"]]
    assert observe()["injector"] == {"found": False}


def test_an_injector_that_is_not_understood_is_a_reason(observe: Observe, world: World) -> None:
    """It is there, and whom it leaves out is not known."""
    for item in world.of_kind("MutatingWebhookConfiguration"):
        for hook in item["webhooks"]:
            hook["namespaceSelector"] = {"matchExpressions": [{"key": "a", "operator": "Like", "values": ["b"]}]}
    part = observe()
    assert (part["injector"], part["reasons"][0]["code"]) == ({"found": True}, "not-understood")


def test_network_policies_are_told(observe: Observe, world: World) -> None:
    """Those of the scope."""
    for namespace in ("emojivoto", "linkerd"):
        meta = {"namespace": namespace, "name": "deny"}
        spec = {"podSelector": {}, "policyTypes": ["Ingress"]}
        world.add({"apiVersion": "networking.k8s.io/v1", "kind": "NetworkPolicy", "metadata": meta, "spec": spec})
    expected = {"namespace": "emojivoto", "name": "deny", "pod_selector": {}, "types": ["Ingress"]}
    assert observe("emojivoto")["network_policies"] == [expected]


def test_an_object_without_a_name_makes_its_list_unread(observe: Observe, world: World) -> None:
    """Nobody knows what it decides."""
    world.add({"apiVersion": api("Server"), "kind": "Server", "metadata": {"namespace": "emojivoto"}, "spec": {}})
    part = observe()
    assert part["reasons"][0]["code"] == "not-understood"
    assert {row["unauthenticated"] for row in part["ports"]} == {"unknown"}
