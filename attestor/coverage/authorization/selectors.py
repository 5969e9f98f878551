"""Label selectors: matchLabels and matchExpressions, all of which must hold.

Source: linkerd2 ``policy-controller/k8s/api/src/labels.rs``, which means the same as Kubernetes does. An empty selector
selects everything.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

from attestor.lenient import mapping

Labels = Mapping[str, str]

_WITH_VALUES = {"In": True, "NotIn": True, "Exists": False, "DoesNotExist": False}
"""The operators, and whether each has values."""


class NotUnderstood(ValueError):
    """A field of a policy has a value whose meaning is not known."""


@dataclass(frozen=True, slots=True)
class Expression:
    """One requirement on the label ``key``."""

    key: str
    operator: str
    values: frozenset[str]

    def holds(self, labels: Labels) -> bool:
        """Tell whether labels fulfil it; without the label, NotIn does and In does not."""
        if self.operator == "In":
            return labels.get(self.key) in self.values
        if self.operator == "NotIn":
            return labels.get(self.key) not in self.values
        return (self.key in labels) == (self.operator == "Exists")


@dataclass(frozen=True, slots=True)
class Selector:
    """What labels must be, and what must be true of them."""

    labels: tuple[tuple[str, str], ...]
    expressions: tuple[Expression, ...]

    @property
    def keys(self) -> frozenset[str]:
        """The labels that it looks at."""
        return frozenset((*(key for key, _ in self.labels), *(found.key for found in self.expressions)))

    def matches(self, labels: Labels) -> bool:
        """Tell whether it selects what has these labels."""
        return all(labels.get(key) == value for key, value in self.labels) and all(
            found.holds(labels) for found in self.expressions
        )


def parse(found: object) -> Selector:
    """Return a selector as it stands in an object; raises ``NotUnderstood``."""
    if not isinstance(found, dict) or set(found) - {"matchLabels", "matchExpressions"}:
        raise NotUnderstood("a label selector has no known form")
    stands = {key: value for key, value in found.items() if value is not None}
    wanted, expressions = stands.get("matchLabels", {}), stands.get("matchExpressions", [])
    if not isinstance(wanted, dict) or not all(isinstance(one, str) for one in wanted.values()):
        raise NotUnderstood("matchLabels of a label selector are no texts")
    if not isinstance(expressions, list):
        raise NotUnderstood("matchExpressions of a label selector are no list")
    return Selector(tuple(sorted(wanted.items())), tuple(_expression(mapping(one)) for one in expressions))


def _expression(found: Mapping[str, object]) -> Expression:
    key, operator, values = found.get("key"), found.get("operator"), found.get("values") or []
    if not isinstance(key, str) or not isinstance(values, list) or not all(isinstance(one, str) for one in values):
        raise NotUnderstood("an expression of a label selector has no known form")
    if not isinstance(operator, str) or _WITH_VALUES.get(operator) is not bool(values):
        raise NotUnderstood(f"the operator {operator!r:.40} of a label selector does not go with its values")
    return Expression(key, operator, frozenset(values))
