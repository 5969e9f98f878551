"""Which Server decides about which port of which pods."""

from __future__ import annotations

from typing import Any

import pytest

from tests.unit.coverage.authorization.conftest import http, kept, pod, rows, server, unmatched

FULL = [{"port": 8080, "protocol": "TCP", "name": "http"}, {"port": 9090, "protocol": "TCP", "name": "http"}]


@pytest.mark.parametrize(
    ("spec", "ports"),
    [
        ({"port": "http"}, {8080}),
        ({"port": 8080}, {8080}),
        ({"port": 7000}, {7000}),
        ({"port": "linkerd-admin"}, {4191}),
        ({"port": "8080"}, set()),
        ({"port": "grpc"}, set()),
        ({"podSelector": {"matchLabels": {"app": "other"}}}, set()),
        ({"podSelector": {"matchExpressions": [{"key": "app", "operator": "In", "values": ["web"]}]}}, {8080}),
        ({"podSelector": {}}, {8080}),
        ({"podSelector": None, "externalWorkloadSelector": {}}, set()),
    ],
)
def test_a_server_selects_ports(spec: dict[str, Any], ports: set[int]) -> None:
    """By number, also one that nobody declares; or by name, also those of the proxy itself."""
    assert {port for port, row in rows(server(**spec)).items() if row["server"] == "web"} == ports


def test_a_name_may_be_that_of_several_ports() -> None:
    """Each container may have one."""
    found = rows(server(), pods=[pod(ports=FULL)])
    assert {port: row["server"] for port, row in found.items()} == {0: "", 8080: "web", 9090: "web"}


def test_a_port_of_another_protocol_is_none_of_the_proxy() -> None:
    """It carries TCP only."""
    assert set(rows(pods=[pod(ports=[{"port": 53, "protocol": "UDP", "name": "dns"}])])) == {0}


def test_a_server_is_of_its_own_namespace() -> None:
    """One of another selects nothing here."""
    found = server() | {"namespace": "bank"}
    assert http(found)["server"] == ""
    assert unmatched(found) == [("Server", "web", "selects-nothing")]


@pytest.mark.parametrize(
    ("first", "second", "decides"),
    [
        (("b", "2026-01-01T00:00:00Z"), ("a", "2026-01-02T00:00:00Z"), "b"),
        (("b", "2026-01-01T00:00:00Z"), ("a", "2026-01-01T00:00:00Z"), "a"),
        (("b", ""), ("a", "2026-01-01T00:00:00Z"), "b"),
    ],
)
def test_of_two_servers_the_older_decides(first: tuple[str, str], second: tuple[str, str], decides: str) -> None:
    """Of those of one age the first by name; the other is a conflict."""
    servers = [server(*first, accessPolicy="deny"), server(*second, port=8080, accessPolicy="all-unauthenticated")]
    other = {"a": "b", "b": "a"}[decides]
    for given in (servers, servers[::-1]):
        found = http(*given)
        assert (found["server"], found["conflicts"]) == (decides, [other])
        assert found["unauthenticated"] == {"a": "allowed", "b": "denied"}[decides]
        assert unmatched(*given) == [("Server", other, "conflict")]


@pytest.mark.parametrize(
    ("policy", "said"),
    [
        (None, "denied"),
        ("deny", "denied"),
        ("audit", "audited"),
        ("all-unauthenticated", "allowed"),
        ("all-authenticated", "denied"),
        ("cluster-unauthenticated", "some"),
        ("all-tls-unauthenticated", "unknown"),
    ],
)
def test_an_access_policy_decides_where_nothing_authorizes(policy: str | None, said: str) -> None:
    """Without one, a Server denies; one that is not known lets in nobody knows whom."""
    found = http(server(accessPolicy=policy))
    assert (found["policy"], found["unauthenticated"], found["default"]) == (policy or "deny", said, False)


@pytest.mark.parametrize(
    "spec",
    [
        {"podSelector": None},
        {"podSelector": {"matchLabels": 5}},
        {"port": None},
        {"port": 0},
        {"port": 65536},
        {"port": True},
        {"port": [80]},
        {"proxyProtocol": "HTTP/3"},
        {"proxyProtocol": ["HTTP/1"]},
    ],
)
def test_a_server_that_is_not_understood_may_decide_anything(spec: dict[str, Any]) -> None:
    """Of every port of its namespace it is not known what is let in; elsewhere it is."""
    bank = pod(namespace="bank")
    found = rows(server(**spec), pods=[pod()])
    assert {row["unauthenticated"] for row in found.values()} == {"unknown"}
    assert http(server(**spec), pods=[bank])["unauthenticated"] == "allowed"
    assert ("Server", "web", "not-understood") in unmatched(server(**spec))


@pytest.mark.parametrize(
    ("pods", "code"),
    [
        ([], "selects-nothing"),
        ([pod(state="uncovered")], "selects-nothing"),
        ([pod(state="finished")], "selects-nothing"),
        ([pod(ports=[])], "selects-nothing"),
        ([pod()], ""),
    ],
)
def test_a_server_may_select_nothing(pods: list[dict[str, Any]], code: str) -> None:
    """No pod, none with a proxy, or none with such a port."""
    assert unmatched(server(), pods=pods) == ([("Server", "web", code)] if code else [])


def test_a_server_with_an_unknown_access_policy_is_told() -> None:
    """Linkerd's own admission would refuse it."""
    assert unmatched(server(accessPolicy="open")) == [("Server", "web", "not-understood")]


def test_many_servers_are_found_by_labels() -> None:
    """Whichever of its labels each is found under."""
    servers = [
        server(f"s{number}", podSelector={"matchLabels": {"app": f"a{number}", "team": "t"}}) for number in range(20)
    ]
    pods = [
        pod(f"p{n}", owner={"kind": "Deployment", "name": f"d{n}"}, labels={"app": f"a{n}", "team": "t"})
        for n in range(20)
    ]
    found = {row["workload"]: row["server"] for row in rows_of(servers, pods) if row["port"] == 8080}
    assert found == {f"Deployment/d{number}": f"s{number}" for number in range(20)}


def rows_of(servers: list[dict[str, Any]], pods: list[dict[str, Any]]) -> list[dict[str, Any]]:
    from attestor.coverage.authorization.derivation import build

    found: list[dict[str, Any]] = build(servers, pods, [])["ports"]
    return found


def test_an_egress_network_is_no_matter_of_who_comes_in() -> None:
    """It is kept, and decides nothing here."""
    assert http(kept("EgressNetwork", "all", {"trafficPolicy": "Allow"}))["default"] is True
