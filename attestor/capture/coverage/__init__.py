"""Gathers the coverage beside the capture: three threads ask the API server, Prometheus and linkerd itself.

None of them may hold up or break a run: what has no answer at the capture's limit is a part that is not complete. All
that is read is read with the kubeconfig's rights, and nothing is written.
"""

from __future__ import annotations

import threading
import time
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field, replace
from types import TracebackType
from typing import TYPE_CHECKING, Any, Self

from attestor import redaction
from attestor.capture.coverage import authorization, linkerd, objects, traffic
from attestor.capture.remotes import without_credentials
from attestor.clock import Clock, Span
from attestor.coverage.links import alive
from attestor.coverage.part import EMPTY, PARTS, Coverage, Part, Reason, Scope
from attestor.coverage.traffic.body import build as build_traffic
from attestor.coverage.traffic.observed import Observed
from attestor.coverage.traffic.queries import GATEWAYS
from attestor.lenient import rows
from attestor.statement import encode

if TYPE_CHECKING:
    from attestor.cluster.credentials import Credentials, NoAccess
    from attestor.cluster.inquiry import Answers
    from attestor.preflight import Prepared
    from attestor.settings import Settings

WINDOW = "1h"
"""How far back the counters are looked at; a proxy forgets an outbound path that was idle for ten minutes."""
_LAST_MOMENT = 2.0
"""Seconds that a thread has to notice that it is stopped, before it is left to itself."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Asked:
    """What the coverage is gathered by."""

    settings: Settings
    prepared: Prepared
    access: Credentials | NoAccess
    scope: Scope
    clock: Clock
    left: Callable[[], float]


@dataclass(slots=True)
class _Gathered:
    parts: dict[str, Part] = field(default_factory=dict)
    pods: list[dict[str, Any]] = field(default_factory=list)
    observed: Observed | None = None


class Observer:
    """Works from its start until ``finish``, as a context that leaves no thread at work behind it."""

    def __init__(self, settings: Settings, prepared: Prepared, access: Credentials | NoAccess, clock: Clock) -> None:
        self._deadline = time.monotonic() + settings.timeout
        self._scope = Scope(namespaces=settings.namespaces)
        self._asked = Asked(
            settings=settings, prepared=prepared, access=access, scope=self._scope, clock=clock, left=self._left
        )
        self._clock, self._started = clock, clock()
        self._gathered = _Gathered()
        self._threads = [
            threading.Thread(target=self._guarded, args=(names, work), daemon=True) for names, work in WORK
        ]

    def _left(self) -> float:
        return self._deadline - time.monotonic()

    def __enter__(self) -> Self:
        for thread in self._threads:
            thread.start()
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self._deadline = time.monotonic()
        for thread in self._threads:
            thread.join(_LAST_MOMENT)

    def finish(self) -> Coverage:
        """Wait until all is gathered, or the capture's limit, and return it."""
        for thread in self._threads:
            thread.join(max(self._left(), 0.0) + _LAST_MOMENT)
        parts = self._built()
        late = Reason(code="timed-out", source="", detail="the capture's limit came before its answer")
        span = Span(started=self._started, finished=self._clock())
        for name in PARTS:
            parts.setdefault(name, _empty(name, span, late))
        clean = _without_secrets(parts, self._asked.prepared.credentials)
        return Coverage(span=span, scope=self._scope, parts={name: clean[name] for name in PARTS})

    def _built(self) -> dict[str, Part]:
        """Return the parts, with what takes the work of two threads: traffic needs the pods, links Prometheus."""
        gathered = self._gathered
        self._guarded(("traffic",), lambda *_: _count(gathered, self._scope.control_plane))
        parts = dict(gathered.parts)
        if "links" in parts and gathered.observed is not None:
            found = alive(rows(parts["links"].body["links"]), gathered.observed.answers.get(GATEWAYS, ()))
            parts["links"] = replace(parts["links"], body={**parts["links"].body, "links": found})
        return parts

    def _guarded(self, names: tuple[str, ...], work: Callable[[Asked, _Gathered], None]) -> None:
        """Do the work; a fault of it is a reason of every part that it had not come to."""
        started = self._clock()
        try:
            work(self._asked, self._gathered)
        except Exception as error:  # noqa: BLE001 - a part that failed is a part that is not complete, whatever it was
            reason = Reason(code="failed", source="", detail=f"the program has a fault: {type(error).__name__}")
            span = Span(started=started, finished=self._clock())
            for name in names:
                self._gathered.parts.setdefault(name, _empty(name, span, reason))


