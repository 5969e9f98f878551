"""A connection to the API server as bytes: through the proxy that the client would use, and trusting whom it trusts."""

from __future__ import annotations

import base64
import socket
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field, replace

import pytest

from attestor.cluster import tunnel
from attestor.cluster.client import Unreachable
from attestor.cluster.credentials import Credentials, NoAccess
from tests.unit.cluster.test_client import Authority, authority, secure
from tests.web import Site, document

__all__ = ["authority", "secure"]  # fixtures


@dataclass
class Proxy:
    """A proxy on loopback that leads every CONNECT to one port."""

    port: int = 0
    refuses: bool = False
    heads: list[str] = field(default_factory=list)

    def serve(self, listener: socket.socket, target: int) -> None:
        client, _ = listener.accept()
        with client:
            head = b""
            while b"\r\n\r\n" not in head:
                head += client.recv(4096)
            self.heads.append(head.decode("ascii"))
            if self.refuses:
                client.sendall(b"HTTP/1.1 407 Proxy Authentication Required\r\n\r\n")
                return
            with socket.create_connection(("127.0.0.1", target)) as server:
                client.sendall(b"HTTP/1.1 200 Connection established\r\n\r\n")
                back = threading.Thread(target=pump, args=(server, client))
                back.start()
                pump(client, server)
                back.join()


def pump(source: socket.socket, sink: socket.socket) -> None:
    try:
        while data := source.recv(4096):
            sink.sendall(data)
        sink.shutdown(socket.SHUT_WR)
    except OSError:
        return


@contextmanager
def proxied(target: int, *, refuses: bool = False) -> Iterator[Proxy]:
    with socket.create_server(("127.0.0.1", 0)) as listener:
        found = Proxy(port=listener.getsockname()[1], refuses=refuses)
        thread = threading.Thread(target=found.serve, args=(listener, target))
        thread.start()
        yield found
        thread.join(timeout=10)


def get(connection: socket.socket) -> bytes:
    """What the server says to a request for its object."""
    with connection:
        connection.sendall(b"GET /x HTTP/1.0\r\n\r\n")
        found = b""
        while data := connection.recv(4096):
            found += data
        return found


def port_of(url: str) -> int:
    return int(url.rsplit(":", 1)[1])


def test_both_sides_show_a_certificate(secure: str, authority: Authority) -> None:
    """As with the client's requests, also under another name."""
    own = (str(authority.certificate), str(authority.key))
    known = Credentials(server=secure, verify=str(authority.certificate), certificate=own)
    assert b'{"kind": "X"}' in get(tunnel.connect(known))
    assert b'{"kind": "X"}' in get(tunnel.connect(replace(known, server_name="api.example")))
    assert b'{"kind": "X"}' in get(tunnel.connect(replace(known, verify=False)))


@pytest.mark.parametrize("change", [{"server_name": "other.example"}, {"verify": True}])
def test_whom_the_client_does_not_trust_is_not_trusted(
    change: dict[str, str], secure: str, authority: Authority
) -> None:
    """Another name than the certificate's, or an authority that nobody knows."""
    own = (str(authority.certificate), str(authority.key))
    known = Credentials(server=secure, verify=str(authority.certificate), certificate=own)
    with pytest.raises(Unreachable, match="no certificate that can be trusted"):
        tunnel.connect(replace(known, **change))  # type: ignore[arg-type]


def test_a_proxy_of_the_kubeconfig_is_gone_through(secure: str, authority: Authority) -> None:
    """With its own user and password, which the server never sees; the TLS is the server's."""
    own = (str(authority.certificate), str(authority.key))
    with proxied(port_of(secure)) as proxy:
        known = Credentials(
            server=secure,
            verify=str(authority.certificate),
            certificate=own,
            proxy=f"http://u%40x:p@127.0.0.1:{proxy.port}",
        )
        assert b'{"kind": "X"}' in get(tunnel.connect(known))
    assert proxy.heads[0].startswith(f"CONNECT 127.0.0.1:{port_of(secure)} HTTP/1.")
    assert base64.b64encode(b"u@x:p").decode() in proxy.heads[0]


def test_a_proxy_of_the_environment_is_gone_through(api: Site, monkeypatch: pytest.MonkeyPatch) -> None:
    """Unless it says that the server needs none."""
    api.put("/x", document({"kind": "X"}))
    with proxied(port_of(api.url)) as proxy:
        monkeypatch.setenv("http_proxy", f"http://127.0.0.1:{proxy.port}")
        for name in ("no_proxy", "NO_PROXY"):
            monkeypatch.setenv(name, "elsewhere")
        assert b'{"kind": "X"}' in get(tunnel.connect(Credentials(server=api.url)))
    assert "Proxy-Authorization" not in proxy.heads[0]


def test_a_proxy_that_refuses_is_said(api: Site) -> None:
    """Without its password."""
    with proxied(port_of(api.url), refuses=True) as proxy, pytest.raises(Unreachable) as caught:
        tunnel.connect(Credentials(server=api.url, proxy=f"http://u:canary@127.0.0.1:{proxy.port}"))
    assert "canary" not in str(caught.value)


@pytest.mark.parametrize("proxy", ["socks5://127.0.0.1:1", "https://u:canary@127.0.0.1:1"])
def test_a_proxy_of_another_kind_is_a_reason(proxy: str, api: Site) -> None:
    """What it would take is not here."""
    with pytest.raises(NoAccess, match="only where the proxy itself is spoken to by http") as caught:
        tunnel.connect(Credentials(server=api.url, proxy=proxy))
    assert "canary" not in str(caught.value)


@pytest.mark.parametrize("server", ["http://api.example", "api.example", "https://[", ""])
def test_an_address_without_tls_is_not_asked(server: str) -> None:
    """The token would be readable on the way."""
    with pytest.raises(NoAccess, match="not spoken to through TLS"):
        tunnel.connect(Credentials(server=server))


def test_nobody_there_is_said_plainly() -> None:
    """Without objects and addresses of memory."""
    with pytest.raises(Unreachable, match=r"the connection was refused$"):
        tunnel.connect(Credentials(server="https://127.0.0.1:1"))
