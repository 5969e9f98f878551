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
class Scope:
    """Where is looked: these namespaces, or with none all of them; and the namespaces of linkerd itself."""

    namespaces: tuple[str, ...] = ()
    control_plane: str = "linkerd"
    viz: str = "linkerd-viz"

    def paths(self, api: str, plural: str) -> list[str]:
        """Return the path of each list of ``plural`` below ``api``, such as ``/api/v1`` or ``/apis/apps/v1``."""
        return [f"{api}/namespaces/{name}/{plural}" for name in self.namespaces] or [f"{api}/{plural}"]

    def to_dict(self) -> dict[str, object]:
        """Return the scope as it stands in the predicate."""
        return {"namespaces": list(self.namespaces), "control_plane": self.control_plane, "viz": self.viz}


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


PARTS = ("cluster", "workloads", "identity", "authorization", "traffic", "links", "linkerd")
"""Every part, in the order of the predicate."""

EMPTY: Mapping[str, Mapping[str, object]] = {
    "cluster": {},
    "workloads": {"namespaces": [], "workloads": [], "pods": []},
    "identity": {"anchors": [], "config_anchors": [], "copies": [], "identities": [], "external_workloads": []},
    "authorization": {
        "served": [], "objects": [], "ports": [], "unmatched": [], "injector": {"found": False}, "network_policies": [],
    },
    "traffic": {
        "window": "", "queries": {}, "inbound_plaintext": [], "outbound_plaintext": [], "opaque": [],
        "unauthenticated": [], "denied": [], "clients": [], "servers": [], "certificates": [], "silent": [],
    },
    "links": {"installed": False, "links": []},
    "linkerd": {"runs": [], "edges_pod": [], "defects": []},
}  # fmt: skip
"""What each part has at least: that of one for which nothing was seen, which is never complete."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Coverage:
    """What was found out beside the edges, by the names of ``PARTS``; each of them is there, whole or not."""

    span: Span
    scope: Scope
    parts: Mapping[str, Part]
