"""What authorizations let in at a Server, and what is wrong with those that let in nobody."""

from __future__ import annotations

from typing import Any

import pytest

from tests.unit.coverage.authorization.conftest import (
    GATEWAY,
    MESH,
    allows,
    http,
    kept,
    mesh,
    network,
    permits,
    pod,
    reference,
    route,
    server,
    unmatched,
    unread,
)

WEB = reference("Server", "web")
CLIENTS = mesh("clients", f"api.shop.{MESH}")
OFFICE = network("office", {"cidr": "10.0.0.0/8", "except": ["10.1.0.0/16"]})
ALL = network("all", {"cidr": "0.0.0.0/0"}, {"cidr": "::/0"})
NEED_CLIENTS, NEED_OFFICE = reference("MeshTLSAuthentication", "clients"), reference("NetworkAuthentication", "office")
NEED_ALL = reference("NetworkAuthentication", "all")
ACCOUNT = {"kind": "ServiceAccount", "name": "api"}
NETWORKS = [{"cidr": "10.0.0.0/8"}]


@pytest.mark.parametrize(
    ("required", "said", "identities"),
    [
        ([], "allowed", ["*"]),
        ([NEED_CLIENTS], "denied", [f"api.shop.{MESH}"]),
        ([NEED_OFFICE], "some", []),
        ([NEED_ALL], "allowed", ["*"]),
        ([NEED_CLIENTS, NEED_OFFICE], "denied", [f"api.shop.{MESH}"]),
        ([NEED_CLIENTS, NEED_ALL], "denied", [f"api.shop.{MESH}"]),
        ([ACCOUNT], "denied", [f"api.shop.{MESH}"]),
        ([ACCOUNT | {"namespace": "bank"}], "denied", [f"api.bank.{MESH}"]),
        ([ACCOUNT | {"group": "core"}], "denied", [f"api.shop.{MESH}"]),
    ],
)
def test_all_that_a_policy_requires_must_hold(required: list[dict[str, Any]], said: str, identities: list[str]) -> None:
    """And where it requires nothing, everybody may."""
    found = http(server(), CLIENTS, OFFICE, ALL, allows(WEB, *required))
    assert (found["unauthenticated"], found["identities"]) == (said, identities)


@pytest.mark.parametrize(
    ("required", "code", "said"),
    [
        ([reference("MeshTLSAuthentication", "gone")], "no-such-authentication", "denied"),
        ([reference("NetworkAuthentication", "gone")], "no-such-authentication", "denied"),
        ([NEED_OFFICE, reference("MeshTLSAuthentication", "gone")], "no-such-authentication", "denied"),
        ([NEED_CLIENTS, ACCOUNT], "conflict", "denied"),
        ([NEED_OFFICE, NEED_OFFICE], "conflict", "denied"),
        ([reference("Moon", "full")], "unknown-kind", "unknown"),
        ([NEED_CLIENTS, reference("Moon", "full")], "unknown-kind", "denied"),
        ([5], "unknown-kind", "unknown"),
    ],
)
def test_a_policy_that_is_wrong_is_ignored(required: list[Any], code: str, said: str) -> None:
    """As a whole; only of an unknown kind is it not known what another version makes of it."""
    objects = (server(), CLIENTS, OFFICE, allows(WEB, *required))
    assert http(*objects)["unauthenticated"] == said
    assert unmatched(*objects) == [("AuthorizationPolicy", "allow", code)]


def test_a_policy_without_what_it_requires_is_not_understood() -> None:
    """No list is another thing than an empty one."""
    objects = (server(), kept("AuthorizationPolicy", "allow", {"targetRef": WEB}))
    assert http(*objects)["unauthenticated"] == "unknown"
    assert unmatched(*objects) == [("AuthorizationPolicy", "allow", "not-understood")]


def test_authentications_may_be_of_another_namespace() -> None:
    """Where the reference says so."""
    elsewhere = mesh("clients", "api.bank", namespace="bank")
    found = http(server(), elsewhere, allows(WEB, NEED_CLIENTS | {"namespace": "bank"}))
    assert (found["unauthenticated"], found["identities"]) == ("denied", ["api.bank"])


