"""A small client of the Kubernetes API: one object in, one object out, over TLS, within seconds (docs/adr/0010)."""

from __future__ import annotations

import warnings
from collections.abc import Mapping
from pathlib import Path
from typing import TYPE_CHECKING, Any

from attestor import limits, strict_json
from attestor.cluster.credentials import Credentials, NoAccess
from attestor.install import address
from attestor.lenient import mapping

if TYPE_CHECKING:
    import requests

SYSTEM_BUNDLE = Path("/etc/ssl/certs/ca-certificates.crt")
_UNAUTHORIZED, _FORBIDDEN, _NOT_FOUND, _GONE = 401, 403, 404, 410


class Unauthorized(NoAccess):
    """The server does not know who is asking."""

    code = "unauthorized"


class Forbidden(NoAccess):
    """The server knows who is asking, and they may not."""

    code = "forbidden"


class NotThere(NoAccess):
    """The server has no such object."""

    code = "not-installed"


class Gone(NoAccess):
    """The server no longer knows the list whose next page is asked for."""

    code = "changed"


class Unreachable(NoAccess):
    """There is no connection to the server, or none that can be trusted."""

    code = "unreachable"


class TooSlow(NoAccess):
    """The server did not answer in time."""

    code = "timed-out"


class TooLarge(NoAccess):
    """The server answered more than is read."""

    code = "too-large"


class Client:
    """Asks one server with one set of credentials; raises a ``NoAccess`` for every answer that is not the object."""

    def __init__(self, credentials: Credentials) -> None:
        self._credentials = credentials
        self._open: requests.Session | None = None

    def get(self, path: str) -> Mapping[str, Any]:
        """Return the object at ``path``."""
        return self._ask("GET", path, None)

    def create(self, path: str, body: Mapping[str, Any]) -> Mapping[str, Any]:
        """Return what the server makes of ``body`` at ``path``."""
        return self._ask("POST", path, body)

    def _ask(self, method: str, path: str, body: Mapping[str, Any] | None) -> Mapping[str, Any]:
        import requests
        from urllib3.exceptions import HTTPError

        server = self._credentials.server
        if not address.is_https(server) and not address.is_loopback(server):
            raise NoAccess(f"the API server {address.shown(server)} is not spoken to through TLS")
        try:
            if self._open is None:
                self._open = self._session()
            answer = self._open.request(
                method, server + path, json=body, timeout=limits.API_SECONDS, allow_redirects=False, stream=True
            )
            with answer:
                content = answer.raw.read(limits.API_ANSWER_BYTES + 1, decode_content=True)
        except requests.exceptions.SSLError as error:
            raise Unreachable(
                f"the API server {address.shown(server)} shows no certificate that can be trusted"
            ) from error
        except (requests.RequestException, OSError, ValueError, HTTPError) as error:
            said = plainly(error)
            kind = TooSlow if said == NO_ANSWER else Unreachable
            raise kind(f"the API server {address.shown(server)} cannot be reached: {said}") from error
        if len(content) > limits.API_ANSWER_BYTES:
            raise TooLarge(f"the API server {address.shown(server)} answered more than can be right")
        return object_of(answer.status_code, content)

    def _session(self) -> requests.Session:
        import requests

        known = self._credentials
        session = requests.Session()
        # Nothing of this machine's own: a .netrc would take the place of the kubeconfig's credentials.
        session.trust_env = False
        session.headers.update({"Accept": "application/json", "User-Agent": "mesh-attestor", **known.headers})
        session.verify = str(SYSTEM_BUNDLE) if known.verify is True and SYSTEM_BUNDLE.is_file() else known.verify
        session.cert = known.certificate
        if known.verify is False:
            # The kubeconfig says so, and linkerd obeys it, too.
            warnings.filterwarnings("ignore", message="Unverified HTTPS request")
        found = {"https": known.proxy, "http": known.proxy} if known.proxy else environment_proxies(known.server)
        session.proxies = dict(found)
        if known.server_name:
            session.mount("https://", _named(known.server_name))
        return session


def environment_proxies(server: str) -> Mapping[str, str]:
    """Return the proxies that the environment names for ``server``, which linkerd uses, too."""
    import requests.utils

    return requests.utils.get_environ_proxies(server, no_proxy=None)


def _named(server_name: str) -> requests.adapters.HTTPAdapter:
    """Return an adapter that asks for, and checks, the certificate of another name than the address has."""
    from requests.adapters import HTTPAdapter

    class Named(HTTPAdapter):
        def init_poolmanager(self, *arguments: Any, **more: Any) -> None:
            more |= {"server_hostname": server_name, "assert_hostname": server_name}
            super().init_poolmanager(*arguments, **more)

    return Named()


def object_of(status: int, content: bytes) -> Mapping[str, Any]:
    """Return the object of an answer of the API server; raises the ``NoAccess`` that says what it is instead."""
    try:
        found = mapping(strict_json.loads(content))
    except strict_json.NotJson:
        found = {}
    said = str(found.get("message", ""))[:500] or f"the API server answered {status}"
    if status == _UNAUTHORIZED:
        raise Unauthorized("the API server does not accept the kubeconfig's credentials (401)")
    if status in _KINDS:
        raise _KINDS[status](said)
    if not 200 <= status < 300 or not found:  # noqa: PLR2004 - the class of successes
        raise NoAccess(said)
    return found


_KINDS = {_FORBIDDEN: Forbidden, _NOT_FOUND: NotThere, _GONE: Gone}
NO_ANSWER = "no answer in time"


def plainly(error: Exception) -> str:
    """Name a failure of the network without the objects and addresses that libraries print."""
    text = str(error)
    if "Timeout" in type(error).__name__ or "timed out" in text:
        return NO_ANSWER
    if "resolve" in text or "Name or service" in text:
        return "its host name does not resolve"
    return "the connection was refused" if "refused" in text else "no connection"
