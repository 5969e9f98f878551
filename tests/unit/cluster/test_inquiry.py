"""Lists in pages, objects one by one, and for all that fails a reason with a word of its own."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import pytest

from attestor import limits
from attestor.clock import Clock
from attestor.cluster.client import Client
from attestor.cluster.credentials import Credentials
from attestor.cluster.inquiry import PAGE, Inquiry
from attestor.coverage.part import CODES
from tests.web import Answer, Site, body, document


def inquiry(api: Site, **more: Any) -> Inquiry:
    return Inquiry(Client(Credentials(server=api.url)), Clock(), **more)


def name(item: Mapping[str, Any]) -> str:
    return str(item["metadata"]["name"])


def page(*names: str, token: str = "") -> Answer:
    items = [{"metadata": {"name": found}} for found in names]
    return document({"items": items, "metadata": {"continue": token} if token else {}})


def first(path: str) -> str:
    return f"{path}?limit={PAGE}"


def test_an_object_is_a_source(api: Site) -> None:
    """Without a reason the part is complete."""
    api.put("/version", document({"gitVersion": "v1.35.4"}))
    asked = inquiry(api)
    assert asked.get("/version") == {"gitVersion": "v1.35.4"}
    part = asked.part({"version": "v1.35.4"}).to_dict()
    assert (part["complete"], part["sources"], part["version"]) == (True, ["GET /version"], "v1.35.4")


def test_pages_are_read_to_the_last(api: Site) -> None:
    """The token of each page asks for the next; the list is one source."""
    api.put(first("/api/v1/pods"), page("a", "b", token="more/1"))
    api.put(first("/api/v1/pods") + "&continue=more%2F1", page("c"))
    asked = inquiry(api)
    assert asked.list("/api/v1/pods", name) == ["a", "b", "c"]
    assert asked.part({}).sources == ("GET /api/v1/pods",)
    assert asked.reasons == ()


def test_a_selector_goes_with_every_page(api: Site) -> None:
    """And is part of what was asked."""
    api.put(first("/events") + "&fieldSelector=reason%3DX", page("a"))
    asked = inquiry(api)
    assert asked.list("/events", name, selector="reason=X") == ["a"]
    assert asked.part({}).sources == ("GET /events?fieldSelector=reason=X",)


@pytest.mark.parametrize(
    ("status", "code"),
    [(401, "unauthorized"), (403, "forbidden"), (404, "not-installed"), (500, "not-understood")],
)
def test_a_refusal_is_a_reason(api: Site, status: int, code: str) -> None:
    """Nothing was seen, and the part says so."""
    api.put(first("/pods"), document({"message": "because"}, status=status))
    api.put("/pod", document({"message": "because"}, status=status))
    asked = inquiry(api)
    assert asked.list("/pods", name) == []
    assert asked.get("/pod") is None
    assert [(reason.code, reason.source) for reason in asked.reasons] == [(code, "GET /pods"), (code, "GET /pod")]
    assert asked.part({}).to_dict()["complete"] is False


def test_a_list_that_is_forgotten_is_read_once_more(api: Site) -> None:
    """From its start; a second time it is a reason."""
    api.put(first("/pods"), page("a", token="t"))
    api.put(first("/pods") + "&continue=t", document({"message": "expired"}, status=410))
    asked = inquiry(api)
    assert asked.list("/pods", name) == []
    assert [reason.code for reason in asked.reasons] == ["changed"]


def test_no_list_is_a_reason(api: Site) -> None:
    """An object without items, as a proxy's page may be."""
    api.put(first("/pods"), document({"kind": "Status"}))
    asked = inquiry(api)
    assert asked.list("/pods", name) == []
    assert [reason.code for reason in asked.reasons] == ["not-understood"]


def test_an_object_that_is_not_understood_is_a_reason(api: Site) -> None:
    """The others are kept."""
    answer = {"items": [{"metadata": {"name": "good"}}, {"metadata": {}}, 7], "metadata": {}}
    api.put(first("/pods"), document(answer))
    asked = inquiry(api)
    assert asked.list("/pods", name) == ["good"]
    assert [reason.code for reason in asked.reasons] == ["not-understood"] * 2


def test_of_many_that_are_not_understood_the_first_few_are_told(api: Site) -> None:
    """And that there are more."""
    api.put(first("/pods"), document({"items": [{"metadata": {}, "n": n} for n in range(99)], "metadata": {}}))
    asked = inquiry(api)
    assert asked.list("/pods", lambda item: {}[item["n"]]) == []
    assert len(asked.reasons) == 11
    assert asked.reasons[-1].detail == "there are more of this kind"


def test_a_list_without_an_end_is_cut_by_name(api: Site, monkeypatch: pytest.MonkeyPatch) -> None:
    """A server may name one more page for ever."""
    monkeypatch.setattr(limits, "LISTED_OBJECTS", 3)
    api.put(first("/pods"), page("a", "b", token="t"))
    api.put(first("/pods") + "&continue=t", page("c", "d", token="t"))
    asked = inquiry(api)
    assert asked.list("/pods", name) == ["a", "b", "c"]
    assert [reason.code for reason in asked.reasons] == ["too-large"]


def test_a_run_that_has_no_time_left_reads_no_further_page(api: Site) -> None:
    """What was read until then is kept, and not taken for all."""
    api.put(first("/pods"), page("a", token="t"))
    asked = inquiry(api, stopped=lambda: True)
    assert asked.list("/pods", name) == ["a"]
    assert [reason.code for reason in asked.reasons] == ["stopped"]


def test_an_answer_that_is_too_large_is_a_reason(api: Site, monkeypatch: pytest.MonkeyPatch) -> None:
    """It is not read in part."""
    monkeypatch.setattr(limits, "API_ANSWER_BYTES", 10)
    api.put("/x", body(b'{"a": "' + b"x" * 100 + b'"}'))
    asked = inquiry(api)
    assert asked.get("/x") is None
    assert [reason.code for reason in asked.reasons] == ["too-large"]


def test_nobody_there_is_a_reason() -> None:
    """And every word for a reason is one that the format knows."""
    asked = Inquiry(Client(Credentials(server="http://127.0.0.1:1")), Clock())
    assert asked.get("/version") is None
    assert [reason.code for reason in asked.reasons] == ["unreachable"]
    assert {reason.code for reason in asked.reasons} <= CODES


def test_a_question_of_another_kind_is_a_source_too(api: Site) -> None:
    """Its answer is handed on, and its failure is a reason."""
    asked = inquiry(api)
    assert asked.ask("clock", lambda: 7) == 7
    assert asked.ask("other", lambda: Client(Credentials(server="http://127.0.0.1:1")).get("/")) is None
    assert asked.sources == ("clock", "other")
    assert [(reason.code, reason.source) for reason in asked.reasons] == [("unreachable", "other")]


def test_a_question_is_not_asked_without_time_for_it(api: Site) -> None:
    """And that is the reason."""
    asked = inquiry(api, stopped=lambda: True)
    assert asked.ask("clock", lambda: pytest.fail("it was asked")) is None
    assert [reason.code for reason in asked.reasons] == ["stopped"]
