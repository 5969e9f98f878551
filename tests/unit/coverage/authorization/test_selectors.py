"""Label selectors mean what they mean to Kubernetes and to Linkerd."""

from __future__ import annotations

from typing import Any

import pytest

from attestor.coverage.authorization import selectors
from attestor.coverage.authorization.selectors import NotUnderstood

LABELS = {"app": "web", "tier": "front"}


def expression(operator: str, key: str, *values: str) -> dict[str, Any]:
    return {"matchExpressions": [{"key": key, "operator": operator, **({"values": list(values)} if values else {})}]}


@pytest.mark.parametrize(
    ("selector", "matches"),
    [
        ({}, True),
        ({"matchLabels": {"app": "web"}}, True),
        ({"matchLabels": {"app": "web", "tier": "back"}}, False),
        ({"matchLabels": {"zone": "a"}}, False),
        (expression("In", "app", "web", "api"), True),
        (expression("In", "zone", "a"), False),
        (expression("NotIn", "app", "web"), False),
        (expression("NotIn", "zone", "a"), True),
        (expression("Exists", "app"), True),
        (expression("Exists", "zone"), False),
        (expression("DoesNotExist", "zone"), True),
        (expression("DoesNotExist", "app"), False),
        ({"matchLabels": {"app": "web"}} | expression("DoesNotExist", "tier"), False),
    ],
)
def test_a_selector_matches_labels(selector: dict[str, Any], matches: bool) -> None:
    """All of it must hold; NotIn holds without the label, In does not; an empty one selects everything."""
    assert selectors.parse(selector).matches(LABELS) is matches


@pytest.mark.parametrize(
    "selector",
    [
        None,
        [],
        {"matchFields": {}},
        {"matchLabels": 5},
        {"matchLabels": {"app": 5}},
        {"matchExpressions": {}},
        {"matchExpressions": [5]},
        {"matchExpressions": [{"key": "app", "operator": ["In"], "values": ["web"]}]},
        {"matchExpressions": [{"key": "app", "operator": "In", "values": [5]}]},
        expression("Like", "app", "web"),
        expression("In", "app"),
        expression("Exists", "app", "web"),
    ],
)
def test_an_unknown_form_is_not_understood(selector: object) -> None:
    """It selects neither everything nor nothing."""
    with pytest.raises(NotUnderstood):
        selectors.parse(selector)


def test_a_selector_names_the_labels_it_looks_at() -> None:
    """Pods that differ in others are alike to it."""
    found = selectors.parse({"matchLabels": {"app": "web"}} | expression("Exists", "tier"))
    assert found.keys == {"app", "tier"}
