"""A small client of Prometheus: one instant query in, the rows of its vector out (its documentation, "HTTP API").

Within a cluster Prometheus is spoken to in clear, so plain HTTP is allowed to any host: nothing secret is sent, unless
the address itself holds a password, and what comes back is as trustworthy as the way that it took.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import TYPE_CHECKING, Any
from urllib.parse import urlencode, urlsplit

from attestor import limits, strict_json
from attestor.capture.remotes import without_credentials
from attestor.cluster.client import (
    NO_ANSWER,
    SYSTEM_BUNDLE,
    Forbidden,
    NotThere,
    TooLarge,
    TooSlow,
    Unauthorized,
    Unreachable,
    environment_proxies,
    plainly,
)
from attestor.cluster.credentials import NoAccess
from attestor.lenient import mapping

if TYPE_CHECKING:
    import requests

QUERY_PATH = "/api/v1/query"
GRACE = 5.0
"""How much longer than Prometheus itself its client waits, so that it is Prometheus that says what took too long."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Answer:
    """The rows of a vector, as they were sent, and what Prometheus warns of: some rows may then be missing."""

    rows: list[Any]
    warnings: tuple[str, ...] = ()


Ask = Callable[[str, datetime | None], Answer]
"""Asks one query at a moment, or at Prometheus' own time; raises ``NoAccess``."""


class Prometheus:
    """Asks the Prometheus at one address."""

    def __init__(self, url: str) -> None:
        self._url = url
        self._open: requests.Session | None = None

    @property
    def shown(self) -> str:
        """The address without credentials."""
        return without_credentials(self._url)

    def ask(self, query: str, at: datetime | None) -> Answer:
        """Return what Prometheus says to ``query``; raises ``NoAccess`` for all that is no vector."""
        import requests
        from urllib3.exceptions import HTTPError

        endpoint = self._endpoint()
        try:
            if self._open is None:
                self._open = _session(endpoint)
            answer = self._open.post(
                endpoint,
                data=form(query, at),
                headers={"Content-Type": "application/x-www-form-urlencoded"},
                timeout=limits.QUERY_SECONDS + GRACE,
                allow_redirects=False,
                stream=True,
            )
            with answer:
                content = answer.raw.read(limits.QUERY_BYTES + 1, decode_content=True)
        except requests.exceptions.SSLError as error:
            raise Unreachable(f"Prometheus at {self.shown} shows no certificate that can be trusted") from error
        except (requests.RequestException, OSError, ValueError, HTTPError) as error:
            said = plainly(error)
            kind = TooSlow if said == NO_ANSWER else Unreachable
            raise kind(f"Prometheus at {self.shown} cannot be reached: {said}") from error
        return answer_of(answer.status_code, content)

    def _endpoint(self) -> str:
        try:
            parts = urlsplit(self._url)
        except ValueError:
            parts = urlsplit("")
        if parts.scheme not in {"http", "https"} or not parts.hostname or parts.query or parts.fragment:
            raise NoAccess("the address of Prometheus is none: https://HOST, without a query")
        return self._url.rstrip("/") + QUERY_PATH


def form(query: str, at: datetime | None) -> bytes:
    """Return the body of the request, as a form."""
    fields = {"query": query, "timeout": f"{limits.QUERY_SECONDS:g}s"}
    if at is not None:
        fields["time"] = f"{at.timestamp():.3f}"
    return urlencode(fields).encode("ascii")


def answer_of(status: int, content: bytes) -> Answer:
    """Return the rows of an answer; raises the ``NoAccess`` that says what it is instead."""
    if len(content) > limits.QUERY_BYTES:
        raise TooLarge("Prometheus answered more than is read")
    try:
        found = mapping(strict_json.loads(content))
    except strict_json.NotJson:
        found = {}
    if found.get("status") == "error":
        raise _refusal(status, found)
    data = mapping(found.get("data"))
    if status != 200 or found.get("status") != "success":  # noqa: PLR2004 - what Prometheus answers a query with
        raise _kind(status)(f"Prometheus, or what stands before it, answered {status} without rows")
    if data.get("resultType") != "vector" or not isinstance(data.get("result"), list):
        raise NoAccess("Prometheus answered something else than a vector")
    warnings = found.get("warnings") or []
    return Answer(rows=data["result"], warnings=tuple(map(str, warnings if isinstance(warnings, list) else [warnings])))


def _refusal(status: int, found: Mapping[str, Any]) -> NoAccess:
    """Return why Prometheus itself did not answer (its ``errorType`` and words)."""
    what, said = str(found.get("errorType", "")), str(found.get("error", ""))[:500]
    kind = _ERRORS.get(what) or _kind(status)
    if "too many samples" in said:
        kind = TooLarge
    return kind(f"Prometheus says {what or status}: {said}")


def _kind(status: int) -> type[NoAccess]:
    return _STATUSES.get(status, NoAccess)


_ERRORS: Mapping[str, type[NoAccess]] = {"timeout": TooSlow, "canceled": TooSlow, "unavailable": Unreachable}
_STATUSES: Mapping[int, type[NoAccess]] = {
    401: Unauthorized,
    403: Forbidden,
    404: NotThere,
    408: TooSlow,
    502: Unreachable,
    503: Unreachable,
    504: TooSlow,
}


def _session(endpoint: str) -> requests.Session:
    import requests

    session = requests.Session()
    # Nothing of this machine's own: a .netrc would send a password that nobody gave for this.
    session.trust_env = False
    session.headers.update({"Accept": "application/json", "User-Agent": "mesh-attestor"})
    session.verify = str(SYSTEM_BUNDLE) if SYSTEM_BUNDLE.is_file() else True
    session.proxies = dict(environment_proxies(endpoint))
    return session
