"""A recorded mesh's objects, changed by a test and served over HTTP as an API server would: in pages, with discovery.

Quick, and only as good as what it was taught: `tests/integration/cluster` asks a real API server the same questions.
"""

from __future__ import annotations

import copy
import functools
import json
import threading
import time
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any
from urllib.parse import parse_qs, urlsplit

from tests.conftest import ROOT

FOLDER = ROOT / "tests" / "fixtures" / "worlds" / "emojivoto"
UID = "7d0e0c1a-0000-4000-8000-000000000001"
_BUILT_IN = (
    ("v1", ("Namespace", "Pod", "ConfigMap", "Event", "Service")),
    ("apps/v1", ("Deployment", "StatefulSet", "DaemonSet", "ReplicaSet")),
    ("batch/v1", ("CronJob", "Job")),
    ("networking.k8s.io/v1", ("NetworkPolicy",)),
    ("admissionregistration.k8s.io/v1", ("MutatingWebhookConfiguration",)),
)

Object = dict[str, Any]


@functools.cache
def _recorded(name: str) -> str:
    return (FOLDER / name).read_text(encoding="utf-8")


def plural(kind: str) -> str:
    """Return the plural by which a path names a kind."""
    word = kind.lower()
    return f"{word[:-1]}ies" if word.endswith("y") else f"{word}s"


@dataclass
class World:
    """The objects of a mesh; ``refused`` holds parts of paths that are answered with 403."""

    objects: list[Object] = field(default_factory=lambda: json.loads(_recorded("objects.json")))
    crds: list[Object] = field(default_factory=lambda: json.loads(_recorded("crds.json")))
    refused: tuple[str, ...] = ()
    page: int = 250
    asked: list[str] = field(default_factory=list)

    def __post_init__(self) -> None:
        self.add({"apiVersion": "v1", "kind": "Namespace", "metadata": {"name": "kube-system", "uid": UID}})

    def of_kind(self, kind: str, namespace: str = "") -> list[Object]:
        """Return the objects of a kind, of one namespace or of all."""
        found = [item for item in self.objects if item["kind"] == kind]
        return [item for item in found if not namespace or item["metadata"].get("namespace") == namespace]

    def pod(self, namespace: str, prefix: str) -> Object:
        """Return the one pod whose name begins so."""
        (found,) = [pod for pod in self.of_kind("Pod", namespace) if pod["metadata"]["name"].startswith(f"{prefix}-")]
        return found

    def add(self, item: Mapping[str, Any]) -> Object:
        """Add an object, and return it."""
        self.objects.append(dict(item))
        return self.objects[-1]

    def copy_of(self, item: Mapping[str, Any], **meta: Any) -> Object:
        """Add a copy of an object under other metadata, and return it."""
        made = copy.deepcopy(dict(item))
        made["metadata"] |= meta
        return self.add(made)

    def unmeshed(self, item: Mapping[str, Any], **meta: Any) -> Object:
        """Add a copy of a pod without a proxy, as one that was started before its namespace was meshed."""
        made = self.copy_of(item, **meta)
        labels = made["metadata"]["labels"]
        made["metadata"]["labels"] = {key: value for key, value in labels.items() if "linkerd.io/" not in key}
        made["metadata"]["annotations"] = {}
        for field_name in ("containers", "initContainers"):
            kept = [found for found in made["spec"].get(field_name, []) if not found["name"].startswith("linkerd-")]
            made["spec"][field_name] = kept
        return made

    def answer(self, target: str) -> tuple[int, Any]:
        """Return the status and the object for a request's target."""
        self.asked.append(target)
        parts = urlsplit(target)
        if any(part in parts.path for part in self.refused):
            return 403, {"kind": "Status", "message": f"{parts.path} is forbidden"}
        if parts.path == "/version":
            return 200, {"gitVersion": "v1.35.4"}
        if parts.path == "/apis":
            return 200, {"kind": "APIGroupList", "groups": self._groups()}
        return self._of_api(parts.path.strip("/").split("/"), parse_qs(parts.query))

    def _versions(self) -> dict[str, dict[str, tuple[str, ...]]]:
        """Return by group and version the kinds that are served."""
        found: dict[str, dict[str, tuple[str, ...]]] = {}
        for api, kinds in _BUILT_IN:
            group, _, version = api.rpartition("/")
            found.setdefault(group, {})[version] = kinds
        for crd in self.crds:
            spec = crd["spec"]
            for version in spec["versions"]:
                served = found.setdefault(spec["group"], {})
                served[version["name"]] = (*served.get(version["name"], ()), spec["names"]["kind"])
        return found

    def _groups(self) -> list[Object]:
        groups = []
        for group, versions in self._versions().items():
            listed = [{"groupVersion": f"{group}/{name}", "version": name} for name in reversed(versions)]
            if group:
                groups.append({"name": group, "versions": listed, "preferredVersion": listed[0]})
        return groups

    def _of_api(self, steps: list[str], query: dict[str, list[str]]) -> tuple[int, Any]:
        core = steps[0] == "api"
        group, version, rest = ("", steps[1], steps[2:]) if core else (steps[1], steps[2], steps[3:])
        kinds = self._versions().get(group, {}).get(version, ())
        if not rest:
            resources = [{"name": plural(kind), "kind": kind, "namespaced": True} for kind in kinds]
            return (200, {"kind": "APIResourceList", "resources": resources}) if kinds else (404, {"message": "none"})
        namespace = ""
        if rest[0] == "namespaces" and len(rest) > 2:
            namespace, rest = rest[1], rest[2:]
        kind = next((kind for kind in kinds if plural(kind) == rest[0]), "")
        if not kind:
            return 404, {"message": "the server could not find the requested resource"}
        found = [item for item in self.of_kind(kind, namespace) if item["apiVersion"].rpartition("/")[0] == group]
        if len(rest) == 1:
            return 200, self._page(found, query)
        named = [item for item in found if item["metadata"]["name"] == rest[1]]
        return (200, named[-1]) if named else (404, {"message": f"{rest[1]} not found"})

    def _page(self, found: list[Object], query: dict[str, list[str]]) -> Object:
        start = int(query.get("continue", ["0"])[0])
        size = min(self.page, int(query.get("limit", [str(self.page)])[0]))
        if query.get("fieldSelector"):
            name, _, value = query["fieldSelector"][0].partition("=")
            found = [item for item in found if item.get(name) == value]
        more = {"continue": str(start + size)} if len(found) > start + size else {}
        return {"kind": "List", "metadata": more, "items": found[start : start + size]}