@pytest.mark.parametrize(
    ("target", "said", "codes"),
    [
        (WEB, "allowed", []),
        (reference("server", "web", group="POLICY.linkerd.io"), "allowed", []),
        (reference("Server", "other"), "denied", ["no-such-target"]),
        (reference("Namespace", "shop", group=""), "allowed", []),
        (reference("Namespace", "bank", group=""), "allowed", ["no-such-target"]),
        (reference("HTTPRoute", "gone"), "denied", ["no-such-target"]),
        (reference("GRPCRoute", "gone", group="gateway.networking.k8s.io"), "denied", ["no-such-target"]),
        (reference("GRPCRoute", "gone"), "unknown", ["unknown-kind"]),
        (reference("Service", "web", group=""), "unknown", ["unknown-kind"]),
        ({}, "unknown", ["unknown-kind"]),
    ],
)
def test_a_policy_has_a_target(target: dict[str, Any], said: str, codes: list[str]) -> None:
    """A namespace is always its own; of an unknown one nobody knows what it lets in."""
    objects = (server(), allows(target))
    assert http(*objects)["unauthenticated"] == said
    assert [code for _, _, code in unmatched(*objects)] == codes


def test_a_policy_for_the_namespace_is_for_its_servers_only() -> None:
    """A port that no Server selects has its default."""
    found = http(allows(reference("Namespace", "shop", group="")), pods=[pod(default_inbound_policy="deny")])
    assert (found["unauthenticated"], found["default"]) == ("denied", True)


def test_a_policy_of_another_namespace_lets_in_nobody() -> None:
    """Its target is its own namespace's."""
    assert http(server(), allows(WEB) | {"namespace": "bank"})["unauthenticated"] == "denied"


@pytest.mark.parametrize(
    ("client", "said", "identities"),
    [
        ({"unauthenticated": True}, "some", []),
        ({"unauthenticated": True, "networks": [{"cidr": "0.0.0.0/0"}]}, "allowed", ["*"]),
        ({"unauthenticated": True, "networks": NETWORKS}, "some", []),
        ({"unauthenticated": True, "meshTLS": {"identities": ["a"]}, "networks": NETWORKS}, "some", []),
        ({"meshTLS": {"unauthenticatedTLS": True}, "networks": [{"cidr": "::/0"}]}, "allowed", ["*"]),
        ({"meshTLS": {"identities": ["a"]}}, "denied", ["a"]),
        ({"meshTLS": {"serviceAccounts": [{"name": "a"}]}}, "denied", [f"a.shop.{MESH}"]),
        ({"meshTLS": {"serviceAccounts": [{"name": "a", "namespace": "b"}]}}, "denied", [f"a.b.{MESH}"]),
    ],
)
def test_a_server_authorization_lets_in(client: dict[str, Any], said: str, identities: list[str]) -> None:
    """From the cluster's networks, where it names none."""
    found = http(server(), permits(**client))
    assert (found["unauthenticated"], found["identities"]) == (said, identities)


def test_a_server_authorization_without_networks_is_for_the_cluster() -> None:
    """Which no object tells."""
    assert http(server(), permits(unauthenticated=True))["networks"] == ["cluster"]


@pytest.mark.parametrize(
    ("client", "code", "said"),
    [
        ({}, "selects-nothing", "denied"),
        ({"meshTLS": {}}, "selects-nothing", "denied"),
        ({"unauthenticated": False, "networks": NETWORKS}, "selects-nothing", "denied"),
        ({"unauthenticated": True, "networks": [{"cidr": "web"}]}, "not-understood", "unknown"),
        ({"meshTLS": {"identities": [5]}}, "not-understood", "unknown"),
        ({"meshTLS": {"identities": ["*"]}}, "every-identity", "denied"),
    ],
)
def test_a_server_authorization_may_be_wrong(client: dict[str, Any], code: str, said: str) -> None:
    """Without anybody it lets in nobody."""
    objects = (server(), permits(**client))
    assert http(*objects)["unauthenticated"] == said
    assert unmatched(*objects) == [("ServerAuthorization", "permit", code)]


