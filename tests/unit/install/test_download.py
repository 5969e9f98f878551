"""Nothing gets its name before its digest is right, and a wrong file is told apart from an absent one."""

from __future__ import annotations

import hashlib
import threading
import time
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path

import pytest

from attestor.install.download import Patience, Unreachable, WrongContent, fetch

BODY = b"#!/bin/sh\n" + bytes(range(256)) * 1000
SHA = hashlib.sha256(BODY).hexdigest()

Answer = Callable[[BaseHTTPRequestHandler], None]


def body(content: bytes = BODY, *, status: int = 200, claimed: int | None = None, **headers: str) -> Answer:
    """Answer with ``content``; ``claimed`` is a false length."""

    def answer(request: BaseHTTPRequestHandler) -> None:
        request.send_response(status)
        request.send_header("Content-Length", str(len(content) if claimed is None else claimed))
        for name, value in headers.items():
            request.send_header(name.replace("_", "-"), value)
        request.end_headers()
        request.wfile.write(content)

    return answer


def silence(request: BaseHTTPRequestHandler) -> None:
    """Answer nothing for longer than anybody in these tests waits."""
    time.sleep(0.5)


def trickle(request: BaseHTTPRequestHandler) -> None:
    """Send single bytes, each well before the reader would give up."""
    request.send_response(200)
    request.send_header("Content-Length", str(len(BODY)))
    request.end_headers()
    for place in range(40):
        request.wfile.write(BODY[place : place + 1])
        request.wfile.flush()
        time.sleep(0.02)


@dataclass
class Release:
    """A release page on loopback that gives its answers in turn, the last one for ever."""

    answers: list[Answer] = field(default_factory=list)
    requests: list[str] = field(default_factory=list)
    url: str = ""


@pytest.fixture(autouse=True)
def _no_proxy(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("NO_PROXY", "127.0.0.1")
    monkeypatch.setenv("no_proxy", "127.0.0.1")


@pytest.fixture
def release() -> Iterator[Release]:
    page = Release()

    class Handler(BaseHTTPRequestHandler):
        def do_GET(self) -> None:
            page.requests.append(self.path)
            answer = page.answers.pop(0) if len(page.answers) > 1 else page.answers[0]
            try:
                answer(self)
            except OSError:
                return  # the reader had enough and went away

        def log_message(self, *_: object) -> None:
            return

    with ThreadingHTTPServer(("127.0.0.1", 0), Handler) as server:
        page.url = f"http://127.0.0.1:{server.server_port}/opa"
        thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.01})
        thread.start()
        yield page
        server.shutdown()
        thread.join()


@pytest.fixture
def pauses() -> list[float]:
    return []


@pytest.fixture
def patience(pauses: list[float]) -> Patience:
    return Patience(attempts=3, silence=0.2, total=0.3, sleep=pauses.append)


def names_in(folder: Path) -> list[str]:
    return sorted(entry.name for entry in folder.iterdir())


def test_the_right_file_gets_its_name(release: Release, patience: Patience, tmp_path: Path) -> None:
    """Content, mode, and no draft beside it."""
    release.answers = [body()]
    fetch(release.url, SHA, tmp_path / "opa", executable=True, patience=patience)
    assert (tmp_path / "opa").read_bytes() == BODY
    assert (tmp_path / "opa").stat().st_mode & 0o777 == 0o755
    assert names_in(tmp_path) == ["opa"]


def test_a_file_that_is_no_program_is_not_executable(release: Release, patience: Patience, tmp_path: Path) -> None:
    """The run bit is asked for."""
    release.answers = [body()]
    fetch(release.url, SHA, tmp_path / "data", patience=patience)
    assert (tmp_path / "data").stat().st_mode & 0o777 == 0o644


def test_a_wrong_digest_removes_the_file_and_is_not_tried_again(
    release: Release, patience: Patience, tmp_path: Path
) -> None:
    """Another file is an alarm, not a hiccup; the message has both digests."""
    release.answers = [body(b"another program")]
    with pytest.raises(WrongContent) as caught:
        fetch(release.url, SHA, tmp_path / "opa", patience=patience)
    assert SHA in caught.value.problem
    assert hashlib.sha256(b"another program").hexdigest() in caught.value.problem
    assert len(release.requests) == 1
    assert names_in(tmp_path) == []


