"""Which Prometheus is asked, at which moment, and what stands in the place of an answer that did not come."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from datetime import UTC, datetime
from typing import Any

import pytest

from attestor.capture.coverage import traffic
from attestor.clock import Clock
from attestor.cluster.client import Client, Forbidden, TooSlow
from attestor.cluster.credentials import Credentials, NoAccess
from attestor.cluster.inquiry import PAGE, Inquiry
from attestor.cluster.port_forward import Forwarded
from attestor.cluster.prometheus import Answer, Prometheus
from attestor.coverage.traffic import queries
from tests import web
from tests.web import Site, document

NOW = datetime(2026, 11, 21, 9, 41, 17, tzinfo=UTC)
PODS = f"/api/v1/namespaces/linkerd-viz/pods?limit={PAGE}"


@pytest.fixture
def api(monkeypatch: pytest.MonkeyPatch) -> Iterator[Site]:
    """An API server without any object."""
    monkeypatch.setenv("NO_PROXY", "127.0.0.1")
    with web.served() as found:
        yield found


def inquiry(server: str = "http://127.0.0.1:1", stopped: Callable[[], bool] = lambda: False) -> Inquiry:
    return Inquiry(Client(Credentials(server=server)), Clock(lambda: NOW), stopped)


class Fake:
    """A Prometheus of prepared answers by query; all others are empty."""

    shown = "fake"

    def __init__(self, clock: float = NOW.timestamp(), **answers: Answer | NoAccess) -> None:
        self._answers: dict[str, Answer | NoAccess] = {queries.CLOCK: Answer(rows=[{"value": [clock, str(clock)]}])}
        self._answers |= answers
        self._names = {query: name for name, query in queries.by_name("1h").items()}
        self.asked: list[tuple[str, datetime | None]] = []

    def ask(self, query: str, at: datetime | None) -> Answer:
        name = self._names[query]
        self.asked.append((name, at))
        found = self._answers.get(name, Answer(rows=[]))
        if isinstance(found, NoAccess):
            raise found
        return found


def pod(name: str = "prometheus-1", *, ready: str = "True", phase: str = "Running", **labels: str) -> dict[str, Any]:
    own = {"component": "prometheus", "linkerd.io/extension": "viz"} | labels
    containers = [{"name": "linkerd-proxy", "ports": [{"containerPort": 4191}]}]
    containers += [{"name": "prometheus", "ports": [{"containerPort": 9091, "name": "admin"}]}]
    return {
        "metadata": {"name": name, "labels": own},
        "spec": {"containers": containers},
        "status": {"phase": phase, "conditions": [{"type": "Ready", "status": ready}]},
    }


def listed(*pods: Mapping[str, Any]) -> web.Answer:
    return document({"items": list(pods), "metadata": {}})


def test_an_address_is_taken_as_it_is(api: Site) -> None:
    """Nothing is asked of the API server."""
    found = traffic.find(inquiry(api.url), "https://prometheus.example", "linkerd-viz", Credentials(server=api.url))
    assert isinstance(found, Prometheus)
    assert api.asked == []


def test_without_one_it_is_vizs_own(api: Site) -> None:
    """The first by name that is ready, at the port that its container declares."""
    others = [pod("a", ready="False"), pod("b", phase="Pending"), pod("c", component="web")]
    api.put(PODS, listed(*others, pod("prometheus-2"), pod("prometheus-1")))
    access = Credentials(server=api.url)
    found = traffic.find(inquiry(api.url), "", "linkerd-viz", access)
    assert found == Forwarded(credentials=access, namespace="linkerd-viz", pod="prometheus-1", port=9091)


@pytest.mark.parametrize("ports", [None, [], [{"name": "admin"}], [{"containerPort": "x"}]])
def test_a_port_that_is_not_declared_is_the_usual_one(ports: object) -> None:
    """Prometheus' own."""
    made = pod()
    made["spec"]["containers"][1]["ports"] = ports
    target = traffic.keep(made)
    assert target is not None
    assert target.port == 9090


@pytest.mark.parametrize("broken", [{}, {"conditions": None}, {"conditions": [7]}, {"phase": "Running"}])
def test_a_pod_that_does_not_say_that_it_is_ready_is_not_taken(broken: dict[str, Any]) -> None:
    """It would not answer."""
    assert traffic.keep(pod() | {"status": broken}) is None


