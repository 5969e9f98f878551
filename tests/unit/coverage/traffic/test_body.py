"""From Prometheus' answers to the part: evidence as it stands, and a reason for all that is not understood."""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import replace
from datetime import UTC, datetime
from typing import Any

import pytest
from jsonschema import Draft202012Validator

from attestor import limits
from attestor.clock import Span
from attestor.coverage.part import EMPTY, Reason
from attestor.coverage.traffic import queries
from attestor.coverage.traffic.body import build
from attestor.coverage.traffic.observed import Observed, source
from tests.conftest import ROOT

MOMENT = datetime(2026, 11, 21, 9, 41, 17, tzinfo=UTC)
POD = {"namespace": "shop", "name": "a", "state": "covered", "phase": "Running"}
SCHEMA = json.loads((ROOT / "docs/predicates/mesh-coverage-v0.1.schema.json").read_text(encoding="utf-8"))
FORM = Draft202012Validator({"$defs": SCHEMA["$defs"], **SCHEMA["properties"]["traffic"]})


def row(value: object = "1", **labels: str) -> dict[str, Any]:
    return {"metric": labels, "value": [1795254077.5, value]}


SEEN = [row(namespace="shop", pod="a")]
PLAIN = {"namespace": "shop", "pod": "a", "target_port": "8080", "tls": "no_identity"}


def observed(**answers: list[Any]) -> Observed:
    """Answers to every query; those that are not given are empty, but for the one about what was seen."""
    wanted = queries.by_name("1h")
    return Observed(
        window="1h",
        queries=wanted,
        answers={name: answers.get(name, []) for name in wanted} | {"seen": answers.get("seen", SEEN)},
        prometheus="http://prometheus:9090",
        at=MOMENT,
        span=Span(started=MOMENT, finished=MOMENT),
        sources=tuple(map(source, wanted)),
        reasons=(),
    )


def part(
    found: Observed, pods: tuple[Mapping[str, Any], ...] = (POD,), control_plane: str = "linkerd"
) -> dict[str, Any]:
    """The part, which is always of the documented form, and whose reasons are about its sources."""
    made: dict[str, Any] = build(found, pods, control_plane).to_dict()
    FORM.validate(made)
    assert set(made) >= set(EMPTY["traffic"])
    assert all(reason["source"] in (*made["sources"], "") for reason in made["reasons"])
    return made


def said(made: Mapping[str, Any]) -> list[tuple[str, str]]:
    return [(reason["code"], reason["source"].removeprefix("prometheus ")) for reason in made["reasons"]]


def test_nothing_against_it_is_complete() -> None:
    """And says when and where was asked."""
    made = part(observed())
    assert (made["complete"], made["silent"], made["window"]) == (True, [], "1h")
    assert (made["prometheus"], made["at"]) == ("http://prometheus:9090", "2026-11-21T09:41:17Z")
    assert made["queries"] == queries.by_name("1h")


@pytest.mark.parametrize("name", sorted(queries.QUESTIONS))
def test_a_series_stands_in_its_list(name: str) -> None:
    """With its labels and its value, a count."""
    labels = dict.fromkeys(queries.QUESTIONS[name].keeps, "x")
    made = part(observed(**{name: [row("3", **labels)]}))
    assert made[name] == [{"labels": labels, "value": 3}]
    assert made["complete"] is True


def test_the_order_is_that_of_the_labels() -> None:
    """However Prometheus sends them."""
    found = [row("1", **PLAIN | {"target_port": port}) for port in ("9", "10", "8080")]
    made, turned = (part(observed(inbound_plaintext=rows)) for rows in (found, found[::-1]))
    assert made == turned
    assert [item["labels"]["target_port"] for item in made["inbound_plaintext"]] == ["10", "8080", "9"]


