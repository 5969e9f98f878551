"""What Prometheus was asked and what it answered, before anything is made of it."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from attestor.clock import Span
from attestor.coverage.part import Reason


@dataclass(frozen=True, slots=True, kw_only=True)
class Observed:
    """The answers by the query's name, each a list of rows as Prometheus sends them.

    A query that was not answered has none, and a reason. ``prometheus`` says where was asked, without credentials, and
    is empty where nobody could be; ``at`` is the moment of the queries by Prometheus' clock.
    """

    window: str
    queries: Mapping[str, str]
    answers: Mapping[str, Sequence[Any]]
    prometheus: str
    at: datetime | None
    span: Span
    sources: tuple[str, ...]
    reasons: tuple[Reason, ...]


def source(name: str) -> str:
    """Return how the query of this name stands among the sources."""
    return f"prometheus {name}"
