"""A real kube-apiserver over a real etcd, on loopback: real TLS, real authentication, real RBAC, and no kubelet."""

from __future__ import annotations

import base64
import json
import os
import socket
import ssl
import subprocess
import time
import urllib.error
import urllib.request
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

import pytest
from cryptography import x509
from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.hazmat.primitives.serialization import Encoding, NoEncryption, PrivateFormat
from cryptography.x509.oid import NameOID

from tests.conftest import ROOT
from tests.forwarding import Forwarding, forwarding
from tests.integration.cluster import meshed, scraped
from tests.integration.cluster.meshed import Mesh
from tests.integration.cluster.scraped import Scraped
from tests.unit.cluster.conftest import kubeconfig_of

ADMIN, NOBODY = "admin-canary-token", "nobody-canary-token"
SECONDS = 120
UNANSWERED = "MutatingAdmissionWebhook,ValidatingAdmissionWebhook,ServiceAccount"
"""What wants somebody who is not here: linkerd's webhooks, and the controller that makes the accounts of a namespace."""


@dataclass(frozen=True)
class Authority:
    """A certificate authority for clients."""

    key: ec.EllipticCurvePrivateKey
    certificate: x509.Certificate

    def issue(self, user: str) -> tuple[str, str]:
        """Return a client certificate for ``user`` and its key, each as a kubeconfig's data."""
        key = ec.generate_private_key(ec.SECP256R1())
        found = certificate(user, key.public_key(), self.certificate.subject, self.key)
        pem = key.private_bytes(Encoding.PEM, PrivateFormat.PKCS8, NoEncryption())
        return text(found.public_bytes(Encoding.PEM)), text(pem)


def text(pem: bytes) -> str:
    return base64.b64encode(pem).decode("ascii")


def certificate(
    name: str, key: ec.EllipticCurvePublicKey, issuer: x509.Name | None, by: ec.EllipticCurvePrivateKey
) -> x509.Certificate:
    subject = x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, name)])
    now = datetime.now(UTC)
    builder = x509.CertificateBuilder().subject_name(subject).issuer_name(issuer or subject).public_key(key)
    builder = builder.serial_number(x509.random_serial_number())
    builder = builder.not_valid_before(now - timedelta(hours=1)).not_valid_after(now + timedelta(days=1))
    builder = builder.add_extension(x509.BasicConstraints(ca=issuer is None, path_length=None), critical=True)
    return builder.sign(by, hashes.SHA256())


@dataclass(frozen=True)
class Cluster:
    """A running API server, and what a kubeconfig needs to reach it."""

    server: str
    bundle: bytes
    authority: Authority

    def kubeconfig(self, user: Mapping[str, Any], **cluster: Any) -> str:
        """Return a kubeconfig for the server with this user's entry."""
        trusted = {"certificate-authority-data": text(self.bundle)} | cluster
        return kubeconfig_of(self.server, user, trusted)

    def create(self, path: str, body: Mapping[str, Any]) -> None:
        """Create an object as the administrator."""
        self.send("POST", path, body)

    def put(self, path: str, body: Mapping[str, Any]) -> None:
        """Replace an object, or the status of one, as the administrator."""
        self.send("PUT", path, body)

    def send(self, method: str, path: str, body: Mapping[str, Any] | None = None) -> Any:
        """Ask for something as the administrator, and return the answer."""
        request = urllib.request.Request(
            self.server + path,
            method=method,
            data=None if body is None else json.dumps(body).encode(),
            headers={"Authorization": f"Bearer {ADMIN}", "Content-Type": "application/json"},
        )
        with urllib.request.urlopen(request, context=insecure(), timeout=30) as answer:
            return json.load(answer)


def insecure() -> Any:
    return ssl._create_unverified_context()


def free_ports(count: int) -> list[int]:
    sockets = [socket.create_server(("127.0.0.1", 0)) for _ in range(count)]
    ports = [found.getsockname()[1] for found in sockets]
    for found in sockets:
        found.close()
    return ports


@pytest.fixture(scope="session")
def programs() -> dict[str, str]:
    """The paths of etcd and kube-apiserver, built if they are not in the cache."""
    done = subprocess.run([ROOT / ".ci" / "cluster"], check=True, capture_output=True, text=True)
    return {Path(line).name: line for line in done.stdout.split()}


@pytest.fixture(scope="session")
def authority() -> Authority:
    """Who signs client certificates."""
    key = ec.generate_private_key(ec.SECP256R1())
    return Authority(key=key, certificate=certificate("clients", key.public_key(), None, key))


