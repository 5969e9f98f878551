"""Files from the network: nothing gets its name before its sha256 is the expected one.

Two things can go wrong and they are kept apart, because only one of them leaves room for another way. Where the
file could not be had, it is ``Unreachable``. Where something was had that is not the file, it is ``WrongContent``:
somebody may be at work between here and the origin, and then nothing else is tried.
"""

from __future__ import annotations

import hashlib
import itertools
import os
import tempfile
import time
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, BinaryIO
from urllib.parse import urljoin

from attestor import limits
from attestor.errors import SettingsError
from attestor.install import address

if TYPE_CHECKING:
    import requests

_CHUNK = 1 << 16
_REDIRECTS = 5
_LONGEST_PAUSE = 30.0
_BUSY = frozenset({408, 429})


@dataclass(frozen=True, slots=True, kw_only=True)
class Patience:
    """How long to try. ``silence`` bounds one wait for bytes, ``total`` one attempt; all times are in seconds."""

    attempts: int = 3
    silence: float = 20.0
    total: float = 600.0
    pause: float = 1.0
    sleep: Callable[[float], None] = time.sleep


class DownloadError(SettingsError):
    """A file could not be downloaded."""


class Unreachable(DownloadError):
    """Nobody answered with the file. Another way to the same program may be tried."""


class WrongContent(DownloadError):
    """Something answered, and it is not the file of the lock. No other way may be tried."""


class _Again(Exception):
    """An attempt failed in a way that may pass; ``after`` is how many seconds the server asked to be left alone."""

    def __init__(self, reason: str, after: float = 0.0) -> None:
        super().__init__(reason)
        self.after = after


def fetch(
    url: str,
    sha256: str,
    destination: Path,
    *,
    executable: bool = False,
    limit: int = limits.DOWNLOAD_BYTES,
    patience: Patience = Patience(),
) -> None:
    """Download ``url`` to ``destination``, which appears whole, with the right ``sha256``, or not at all.

    ``limit`` is in bytes. Raises ``Unreachable`` or ``WrongContent``, and ``OSError`` where the folder of
    ``destination`` cannot be written.
    """
    if not address.is_https(url) and not address.is_loopback(url):
        raise _wrong(url, "its address is not https")
    descriptor, name = tempfile.mkstemp(dir=destination.parent, prefix=f".{destination.name}-")
    part = Path(name)
    try:
        with os.fdopen(descriptor, "wb") as sink:
            _try_repeatedly(
                lambda: _download(url, patience, lambda pieces: _save(url, pieces, sink, sha256, limit)), url, patience
            )
            sink.flush()
            os.fsync(sink.fileno())
        part.chmod(0o755 if executable else 0o644)
        part.replace(destination)
    finally:
        part.unlink(missing_ok=True)


def read(url: str, *, limit: int = limits.PAGE_BYTES, patience: Patience = Patience()) -> bytes:
    """Return the page at ``url``, of at most ``limit`` bytes, whose digest nobody knows before.

    Raises ``Unreachable`` or ``WrongContent``.
    """
    if not address.is_https(url) and not address.is_loopback(url):
        raise _wrong(url, "its address is not https")
    found = bytearray()

    def keep(pieces: Iterator[bytes]) -> None:
        found.clear()
        for piece in pieces:
            found.extend(piece)
            if len(found) > limit:
                raise _wrong(url, f"it has more than {limit} bytes")

    _try_repeatedly(lambda: _download(url, patience, keep), url, patience)
    return bytes(found)


def _try_repeatedly(attempt: Callable[[], None], url: str, patience: Patience) -> None:
    for number in itertools.count(1):
        try:
            attempt()
        except _Again as again:
            if number >= patience.attempts:
                raise _unreachable(url, f"{again} ({number} attempts)") from again
            pause = patience.pause * 2 ** (number - 1)
            patience.sleep(min(max(pause, again.after), _LONGEST_PAUSE))
        else:
            return


