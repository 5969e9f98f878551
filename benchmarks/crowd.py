"""A large mesh, served in a process of its own: an API server's lists in pages, and a Prometheus' answers.

``python -m benchmarks.crowd PODS POLICIES`` prints its address and serves until its input ends. Every answer is made
once and then kept as bytes, so that a run that is measured waits for it no longer than for a real server's.
"""

from __future__ import annotations

import functools
import json
import subprocess
import sys
import threading
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any
from urllib.parse import parse_qs

from tests.worlds import Counters, World

NAMESPACES = 100
REPLICAS = 10
POLICY = "policy.linkerd.io"


def crowded(pods: int, policies: int) -> World:
    """Return the recorded mesh with so many more pods, and policies about them."""
    world = World()
    for number in range(min(NAMESPACES, pods)):
        meta = {"name": _namespace(number), "annotations": {"linkerd.io/inject": "enabled"}}
        world.add({"apiVersion": "v1", "kind": "Namespace", "metadata": meta})
    pod = world.pod("emojivoto", "web")
    (deployment,) = [item for item in world.of_kind("Deployment", "emojivoto") if item["metadata"]["name"] == "web"]
    for number in range(pods):
        meta = pod["metadata"]
        app = f"app-{number // (NAMESPACES * REPLICAS)}"
        labels = {**meta["labels"], "app": app, "linkerd.io/proxy-deployment": app}
        owner = {**meta["ownerReferences"][0], "name": f"{app}-{labels['pod-template-hash']}"}
        place = {"namespace": _namespace(number), "name": f"{owner['name']}-{number:05}"}
        # What is inside is the same object for all, so that the server itself stays small.
        world.add({**pod, "metadata": {**meta, **place, "labels": labels, "ownerReferences": [owner]}})
        if number // NAMESPACES % REPLICAS == 0:
            world.add(
                {**deployment, "metadata": {**deployment["metadata"], "namespace": place["namespace"], "name": app}}
            )
    for number in range(policies // 4):
        for item in _policies(number):
            world.add(item)
    return world


def _namespace(number: int) -> str:
    return f"team-{number % NAMESPACES:02}"


def _policies(number: int) -> Iterator[Mapping[str, Any]]:
    """Yield a port of one workload, who is somebody, and two policies that let that somebody in."""
    meta = {"namespace": _namespace(number), "name": f"policy-{number}"}
    selector = {"matchLabels": {"app": f"app-{number // NAMESPACES % REPLICAS}"}}
    server = {"podSelector": selector, "port": 1024 + number, "proxyProtocol": "HTTP/1"}
    yield {"apiVersion": f"{POLICY}/v1beta3", "kind": "Server", "metadata": meta, "spec": server}
    accounts = {"identityRefs": [{"kind": "ServiceAccount", "name": f"client-{client}"} for client in range(3)]}
    api = f"{POLICY}/v1alpha1"
    yield {"apiVersion": api, "kind": "MeshTLSAuthentication", "metadata": meta, "spec": accounts}
    target = {"group": POLICY, "kind": "Server", "name": meta["name"]}
    for more in ("a", "b"):
        required = [{"group": POLICY, "kind": "MeshTLSAuthentication", "name": meta["name"]}]
        spec = {"targetRef": target, "requiredAuthenticationRefs": required}
        named = {**meta, "name": f"{meta['name']}-{more}"}
        yield {"apiVersion": api, "kind": "AuthorizationPolicy", "metadata": named, "spec": spec}


def serve(pods: int, policies: int) -> None:
    """Serve until the input ends."""
    world = crowded(pods, policies)
    counters = Counters(world=world)

    @functools.cache
    def listed(target: str) -> tuple[int, bytes]:
        status, value = world.answer(target)
        return status, json.dumps(value).encode()

    @functools.cache
    def counted(query: str) -> bytes:
        return json.dumps(counters.answer(query)).encode()

    class Handler(BaseHTTPRequestHandler):
        protocol_version = "HTTP/1.1"
        wbufsize = -1  # head and content in one piece: a client waits for the second 40 ms

        def do_GET(self) -> None:
            self._send(*listed(self.path))

        def do_POST(self) -> None:
            content = self.rfile.read(int(self.headers["Content-Length"]))
            query = parse_qs(content.decode())["query"][0]
            clock = query == "vector(time())"
            self._send(200, json.dumps(counters.answer(query)).encode() if clock else counted(query))

        def _send(self, status: int, content: bytes) -> None:
            self.send_response(status)
            self.send_header("Content-Length", str(len(content)))
            self.end_headers()
            self.wfile.write(content)

        def log_message(self, *_: object) -> None:
            return

    with ThreadingHTTPServer(("127.0.0.1", 0), Handler) as server:
        server.daemon_threads = True
        threading.Thread(target=server.serve_forever, daemon=True).start()
        print(f"http://127.0.0.1:{server.server_port}", flush=True)
        sys.stdin.read()
        server.shutdown()


@contextmanager
def running(pods: int, policies: int, folder: str) -> Iterator[str]:
    """Start the server in another process until the block ends; gives its address."""
    argv = [sys.executable, "-m", "benchmarks.crowd", str(pods), str(policies)]
    with subprocess.Popen(argv, cwd=folder, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True) as process:
        assert process.stdout is not None
        assert process.stdin is not None
        try:
            yield process.stdout.readline().strip()
        finally:
            process.stdin.close()
            process.wait(timeout=60)


if __name__ == "__main__":
    serve(int(sys.argv[1]), int(sys.argv[2]))