@pytest.mark.parametrize(
    ("wanted", "said", "codes"),
    [
        ({"name": "web"}, "allowed", []),
        ({"name": "gone"}, "denied", ["no-such-target"]),
        ({"selector": {"matchLabels": {"of": "web"}}}, "allowed", []),
        ({"selector": {}}, "allowed", []),
        ({}, "allowed", []),
        ({"selector": {"matchLabels": {"of": "gone"}}}, "denied", ["selects-nothing"]),
        ({"name": "gone", "selector": {}}, "denied", ["no-such-target"]),
        ({"selector": {"matchLabels": 5}}, "unknown", ["not-understood"]),
    ],
)
def test_a_server_authorization_finds_servers(wanted: dict[str, Any], said: str, codes: list[str]) -> None:
    """By name, else by their labels."""
    spec = {"server": wanted, "client": {"unauthenticated": True, "networks": [{"cidr": "0.0.0.0/0"}]}}
    objects = (server(), kept("ServerAuthorization", "permit", spec))
    assert http(*objects)["unauthenticated"] == said
    assert [code for _, _, code in unmatched(*objects)] == codes


@pytest.mark.parametrize(
    ("authentication", "identities", "codes"),
    [
        (mesh("clients", f"*.shop.{MESH}"), [f"*.shop.{MESH}"], []),
        (mesh("clients", "*"), ["*"], ["every-identity"]),
        (mesh("clients", "*.linkerd.cluster.local"), ["*"], ["every-identity"]),
        (mesh("clients", identityRefs=[ACCOUNT]), [f"api.shop.{MESH}"], []),
        (mesh("clients", identityRefs=[{"kind": "Namespace", "name": "bank"}]), [f"*.bank.{MESH}"], []),
        (mesh("clients"), [], ["no-such-authentication", "selects-nothing"]),
        (mesh("clients", identityRefs=[{"kind": "Moon", "name": "a"}]), [], ["no-such-authentication", "unknown-kind"]),
        (mesh("clients", identities=[5]), [], ["no-such-authentication", "not-understood"]),
    ],
)
def test_a_mesh_authentication_names_identities(
    authentication: dict[str, Any], identities: list[str], codes: list[str]
) -> None:
    """Also by service account or by namespace; one that is wrong is as if it were not there."""
    objects = (server(), authentication, allows(WEB, NEED_CLIENTS))
    found = http(*objects)
    assert (found["unauthenticated"], found["identities"]) == ("denied", identities)
    assert [code for _, _, code in unmatched(*objects)] == codes


def test_without_a_trust_domain_a_service_account_is_named_apart() -> None:
    """In a form that no identity has."""
    objects = (server(), allows(WEB, ACCOUNT))
    pods = [pod(), pod("web-2", identity="web.shop.serviceaccount.identity.linkerd.other")]
    assert http(*objects, pods=pods)["identities"] == ["serviceaccount:shop/api"]


@pytest.mark.parametrize(
    ("authentication", "said", "codes"),
    [
        (network("office"), "denied", ["no-such-authentication", "selects-nothing"]),
        (network("office", {"cidr": "web"}), "unknown", ["not-understood", "not-understood"]),
    ],
)
def test_a_network_authentication_may_be_wrong(authentication: dict[str, Any], said: str, codes: list[str]) -> None:
    """Without a network it lets in nobody; without one that is understood, nobody knows whom."""
    objects = (server(), authentication, allows(WEB, NEED_OFFICE))
    assert http(*objects)["unauthenticated"] == said
    assert [code for _, _, code in unmatched(*objects)] == codes


def test_the_networks_of_a_port_are_told() -> None:
    """With their exceptions."""
    found = http(server(), OFFICE, allows(WEB, NEED_OFFICE))
    assert found["networks"] == ["10.0.0.0/8 except 10.1.0.0/16"]


TO_GET = allows(reference("HTTPRoute", "get"))
OTHER = [reference("Server", "web", namespace="bank")]