@pytest.mark.parametrize(("answer", "code"), [(listed(), "not-installed"), (document({}, status=403), "forbidden")])
def test_without_any_pod_there_is_nobody_to_ask(answer: web.Answer, code: str, api: Site) -> None:
    """And the part is not complete."""
    api.put(PODS, answer)
    asked = inquiry(api.url)
    found = traffic.find(asked, "", "linkerd-viz", Credentials(server=api.url))
    observed = traffic.observe(asked, found, "1h")
    assert [reason.code for reason in observed.reasons] == [code]
    assert (observed.answers, observed.queries, observed.prometheus, observed.at) == ({}, {}, "", None)


def test_without_credentials_only_an_address_can_be_asked(api: Site) -> None:
    """The API server says no more than that there is no way to it."""
    api.put(PODS, listed(pod()))
    asked = inquiry(api.url)
    assert traffic.find(asked, "", "linkerd-viz", Forbidden("no")) is None
    assert asked.reasons
    assert traffic.find(asked, "http://p", "linkerd-viz", Forbidden("no")) is not None


def test_nobody_to_ask_is_never_complete() -> None:
    """Even where nobody said why."""
    observed = traffic.observe(inquiry(), None, "1h")
    assert [reason.code for reason in observed.reasons] == ["not-asked"]


def test_all_is_asked_at_one_moment_of_prometheus_own_clock() -> None:
    """At this machine's, which may be wrong, it might know nothing at all."""
    fake = Fake(clock=NOW.timestamp() + 7)
    observed = traffic.observe(inquiry(), fake, "1h")
    assert observed.reasons == ()
    assert observed.at == datetime(2026, 11, 21, 9, 41, 24, tzinfo=UTC)
    assert fake.asked[0] == (queries.CLOCK, None)
    assert {at for _, at in fake.asked[1:]} == {observed.at}
    assert set(observed.answers) == set(queries.by_name("1h")) - {queries.CLOCK}
    assert len(observed.sources) == len(observed.queries)


@pytest.mark.parametrize(("apart", "trusted"), [(300, True), (-300, True), (301, False), (-301, False)])
def test_a_clock_that_is_far_away_is_a_reason(apart: int, trusted: bool) -> None:
    """The counters are then those of another time than the rest of the evidence."""
    observed = traffic.observe(inquiry(), Fake(clock=NOW.timestamp() + apart), "1h")
    assert (observed.reasons == ()) is trusted
    assert observed.answers


@pytest.mark.parametrize(
    "rows", [[], [7], [{}], [{"value": []}], [{"value": [1, "x"]}], [{"value": [1, "NaN"]}], [{"value": [1, "1e99"]}]]
)
def test_a_clock_that_says_no_time_is_a_reason(rows: list[Any]) -> None:
    """Nothing else is asked."""
    fake = Fake()
    fake._answers[queries.CLOCK] = Answer(rows=rows)
    observed = traffic.observe(inquiry(), fake, "1h")
    assert [reason.code for reason in observed.reasons] == ["not-understood"]
    assert (len(fake.asked), observed.answers, observed.prometheus) == (1, {}, "fake")


def test_a_query_that_is_not_answered_is_a_reason_of_its_own() -> None:
    """The others are asked all the same."""
    fake = Fake(denied=TooSlow("too slow"), seen=NoAccess("what"))
    observed = traffic.observe(inquiry(), fake, "1h")
    assert [(reason.code, reason.source) for reason in observed.reasons] == [
        ("timed-out", "prometheus denied"),
        ("not-understood", "prometheus seen"),
    ]
    assert set(queries.by_name("1h")) - set(observed.answers) == {"denied", "seen", queries.CLOCK}


def test_a_warning_is_a_reason_and_the_rows_stand() -> None:
    """Some may be missing."""
    fake = Fake(denied=Answer(rows=[{"a": 1}], warnings=("a store was away",)))
    observed = traffic.observe(inquiry(), fake, "1h")
    assert observed.answers["denied"] == [{"a": 1}]
    assert ["a store was away" in reason.detail for reason in observed.reasons] == [True]


def test_where_there_is_no_time_left_nothing_is_asked() -> None:
    """And each question that was not asked is a reason, or the first of them all."""
    observed = traffic.observe(inquiry(stopped=lambda: True), Fake(), "1h")
    assert [reason.code for reason in observed.reasons] == ["stopped"]
