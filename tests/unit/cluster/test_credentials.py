"""A context's fields mean what they mean to client-go; what cannot be used is named, without its value."""

from __future__ import annotations

import base64
import json
from collections.abc import Callable
from pathlib import Path

import pytest

from attestor.cluster import credentials
from attestor.cluster.credentials import Credentials, NoAccess
from tests.unit.cluster.conftest import Configure

DATA = base64.b64encode(b"PEM").decode()


@pytest.fixture
def private(tmp_path: Path) -> Path:
    folder = tmp_path / "private"
    folder.mkdir(mode=0o700)
    return folder


@pytest.fixture
def read(configure: Configure, private: Path) -> Callable[..., Credentials]:
    def call(user: dict[str, object] | None = None, **cluster: object) -> Credentials:
        return credentials.of_context(configure(user, **cluster), private, {"PATH": "/usr/bin:/bin"})

    return call


def test_a_token_is_a_bearers(read: Callable[..., Credentials], tmp_path: Path) -> None:
    """Of the file where one is named, read anew."""
    assert read({"token": "t"}).headers == {"Authorization": "Bearer t"}
    (tmp_path / "token").write_text("from-file\n", encoding="ascii")
    assert read({"token": "t", "tokenFile": "token"}).headers == {"Authorization": "Bearer from-file"}


def test_a_name_and_a_password_are_basic(read: Callable[..., Credentials]) -> None:
    """As is impersonation; a token wins over both."""
    expected = base64.b64encode(b"a:b").decode()
    assert read({"username": "a", "password": "b"}).headers == {"Authorization": f"Basic {expected}"}
    assert read({"token": "t", "as": "ci"}).headers == {"Authorization": "Bearer t", "Impersonate-User": "ci"}


def test_certificates_are_files_or_data(read: Callable[..., Credentials], private: Path, tmp_path: Path) -> None:
    """Data lies where only this user sees it, and wins."""
    found = read({"client-certificate-data": DATA, "client-key-data": DATA}, certificate_authority_data=DATA)
    assert found.certificate == (str(private / "api-client-certificate"), str(private / "api-client-key"))
    assert found.verify == str(private / "api-certificate-authority")
    assert all(path.stat().st_mode & 0o777 == 0o600 and path.read_bytes() == b"PEM" for path in private.iterdir())
    (tmp_path / "ca.crt").write_bytes(b"PEM")
    assert read(certificate_authority="ca.crt").verify == str(tmp_path / "ca.crt")
    assert read().verify is True
    assert read(insecure_skip_tls_verify=True).verify is False


def test_the_rest_of_a_cluster_is_kept(read: Callable[..., Credentials]) -> None:
    """Its other name, and its proxy."""
    found = read(tls_server_name="api.example", proxy_url="http://proxy.example:3128")
    assert (found.server_name, found.proxy) == ("api.example", "http://proxy.example:3128")


@pytest.mark.parametrize(
    ("user", "cluster", "said"),
    [
        ({"auth-provider": {"name": "gcp"}}, {}, "auth-provider"),
        ({"tokenFile": "none"}, {}, "tokenFile"),
        ({"client-certificate-data": "%%", "client-key-data": DATA}, {}, "not base64"),
        ({}, {"certificate_authority": "none.crt"}, "certificate-authority"),
    ],
)
def test_what_cannot_be_used_is_named(
    read: Callable[..., Credentials], user: dict[str, object], cluster: dict[str, object], said: str
) -> None:
    """Before anybody is asked."""
    with pytest.raises(NoAccess, match=said):
        read(user, **cluster)


def test_a_plugin_is_asked_as_linkerd_asks_it(configure: Configure, private: Path, fake: Callable[..., Path]) -> None:
    """With its arguments, its own variables, and the environment of the capture and nothing else."""
    answer = json.dumps({"status": {"token": "minted", "clientCertificateData": "C", "clientKeyData": "K"}})
    plugin = fake(f"""[ "$1:$OWN:$KEPT:$(env | grep -c SECRET)" = "get-token:o:k:0" ] || exit 3
        case $KUBERNETES_EXEC_INFO in *v1beta1*) echo '{answer}' ;; esac""", "aws")  # fmt: skip
    entry = {
        "apiVersion": "client.authentication.k8s.io/v1beta1",
        "command": str(plugin),
        "args": ["get-token"],
        "env": [{"name": "OWN", "value": "o"}],
    }
    found = credentials.of_context(configure({"exec": entry}), private, {"PATH": "/usr/bin:/bin", "KEPT": "k"})
    assert found.headers == {"Authorization": "Bearer minted"}
    assert found.certificate is not None
    assert Path(found.certificate[1]).read_text(encoding="ascii") == "K"


@pytest.mark.parametrize("body", ["exit 1", "echo '{}'", "echo no", "echo '[]'", "echo '{\"status\": 1}'"])
def test_a_plugin_that_gives_nothing_is_named(
    configure: Configure, private: Path, fake: Callable[..., Path], body: str
) -> None:
    """By its command."""
    config = configure({"exec": {"command": str(fake(body, "aws"))}})
    with pytest.raises(NoAccess, match=r"aws' gave no credential"):
        credentials.of_context(config, private, {"PATH": "/usr/bin:/bin"})


def test_a_plugin_that_is_not_there_is_named(configure: Configure, private: Path) -> None:
    """As one that gave nothing."""
    with pytest.raises(NoAccess, match="gave no credential"):
        credentials.of_context(configure({"exec": {"command": "/none/aws"}}), private, {"PATH": "/bin"})


def test_a_pod_has_its_own(tmp_path: Path) -> None:
    """The server of its variables, IPv6 too."""
    (tmp_path / "token").write_text("pod\n", encoding="ascii")
    env = {"KUBERNETES_SERVICE_HOST": "10.0.0.1", "KUBERNETES_SERVICE_PORT": "6443"}
    found = credentials.of_pod(env, tmp_path)
    assert (found.server, found.headers) == ("https://10.0.0.1:6443", {"Authorization": "Bearer pod"})
    assert found.verify == str(tmp_path / "ca.crt")
    assert credentials.of_pod({"KUBERNETES_SERVICE_HOST": "fd00::1"}, tmp_path).server == "https://[fd00::1]:443"
    with pytest.raises(NoAccess, match="no service account token"):
        credentials.of_pod(env, tmp_path / "none")


def test_no_secret_is_shown(read: Callable[..., Credentials]) -> None:
    """Neither by the record."""
    assert "hunter2" not in repr(read({"token": "hunter2"}))
