"""The coverage of a served world without a server: asked as a run asks, and put into the golden statement."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import replace
from datetime import datetime
from typing import Any

from attestor import collection, predicates, reports
from attestor.capture.coverage import WINDOW, authorization, objects, traffic
from attestor.clock import Clock, Span
from attestor.cluster.client import Forbidden, NotThere
from attestor.cluster.credentials import NoAccess
from attestor.cluster.inquiry import Answers, Inquiry
from attestor.cluster.prometheus import Answer
from attestor.collection import Opened
from attestor.coverage import links, more
from attestor.coverage.more import Run
from attestor.coverage.part import Coverage, Part, Scope
from attestor.coverage.traffic import body as traffic_body
from attestor.coverage.traffic import queries
from attestor.statement import Collection, Statement
from tests import golden
from tests.conftest import RECORDINGS
from tests.worlds import Counters, World


class Direct:
    """A world in place of an API server."""

    def __init__(self, world: World) -> None:
        self._world = world

    def get(self, path: str) -> Mapping[str, Any]:
        status, value = self._world.answer(path)
        if status == 403:
            raise Forbidden(value["message"])
        if status == 404:
            raise NotThere(value["message"])
        found: Mapping[str, Any] = value
        return found


class Asked:
    """Counters in place of a Prometheus."""

    shown = "http://prometheus.example:9090"

    def __init__(self, counters: Counters) -> None:
        self._counters = counters

    def ask(self, query: str, at: datetime | None) -> Answer:
        if not self._counters.there:
            raise NoAccess("there is no Prometheus")
        return Answer(rows=self._counters.answer(query)["data"]["result"], warnings=())


def parts(counters: Counters, scope: Scope, recording: Mapping[str, str]) -> dict[str, Part]:
    """Return every part of the coverage of the counters' world."""
    found = asked(Direct(counters.world), lambda _: Asked(counters), scope)
    return {**found, "linkerd": recorded(recording, scope)}


def asked(client: Answers, find: Callable[[Inquiry], traffic.Asked | None], scope: Scope) -> dict[str, Part]:
    """Return every part but linkerd's own, as ``client`` and the Prometheus that ``find`` finds answer."""

    def inquiry() -> Inquiry:
        return Inquiry(client, Clock())

    found = objects.Found()
    observed = {
        "cluster": objects.observe_cluster(inquiry(), scope, "https://api.example:6443", found),
        "workloads": objects.observe_workloads(inquiry(), scope, found),
        "identity": objects.observe_identity(inquiry(), scope, found),
    }
    observed["authorization"] = authorization.observe(inquiry(), scope, found.pods, found.namespaces)
    asking = inquiry()
    answers = traffic.observe(asking, find(asking), WINDOW, scope.namespaces)
    observed["traffic"] = traffic_body.build(answers, found.pods, scope.control_plane)
    linked = objects.observe_links(inquiry())
    listed: Any = linked.body["links"]
    alive = links.alive(listed, answers.answers.get(queries.GATEWAYS, ()))
    observed["links"] = replace(linked, body={**linked.body, "links": alive})
    return observed


def recorded(recording: Mapping[str, str], scope: Scope) -> Part:
    """Return linkerd's own part, as the named recordings have it; the others are of the healthy mesh."""
    now = Clock()()
    span = Span(started=now, finished=now)

    def run(argv: tuple[str, ...], name: str, default: str) -> Run:
        stem = RECORDINGS / recording.get(name, default) / name
        code = int(stem.with_suffix(".exit").read_text(encoding="ascii"))
        return Run(argv=argv, span=span, exit_code=code, stdout=stem.with_suffix(".json").read_bytes())

    edges = run(more.edges_commands(scope.namespaces)[0], "edges-pod", "healthy")
    checked = run(more.check_command(""), "check-proxy", "healthy-proxy")
    body, reasons = more.build([edges], checked, scope.namespaces)
    return Part(span=span, sources=(edges.source, checked.source), reasons=reasons, body=body)


def coverage(counters: Counters, scope: Scope | None = None, **recording: str) -> Coverage:
    """Return the coverage; ``edges_pod`` and ``check_proxy`` name the recordings that linkerd's part is from."""
    now = Clock()()
    named = {name.replace("_", "-"): folder for name, folder in recording.items()}
    scope = scope or Scope()
    return Coverage(span=Span(started=now, finished=now), scope=scope, parts=parts(counters, scope, named))


def statement(found: Coverage) -> Statement:
    """Return the golden statement with this coverage as its seventh predicate."""
    seen = replace(golden.evidence(), coverage=found)
    return Statement.of(Collection(step=golden.STEP, predicates=predicates.build(seen, reports.read(seen))))


def opened(found: Coverage) -> Opened:
    """Return the golden statement with this coverage, opened again."""
    return collection.opened(statement(found).payload)
