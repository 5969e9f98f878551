"""One part of the coverage: what was asked and when, what was found, and why it is not whole where it is not."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

from attestor.clock import Span, rfc3339

CODES = frozenset(
    {
        "forbidden", "unauthorized", "not-installed", "not-asked", "unreachable", "timed-out", "too-large",
        "not-understood", "changed", "failed", "stopped",
    }
)  # fmt: skip
"""Every word for why a part is not whole; the schema says what each means."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Reason:
    """Why a part is not whole: one of ``CODES``, which of the part's sources it is about, and what happened."""

    code: str
    source: str
    detail: str

    def to_dict(self) -> dict[str, object]:
        """Return the reason as it stands in the predicate."""
        return {"code": self.code, "source": self.source, "detail": self.detail}


@dataclass(frozen=True, slots=True, kw_only=True)
class Part:
    """What was found out about one thing. It is complete where there is no reason against that."""

    span: Span
    sources: tuple[str, ...]
    reasons: tuple[Reason, ...]
    body: Mapping[str, object]

    def to_dict(self) -> dict[str, object]:
        """Return the part as it stands in the predicate."""
        return {
            "observed": {"started": rfc3339(self.span.started), "finished": rfc3339(self.span.finished)},
            "complete": not self.reasons,
            "reasons": [reason.to_dict() for reason in self.reasons],
            "sources": list(self.sources),
            **self.body,
        }
