"""A server on loopback that gives prepared answers by path, and remembers what it was asked."""

from __future__ import annotations

import json
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer

Answer = Callable[[BaseHTTPRequestHandler], None]


def body(content: bytes, *, status: int = 200, claimed: int | None = None, **headers: str) -> Answer:
    """Answer with ``content``; ``claimed`` is a false length."""

    def answer(request: BaseHTTPRequestHandler) -> None:
        request.send_response(status)
        request.send_header("Content-Length", str(len(content) if claimed is None else claimed))
        for name, value in headers.items():
            request.send_header(name.replace("_", "-"), value)
        request.end_headers()
        request.wfile.write(content)

    return answer


def document(value: object, *, status: int = 200) -> Answer:
    """Answer with JSON."""
    return body(json.dumps(value).encode(), status=status, Content_Type="application/json")


@dataclass
class Site:
    """Answers by path, each list in turn and its last one for ever; a path without any is 404."""

    url: str = ""
    answers: dict[str, list[Answer]] = field(default_factory=dict)
    asked: list[str] = field(default_factory=list)
    headers: list[dict[str, str]] = field(default_factory=list)
    received: list[bytes] = field(default_factory=list)

    def put(self, path: str, *answers: Answer) -> None:
        self.answers[path] = list(answers)

    def answer(self, request: BaseHTTPRequestHandler) -> None:
        self.asked.append(request.path)
        self.headers.append({name.lower(): value for name, value in request.headers.items()})
        self.received.append(request.rfile.read(int(request.headers.get("Content-Length") or 0)))
        waiting = self.answers.get(request.path) or [document({"message": "not found"}, status=404)]
        chosen = waiting.pop(0) if len(waiting) > 1 else waiting[0]
        try:
            chosen(request)
        except OSError:
            return  # the reader had enough and went away


@contextmanager
def served() -> Iterator[Site]:
    """Serve a site until the block ends."""
    site = Site()

    class Handler(BaseHTTPRequestHandler):
        def do_GET(self) -> None:
            site.answer(self)

        def do_POST(self) -> None:
            site.answer(self)

        def log_message(self, *_: object) -> None:
            return

    with ThreadingHTTPServer(("127.0.0.1", 0), Handler) as server:
        site.url = f"http://127.0.0.1:{server.server_port}"
        thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.01})
        thread.start()
        try:
            yield site
        finally:
            server.shutdown()
            thread.join()
