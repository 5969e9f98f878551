"""A query to a real Prometheus through a real API server; only the kubelet is a stand-in, which speaks as one does."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import replace
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

import pytest

from attestor.capture.coverage import traffic
from attestor.clock import Clock
from attestor.cluster.client import Client
from attestor.cluster.credentials import Credentials
from attestor.cluster.inquiry import Inquiry
from attestor.cluster.port_forward import RIGHT
from attestor.coverage.traffic.body import build
from tests.forwarding import Forwarding, forwarding
from tests.integration.cluster import scraped
from tests.integration.cluster.conftest import ADMIN, NOBODY, Cluster, own_certificate
from tests.integration.cluster.scraped import Scraped, situation

pytestmark = pytest.mark.cluster

VIZ, POD, NODE = "forwarded-viz", "prometheus-0", "forwarded-node"
SITUATION = "02-unmeshed-to-meshed"


@pytest.fixture(scope="module")
def prometheus(programs: dict[str, str], tmp_path_factory: pytest.TempPathFactory) -> Iterator[Scraped]:
    """With plaintext in one pod."""
    with scraped.running(programs["prometheus"], tmp_path_factory.mktemp("prometheus")) as found:
        for pod, page in situation(SITUATION).items():
            found.put("shop", pod, page)
        found.settle()
        yield found


@pytest.fixture(scope="module")
def kubelet(prometheus: Scraped, cluster: Cluster, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Forwarding]:
    """Behind TLS, on a node of the cluster, with viz's Prometheus on it."""
    context = own_certificate(tmp_path_factory.mktemp("kubelet"))
    with forwarding(urlsplit(prometheus.url).port or 0, context=context) as found:
        install(cluster, found.port)
        yield found


def install(cluster: Cluster, port: int) -> None:
    """Write what the node's kubelet would: the node with its address, and the pod that runs on it."""
    status = {"addresses": [{"type": "InternalIP", "address": "127.0.0.1"}]}
    cluster.create(
        "/api/v1/nodes",
        {"metadata": {"name": NODE}, "status": status | {"daemonEndpoints": {"kubeletEndpoint": {"Port": port}}}},
    )
    cluster.create("/api/v1/namespaces", {"metadata": {"name": VIZ}})
    cluster.create(f"/api/v1/namespaces/{VIZ}/serviceaccounts", {"metadata": {"name": "default"}})
    labels = {"component": "prometheus", "linkerd.io/extension": "viz"}
    ports = [{"containerPort": 9090, "name": "admin"}]
    container = {"name": "prometheus", "image": "prom/prometheus:v2.55.1", "ports": ports}
    spec = {"nodeName": NODE, "automountServiceAccountToken": False, "containers": [container]}
    pods = f"/api/v1/namespaces/{VIZ}/pods"
    metadata = {"name": POD, "labels": labels}
    cluster.create(pods, {"metadata": metadata, "spec": spec})
    ready = {"phase": "Running", "conditions": [{"type": "Ready", "status": "True"}]}
    cluster.put(f"{pods}/{POD}/status", {"metadata": metadata, "status": ready})


@pytest.fixture
def access(cluster: Cluster, tmp_path: Path) -> Credentials:
    """The administrator's."""
    (tmp_path / "ca.crt").write_bytes(cluster.bundle)
    return Credentials(
        server=cluster.server, headers={"Authorization": f"Bearer {ADMIN}"}, verify=str(tmp_path / "ca.crt")
    )


def ask(access: Credentials, viz: str = VIZ) -> Mapping[str, Any]:
    inquiry = Inquiry(Client(access), Clock())
    observed = traffic.observe(inquiry, traffic.find(inquiry, "", viz, access), "1h", ["shop"])
    return build(observed, [], "linkerd").to_dict()


def codes(part: Mapping[str, Any]) -> list[str]:
    return [reason["code"] for reason in part["reasons"]]