@pytest.mark.parametrize(
    "wrong",
    [
        row("NaN", **PLAIN),
        row("+Inf", **PLAIN),
        row("-Inf", **PLAIN),
        row("x", **PLAIN),
        row(1, **PLAIN),
        row("0", **PLAIN),
        row("-1", **PLAIN),
        row("1e30", **PLAIN),
        {"metric": PLAIN, "value": ["1"]},
        {"metric": PLAIN, "values": [[1, "1"]]},
        {"metric": PLAIN},
        {"metric": PLAIN | {"pod": 7}, "value": [1, "1"]},
        {"metric": [], "value": [1, "1"]},
        {"value": [1, "1"]},
        [],
        None,
    ],
)
def test_a_row_that_is_not_understood_is_a_reason(wrong: object) -> None:
    """The others stand."""
    made = part(observed(inbound_plaintext=[wrong, row("1", **PLAIN)]))
    assert made["inbound_plaintext"] == [{"labels": PLAIN, "value": 1}]
    assert said(made) == [("not-understood", "inbound_plaintext")]


@pytest.mark.parametrize("missing", ["namespace", "pod", "target_port"])
def test_a_series_without_a_label_that_it_needs_stands_and_is_a_reason(missing: str) -> None:
    """Somebody's own Prometheus names things otherwise; the plaintext is there all the same."""
    labels = {name: value for name, value in PLAIN.items() if name != missing}
    made = part(observed(inbound_plaintext=[row("1", **labels)]))
    assert made["inbound_plaintext"] == [{"labels": labels, "value": 1}]
    assert said(made) == [("not-understood", "inbound_plaintext")]


def test_a_label_that_was_not_asked_for_is_a_reason() -> None:
    """Then something else answered than what was asked."""
    assert said(part(observed(denied=[row("1", **PLAIN, cluster="b")]))) == [("not-understood", "denied")]


def test_of_many_that_are_alike_the_first_few_are_told() -> None:
    """And that there are more."""
    made = part(
        observed(clients=[row(f"x{number}", client_id="a") for number in range(5)] + [row("1") for _ in range(5)])
    )
    assert len(made["reasons"]) == 2, "alike to the letter is told once"
    made = part(observed(denied=[row("1", **PLAIN, **{f"l{number}": "x"}) for number in range(99)]))
    assert len(made["reasons"]) == 11
    assert made["reasons"][-1]["detail"] == "there are more of this kind"


def test_more_series_than_are_kept_are_a_reason(monkeypatch: pytest.MonkeyPatch) -> None:
    """The first are kept, in order."""
    monkeypatch.setattr(limits, "SERIES", 2)
    found = [row("1", **PLAIN | {"pod": pod}) for pod in "dcba"]
    made = part(observed(inbound_plaintext=found, certificates=[row("5", namespace="shop", pod=pod) for pod in "dcba"]))
    assert [item["labels"]["pod"] for item in made["inbound_plaintext"]] == ["a", "b"]
    assert [item["pod"] for item in made["certificates"]] == ["a", "b"]
    assert said(made) == [("too-large", "inbound_plaintext"), ("too-large", "certificates")]


@pytest.mark.parametrize(
    ("namespace", "port", "shown"),
    [
        ("linkerd", "8080", False),
        ("linkerd", "8086", False),
        ("linkerd", "8090", False),
        ("linkerd", "8443", True),
        ("linkerd", "", True),
        ("shop", "8090", True),
        ("linkerd-viz", "8086", True),
    ],
)
def test_tls_without_a_client_is_normal_on_the_control_planes_ports_alone(
    namespace: str, port: str, shown: bool
) -> None:
    """A proxy asks there for its first certificate."""
    labels = {"namespace": namespace, "pod": "a"} | ({"target_port": port} if port else {})
    assert bool(part(observed(unauthenticated=[row("1", **labels)]))["unauthenticated"]) is shown


def test_the_control_planes_ports_are_those_of_its_own_namespace() -> None:
    """Whatever that is called."""
    found = observed(unauthenticated=[row("1", namespace="mesh", pod="a", target_port="8090")])
    assert part(found, control_plane="mesh")["unauthenticated"] == []


