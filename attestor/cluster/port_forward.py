"""One port of one pod, through the API server, as ``kubectl port-forward`` would reach it, but over a WebSocket.

The protocol is ``v4.channel.k8s.io``: every message begins with the number of its channel; 0 carries the port's bytes,
1 what went wrong, and on each the first two bytes are the port, the low one first. The container runtime's streaming
server speaks it (kubernetes ``k8s.io/kubelet/pkg/cri/streaming/portforward/websocket.go``), and the API server hands it
on as it is: it takes apart only ``SPDY/3.1+portforward.k8s.io``, in which kubectl packs its older protocol since 1.31
(``pkg/registry/core/pod/rest/subresources.go``).

The right is ``get`` on ``pods/portforward``; an API server of 1.35 and later wants ``create`` besides (feature
``AuthorizePodWebsocketUpgradeCreatePermission``).
"""

from __future__ import annotations

import http.client
import io
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import TYPE_CHECKING
from urllib.parse import quote

from attestor import limits
from attestor.cluster import prometheus, tunnel
from attestor.cluster.client import NO_ANSWER, Forbidden, TooLarge, TooSlow, Unreachable, object_of, plainly
from attestor.cluster.credentials import Credentials, NoAccess

if TYPE_CHECKING:
    import socket

    from websockets.client import ClientProtocol
    from websockets.frames import Frame

PROTOCOL = "v4.channel.k8s.io"
RIGHT = "a port-forward needs get on pods/portforward, and from Kubernetes 1.35 on create, too"
_DATA, _ERROR = 0, 1
_HEAD = 2
_PIECE = 64 * limits.KIB
_ROOM = limits.MIB
"""Most bytes of one message, and what the bytes of an answer may take besides their content."""


class Forward(io.RawIOBase):
    """The bytes of one port. What the other side says went wrong is an error of the reader."""

    def __init__(self, connection: socket.socket, protocol: ClientProtocol) -> None:
        self._connection, self._protocol = connection, protocol
        self._message, self._waiting, self._complaint = bytearray(), bytearray(), bytearray()
        self._left = {_DATA: _HEAD, _ERROR: _HEAD}
        self._total, self._ended = 0, False

    def open(self, headers: Mapping[str, str]) -> None:
        """Shake hands; raises ``NoAccess``, with the API server's own words where it has some."""
        from websockets.exceptions import InvalidStatus
        from websockets.protocol import State

        request = self._protocol.connect()
        for name, value in {"User-Agent": "mesh-attestor", **headers}.items():
            request.headers[name] = value
        self._protocol.send_request(request)
        self._pass_on()
        while self._protocol.state is State.CONNECTING and self._protocol.handshake_exc is None:
            self._receive()
        error = self._protocol.handshake_exc
        if isinstance(error, InvalidStatus):
            _refuse(error.response.status_code, bytes(error.response.body))
        if error is not None or self._protocol.subprotocol != PROTOCOL:
            raise NoAccess("the API server, or what stands before it, opens no WebSocket for a port-forward") from error

    def readable(self) -> bool:
        """Tell that bytes can be read."""
        return True

    def makefile(self, _mode: str) -> io.BufferedReader:
        """Return the reader that ``http.client`` asks a connection for."""
        return io.BufferedReader(self)

    def send(self, data: bytes) -> None:
        """Send bytes to the port, unless the other side has already ended it: the reader is told why."""
        from websockets.protocol import State

        if self._protocol.state is not State.OPEN:
            return
        for start in range(0, len(data), _PIECE):
            self._protocol.send_binary(bytes([_DATA]) + data[start : start + _PIECE])
        self._pass_on()

    def readinto(self, into: memoryview) -> int:  # type: ignore[override]
        """Read what has come, waiting for it; 0 at the end. Raises ``NoAccess``."""
        while not self._waiting and not self._ended:
            self._receive()
        if not self._waiting and self._complaint:
            said = self._complaint.decode("utf-8", "replace")[:500]
            raise Unreachable(f"the port-forward ended: {said}")
        taken = bytes(self._waiting[: len(into)])
        del self._waiting[: len(taken)]
        into[: len(taken)] = taken
        return len(taken)

    def close(self) -> None:
        """Close the connection; nothing more is said on it."""
        self._connection.close()
        super().close()

    def _pass_on(self) -> None:
        for data in self._protocol.data_to_send():
            if data:
                self._connection.sendall(data)

    def _receive(self) -> None:
        """Take what has come and answer what the protocol wants answered, such as a ping."""
        from websockets.frames import Frame

        data = self._connection.recv(_PIECE)
        self._total += len(data)
        if self._total > limits.QUERY_BYTES + _ROOM:
            raise TooLarge("Prometheus answered more than is read")
        if data:
            self._protocol.receive_data(data)
            self._pass_on()
        else:
            self._protocol.receive_eof()
            self._ended = True
        for event in self._protocol.events_received():
            if isinstance(event, Frame):
                self._take(event)

    def _take(self, frame: Frame) -> None:
        from websockets.frames import Opcode

        if frame.opcode is Opcode.TEXT:
            raise NoAccess("the API server answers a port-forward in another protocol than it chose")
        self._ended = self._ended or frame.opcode is Opcode.CLOSE
        if frame.opcode in {Opcode.BINARY, Opcode.CONT}:
            self._message += frame.data
            if frame.fin:
                self._deliver(bytes(self._message))
                self._message.clear()

    def _deliver(self, message: bytes) -> None:
        channel, content = message[0] if message else -1, message[1:]
        if channel in self._left:
            head = min(self._left[channel], len(content))
            self._left[channel] -= head
            into = self._waiting if channel == _DATA else self._complaint
            into += content[head:]