@pytest.fixture(scope="session")
def cluster(
    programs: dict[str, str], authority: Authority, tmp_path_factory: pytest.TempPathFactory
) -> Iterator[Cluster]:
    """The server, with Linkerd's configuration of a mesh in it, and two users who log in by token."""
    with running(programs, authority, tmp_path_factory.mktemp("cluster")) as found:
        install_mesh(found)
        yield found


@contextmanager
def running(programs: Mapping[str, str], authority: Authority, folder: Path, **options: str) -> Iterator[Cluster]:
    """Start an API server over an etcd of its own, with these options besides, until the block ends."""
    client, peer, secure = free_ports(3)
    started = [begin(folder, "etcd", etcd(programs["etcd"], folder, client, peer))]
    try:
        argv = api_server(programs["kube-apiserver"], folder, authority, client, secure)
        argv += [f"--{name.replace('_', '-')}={value}" for name, value in options.items()]
        started.append(begin(folder, "api", argv))
        server = f"https://127.0.0.1:{secure}"
        wait_until_ready(server, folder, started)
        yield Cluster(server=server, bundle=(folder / "apiserver.crt").read_bytes(), authority=authority)
    finally:
        for process in reversed(started):
            process.terminate()
            process.wait(timeout=60)


@pytest.fixture(scope="session")
def crds(cluster: Cluster) -> None:
    """Linkerd's own CustomResourceDefinitions with their schemas, established; stand-ins for those of Gateway API."""
    path = "/apis/apiextensions.k8s.io/v1/customresourcedefinitions"
    definitions = json.loads((ROOT / "tests/fixtures/worlds/emojivoto/crds.json").read_bytes())
    for found in definitions:
        cluster.create(path, found)
    deadline = time.monotonic() + SECONDS
    for found in definitions:
        while not _is_served(cluster.send("GET", f"{path}/{found['metadata']['name']}"), cluster):
            assert time.monotonic() < deadline, f"{found['metadata']['name']} was not established"
            time.sleep(0.1)


def _is_served(definition: Mapping[str, Any], cluster: Cluster) -> bool:
    conditions = {one["type"]: one["status"] for one in definition.get("status", {}).get("conditions", [])}
    if conditions.get("Established") != "True":
        return False
    spec = definition["spec"]
    for version in spec["versions"]:  # the server says that it serves them a moment before it does
        try:
            found = cluster.send("GET", f"/apis/{spec['group']}/{version['name']}")
            cluster.send("GET", f"/apis/{spec['group']}/{version['name']}/{spec['names']['plural']}")
        except urllib.error.HTTPError as error:
            error.close()
            return False
        if spec["names"]["plural"] not in [one["name"] for one in found["resources"]]:
            return False
    return True


def begin(folder: Path, name: str, argv: list[str]) -> subprocess.Popen[bytes]:
    with (folder / f"{name}.log").open("wb") as log:
        return subprocess.Popen(argv, cwd=folder, stdin=subprocess.DEVNULL, stdout=log, stderr=log)


def etcd(program: str, folder: Path, client: int, peer: int) -> list[str]:
    urls = {"listen-client-urls": client, "advertise-client-urls": client, "listen-peer-urls": peer}
    argv = [program, "--data-dir", str(folder / "etcd"), "--unsafe-no-fsync"]
    argv += [
        f"--initial-advertise-peer-urls=http://127.0.0.1:{peer}",
        f"--initial-cluster=default=http://127.0.0.1:{peer}",
    ]
    return argv + [f"--{name}=http://127.0.0.1:{port}" for name, port in urls.items()]


def api_server(program: str, folder: Path, authority: Authority, etcd_port: int, port: int) -> list[str]:
    (folder / "clients.crt").write_bytes(authority.certificate.public_bytes(Encoding.PEM))
    key = ec.generate_private_key(ec.SECP256R1())
    (folder / "accounts.key").write_bytes(
        key.private_bytes(Encoding.PEM, PrivateFormat.TraditionalOpenSSL, NoEncryption())
    )
    (folder / "tokens.csv").write_text(f"{ADMIN},root,1,system:masters\n{NOBODY},nobody,2\n", encoding="ascii")
    options = {
        "etcd-servers": f"http://127.0.0.1:{etcd_port}",
        "bind-address": "127.0.0.1",
        "advertise-address": "127.0.0.1",
        "secure-port": port,
        "cert-dir": folder,
        "client-ca-file": folder / "clients.crt",
        "token-auth-file": folder / "tokens.csv",
        "authorization-mode": "RBAC",
        "service-account-issuer": "https://127.0.0.1",
        "service-account-key-file": folder / "accounts.key",
        "service-account-signing-key-file": folder / "accounts.key",
        "service-cluster-ip-range": "10.0.0.0/24",
    }
    return [program, *(f"--{name}={value}" for name, value in options.items())]


