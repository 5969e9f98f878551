"""A connection to the API server as bytes, for what is no request with one answer; same credentials, same TLS."""

from __future__ import annotations

import base64
import socket
import ssl
from collections.abc import Mapping
from http import HTTPStatus
from http.client import HTTPException, HTTPResponse
from urllib.parse import SplitResult, unquote, urlsplit

from attestor import limits
from attestor.cluster.client import NO_ANSWER, SYSTEM_BUNDLE, TooSlow, Unreachable, environment_proxies, plainly
from attestor.cluster.credentials import Credentials, NoAccess
from attestor.install import address

_HTTPS = 443
_PROXY = 80


def connect(credentials: Credentials) -> socket.socket:
    """Return a connection to the server, through TLS and the proxy that the client would use; raises ``NoAccess``."""
    server = credentials.server
    if not address.is_https(server) and not address.is_loopback(server):
        raise NoAccess(f"the API server {address.shown(server)} is not spoken to through TLS")
    parts = urlsplit(server)
    proxy = credentials.proxy or environment_proxies(server).get(parts.scheme, "")
    try:
        plain = _plain(parts, proxy)
        return _secured(plain, parts.hostname or "", credentials) if parts.scheme == "https" else plain
    except ssl.SSLError as error:
        raise Unreachable(f"the API server {address.shown(server)} shows no certificate that can be trusted") from error
    except (OSError, ValueError, HTTPException) as error:
        said = plainly(error)
        kind = TooSlow if said == NO_ANSWER else Unreachable
        raise kind(f"the API server {address.shown(server)} cannot be reached: {said}") from error


def _plain(parts: SplitResult, proxy: str) -> socket.socket:
    host, port = parts.hostname or "", parts.port or _HTTPS
    if proxy:
        through = urlsplit(proxy)
        if through.scheme != "http":
            raise NoAccess("a port-forward goes through a proxy only where the proxy itself is spoken to by http")
        plain = socket.create_connection((through.hostname or "", through.port or _PROXY), limits.API_SECONDS)
        return _connected(plain, f"[{host}]:{port}" if ":" in host else f"{host}:{port}", _authorization(through))
    return socket.create_connection((host, port), limits.API_SECONDS)


def _connected(plain: socket.socket, target: str, headers: Mapping[str, str]) -> socket.socket:
    """Let a proxy connect to ``target``. Not by ``http.client``, which leaves what it read of a refusal open."""
    lines = [f"CONNECT {target} HTTP/1.1", f"Host: {target}", *(f"{name}: {value}" for name, value in headers.items())]
    try:
        plain.sendall("".join(f"{line}\r\n" for line in [*lines, ""]).encode("latin-1"))
        with HTTPResponse(plain, method="CONNECT") as answer:
            answer.begin()
    except BaseException:
        plain.close()
        raise
    if answer.status != HTTPStatus.OK:
        plain.close()
        message = f"the proxy answered {answer.status}"
        raise OSError(message)
    return plain


def _authorization(proxy: SplitResult) -> Mapping[str, str]:
    if proxy.username is None:
        return {}
    pair = f"{unquote(proxy.username)}:{unquote(proxy.password or '')}".encode()
    return {"Proxy-Authorization": f"Basic {base64.b64encode(pair).decode('ascii')}"}


def _secured(plain: socket.socket, host: str, credentials: Credentials) -> socket.socket:
    from requests.utils import DEFAULT_CA_BUNDLE_PATH
    from urllib3.util.ssl_ import create_urllib3_context

    # The context of the library that the client's requests go through, so that both trust the same.
    context = create_urllib3_context()
    if credentials.verify is False:
        context.check_hostname = False
        context.verify_mode = ssl.CERT_NONE
    else:
        context.check_hostname = True
        context.verify_mode = ssl.CERT_REQUIRED
        system = str(SYSTEM_BUNDLE) if SYSTEM_BUNDLE.is_file() else DEFAULT_CA_BUNDLE_PATH
        context.load_verify_locations(system if credentials.verify is True else credentials.verify)
    if credentials.certificate:
        context.load_cert_chain(*credentials.certificate)
    try:
        return context.wrap_socket(plain, server_hostname=credentials.server_name or host)
    except (OSError, ValueError):
        plain.close()
        raise
