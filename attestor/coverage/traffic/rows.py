"""Rows of Prometheus' answers, read strictly: what is not understood is said, and evidence is never dropped in silence.

The form is that of an instant vector (Prometheus' documentation, "HTTP API", "Instant vectors"): the labels, and a pair
of a time and a number as text. A label without a value is not sent.
"""

from __future__ import annotations

import math
from collections.abc import Sequence
from datetime import UTC, datetime
from typing import Any

from attestor import limits
from attestor.clock import rfc3339
from attestor.coverage.part import Reason
from attestor.coverage.traffic.observed import source
from attestor.lenient import items, mapping

_ALIKE = 10
"""Most reasons of one kind about one query."""
_EXACT = 2**53
"""Above it a float is no count any more."""
_LAST = 253402300799
"""The last second of the year 9999."""

Labels = dict[str, str]
Rows = list[tuple[Labels, float]]


class NotUnderstood(ValueError):
    """A row is not of the expected form; the message says how."""


class Complaints:
    """Why the part is not whole, each told once, and of many that are alike the first few."""

    def __init__(self) -> None:
        self._said: dict[tuple[str, str], list[str]] = {}

    def add(self, code: str, name: str, detail: str) -> None:
        """Tell what is wrong with the answer to the query of this name."""
        told = self._said.setdefault((code, source(name)), [])
        if detail not in told and len(told) < _ALIKE:
            told.append(detail)
        elif detail not in told and len(told) == _ALIKE:
            told.append("there are more of this kind")

    def reasons(self) -> tuple[Reason, ...]:
        """Return them in the order in which they came up."""
        return tuple(
            Reason(code=code, source=asked, detail=detail)
            for (code, asked), details in self._said.items()
            for detail in details
        )


def read(answer: Sequence[Any], name: str, needs: Sequence[str], complaints: Complaints) -> Rows:
    """Return labels and value of each row of the answer to ``name``, in the order of their labels.

    A row without a label that it ``needs`` stays, and is a complaint; one whose form is another is only a complaint.
    """
    found: Rows = []
    for row in answer:
        try:
            labels, value = _labels(row), _number(row)
        except NotUnderstood as error:
            complaints.add("not-understood", name, f"a row of the answer: {error}")
            continue
        if missing := [label for label in needs if not labels.get(label)]:
            complaints.add("not-understood", name, f"a series has no label {missing[0]}")
        found.append((labels, value))
    return sorted(found, key=lambda pair: (sorted(pair[0].items()), pair[1]))


def bounded(rows: Rows, name: str, complaints: Complaints) -> Rows:
    """Return the first rows; that there are more than are kept is a complaint."""
    if len(rows) > limits.SERIES:
        complaints.add("too-large", name, f"there are {len(rows)} series, more than {limits.SERIES}")
    return rows[: limits.SERIES]


def count(value: float) -> int | float:
    """Return a count of something that happened; raises ``NotUnderstood``."""
    if not 0 < value <= _EXACT:
        raise NotUnderstood(f"the value {value:g} is no count")
    return int(value) if value.is_integer() else value


def moment(value: float) -> str:
    """Return the moment of a count of seconds; raises ``NotUnderstood``.

    A proxy that never had a certificate says 0: that is a moment long ago, too.
    """
    if not 0 <= value <= _LAST:
        raise NotUnderstood(f"the value {value:g} is no time")
    return rfc3339(datetime.fromtimestamp(value, UTC))


def _labels(row: Any) -> Labels:
    labels = row.get("metric") if isinstance(row, dict) else None
    if not isinstance(labels, dict) or not all(isinstance(value, str) for value in labels.values()):
        raise NotUnderstood("it has no labels")
    return {name: value for name, value in labels.items() if value}


def _number(row: Any) -> float:
    pair = items(mapping(row).get("value"))
    if len(pair) != 2 or not isinstance(pair[1], str):  # noqa: PLR2004 - a time and a value
        raise NotUnderstood("it has no value")
    try:
        value = float(pair[1])
    except ValueError as error:
        raise NotUnderstood("its value is no number") from error
    if not math.isfinite(value):
        raise NotUnderstood(f"its value is {pair[1]}")
    return value
