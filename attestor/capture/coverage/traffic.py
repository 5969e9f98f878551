"""Asks Prometheus what the proxies count. What becomes of the answers is decided once the pods are known, too."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any, Protocol

from attestor.cluster.credentials import Credentials, NoAccess
from attestor.cluster.inquiry import Inquiry
from attestor.cluster.port_forward import Forwarded
from attestor.cluster.prometheus import Answer, Prometheus
from attestor.coverage.traffic import queries
from attestor.coverage.traffic.observed import Observed, source
from attestor.lenient import mapping, rows

PORT = 9090
"""Where Prometheus listens if its pod does not say."""
_OLD = 300.0
"""Seconds that two clocks may be apart: as long as Prometheus takes a sample for the present one."""


class Asked(Protocol):
    """A Prometheus, wherever it is."""

    @property
    def shown(self) -> str:
        """Where is asked, without credentials."""
        ...

    def ask(self, query: str, at: datetime | None) -> Answer:
        """Return the rows; raises ``NoAccess``."""
        ...


@dataclass(frozen=True, slots=True, kw_only=True)
class Target:
    """A pod in which Prometheus runs."""

    name: str
    port: int


def find(inquiry: Inquiry, url: str, viz: str, access: Credentials | NoAccess) -> Asked | None:
    """Return the Prometheus at ``url``, or the viz extension's own where none is given; or nothing and a reason."""
    if url:
        return Prometheus(url)
    path = f"/api/v1/namespaces/{viz}/pods"
    before = len(inquiry.reasons)
    targets = [target for target in inquiry.list(path, keep) if target]
    if not targets or not isinstance(access, Credentials):
        if len(inquiry.reasons) == before:
            detail = f"no pod of Prometheus is ready in namespace {viz}; prometheus-url names another Prometheus"
            inquiry.note("not-installed", f"GET {path}", detail)
        return None
    chosen = min(targets, key=lambda target: target.name)
    return Forwarded(credentials=access, namespace=viz, pod=chosen.name, port=chosen.port)


def keep(pod: Mapping[str, Any]) -> Target | None:
    """Return viz's Prometheus where ``pod`` is it and is ready, by the labels of linkerd-viz's chart."""
    metadata, status = mapping(pod["metadata"]), mapping(pod.get("status"))
    labels = mapping(metadata.get("labels"))
    ready = any(row.get("type") == "Ready" and row.get("status") == "True" for row in rows(status.get("conditions")))
    if labels.get("component") != "prometheus" or labels.get("linkerd.io/extension") != "viz":
        return None
    if status.get("phase") != "Running" or not ready:
        return None
    return Target(name=str(metadata["name"]), port=_port(mapping(pod.get("spec"))))


def _port(spec: Mapping[str, Any]) -> int:
    own = [container for container in rows(spec.get("containers")) if container.get("name") == "prometheus"]
    named = [port for container in own for port in rows(container.get("ports"))]
    numbers = [port["containerPort"] for port in named if isinstance(port.get("containerPort"), int)]
    return numbers[0] if numbers else PORT


def observe(inquiry: Inquiry, prometheus: Asked | None, window: str, namespaces: Sequence[str] = ()) -> Observed:
    """Ask every query, all at one moment of Prometheus' own clock. What was not answered is a reason."""
    wanted = queries.by_name(window, namespaces)
    answers: dict[str, Sequence[Any]] = {}
    if prometheus is None and not inquiry.reasons:
        inquiry.note("not-asked", "", "nobody said where a Prometheus is")
    at = _clock(inquiry, prometheus, wanted[queries.CLOCK]) if prometheus else None
    if prometheus and at:
        for name, query in wanted.items():
            answer = None if name == queries.CLOCK else _answer(inquiry, prometheus, name, query, at)
            if answer is not None:
                answers[name] = answer.rows
    return Observed(
        window=window,
        queries=wanted if at else {},
        answers=answers,
        prometheus=prometheus.shown if prometheus else "",
        at=at,
        span=inquiry.span(),
        sources=inquiry.sources,
        reasons=inquiry.reasons,
    )


def _answer(inquiry: Inquiry, prometheus: Asked, name: str, query: str, at: datetime | None) -> Answer | None:
    answer = inquiry.ask(source(name), lambda: prometheus.ask(query, at))
    for warning in answer.warnings if answer else ():
        inquiry.note("not-understood", source(name), f"Prometheus warns that rows may be missing: {warning}")
    return answer


def _clock(inquiry: Inquiry, prometheus: Asked, query: str) -> datetime | None:
    """Return Prometheus' own time: at a time of this machine's, which may be wrong, it might know nothing at all."""
    answer = _answer(inquiry, prometheus, queries.CLOCK, query, None)
    if answer is None:
        return None
    try:
        at = datetime.fromtimestamp(float(answer.rows[0]["value"][1]), UTC)
    except (LookupError, TypeError, ValueError, OverflowError, OSError):
        inquiry.note("not-understood", source(queries.CLOCK), "Prometheus does not say what time it is")
        return None
    apart = abs((at - inquiry.span().finished).total_seconds())
    if apart > _OLD:
        detail = f"Prometheus' clock is {apart:.0f} seconds away from this machine's"
        inquiry.note("not-understood", source(queries.CLOCK), detail)
    return at