def test_a_wrong_digest_leaves_the_earlier_file_alone(release: Release, patience: Patience, tmp_path: Path) -> None:
    """What had the name before keeps it."""
    release.answers = [body(b"another program")]
    (tmp_path / "opa").write_bytes(b"earlier")
    with pytest.raises(WrongContent):
        fetch(release.url, SHA, tmp_path / "opa", patience=patience)
    assert (tmp_path / "opa").read_bytes() == b"earlier"


def test_a_truncated_file_is_tried_again_and_then_given_up(
    release: Release, patience: Patience, tmp_path: Path
) -> None:
    """A connection that breaks in the middle is no connection."""
    release.answers = [body(BODY[:1000], claimed=len(BODY))]
    with pytest.raises(Unreachable, match=r"the connection broke \(3 attempts\)"):
        fetch(release.url, SHA, tmp_path / "opa", patience=patience)
    assert names_in(tmp_path) == []


def test_a_second_attempt_does_not_append_to_the_first(release: Release, patience: Patience, tmp_path: Path) -> None:
    """Each attempt starts from an empty file."""
    release.answers = [body(BODY[:1000], claimed=len(BODY)), body()]
    fetch(release.url, SHA, tmp_path / "opa", patience=patience)
    assert (tmp_path / "opa").read_bytes() == BODY


def test_a_redirect_is_followed(release: Release, patience: Patience, tmp_path: Path) -> None:
    """Release pages hand out an address elsewhere."""
    release.answers = [body(b"", status=302, Location="/elsewhere"), body()]
    fetch(release.url, SHA, tmp_path / "opa", patience=patience)
    assert release.requests == ["/opa", "/elsewhere"]


@pytest.mark.parametrize("target", ["http://host.example/opa", "ftp://127.0.0.1/opa", "file:///bin/sh"])
def test_a_redirect_away_from_https_is_refused(
    target: str, release: Release, patience: Patience, tmp_path: Path
) -> None:
    """An address in clear may be anybody's; nothing is asked of it, and no other way is tried."""
    release.answers = [body(b"", status=302, Location=target)]
    with pytest.raises(WrongContent, match="away from https"):
        fetch(release.url, SHA, tmp_path / "opa", patience=patience)
    assert names_in(tmp_path) == []


def test_a_redirect_to_what_is_no_address_is_given_up(release: Release, patience: Patience, tmp_path: Path) -> None:
    """Nonsense from a server is an error with a message, not a traceback."""
    release.answers = [body(b"", status=302, Location="https://[")]
    with pytest.raises(Unreachable):
        fetch(release.url, SHA, tmp_path / "opa", patience=patience)


def test_redirects_in_a_circle_end(release: Release, patience: Patience, tmp_path: Path) -> None:
    """Six answers are enough to know."""
    release.answers = [body(b"", status=302, Location="/opa")]
    with pytest.raises(Unreachable, match="redirects more than 5 times"):
        fetch(release.url, SHA, tmp_path / "opa", patience=patience)
    assert len(release.requests) == 6


@pytest.mark.parametrize("status", [403, 404, 410])
def test_a_file_that_is_not_there_is_not_asked_for_again(
    status: int, release: Release, patience: Patience, tmp_path: Path
) -> None:
    """The answer will be the same; another way may be tried."""
    release.answers = [body(b"no", status=status)]
    with pytest.raises(Unreachable, match=f"answered {status}"):
        fetch(release.url, SHA, tmp_path / "opa", patience=patience)
    assert len(release.requests) == 1
    assert names_in(tmp_path) == []


@pytest.mark.parametrize("status", [429, 500, 503])
def test_a_busy_server_is_asked_again(
    status: int, release: Release, patience: Patience, pauses: list[float], tmp_path: Path
) -> None:
    """Too many requests and server errors pass."""
    release.answers = [body(b"later", status=status), body()]
    fetch(release.url, SHA, tmp_path / "opa", patience=patience)
    assert (tmp_path / "opa").read_bytes() == BODY
    assert pauses == [1.0]


def test_a_server_that_stays_busy_is_given_up_after_growing_pauses(
    release: Release, patience: Patience, pauses: list[float], tmp_path: Path
) -> None:
    """Three attempts, twice a pause, the second one longer."""
    release.answers = [body(b"later", status=503)]
    with pytest.raises(Unreachable, match=r"answered 503 \(3 attempts\)"):
        fetch(release.url, SHA, tmp_path / "opa", patience=patience)
    assert pauses == [1.0, 2.0]