@pytest.mark.parametrize(
    ("objects", "said", "routes"),
    [
        ([server(), route(), TO_GET], "some", ["HTTPRoute/get"]),
        ([server(), route(), allows(reference("httproute", "GET"))], "some", ["HTTPRoute/get"]),
        ([server(), route()], "denied", None),
        ([server(accessPolicy="all-unauthenticated"), route()], "allowed", None),
        ([server(), route(), allows(reference("HTTPRoute", "get"), ACCOUNT)], "denied", None),
        ([server(proxyProtocol="opaque"), route(), TO_GET], "denied", None),
        ([server(proxyProtocol="HTTP/2"), route(), TO_GET], "some", ["HTTPRoute/get"]),
        ([server(proxyProtocol="gRPC"), route(), TO_GET], "denied", None),
        ([server(), route(accepted=[]), TO_GET], "unknown", None),
        ([server(), route(accepted=[]), allows(reference("HTTPRoute", "get"), ACCOUNT)], "denied", None),
        ([server(), route(filters=["URLRewrite"]), TO_GET], "unknown", None),
        ([server(), route(filters=["RequestRedirect"]), TO_GET], "some", ["HTTPRoute/get"]),
        ([server(), route(parents=OTHER), TO_GET], "unknown", None),
        ([server(), route(parents=[]), TO_GET], "denied", None),
        ([server(), route(), allows(reference("HTTPRoute", "get"), reference("Moon", "a"))], "unknown", None),
        ([server(), route(api=GATEWAY), TO_GET], "denied", None),
        (
            [server(), route(api=GATEWAY), allows(reference("HTTPRoute", "get", group="gateway.networking.k8s.io"))],
            "some",
            ["HTTPRoute/get"],
        ),
        (
            [
                server(proxyProtocol="gRPC"),
                route(kind="GRPCRoute", api=GATEWAY),
                allows(reference("GRPCRoute", "get", group="gateway.networking.k8s.io")),
            ],
            "some",
            ["GRPCRoute/get"],
        ),
    ],
)
def test_a_route_adds_to_its_server(objects: list[dict[str, Any]], said: str, routes: list[str] | None) -> None:
    """It takes nothing away; it counts by protocol, and once it is accepted: until then it is not known."""
    found = http(*objects)
    assert (found["unauthenticated"], found.get("routes")) == (said, routes)


@pytest.mark.parametrize(
    ("spec", "codes"),
    [
        ({}, []),
        ({"parents": []}, []),
        ({"parents": [reference("Service", "web", group="core")]}, []),
        ({"parents": [reference("Server", "gone")]}, ["no-such-parent"]),
        ({"parents": OTHER}, ["no-such-parent"]),
        ({"parents": [reference("Server", "web") | {"port": 80}]}, ["no-such-parent"]),
        ({"parents": [reference("Server", "web") | {"sectionName": "a"}]}, ["no-such-parent"]),
        ({"accepted": []}, ["no-such-parent"]),
    ],
)
def test_a_route_may_have_no_parent(spec: dict[str, Any], codes: list[str]) -> None:
    """Of those that are Servers; the others are no matter of who comes in."""
    assert [code for _, _, code in unmatched(server(), route(**spec))] == codes


@pytest.mark.parametrize("kind", ["serverauthorizations", "authorizationpolicies", "httproutes"])
def test_what_was_not_read_may_let_more_in(kind: str) -> None:
    """A port of a Server is then not denied for certain; what is allowed is, and so is a default."""
    reasons = unread(f"/apis/policy.linkerd.io/v1/namespaces/shop/{kind}")
    assert http(server(), reasons=reasons)["unauthenticated"] == "unknown"
    assert http(server(accessPolicy="all-unauthenticated"), reasons=reasons)["unauthenticated"] == "allowed"
    assert http(pods=[pod(default_inbound_policy="deny")], reasons=reasons)["unauthenticated"] == "denied"


def test_without_the_servers_no_port_is_known() -> None:
    """One of them may select it."""
    reasons = unread("/apis/policy.linkerd.io/v1beta3/servers", "timed-out")
    assert http(server(), reasons=reasons)["unauthenticated"] == "unknown"
    assert http(reasons=reasons)["unauthenticated"] == "unknown"
    assert unmatched(allows(WEB), route(), permits(unauthenticated=True), reasons=reasons) == []


@pytest.mark.parametrize(
    ("required", "plural", "said"),
    [(NEED_CLIENTS, "meshtlsauthentications", "denied"), (NEED_OFFICE, "networkauthentications", "unknown")],
)
def test_an_authentication_that_was_not_read_is_not_missing(required: dict[str, Any], plural: str, said: str) -> None:
    """Whoever needs an identity is not let in without one, whatever it says."""
    reasons = unread(f"/apis/policy.linkerd.io/v1alpha1/{plural}")
    objects = (server(), allows(WEB, required))
    assert http(*objects, reasons=reasons)["unauthenticated"] == said
    assert unmatched(*objects, reasons=reasons) == []
