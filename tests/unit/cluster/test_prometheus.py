"""One query in, the rows of a vector out; every other answer is a word for what it was."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import Any
from urllib.parse import parse_qs

import pytest

from attestor import limits
from attestor.cluster.client import Forbidden, NotThere, TooLarge, TooSlow, Unauthorized, Unreachable
from attestor.cluster.credentials import NoAccess
from attestor.cluster.prometheus import QUERY_PATH, Prometheus
from tests.web import Answer, Site, body, document

ROW = {"metric": {"namespace": "shop", "pod": "a"}, "value": [1795254077.5, "3"]}


def success(rows: list[Any], kind: str = "vector", **more: Any) -> Answer:
    return document({"status": "success", "data": {"resultType": kind, "result": rows}, **more})


def failure(kind: str, said: str, status: int) -> Answer:
    return document({"status": "error", "errorType": kind, "error": said}, status=status)


def test_a_query_is_asked_at_a_moment(api: Site) -> None:
    """As a form, so that it may be long; with the time that Prometheus may take."""
    api.put(QUERY_PATH, success([ROW]))
    found = Prometheus(api.url + "/").ask("up > 0", datetime(2026, 11, 21, 9, 41, 17, 500_000, UTC))
    assert (found.rows, found.warnings) == ([ROW], ())
    assert parse_qs(api.received[0].decode()) == {"query": ["up > 0"], "timeout": ["30s"], "time": ["1795254077.500"]}
    assert api.headers[0]["content-type"] == "application/x-www-form-urlencoded"


def test_without_a_moment_it_is_prometheus_own_time(api: Site) -> None:
    """No time is sent."""
    api.put(QUERY_PATH, success([]))
    Prometheus(api.url).ask("vector(time())", None)
    assert "time" not in parse_qs(api.received[0].decode())


def test_a_prefix_of_the_address_stays(api: Site) -> None:
    """Many stand behind a path of a shared host."""
    api.put("/prometheus" + QUERY_PATH, success([ROW]))
    assert Prometheus(f"{api.url}/prometheus").ask("up", None).rows == [ROW]


def test_a_password_of_the_address_is_used_and_never_shown(api: Site) -> None:
    """Nor is it in what is said when nobody answers."""
    api.put(QUERY_PATH, success([]))
    asked = Prometheus(api.url.replace("://", "://u:canary@"))
    asked.ask("up", None)
    assert api.headers[0]["authorization"].startswith("Basic ")
    assert asked.shown == api.url
    with pytest.raises(Unreachable) as caught:
        Prometheus("http://u:canary@127.0.0.1:1").ask("up", None)
    assert "canary" not in str(caught.value)


def test_warnings_come_with_the_rows(api: Site) -> None:
    """A store behind Thanos was away: some rows may be missing. What is only an info is none."""
    api.put(QUERY_PATH, success([ROW], warnings=["store away"], infos=["might not be a counter"]))
    assert Prometheus(api.url).ask("up", None).warnings == ("store away",)


@pytest.mark.parametrize(
    ("answer", "kind"),
    [
        (failure("timeout", "query timed out", 503), TooSlow),
        (failure("canceled", "query was canceled", 503), TooSlow),
        (failure("unavailable", "not ready", 503), Unreachable),
        (failure("execution", "query processing would load too many samples into memory", 422), TooLarge),
        (failure("bad_data", "parse error", 400), NoAccess),
        (failure("new", "of another day", 500), NoAccess),
        (body(b"who are you", status=401), Unauthorized),
        (body(b"<html>", status=403), Forbidden),
        (body(b"<html>", status=404), NotThere),
        (body(b"<html>", status=502), Unreachable),
        (body(b"<html>", status=504), TooSlow),
        (body(b"", status=302, Location="/login"), NoAccess),
        (body(b"<html>"), NoAccess),
        (body(b"[]"), NoAccess),
        (document({"status": "success"}), NoAccess),
        (success([], kind="matrix"), NoAccess),
        (document({"status": "success", "data": {"resultType": "vector", "result": None}}), NoAccess),
        (document({"status": "success", "data": {"resultType": "vector", "result": []}}, status=206), NoAccess),
        (body(b'{"status":"success","data":{"resultType":"vector","result":[]}}', claimed=500), Unreachable),
        (body(b'{"status":"success","status":"success","data":{"resultType":"vector","result":[]}}'), NoAccess),
    ],
)
def test_what_is_no_vector_is_what_it_is(api: Site, answer: Answer, kind: type[NoAccess]) -> None:
    """Never an empty vector, which would look like a mesh without plaintext."""
    api.put(QUERY_PATH, answer)
    with pytest.raises(NoAccess) as caught:
        Prometheus(api.url).ask("up", None)
    assert type(caught.value) is kind


def test_prometheus_own_words_are_told(api: Site) -> None:
    """They name what is wrong with the query."""
    api.put(QUERY_PATH, failure("bad_data", "parse error: unexpected end", 400))
    with pytest.raises(NoAccess, match="Prometheus says bad_data: parse error: unexpected end"):
        Prometheus(api.url).ask("up", None)


def test_an_answer_that_is_too_large_is_refused(api: Site, monkeypatch: pytest.MonkeyPatch) -> None:
    """It is not read in part."""
    monkeypatch.setattr(limits, "QUERY_BYTES", 20)
    api.put(QUERY_PATH, success([ROW]))
    with pytest.raises(TooLarge):
        Prometheus(api.url).ask("up", None)


@pytest.mark.parametrize(
    "url", ["", "prometheus:9090", "ftp://x", "http://x/?tenant=1", "http://x/#a", "http://[", "http://"]
)
def test_what_is_no_address_is_not_asked(url: str) -> None:
    """A query in it would have to go somewhere else."""
    with pytest.raises(NoAccess, match="the address of Prometheus is none"):
        Prometheus(url).ask("up", None)
