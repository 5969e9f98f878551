"""What is kept of an object: what decides, and no value of a header, no certificate."""

from __future__ import annotations

import json

import pytest

from attestor.coverage.authorization import keep
from attestor.coverage.authorization.keep import CONTROLLER
from tests.unit.coverage.authorization.conftest import GATEWAY, POLICY


def test_of_a_server_its_age_and_labels_are_kept() -> None:
    """By these the oldest is found, and ServerAuthorizations select."""
    meta = {"namespace": "shop", "name": "web", "labels": {"a": "b"}, "creationTimestamp": "2026-01-01T00:00:00Z"}
    spec = {"podSelector": {}, "port": 80, "proxyProtocol": "HTTP/1", "more": "unknown"}
    found = keep.policy(POLICY, "Server", {"metadata": meta, "spec": spec})
    assert found == {
        "api": POLICY,
        "kind": "Server",
        "namespace": "shop",
        "name": "web",
        "spec": {"podSelector": {}, "port": 80, "proxyProtocol": "HTTP/1"},
        "labels": {"a": "b"},
        "created": "2026-01-01T00:00:00Z",
    }


def test_of_a_route_no_value_of_a_header_is_kept() -> None:
    """Names of headers and of parameters stay; a filter is only named by its type."""
    match = {
        "path": {"type": "Exact", "value": "/a"},
        "method": "GET",
        "headers": [{"name": "x-token", "value": "canary"}],
        "queryParams": [{"name": "key", "value": "canary"}],
    }
    filters = [{"type": "RequestHeaderModifier", "requestHeaderModifier": {"set": [{"name": "a", "value": "canary"}]}}]
    item = {
        "metadata": {"namespace": "shop", "name": "get"},
        "spec": {
            "parentRefs": [{"kind": "Server", "group": "policy.linkerd.io", "name": "web"}],
            "hostnames": ["web.example"],
            "rules": [{"matches": [match], "filters": filters, "backendRefs": [{"name": "web"}]}],
        },
    }
    found = keep.policy(GATEWAY, "HTTPRoute", item)
    assert "canary" not in json.dumps(found)
    assert found["spec"] == {
        "parents": [{"kind": "Server", "group": "policy.linkerd.io", "name": "web"}],
        "hostnames": ["web.example"],
        "matches": [[{"path": match["path"], "method": "GET", "headers": ["x-token"], "queryParams": ["key"]}]],
        "filters": ["RequestHeaderModifier"],
        "accepted": [],
    }


@pytest.mark.parametrize(
    ("controller", "kind", "condition", "accepted"),
    [
        (CONTROLLER, "Server", {"type": "Accepted", "status": "True"}, ["web"]),
        (CONTROLLER, "Server", {"type": "Accepted", "status": "False"}, []),
        (CONTROLLER, "Server", {"type": "ResolvedRefs", "status": "True"}, []),
        (CONTROLLER, "Service", {"type": "Accepted", "status": "True"}, []),
        ("example.com/gateway", "Server", {"type": "Accepted", "status": "True"}, []),
    ],
)
def test_a_route_is_accepted_by_linkerd(
    controller: str, kind: str, condition: dict[str, str], accepted: list[str]
) -> None:
    """Another controller's word does not count."""
    parent = {"controllerName": controller, "parentRef": {"kind": kind, "name": "web"}, "conditions": [condition]}
    item = {"metadata": {"namespace": "shop", "name": "get"}, "spec": {}, "status": {"parents": [parent]}}
    assert keep.policy(GATEWAY, "HTTPRoute", item)["spec"]["accepted"] == accepted


def test_an_object_without_a_name_is_not_kept() -> None:
    """The list that holds it is then not whole."""
    with pytest.raises(KeyError):
        keep.policy(POLICY, "Server", {"metadata": {"namespace": "shop"}, "spec": {}})


@pytest.mark.parametrize(
    ("name", "labels", "kept"),
    [
        ("other", {"linkerd.io/control-plane-component": "proxy-injector"}, True),
        ("linkerd-proxy-injector-webhook-config", {}, True),
        ("linkerd-tap-injector-webhook-config", {"linkerd.io/extension": "viz"}, False),
    ],
)
def test_the_injector_is_known_by_label_or_by_name(name: str, labels: dict[str, str], kept: bool) -> None:
    """Of its configuration neither address nor certificate is kept."""
    hook = {"clientConfig": {"caBundle": "canary"}, "failurePolicy": "Fail", "namespaceSelector": {}}
    found = keep.webhook({"metadata": {"name": name, "labels": labels}, "webhooks": [hook]})
    expected = {"name": name, "control_plane": "", "hooks": [{"failurePolicy": "Fail", "namespaceSelector": {}}]}
    assert found == (expected if kept else None)


def test_a_network_policy_is_kept_by_what_it_selects() -> None:
    """Its rules are the network's matter."""
    spec = {"podSelector": {"matchLabels": {"app": "web"}}, "policyTypes": ["Ingress"], "ingress": [{}]}
    found = keep.network_policy({"metadata": {"namespace": "shop", "name": "web"}, "spec": spec})
    assert found == {"namespace": "shop", "name": "web", "pod_selector": spec["podSelector"], "types": ["Ingress"]}