def _refuse(status: int, content: bytes) -> None:
    """Raise the ``NoAccess`` of a refusal. What a server of 1.35 says without ``create`` does not name the right."""
    try:
        object_of(status, content)
    except Forbidden as error:
        raise Forbidden(f"{error} ({RIGHT})") from error


def open_port(credentials: Credentials, namespace: str, pod: str, port: int) -> Forward:
    """Return a connection to a port of a pod; raises ``NoAccess``."""
    from websockets.client import ClientProtocol
    from websockets.typing import Subprotocol
    from websockets.uri import parse_uri

    path = f"/api/v1/namespaces/{quote(namespace, safe='')}/pods/{quote(pod, safe='')}/portforward?ports={port}"
    # http becomes ws, and https wss.
    uri = parse_uri("ws" + credentials.server.removeprefix("http") + path)
    connection = tunnel.connect(credentials)
    connection.settimeout(limits.QUERY_SECONDS + prometheus.GRACE)
    found = Forward(connection, ClientProtocol(uri, subprotocols=[Subprotocol(PROTOCOL)], max_size=_ROOM))
    try:
        found.open(credentials.headers)
    except (NoAccess, OSError):
        found.close()
        raise
    return found


@dataclass(frozen=True, slots=True, kw_only=True)
class Forwarded:
    """A Prometheus in a pod, asked through the API server: each query over a connection of its own."""

    credentials: Credentials
    namespace: str
    pod: str
    port: int

    @property
    def shown(self) -> str:
        """Where is asked."""
        return f"port-forward to {self.namespace}/{self.pod}:{self.port}"

    def ask(self, query: str, at: datetime | None) -> prometheus.Answer:
        """Return what Prometheus says to ``query``; raises ``NoAccess`` for all that is no vector."""
        try:
            with open_port(self.credentials, self.namespace, self.pod, self.port) as forward:
                forward.send(_request(prometheus.form(query, at)))
                # Only makefile is asked of it.
                answer = http.client.HTTPResponse(forward, method="POST")  # type: ignore[arg-type]
                answer.begin()
                content = answer.read(limits.QUERY_BYTES + 1)
        except (OSError, http.client.HTTPException) as error:
            said = plainly(error)
            kind = TooSlow if said == NO_ANSWER else Unreachable
            raise kind(f"the {self.shown} ended: {said}") from error
        if answer.length and len(content) <= limits.QUERY_BYTES:
            raise Unreachable(f"the {self.shown} ended before the whole answer had come")
        return prometheus.answer_of(answer.status, content)


def _request(form: bytes) -> bytes:
    lines = (
        f"POST {prometheus.QUERY_PATH} HTTP/1.1",
        "Host: localhost",
        "User-Agent: mesh-attestor",
        "Accept: application/json",
        "Content-Type: application/x-www-form-urlencoded",
        f"Content-Length: {len(form)}",
        "Connection: close",
    )
    return "\r\n".join((*lines, "", "")).encode("ascii") + form
