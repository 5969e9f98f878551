"""The other end of a port-forward over a WebSocket, as a container runtime's streaming server speaks.

What it does is that of kubernetes' ``k8s.io/kubelet/pkg/cri/streaming/portforward/websocket.go``.
"""

from __future__ import annotations

import contextlib
import json
import socket
import ssl
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from http import HTTPStatus
from typing import TYPE_CHECKING, Any
from urllib.parse import parse_qs, urlsplit

from websockets.exceptions import ConnectionClosed
from websockets.sync.server import ServerConnection, serve
from websockets.typing import Subprotocol

from attestor.cluster.port_forward import PROTOCOL

if TYPE_CHECKING:
    from websockets.http11 import Request, Response


@dataclass
class Forwarding:
    """Whither it forwards, what it was asked, and what it says instead of forwarding."""

    target: int
    refusal: tuple[int, str] | None = None
    complaint: str = ""
    piece: int = 32 * 1024
    noise: bool = False
    text: bool = False
    port: int = 0
    asked: list[str] = field(default_factory=list)
    headers: list[dict[str, str]] = field(default_factory=list)

    def answer(self, connection: ServerConnection, request: Request) -> Response | None:
        self.asked.append(request.path)
        self.headers.append({name.lower(): value for name, value in request.headers.raw_items()})
        if self.refusal is None:
            return None
        status, said = self.refusal
        return connection.respond(HTTPStatus(status), json.dumps({"kind": "Status", "message": said}))

    def forward(self, connection: ServerConnection) -> None:
        """Say the port on both channels, then pass on bytes until the target has said all."""
        query = parse_qs(urlsplit(self.asked[-1]).query)
        port = int((query.get("port") or query["ports"])[0]).to_bytes(2, "little")
        connection.send(bytes([0]) + port)
        connection.send(bytes([1]) + port)
        if self.noise:
            connection.ping()
            connection.send(b"")
            connection.send(b"\x07of another channel")
        if self.text:
            connection.send("AA==")
        if self.complaint:
            connection.send(bytes([1]) + self.complaint.encode())
            return
        with socket.create_connection(("127.0.0.1", self.target)) as target, contextlib.suppress(ConnectionClosed):
            reader = threading.Thread(target=self._from_client, args=(connection, target))
            reader.start()
            while data := target.recv(self.piece):
                message = bytes([0]) + data
                # In noise every message comes in three frames.
                connection.send([message[:1], message[1:3], message[3:]] if self.noise else message)
            connection.close()
            reader.join()

    def _from_client(self, connection: ServerConnection, target: socket.socket) -> None:
        try:
            with contextlib.suppress(ConnectionClosed, OSError):
                for message in connection:
                    assert isinstance(message, bytes)
                    assert message[0] == 0, "only the channel of data is the client's"
                    target.sendall(message[1:])
        finally:
            # A client that went away before it asked would leave the target waiting, and this server for it.
            with contextlib.suppress(OSError):
                target.shutdown(socket.SHUT_RDWR)


@contextmanager
def forwarding(target: int, protocol: str = PROTOCOL, context: ssl.SSLContext | None = None) -> Iterator[Forwarding]:
    """Forward to ``target`` on loopback until the block ends."""
    found = Forwarding(target=target)
    options: dict[str, Any] = {"subprotocols": [Subprotocol(protocol)], "process_request": found.answer, "ssl": context}
    # A server that knows another protocol chooses none, as a runtime does.
    options["select_subprotocol"] = lambda _, offered: protocol if protocol in offered else None
    with serve(found.forward, "127.0.0.1", 0, **options) as server:
        found.port = server.socket.getsockname()[1]
        thread = threading.Thread(target=server.serve_forever)
        thread.start()
        try:
            yield found
        finally:
            server.shutdown()
            thread.join()
