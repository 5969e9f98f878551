"""One object in, one object out; every other answer is an error that says what it was."""

from __future__ import annotations

import datetime as dt
import ipaddress
import json
import ssl
import threading
from collections.abc import Iterator
from dataclasses import replace
from http.server import BaseHTTPRequestHandler, HTTPServer
from pathlib import Path

import pytest
from cryptography import x509
from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.hazmat.primitives.serialization import Encoding, NoEncryption, PrivateFormat
from cryptography.x509.oid import NameOID

from attestor.cluster.client import Client, Forbidden, NotThere, Unauthorized
from attestor.cluster.credentials import Credentials, NoAccess
from tests.web import Site, body, document


def client(api: Site, **more: object) -> Client:
    return Client(replace(Credentials(server=api.url, headers={"Authorization": "Bearer t"}), **more))  # type: ignore[arg-type]


def test_an_object_is_asked_for_with_the_credentials(api: Site) -> None:
    """And with nothing else of this machine."""
    api.put("/api/v1/x", document({"kind": "X"}))
    assert client(api).get("/api/v1/x") == {"kind": "X"}
    assert api.headers[0]["authorization"] == "Bearer t"
    assert api.headers[0]["accept"] == "application/json"


def test_an_object_is_created(api: Site) -> None:
    """Its body is JSON."""
    api.put("/apis/x", document({"status": {"allowed": True}}, status=201))
    assert client(api).create("/apis/x", {"spec": 1}) == {"status": {"allowed": True}}
    assert json.loads(api.received[0]) == {"spec": 1}


@pytest.mark.parametrize(("status", "kind"), [(401, Unauthorized), (403, Forbidden), (404, NotThere), (500, NoAccess)])
def test_a_refusal_is_what_it_is(api: Site, status: int, kind: type[NoAccess]) -> None:
    """The server's own message is told, but not of who it does not know."""
    api.put("/x", document({"message": "because"}, status=status))
    with pytest.raises(kind, match="because" if status != 401 else "401"):
        client(api).get("/x")


@pytest.mark.parametrize("answer", [body(b"<html>"), body(b"[]"), body(b"{}"), body(b"", status=302, Location="/x")])
def test_what_is_no_object_is_an_error(api: Site, answer: object) -> None:
    """A page of a proxy, a redirect, an empty object."""
    api.put("/x", answer)  # type: ignore[arg-type]
    with pytest.raises(NoAccess, match="answered"):
        client(api).get("/x")


def test_an_address_without_tls_is_not_asked() -> None:
    """The token would be readable on the way."""
    with pytest.raises(NoAccess, match="not spoken to through TLS"):
        Client(Credentials(server="http://api.example")).get("/x")


def test_nobody_there_is_said_plainly(api: Site) -> None:
    """Without objects and addresses of memory."""
    with pytest.raises(NoAccess, match=r"cannot be reached: the connection was refused$"):
        client(api, server="http://127.0.0.1:1").get("/x")


class Authority:
    """A certificate for a name, in files."""

    def __init__(self, folder: Path) -> None:
        key = ec.generate_private_key(ec.SECP256R1())
        name = x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, "test")])
        names = x509.SubjectAlternativeName(
            [x509.DNSName("api.example"), x509.IPAddress(ipaddress.ip_address("127.0.0.1"))]
        )
        now = dt.datetime.now(dt.UTC)
        made = (
            x509.CertificateBuilder()
            .subject_name(name)
            .issuer_name(name)
            .public_key(key.public_key())
            .serial_number(1)
            .not_valid_before(now - dt.timedelta(days=1))
            .not_valid_after(now + dt.timedelta(days=1))
            .add_extension(names, critical=False)
            .add_extension(x509.BasicConstraints(ca=True, path_length=None), critical=True)
            .sign(key, hashes.SHA256())
        )
        self.certificate, self.key = folder / "tls.crt", folder / "tls.key"
        self.certificate.write_bytes(made.public_bytes(Encoding.PEM))
        self.key.write_bytes(key.private_bytes(Encoding.PEM, PrivateFormat.PKCS8, NoEncryption()))


@pytest.fixture
def authority(tmp_path: Path) -> Authority:
    return Authority(tmp_path)


@pytest.fixture
def secure(authority: Authority) -> Iterator[str]:
    """An API server behind TLS that wants a client certificate."""

    class Handler(BaseHTTPRequestHandler):
        def do_GET(self) -> None:
            self.send_response(200)
            self.end_headers()
            self.wfile.write(b'{"kind": "X"}')

        def log_message(self, *_: object) -> None:
            return

    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.load_cert_chain(authority.certificate, authority.key)
    context.load_verify_locations(authority.certificate)
    context.verify_mode = ssl.CERT_REQUIRED
    context.minimum_version = context.maximum_version = ssl.TLSVersion.TLSv1_2
    with HTTPServer(("127.0.0.1", 0), Handler) as server:
        server.handle_error = lambda *_: None  # type: ignore[method-assign]
        server.socket = context.wrap_socket(server.socket, server_side=True)
        thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.01})
        thread.start()
        yield f"https://127.0.0.1:{server.server_port}"
        server.shutdown()
        thread.join()


def test_both_sides_show_a_certificate(secure: str, authority: Authority) -> None:
    """The kubeconfig's authority decides about the server, also under another name."""
    own = (str(authority.certificate), str(authority.key))
    known = Credentials(server=secure, verify=str(authority.certificate), certificate=own)
    assert Client(known).get("/x") == {"kind": "X"}
    assert Client(replace(known, server_name="api.example")).get("/x") == {"kind": "X"}
    with pytest.raises(NoAccess, match="no certificate that can be trusted"):
        Client(replace(known, server_name="other.example")).get("/x")


def test_an_unknown_server_is_not_trusted(secure: str, authority: Authority) -> None:
    """The system's authorities do not know it."""
    own = (str(authority.certificate), str(authority.key))
    with pytest.raises(NoAccess, match="no certificate that can be trusted"):
        Client(Credentials(server=secure, certificate=own)).get("/x")
    assert Client(Credentials(server=secure, certificate=own, verify=False)).get("/x") == {"kind": "X"}
