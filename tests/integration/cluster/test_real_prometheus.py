"""What real proxies said of themselves, read by a real Prometheus, and asked by the program's own questions."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any

import pytest

from attestor.capture.coverage import traffic
from attestor.clock import Clock
from attestor.cluster.client import Client
from attestor.cluster.credentials import Credentials
from attestor.cluster.inquiry import Inquiry
from attestor.cluster.prometheus import Prometheus
from attestor.coverage.traffic.body import build
from tests.integration.cluster import scraped
from tests.integration.cluster.scraped import Scraped, situation

pytestmark = pytest.mark.cluster

SITUATIONS = sorted(path.name for path in (scraped.WORLDS / "real-proxy-metrics").iterdir() if path.is_dir())
CONTROL_PLANE = "00-control-plane"
CLIENT = "client.shop.serviceaccount.identity.linkerd.cluster.local"
SERVER = "server.shop.serviceaccount.identity.linkerd.cluster.local"


@pytest.fixture(scope="module")
def prometheus(programs: dict[str, str], tmp_path_factory: pytest.TempPathFactory) -> Iterator[Scraped]:
    """Every situation in a namespace of its own, and what a test adds."""
    with scraped.running(programs["prometheus"], tmp_path_factory.mktemp("prometheus")) as found:
        for name in SITUATIONS:
            for pod, page in situation(name).items():
                found.put(name, pod, page)
        hidden = situation("02-unmeshed-to-meshed")["server-closed"]
        found.put("masked", "server", hidden, {"tls": "true"})
        found.put("misnamed", "server", hidden, {"namespace": "nowhere"})
        for (namespace, pod), page in scraped.world().items():
            found.put(namespace, pod, page, scraped.labels_of(namespace, pod))
        found.settle()
        yield found


def pods_of(found: Scraped, *more: tuple[str, str]) -> list[dict[str, Any]]:
    return [
        {"namespace": namespace, "name": name, "state": "covered", "phase": "Running"} | labels_of(namespace)
        for namespace, name in (*found.pods, *more)
    ]


def labels_of(namespace: str) -> dict[str, Any]:
    return {"labels": {"namespace": "nowhere"}} if namespace == "misnamed" else {}


def ask(found: Scraped, *namespaces: str, window: str = "1h", **more: Any) -> Mapping[str, Any]:
    """The part as it stands in the predicate."""
    inquiry = Inquiry(Client(Credentials(server="https://127.0.0.1:1")), Clock())
    observed = traffic.observe(inquiry, Prometheus(found.url), window, namespaces)
    expected = [pod for pod in more.get("pods", pods_of(found)) if not namespaces or pod["namespace"] in namespaces]
    return build(observed, expected, more.get("control_plane", CONTROL_PLANE)).to_dict()


@pytest.fixture(scope="module")
def everything(prometheus: Scraped) -> Mapping[str, Any]:
    """The part over all namespaces, asked for once."""
    return ask(prometheus)


def rows(part: Mapping[str, Any], name: str, namespace: str, *labels: str) -> list[tuple[str, ...]]:
    """The rows of one list and namespace: the pod, these labels (a missing one is empty), and the value."""
    return [
        (row["labels"]["pod"], *(row["labels"].get(label, "") for label in labels), str(row["value"]))
        for row in part[name]
        if row["labels"]["namespace"] == namespace
    ]


def test_every_question_is_answered(everything: Mapping[str, Any]) -> None:
    """By the real Prometheus, for real pages; only pods whose labels hide what proxies say are reasons."""
    assert [reason["source"] for reason in everything["reasons"]] == ["prometheus seen", "prometheus masked"]
    assert everything["silent"] == ["misnamed/server"]
    assert set(everything["queries"]) >= {"inbound_plaintext", "outbound_plaintext", "clock", "seen"}


PLAIN = "no_tls_from_remote"
LET_IN = {
    "02-unmeshed-to-meshed": [
        ("server-closed", "5432", "port_skipped", "1"),
        ("server-closed", "8080", PLAIN, "3"),
        ("server-closed", "9000", PLAIN, "1"),
    ],
    # One request from the node for another path than the probe's; the probes are not here.
    "02b-kubelet-probes": [("server", "8080", PLAIN, "1")],
    "11-short-connections": [("server-after", "8080", PLAIN, "20"), ("server-after", "9000", PLAIN, "20")],
    "17-skip-outbound-ports": [("server", "9000", PLAIN, "1")],
}
BARE, SKIPPED = "bare-6fgwsn8g8n-9tcnf", "server-6kqg46tzkf-j8sch"
SENT = {
    "03-meshed-to-unmeshed-pod": [
        ("", BARE, "", "8080"),
        ("", BARE, "", "9000"),
        ("", BARE, "bare", "8080"),
        ("", BARE, "bare", "9000"),
    ],
    "04-meshed-to-external": [("", "", "", port) for port in ("8080", "8081", "9000", "9443")],
    "04b-meshed-to-kubernetes-api": [("", "", "kubernetes", "6443")],
    "05-skip-inbound-ports": [("linkerd", SKIPPED, "", "7070"), ("linkerd", SKIPPED, "server", "7070")],
    "06-application-tls": [("", "", "", "9443"), ("", BARE, "bare", "9443")],
    "10-identity-certificate": [("", BARE, "bare", "8080")],
}
REFUSED = {
    "02b-kubelet-probes": [("strict", "8080", "1")],
    "08-all-authenticated": [("strict-closed", "8080", "3"), ("strict-closed", "9000", "1")],
    "09-admin-port": [("strict", "4191", "1")],
    "15-server-resource": [("server", "8080", "3")],
    "16-probe-path-by-anyone": [("strict", "8080", "1")],
}


@pytest.mark.parametrize("name", SITUATIONS)
def test_plaintext_is_let_in_in_these_situations_alone(name: str, everything: Mapping[str, Any]) -> None:
    """Short, closed and counted once; never a probe, the proxy's own port, or what policy refused."""
    found = rows(everything, "inbound_plaintext", name, "target_port", "no_tls_reason")
    assert sorted(found) == LET_IN.get(name, [])


