"""What injects proxies, and which namespaces it leaves out."""

from __future__ import annotations

from typing import Any

import pytest

from attestor.coverage.authorization import injector
from attestor.coverage.authorization.selectors import NotUnderstood

DEFAULT = {
    "matchExpressions": [
        {"key": "config.linkerd.io/admission-webhooks", "operator": "NotIn", "values": ["disabled"]},
        {"key": "kubernetes.io/metadata.name", "operator": "NotIn", "values": ["kube-system", "cert-manager"]},
    ]
}


def webhook(name: str = "injector", control_plane: str = "linkerd", **hook: Any) -> dict[str, Any]:
    hooks = [{"failurePolicy": "Ignore", "namespaceSelector": DEFAULT, "objectSelector": {}} | hook]
    return {"name": name, "control_plane": control_plane, "hooks": hooks}


def namespaces(**labels: dict[str, str]) -> list[dict[str, Any]]:
    return [{"name": name.replace("_", "-"), "inject": "", "labels": found} for name, found in labels.items()]


def test_exempt_namespaces_are_those_the_selector_leaves_out() -> None:
    """By label; every namespace has the label of its own name."""
    scope = namespaces(shop={}, kube_system={}, linkerd={"config.linkerd.io/admission-webhooks": "disabled"})
    assert injector.build([webhook()], scope, "linkerd") == {
        "found": True,
        "name": "injector",
        "failure_policy": "Ignore",
        "namespace_selector": DEFAULT,
        "object_selector": {},
        "exempt_namespaces": ["kube-system", "linkerd"],
    }


@pytest.mark.parametrize("found", [[], [webhook(control_plane="other")]])
def test_there_may_be_none(found: list[dict[str, Any]]) -> None:
    """Also where there is one of another control plane only."""
    assert injector.build(found, [], "linkerd") == {"found": False}


def test_of_two_meshes_the_own_one_is_taken() -> None:
    """By the label that names its control plane."""
    found = injector.build([webhook("a", "other"), webhook("b", failurePolicy="Fail")], [], "linkerd")
    assert (found["name"], found["failure_policy"]) == ("b", "Fail")


@pytest.mark.parametrize(
    "found", [webhook(namespaceSelector={"matchLabels": 5}), {"name": "a", "control_plane": "", "hooks": []}]
)
def test_a_strange_injector_is_not_understood(found: dict[str, Any]) -> None:
    """Which namespaces it leaves out is then not known."""
    with pytest.raises(NotUnderstood):
        injector.build([found], namespaces(shop={}), "linkerd")