def _download(url: str, patience: Patience, take: Callable[[Iterator[bytes]], None]) -> None:
    import requests  # costs a tenth of a second, and most runs download nothing

    deadline = time.monotonic() + patience.total
    with requests.Session() as session:
        try:
            response = _follow(session, url, patience)
        except requests.exceptions.SSLError as error:
            raise _unreachable(url, "no TLS connection that can be trusted") from error
        except (requests.ConnectionError, requests.Timeout) as error:
            raise _Again(_plainly(error)) from error
        except (requests.RequestException, ValueError) as error:  # ValueError: a redirect to what is no address
            raise _unreachable(url, type(error).__name__) from error
        with response:
            _check_status(url, response)
            take(_pieces(response, deadline))


def _follow(session: requests.Session, url: str, patience: Patience) -> requests.Response:
    """Return the first answer that is no redirect; https never leads to anything but https."""
    place = url
    for _ in range(_REDIRECTS + 1):
        # Without a content coding the bytes on the wire are the bytes of the file.
        headers = {"Accept-Encoding": "identity", "User-Agent": "mesh-attestor"}
        response = session.get(place, stream=True, allow_redirects=False, timeout=patience.silence, headers=headers)
        if not response.is_redirect:
            return response
        response.close()
        target = urljoin(place, response.headers["Location"])
        if not address.is_https(target) and not (address.is_loopback(place) and address.is_loopback(target)):
            raise _wrong(url, f"it leads away from https, to {address.shown(target)}")
        place = target
    raise _unreachable(url, f"it redirects more than {_REDIRECTS} times")


def _check_status(url: str, response: requests.Response) -> None:
    status = response.status_code
    if status in _BUSY or status >= 500:  # noqa: PLR2004 - the class of server errors
        asked = response.headers.get("Retry-After", "")
        raise _Again(f"the server answered {status}", float(asked) if asked.isascii() and asked.isdigit() else 0.0)
    if status != 200:  # noqa: PLR2004 - OK, and nothing but OK: a partial answer was not asked for
        raise _unreachable(url, f"the server answered {status}")


def _pieces(response: requests.Response, deadline: float) -> Iterator[bytes]:
    """Yield the body as it comes. ``read1`` returns what is there, so a trickle cannot outlast ``deadline``."""
    from urllib3.exceptions import HTTPError

    try:
        while piece := response.raw.read1(_CHUNK):
            if time.monotonic() > deadline:
                raise _Again("the download took too long")
            yield piece
    except HTTPError as error:
        raise _Again(_plainly(error)) from error


def _save(url: str, pieces: Iterator[bytes], sink: BinaryIO, sha256: str, limit: int) -> None:
    sink.seek(0)
    sink.truncate()
    digest, size = hashlib.sha256(), 0
    for piece in pieces:
        size += len(piece)
        if size > limit:
            raise _wrong(url, f"it has more than {limit} bytes")
        digest.update(piece)
        sink.write(piece)
    if digest.hexdigest() != sha256:
        raise _wrong(url, f"its sha256 is {digest.hexdigest()}, expected {sha256}")


def _plainly(error: Exception) -> str:
    """Name the failure without the address, the objects and the memory locations that libraries print."""
    if "Timeout" in type(error).__name__:
        return "no answer in time"
    if "Proxy" in type(error).__name__:
        return "the proxy refused"
    text = str(error)
    if "resolve" in text or "Name or service" in text:
        return "its host name does not resolve"
    return "the connection broke" if "IncompleteRead" in text or "aborted" in text else "no connection"


def _unreachable(url: str, reason: str) -> Unreachable:
    return Unreachable(
        f"{address.shown(url)} could not be downloaded: {reason}",
        cause="There is no way to that host from here: no network, a firewall, or a proxy that is not set.",
        remedy="Try again, or set https_proxy where the network wants a proxy.",
    )


def _wrong(url: str, reason: str) -> WrongContent:
    return WrongContent(
        f"{address.shown(url)} was downloaded and thrown away: {reason}",
        cause="The file was replaced at its origin, or a proxy or mirror on the way answers with something else.",
        remedy="Do not work around this: find out who changed it, and compare the digest with the release's own.",
    )