@pytest.mark.parametrize("name", SITUATIONS)
def test_plaintext_is_sent_in_these_situations_alone(name: str, everything: Mapping[str, Any]) -> None:
    """A skipped port names the control plane, an unmeshed pod only itself, the outside nothing; loopback is none."""
    found = rows(
        everything, "outbound_plaintext", name, "dst_control_plane_ns", "dst_pod", "dst_service", "target_port"
    )
    assert sorted(row[1:-1] for row in found) == SENT.get(name, [])


@pytest.mark.parametrize("name", SITUATIONS)
def test_what_policy_refused_is_apart(name: str, everything: Mapping[str, Any]) -> None:
    """Requests and connections that were denied."""
    assert sorted(rows(everything, "denied", name, "target_port")) == REFUSED.get(name, [])


def test_tls_of_the_application_is_apart(everything: Mapping[str, Any]) -> None:
    """It is not plaintext, and nobody checked who was there."""
    labels = [row["labels"] for row in everything["opaque"]]
    assert [(label["namespace"], label["target_port"], label["sni"]) for label in labels] == [
        ("06-application-tls", "9443", "app.example")
    ]


def test_a_client_without_an_identity_is_normal_for_the_control_plane_alone(prometheus: Scraped) -> None:
    """The same pages in another namespace than the control plane's are findings."""
    assert rows(ask(prometheus, CONTROL_PLANE), "unauthenticated", CONTROL_PLANE, "target_port") == []
    found = rows(
        ask(prometheus, CONTROL_PLANE, control_plane="linkerd"), "unauthenticated", CONTROL_PLANE, "target_port"
    )
    assert sorted(row[:2] for row in found) == [
        ("destination-later", "8086"),
        ("destination-later", "8090"),
        ("identity", "8080"),
    ]


def test_the_identities_are_those_that_were_shown(prometheus: Scraped) -> None:
    """Also where every handshake of a server failed: its series is there, with the value 0, and no evidence."""
    part = ask(prometheus, "01-meshed-to-meshed")
    assert [row["labels"] for row in part["clients"]] == [{"client_id": CLIENT}]
    assert [row["labels"] for row in part["servers"]] == [{"server_id": SERVER}]