def test_the_api_server_hands_every_query_on(kubelet: Forwarding, access: Credentials) -> None:
    """It chooses the protocol that the program asks for, and passes its messages to the kubelet as they are."""
    part = ask(access)
    assert (codes(part), part["prometheus"]) == ([], f"port-forward to {VIZ}/{POD}:9090")
    assert [row["labels"]["target_port"] for row in part["inbound_plaintext"]] == ["8080", "9000", "5432"]
    assert part["sources"][0] == f"GET /api/v1/namespaces/{VIZ}/pods"
    assert set(kubelet.asked) == {f"/portForward/{VIZ}/{POD}?port=9090"}
    assert ADMIN not in str(kubelet.headers), "the API server keeps the credentials for itself"


@pytest.mark.parametrize(
    ("verbs", "expected"), [((), ["forbidden"]), (("get",), ["forbidden"]), (("get", "create"), [])]
)
def test_the_right_is_to_get_and_create(
    verbs: tuple[str, ...], expected: list[str], kubelet: Forwarding, access: Credentials, cluster: Cluster
) -> None:
    """Of ``pods/portforward``; an API server of before 1.35 is content with the first."""
    user = f"forwarder-{len(verbs)}"
    rules = [{"apiGroups": [""], "resources": ["pods"], "verbs": ["list"]}]
    rules += [{"apiGroups": [""], "resources": ["pods/portforward"], "verbs": list(verbs)}] if verbs else []
    grant(cluster, user, rules)
    own, key = cluster.authority.issue(user)
    part = ask(as_user(access, own, key))
    assert codes(part) == expected
    assert all(RIGHT in reason["detail"] for reason in part["reasons"])


def grant(cluster: Cluster, user: str, rules: list[dict[str, Any]]) -> None:
    roles = f"/apis/rbac.authorization.k8s.io/v1/namespaces/{VIZ}"
    cluster.create(f"{roles}/roles", {"metadata": {"name": user}, "rules": rules})
    subject = {"kind": "User", "name": user, "apiGroup": "rbac.authorization.k8s.io"}
    role = {"kind": "Role", "name": user, "apiGroup": "rbac.authorization.k8s.io"}
    cluster.create(f"{roles}/rolebindings", {"metadata": {"name": user}, "subjects": [subject], "roleRef": role})


def as_user(access: Credentials, own: str, key: str) -> Credentials:
    """The same server with a client certificate."""
    import base64

    folder = Path(str(access.verify)).parent
    for name, data in (("own.crt", own), ("own.key", key)):
        (folder / name).write_bytes(base64.b64decode(data))
    return replace(access, headers={}, certificate=(str(folder / "own.crt"), str(folder / "own.key")))


def test_pods_that_may_not_be_listed_are_a_reason(kubelet: Forwarding, access: Credentials) -> None:
    """Then it is not known whether there is a Prometheus."""
    part = ask(replace(access, headers={"Authorization": f"Bearer {NOBODY}"}))
    assert (codes(part), part["queries"]) == (["forbidden"], {})


def test_without_viz_it_is_not_installed(access: Credentials) -> None:
    """A namespace that does not exist has no pods."""
    part = ask(access, viz="elsewhere")
    assert codes(part) == ["not-installed"]
    assert "prometheus-url" in part["reasons"][0]["detail"]


def test_a_pod_of_a_node_that_is_gone_is_unreachable(kubelet: Forwarding, access: Credentials) -> None:
    """The runtime's own complaint is told."""
    kubelet.complaint = "error forwarding port 9090 to pod: connection refused"
    try:
        part = ask(access)
    finally:
        kubelet.complaint = ""
    assert codes(part) == ["unreachable"]
    assert "connection refused" in part["reasons"][0]["detail"]


def test_a_server_that_nobody_vouches_for_is_not_asked(kubelet: Forwarding, access: Credentials) -> None:
    """The port-forward trusts whom the client's requests trust."""
    found = traffic.find(Inquiry(Client(access), Clock()), "", VIZ, replace(access, verify=True))
    inquiry = Inquiry(Client(access), Clock())
    part: Mapping[str, Any] = build(traffic.observe(inquiry, found, "1h"), [], "linkerd").to_dict()
    assert codes(part) == ["unreachable"]
    assert "no certificate that can be trusted" in part["reasons"][0]["detail"]