def wait_until_ready(server: str, folder: Path, started: list[subprocess.Popen[bytes]]) -> None:
    request = urllib.request.Request(f"{server}/readyz", headers={"Authorization": f"Bearer {ADMIN}"})
    for _ in range(SECONDS * 5):
        if any(process.poll() is not None for process in started):
            break
        try:
            urllib.request.urlopen(request, context=insecure(), timeout=5).close()
        except urllib.error.HTTPError as error:
            error.close()
        except OSError:
            pass
        else:
            return
        time.sleep(0.2)
    pytest.fail("the API server did not become ready: " + (folder / "api.log").read_text(encoding="utf-8")[-2000:])


def install_mesh(cluster: Cluster) -> None:
    """Create what names the mesh's version, and the one right that asking for it needs."""
    for name in ("linkerd", "linkerd-viz"):
        cluster.create("/api/v1/namespaces", {"metadata": {"name": name}})
    values = "linkerdVersion: edge-26.8.3\nhighAvailability: false\n"
    config = {"metadata": {"name": "linkerd-config"}, "data": {"values": values}}
    cluster.create("/api/v1/namespaces/linkerd/configmaps", config)
    rules = [{"apiGroups": [""], "resources": ["configmaps"], "resourceNames": ["linkerd-config"], "verbs": ["get"]}]
    roles = "/apis/rbac.authorization.k8s.io/v1/namespaces/linkerd"
    cluster.create(f"{roles}/roles", {"metadata": {"name": "reader"}, "rules": rules})
    for number, user in enumerate(("reader", "plugin-user")):
        subject = {"kind": "User", "name": user, "apiGroup": "rbac.authorization.k8s.io"}
        role = {"kind": "Role", "name": "reader", "apiGroup": "rbac.authorization.k8s.io"}
        body = {"metadata": {"name": f"reader-{number}"}, "subjects": [subject], "roleRef": role}
        cluster.create(f"{roles}/rolebindings", body)


@pytest.fixture(scope="session")
def mesh_world(
    programs: dict[str, str], authority: Authority, tmp_path_factory: pytest.TempPathFactory
) -> Iterator[Mesh]:
    """A server of its own with a whole recorded mesh in it, object by object; webhooks are there, and nobody calls them."""
    folder = tmp_path_factory.mktemp("mesh-world")
    options = {"disable_admission_plugins": UNANSWERED, "service_cluster_ip_range": "10.96.0.0/12"}
    with running(programs, authority, folder, **options) as found, meshed.opened(found, folder) as mesh:
        mesh.load()
        yield mesh


@pytest.fixture(scope="session")
def healthy_prometheus(programs: dict[str, str], tmp_path_factory: pytest.TempPathFactory) -> Iterator[Scraped]:
    """A Prometheus that scrapes the proxies of the recorded mesh."""
    with scraped.watching(programs["prometheus"], tmp_path_factory.mktemp("healthy-prometheus")) as found:
        yield found


@pytest.fixture(scope="session")
def mesh_kubelet(
    healthy_prometheus: Scraped, mesh_world: Mesh, tmp_path_factory: pytest.TempPathFactory
) -> Iterator[Forwarding]:
    """The kubelet of the recorded mesh's node, which forwards to that Prometheus."""
    context = own_certificate(tmp_path_factory.mktemp("mesh-kubelet"))
    with forwarding(urlsplit(healthy_prometheus.url).port or 0, context=context) as found:
        mesh_world.kubelet(found.port)
        yield found


def own_certificate(folder: Path) -> ssl.SSLContext:
    """Return what a server that nobody vouches for shows."""
    key = ec.generate_private_key(ec.SECP256R1())
    (folder / "key").write_bytes(key.private_bytes(Encoding.PEM, PrivateFormat.PKCS8, NoEncryption()))
    (folder / "crt").write_bytes(certificate("kubelet", key.public_key(), None, key).public_bytes(Encoding.PEM))
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.load_cert_chain(folder / "crt", folder / "key")
    return context


@pytest.fixture
def environment() -> dict[str, str]:
    """Of the machine's environment only what a call needs: no proxy stands between loopback and loopback."""
    return {"PATH": os.defpath, "NO_PROXY": "127.0.0.1", "no_proxy": "127.0.0.1"}


Write = Callable[..., Path]


@pytest.fixture
def config(cluster: Cluster, tmp_path: Path) -> Write:
    """Write a kubeconfig for the cluster with this user's entry, and return its path."""

    def write(user: Mapping[str, Any], **more: Any) -> Path:
        path = tmp_path / "kubeconfig"
        path.write_text(cluster.kubeconfig(user, **more), encoding="utf-8")
        path.chmod(0o600)
        return path

    return write
