"""Rows for the ports of workloads: pods that are alike are one, and a port that nobody declares has a row, too."""

from __future__ import annotations

from typing import Any

import pytest

from tests.unit.coverage.authorization.conftest import built, http, pod, rows, server


def test_a_workload_without_policies_has_its_default() -> None:
    """Port 0 stands for every port that is not declared."""
    assert built()["ports"] == [
        {
            "namespace": "shop",
            "workload": "Deployment/web",
            "pods": 1,
            "port": port,
            **({"name": "http"} if port else {}),
            "server": "",
            "policy": "all-unauthenticated",
            "default": True,
            "unauthenticated": "allowed",
            "identities": ["*"],
        }
        for port in (0, 8080)
    ]


@pytest.mark.parametrize("state", ["uncovered", "opted-out", "host-network", "finished"])
def test_a_pod_without_a_proxy_has_no_rows(state: str) -> None:
    """No policy is asked there."""
    assert rows(pods=[pod(state=state)]) == {}


def test_pods_that_are_alike_are_one_row() -> None:
    """Labels that no Server looks at do not tell them apart."""
    pods = [pod(f"web-{number}", labels={"app": "web", "pod": str(number)}) for number in range(3)]
    assert [row["pods"] for row in built(server(), pods=pods)["ports"]] == [3, 3]


def test_pods_that_differ_for_a_server_are_two_rows() -> None:
    """With what each lets in."""
    pods = [pod("web-1"), pod("web-2", labels={"app": "web", "canary": "yes"})]
    found = built(server(podSelector={"matchLabels": {"canary": "yes"}}), pods=pods)["ports"]
    assert [(row["port"], row["server"], row["pods"]) for row in found] == [(0, "", 2), (8080, "web", 1), (8080, "", 1)]


@pytest.mark.parametrize(
    ("skipped", "said", "policy"),
    [
        (["8080"], "allowed", "skipped"),
        (["8000-8100"], "allowed", "skipped"),
        (["25", "8080"], "allowed", "skipped"),
        (["80"], "denied", "deny"),
        (["web"], "unknown", "deny"),
        (["8000-"], "unknown", "deny"),
        (["9000-8000"], "unknown", "deny"),
        (["9" * 5000], "unknown", "deny"),
        (["web", "8080"], "allowed", "skipped"),
    ],
)
def test_a_port_that_skips_the_proxy_is_open(skipped: list[str], said: str, policy: str) -> None:
    """Whatever a Server says: nobody asks it. What is no port may be this one."""
    found = http(server(), pods=[pod(skip_inbound_ports=skipped)])
    assert (found["unauthenticated"], found["policy"]) == (said, policy)


@pytest.mark.parametrize(
    ("ports", "said"),
    [
        (["8080"], "denied"),
        (["8000-9000"], "denied"),
        (["80"], "allowed"),
        (["8080", "web"], "allowed"),
        (["8080", "0"], "allowed"),
    ],
)
def test_a_port_that_requires_identity_does_not_let_everybody_in(ports: list[str], said: str) -> None:
    """By default; a list with anything strange in it is for Linkerd an empty one."""
    assert http(pods=[pod(require_identity_inbound_ports=ports)])["unauthenticated"] == said


def test_a_server_stands_over_a_port_that_requires_identity() -> None:
    """The annotation is part of the default."""
    found = http(server(accessPolicy="all-unauthenticated"), pods=[pod(require_identity_inbound_ports=["8080"])])
    assert found["unauthenticated"] == "allowed"


@pytest.mark.parametrize("policy", ["", "all-tls-unauthenticated"])
def test_a_default_that_is_not_known_is_unknown(policy: str) -> None:
    """Also where a pod names none."""
    assert http(pods=[pod(default_inbound_policy=policy)])["unauthenticated"] == "unknown"


def test_rows_are_in_order_whatever_the_order_of_the_pods() -> None:
    """Evidence is the same for the same cluster."""
    names: list[tuple[str, str]] = [("b", "x"), ("a", "y"), ("a", "x")]
    pods: list[dict[str, Any]] = [
        pod(f"{name}-1", namespace=namespace, owner={"kind": "Deployment", "name": name}) for namespace, name in names
    ]
    assert built(pods=pods) == built(pods=pods[::-1])
    assert [row["namespace"] for row in built(pods=pods)["ports"]] == ["a", "a", "a", "a", "b", "b"]