@pytest.mark.parametrize(
    ("value", "expires"),
    [
        ("1795254188", "2026-11-21T09:43:08Z"),
        ("1.795254188e+09", "2026-11-21T09:43:08Z"),
        ("0", "1970-01-01T00:00:00Z"),
        ("253402300799", "9999-12-31T23:59:59Z"),
    ],
)
def test_a_certificate_ends_at_a_moment(value: str, expires: str) -> None:
    """A proxy that never had one says 0."""
    made = part(observed(certificates=[row(value, namespace="shop", pod="a")]))
    assert made["certificates"] == [{"namespace": "shop", "pod": "a", "expires": expires}]
    assert made["complete"] is True


@pytest.mark.parametrize("value", ["-1", "253402300800", "NaN"])
def test_what_is_no_moment_is_a_reason(value: str) -> None:
    """And no certificate."""
    made = part(observed(certificates=[row(value, namespace="shop", pod="a")]))
    assert (made["certificates"], said(made)) == ([], [("not-understood", "certificates")])


@pytest.mark.parametrize(
    ("change", "silent"),
    [
        ({}, True),
        ({"state": "uncovered"}, False),
        ({"state": "finished", "phase": "Succeeded"}, False),
        ({"phase": "Pending"}, False),
        ({"name": "a"}, False),
        ({"namespace": "other", "name": "a"}, True),
    ],
)
def test_a_covered_running_pod_without_a_series_is_silent(change: dict[str, str], silent: bool) -> None:
    """By its namespace and name."""
    pod = POD | {"name": "b"} | change
    assert part(observed(), (pod,))["silent"] == ([f"{pod['namespace']}/{pod['name']}"] if silent else [])


def test_what_could_not_be_asked_is_not_silence() -> None:
    """It is a reason, and the others stand."""
    found = observed(denied=[row("1", **PLAIN)])
    answers = {name: rows for name, rows in found.answers.items() if name not in {"seen", "inbound_plaintext"}}
    reasons = tuple(Reason(code="timed-out", source=source(name), detail="x") for name in ("seen", "inbound_plaintext"))
    made = part(replace(found, answers=answers, reasons=reasons))
    assert (made["silent"], made["inbound_plaintext"], len(made["denied"])) == ([], [], 1)
    assert said(made) == [("timed-out", "seen"), ("timed-out", "inbound_plaintext")]


def test_a_prometheus_that_knows_no_proxy_is_not_believed() -> None:
    """Where there are proxies; where there are none it has nothing to know."""
    assert said(part(observed(seen=[]))) == [("not-installed", "seen")]
    assert said(part(observed(seen=[]), ())) == []


def test_a_pod_whose_label_hides_what_its_proxy_says_is_a_reason() -> None:
    """Each of them by name."""
    made = part(observed(masked=[row("4", namespace="shop", pod=pod) for pod in "ab"]))
    assert said(made) == [("not-understood", "masked")] * 2
    assert "the pod shop/a hides" in made["reasons"][0]["detail"]


@pytest.mark.parametrize(
    ("labels", "misnamed"),
    [
        ({"namespace": "other"}, True),
        ({"pod": "other"}, True),
        ({"namespace": "shop", "pod": "b"}, False),
        ({"app": "b"}, False),
    ],
)
def test_a_silent_pod_that_names_itself_otherwise_is_a_reason(labels: dict[str, str], misnamed: bool) -> None:
    """Its series stand there under the name of another."""
    made = part(observed(), (POD, POD | {"name": "b", "labels": labels}))
    assert made["silent"] == ["shop/b"]
    assert said(made) == ([("not-understood", "seen")] if misnamed else [])


def test_where_nobody_was_asked_there_is_neither_place_nor_time() -> None:
    """Only the reason."""
    nobody = replace(observed(), queries={}, answers={}, prometheus="", at=None, sources=())
    reason = Reason(code="not-asked", source="", detail="x")
    made = part(replace(nobody, reasons=(reason,)))
    assert not {"prometheus", "at"} & set(made)
    assert made["complete"] is False