def _empty(name: str, span: Span, reason: Reason) -> Part:
    return Part(span=span, sources=(), reasons=(reason,), body=EMPTY[name])


def _count(gathered: _Gathered, control_plane: str) -> None:
    if gathered.observed is not None:
        gathered.parts["traffic"] = build_traffic(gathered.observed, gathered.pods, control_plane)


def _without_secrets(parts: Mapping[str, Part], credentials: tuple[str, ...]) -> dict[str, Part]:
    """Return the parts without those that repeat a credential: what is signed is shown to everybody.

    Nor is anything kept that was concluded from such a part, as nobody could derive it again.
    """
    bad = {name for name, part in parts.items() if redaction.holds(encode(part.to_dict()), credentials)}
    bad |= _CONNECTED if bad & _CONNECTED else set()
    detail = "it repeats the signing key or a credential of the kubeconfig, so nothing of it was taken over"
    reason = Reason(code="failed", source="", detail=detail)
    return {name: _empty(name, part.span, reason) if name in bad else part for name, part in parts.items()}


_CONNECTED = frozenset({"cluster", "workloads", "identity", "authorization", "traffic"})
"""Parts that are concluded from each other: identities from the trust domain and the pods, ports from the pods."""


class _Nobody:
    """In place of a client where there is no way to the cluster: every question has that for an answer."""

    def __init__(self, error: NoAccess) -> None:
        self._error = error

    def get(self, path: str) -> Mapping[str, Any]:
        raise self._error


def _client(asked: Asked) -> Answers:
    """Return a connection of its own for whoever asks."""
    from attestor.cluster.client import Client
    from attestor.cluster.credentials import Credentials

    return Client(asked.access) if isinstance(asked.access, Credentials) else _Nobody(asked.access)


def _objects(asked: Asked, gathered: _Gathered) -> None:
    """Ask the API server, over one connection, part by part."""
    from attestor.cluster.credentials import Credentials
    from attestor.cluster.inquiry import Inquiry

    access, client = asked.access, _client(asked)

    def inquiry() -> Inquiry:
        return Inquiry(client, asked.clock, lambda: asked.left() <= 0)

    server = without_credentials(access.server) if isinstance(access, Credentials) else ""
    found, parts = objects.Found(), gathered.parts
    parts["cluster"] = objects.observe_cluster(inquiry(), asked.scope, server, found)
    parts["workloads"] = objects.observe_workloads(inquiry(), asked.scope, found)
    parts["identity"] = objects.observe_identity(inquiry(), asked.scope, found)
    gathered.pods = found.pods
    parts["authorization"] = authorization.observe(inquiry(), asked.scope, found.pods, found.namespaces)
    parts["links"] = objects.observe_links(inquiry())


def _traffic(asked: Asked, gathered: _Gathered) -> None:
    """Ask Prometheus; what its answers mean is decided in the end, when the pods are known."""
    from attestor.cluster.inquiry import Inquiry

    inquiry = Inquiry(_client(asked), asked.clock, lambda: asked.left() <= 0)
    url, scope = asked.settings.prometheus_url, asked.scope
    prometheus = traffic.find(inquiry, url, scope.viz, asked.access)
    gathered.observed = traffic.observe(inquiry, prometheus, WINDOW, scope.namespaces)


def _linkerd(asked: Asked, gathered: _Gathered) -> None:
    """Run linkerd, for what the main capture leaves out."""
    prepared, settings = asked.prepared, asked.settings
    gathered.parts["linkerd"] = linkerd.observe(
        prepared.surroundings, settings.namespaces, settings.wait, prepared.credentials, asked.clock, asked.left
    )


WORK: tuple[tuple[tuple[str, ...], Callable[[Asked, _Gathered], None]], ...] = (
    (("cluster", "workloads", "identity", "authorization", "links"), _objects),
    (("traffic",), _traffic),
    (("linkerd",), _linkerd),
)
"""What works at the same time, and which parts each leaves behind."""