def test_certificates_end_when_the_proxies_say(everything: Mapping[str, Any]) -> None:
    """One that had expired while identity was away is among them."""
    found = {(row["namespace"], row["pod"]): row["expires"] for row in everything["certificates"]}
    assert found["10-identity-certificate", "client-4-expired-after-traffic"] == "2026-11-21T09:43:25Z"
    assert len([key for key in found if key[0] in SITUATIONS]) == sum(len(situation(name)) for name in SITUATIONS)


def test_a_label_of_a_pod_cannot_hide_its_plaintext(everything: Mapping[str, Any]) -> None:
    """Prometheus puts the pod's own label ``tls`` in the place of the proxy's: then the part is not complete."""
    assert rows(everything, "inbound_plaintext", "masked") == []
    said = [reason for reason in everything["reasons"] if "masked/server" in reason["detail"]]
    assert [reason["code"] for reason in said] == ["not-understood"]
    assert everything["complete"] is False


def test_a_pod_cannot_give_its_plaintext_to_another(everything: Mapping[str, Any]) -> None:
    """Its label ``namespace`` is the one that Prometheus knows it by: that is said."""
    assert rows(everything, "inbound_plaintext", "misnamed") == []
    assert len(rows(everything, "inbound_plaintext", "nowhere")) == 3
    said = [reason for reason in everything["reasons"] if "misnamed/server" in reason["detail"]]
    assert [reason["code"] for reason in said] == ["not-understood"]


def test_a_mesh_without_anything_to_say_against_is_complete(prometheus: Scraped) -> None:
    """The healthy world, by its own namespaces."""
    namespaces = sorted({namespace for namespace, _ in scraped.world()})
    part = ask(prometheus, *namespaces)
    assert (part["complete"], part["silent"]) == (True, [])
    assert not any(part[name] for name in ("inbound_plaintext", "outbound_plaintext", "opaque", "denied"))


def test_a_pod_without_any_series_is_silent(prometheus: Scraped) -> None:
    """Of two that should be there, the one that Prometheus does not know."""
    pods = pods_of(prometheus, ("17-skip-outbound-ports", "forgotten"))
    part = ask(prometheus, "17-skip-outbound-ports", pods=pods)
    assert (part["silent"], part["complete"]) == (["17-skip-outbound-ports/forgotten"], True)


def test_a_prometheus_without_any_proxy_is_not_believed(prometheus: Scraped) -> None:
    """It says nothing against the mesh, because it knows nothing of it."""
    part = ask(
        prometheus, "elsewhere", pods=[{"namespace": "elsewhere", "name": "x", "state": "covered", "phase": "Running"}]
    )
    assert [reason["code"] for reason in part["reasons"]] == ["not-installed"]


def test_requests_of_long_ago_new_ones_and_those_around_a_restart_are_all_shown(prometheus: Scraped) -> None:
    """What only looks at a rise misses the request of a proxy whose counter is back where it was before its restart."""
    labels = 'target_port="8080",tls="no_identity",no_tls_reason="no_tls_from_remote"'
    one = f"inbound_http_authz_allow_total{{{labels}}} 1\n".encode()
    none = b"process_start_time_seconds 1\n"
    for pod, page in {"old": one, "again": one, "new": none}.items():
        prometheus.put("window", pod, page)
    prometheus.settle()
    prometheus.settle(9)  # what was there is older than the window of this test
    prometheus.put("window", "again", none)
    prometheus.settle()
    for pod in ("again", "new"):
        prometheus.put("window", pod, one)
    prometheus.settle()
    part = ask(prometheus, "window", window="8s")
    assert [row[0] for row in rows(part, "inbound_plaintext", "window")] == ["again", "new", "old"]
    counter = 'inbound_http_authz_allow_total{namespace="window"}'
    rise = f"({counter} unless {counter} offset 8s) or increase({counter}[8s]) > 0"
    answer = Prometheus(prometheus.url).ask(rise, None)
    assert [row["metric"]["pod"] for row in answer.rows] == ["new"], "the other form misses one"