@pytest.mark.parametrize(("asked", "paused"), [("7", 7.0), ("86400", 30.0), ("Fri, 01 Jan 2038", 1.0), ("-1", 1.0)])
def test_a_server_may_say_how_long_to_wait_within_reason(
    asked: str, paused: float, release: Release, patience: Patience, pauses: list[float], tmp_path: Path
) -> None:
    """Retry-After in seconds is kept to, up to half a minute."""
    release.answers = [body(b"later", status=429, Retry_After=asked), body()]
    fetch(release.url, SHA, tmp_path / "opa", patience=patience)
    assert pauses == [paused]


def test_silence_is_given_up(release: Release, patience: Patience, tmp_path: Path) -> None:
    """A server that accepts and says nothing holds nobody up."""
    release.answers = [silence]
    with pytest.raises(Unreachable, match="no answer in time"):
        fetch(release.url, SHA, tmp_path / "opa", patience=patience)
    assert names_in(tmp_path) == []


def test_a_trickle_is_given_up(release: Release, patience: Patience, tmp_path: Path) -> None:
    """A byte now and then does not stretch the limit for the whole."""
    release.answers = [trickle]
    with pytest.raises(Unreachable, match="took too long"):
        fetch(release.url, SHA, tmp_path / "opa", patience=patience)
    assert names_in(tmp_path) == []


def test_an_answer_without_tls_is_not_asked_for_again(
    release: Release, patience: Patience, pauses: list[float], tmp_path: Path
) -> None:
    """A connection that cannot be trusted will not become so by repetition; another way may be tried."""
    release.answers = [body()]
    with pytest.raises(Unreachable, match="no TLS connection"):
        fetch(release.url.replace("http:", "https:"), SHA, tmp_path / "opa", patience=patience)
    assert pauses == []
    assert names_in(tmp_path) == []


def test_nobody_at_the_address_is_unreachable(patience: Patience, pauses: list[float], tmp_path: Path) -> None:
    """Port 1 of loopback refuses; that may pass, so it is tried again."""
    with pytest.raises(Unreachable, match="no connection"):
        fetch("http://127.0.0.1:1/opa", SHA, tmp_path / "opa", patience=patience)
    assert len(pauses) == 2
    assert names_in(tmp_path) == []


def test_a_file_over_the_limit_is_refused(release: Release, patience: Patience, tmp_path: Path) -> None:
    """A disk is not filled to learn that a digest is wrong."""
    release.answers = [body()]
    with pytest.raises(WrongContent, match="more than 1000 bytes"):
        fetch(release.url, SHA, tmp_path / "opa", limit=1000, patience=patience)
    assert names_in(tmp_path) == []


@pytest.mark.parametrize("url", ["http://host.example/opa", "file:///bin/sh", "https://[", "opa", ""])
def test_an_address_that_is_not_https_is_refused_before_anything_is_asked(
    url: str, patience: Patience, tmp_path: Path
) -> None:
    """Only loopback may be spoken to without TLS, and only tests do."""
    with pytest.raises(WrongContent, match="not https"):
        fetch(url, SHA, tmp_path / "opa", patience=patience)
    assert names_in(tmp_path) == []


def test_a_message_shows_no_password_and_no_signature(release: Release, patience: Patience, tmp_path: Path) -> None:
    """A mirror's address may carry both."""
    release.answers = [body(b"", status=404)]
    url = release.url.replace("http://", "http://someone:secret@") + "?signature=secret"
    with pytest.raises(Unreachable) as caught:
        fetch(url, SHA, tmp_path / "opa", patience=patience)
    assert "secret" not in "\n".join(caught.value.lines())


def test_two_downloads_of_one_file_do_not_meet(release: Release, patience: Patience, tmp_path: Path) -> None:
    """Each has a draft of its own, and both end with the whole file."""
    release.answers = [body()]
    both = [threading.Thread(target=fetch, args=(release.url, SHA, tmp_path / "opa")) for _ in range(2)]
    for thread in both:
        thread.start()
    for thread in both:
        thread.join()
    assert (tmp_path / "opa").read_bytes() == BODY
    assert names_in(tmp_path) == ["opa"]
