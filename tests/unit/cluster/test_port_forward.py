"""A query through a port-forward: the frames of another's connection, and for all that goes wrong a word."""

from __future__ import annotations

from collections.abc import Iterator
from urllib.parse import parse_qs, urlsplit

import pytest

from attestor import limits
from attestor.cluster.client import Forbidden, NotThere, TooLarge, Unauthorized, Unreachable
from attestor.cluster.credentials import Credentials, NoAccess
from attestor.cluster.port_forward import Forwarded
from attestor.cluster.prometheus import QUERY_PATH
from tests.forwarding import Forwarding, forwarding
from tests.unit.cluster.test_prometheus import ROW, success
from tests.web import Site, body


@pytest.fixture
def prometheus(api: Site) -> Site:
    """A Prometheus with one row."""
    api.put(QUERY_PATH, success([ROW]))
    return api


@pytest.fixture
def kubelet(prometheus: Site) -> Iterator[Forwarding]:
    """What stands between."""
    with forwarding(port_of(prometheus)) as found:
        yield found


def port_of(site: Site) -> int:
    return urlsplit(site.url).port or 0


def through(kubelet: Forwarding) -> Forwarded:
    known = Credentials(server=f"http://127.0.0.1:{kubelet.port}", headers={"Authorization": "Bearer t"})
    return Forwarded(credentials=known, namespace="linkerd-viz", pod="prometheus-0", port=9090)


def test_a_query_goes_through(kubelet: Forwarding, prometheus: Site) -> None:
    """With the kubeconfig's credentials to the API server, and none of them to Prometheus."""
    asked = through(kubelet)
    assert asked.ask("up", None).rows == [ROW]
    assert kubelet.asked == ["/api/v1/namespaces/linkerd-viz/pods/prometheus-0/portforward?ports=9090"]
    assert kubelet.headers[0]["authorization"] == "Bearer t"
    assert "authorization" not in prometheus.headers[0]
    assert parse_qs(prometheus.received[0].decode())["query"] == ["up"]
    assert asked.shown == "port-forward to linkerd-viz/prometheus-0:9090"


def test_each_query_has_a_connection_of_its_own(kubelet: Forwarding) -> None:
    """The answer's end is that of the connection."""
    asked = through(kubelet)
    assert [asked.ask(query, None).rows for query in ("a", "b")] == [[ROW], [ROW]]
    assert len(kubelet.asked) == 2


@pytest.mark.parametrize("piece", [1, 7, 32 * 1024])
def test_an_answer_comes_in_pieces_of_any_size(piece: int, kubelet: Forwarding, prometheus: Site) -> None:
    """A message holds as much as the runtime read at once."""
    kubelet.piece = piece
    many = [ROW] * (2000 if piece > 7 else 3)
    prometheus.put(QUERY_PATH, success(many))
    assert through(kubelet).ask("up", None).rows == many


def test_what_is_none_of_the_ports_bytes_is_left_out(kubelet: Forwarding, prometheus: Site) -> None:
    """Pings, channels that are not known, messages without one; a message may come in several frames."""
    kubelet.noise = True
    prometheus.put(QUERY_PATH, success([ROW] * 2000))
    assert through(kubelet).ask("up", None).rows == [ROW] * 2000


def test_a_message_of_another_protocol_is_refused(kubelet: Forwarding) -> None:
    """Text is that of ``v4.base64.channel.k8s.io``."""
    kubelet.text = True
    with pytest.raises(NoAccess, match="another protocol than it chose"):
        through(kubelet).ask("up", None)


def test_a_long_query_is_sent_in_pieces(kubelet: Forwarding, prometheus: Site) -> None:
    """As many messages as it takes."""
    query = "x" * 200_000
    through(kubelet).ask(query, None)
    assert parse_qs(prometheus.received[0].decode())["query"] == [query]


@pytest.mark.parametrize(("status", "kind"), [(401, Unauthorized), (403, Forbidden), (404, NotThere), (500, NoAccess)])
def test_a_refusal_of_the_api_server_is_what_it_is(status: int, kind: type[NoAccess], kubelet: Forwarding) -> None:
    """In the server's own words."""
    kubelet.refusal = (status, "pods may not be forwarded to")
    with pytest.raises(NoAccess, match="pods may not be forwarded to" if status != 401 else "401") as caught:
        through(kubelet).ask("up", None)
    assert type(caught.value) is kind


def test_what_the_runtime_says_went_wrong_is_told(kubelet: Forwarding) -> None:
    """On its channel for errors: a port where nobody listens, say."""
    kubelet.complaint = "error forwarding port 9090 to pod abc: connection refused"
    with pytest.raises(Unreachable, match="error forwarding port 9090"):
        through(kubelet).ask("up", None)


def test_a_server_of_another_protocol_is_not_spoken_to(prometheus: Site) -> None:
    """Its bytes would mean something else."""
    with (
        forwarding(port_of(prometheus), protocol="v5.channel.k8s.io") as kubelet,
        pytest.raises(NoAccess, match="opens no WebSocket"),
    ):
        through(kubelet).ask("up", None)
    assert prometheus.asked == []


def test_a_server_without_websockets_is_said(api: Site) -> None:
    """A gateway that answers the request as if it were any other."""
    api.put("/api/v1/namespaces/linkerd-viz/pods/prometheus-0/portforward?ports=9090", body(b"<html>"))
    asked = Forwarded(credentials=Credentials(server=api.url), namespace="linkerd-viz", pod="prometheus-0", port=9090)
    with pytest.raises(NoAccess):
        asked.ask("up", None)


def test_nobody_there_is_unreachable() -> None:
    """Neither the API server, nor, behind it, Prometheus."""
    asked = Forwarded(credentials=Credentials(server="http://127.0.0.1:1"), namespace="a", pod="b", port=1)
    with pytest.raises(Unreachable, match="the connection was refused"):
        asked.ask("up", None)


def test_an_answer_that_ends_early_is_none(kubelet: Forwarding, prometheus: Site) -> None:
    """Half of the rows are not all of them."""
    prometheus.put(QUERY_PATH, body(b'{"status":"success","data":{"resultType":"vector","result":[]}}', claimed=500))
    with pytest.raises(Unreachable, match="before the whole answer"):
        through(kubelet).ask("up", None)


def test_an_answer_without_an_end_is_cut_by_name(
    kubelet: Forwarding, prometheus: Site, monkeypatch: pytest.MonkeyPatch
) -> None:
    """It is not read in part."""
    monkeypatch.setattr(limits, "QUERY_BYTES", 100)
    prometheus.put(QUERY_PATH, body(b"x" * 101))
    with pytest.raises(TooLarge):
        through(kubelet).ask("up", None)


def test_a_server_in_clear_is_not_asked() -> None:
    """The token would be readable on the way."""
    asked = Forwarded(credentials=Credentials(server="http://api.example"), namespace="a", pod="b", port=1)
    with pytest.raises(NoAccess, match="not spoken to through TLS"):
        asked.ask("up", None)