@dataclass
class Counters:
    """What a Prometheus answers: rows by a part of the query; by default every covered pod has a series, and no more."""

    world: World
    rows: dict[str, list[Object]] = field(default_factory=dict)
    asked: list[str] = field(default_factory=list)
    there: bool = True

    def answer(self, query: str) -> Object:
        """Return the answer to an instant query."""
        self.asked.append(query)
        found = next((rows for part, rows in self.rows.items() if part in query), None)
        if found is None:
            found = [{"metric": {}, "value": [0, str(time.time())]}] if "vector(time())" in query else []
        if not found and ("tcp_open_total|tcp_open_connections" in query or query.startswith("max by (namespace,pod)")):
            found = [self._of(pod, query) for pod in self.world.of_kind("Pod") if self._is_meshed(pod)]
        return {"status": "success", "data": {"resultType": "vector", "result": found}}

    def _of(self, pod: Object, query: str) -> Object:
        meta, day = pod["metadata"], str(time.time() + 80000) if query.startswith("max") else "7"
        return {"metric": {"namespace": meta["namespace"], "pod": meta["name"]}, "value": [time.time(), day]}

    @staticmethod
    def _is_meshed(pod: Object) -> bool:
        return "linkerd.io/control-plane-ns" in pod["metadata"].get("labels", {})


@contextmanager
def served(world: World, counters: Counters | None = None) -> Iterator[str]:
    """Serve a world until the block ends; gives its address."""

    class Handler(BaseHTTPRequestHandler):
        protocol_version = "HTTP/1.1"
        wbufsize = -1  # head and content in one piece: a client waits for the second 40 ms

        def do_GET(self) -> None:
            self._send(*world.answer(self.path))

        def _send(self, status: int, value: object) -> None:
            content = json.dumps(value).encode()
            self.send_response(status)
            self.send_header("Content-Length", str(len(content)))
            self.end_headers()
            self.wfile.write(content)

        def do_POST(self) -> None:
            size = int(self.headers.get("Content-Length") or 0)
            query = parse_qs(self.rfile.read(size).decode())["query"][0]
            self._send(200, counters.answer(query) if counters else {})

        def log_message(self, *_: object) -> None:
            return

    with ThreadingHTTPServer(("127.0.0.1", 0), Handler) as server:
        server.daemon_threads = True
        thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.01})
        thread.start()
        try:
            yield f"http://127.0.0.1:{server.server_port}"
        finally:
            server.shutdown()
            thread.join()
