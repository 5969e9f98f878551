"""A real Prometheus that scrapes pages of proxies, as the viz extension's own does: its relabel rules, pods by name."""

from __future__ import annotations

import json
import subprocess
import time
import urllib.error
import urllib.request
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from types import MappingProxyType
from typing import Any

import pytest

from tests import web
from tests.conftest import ROOT
from tests.web import Site

WORLDS = ROOT / "tests" / "fixtures" / "worlds"
SECONDS = 60
META = "__meta_kubernetes_pod_"


@dataclass
class Scraped:
    """A running Prometheus, and the pages that it reads once a second."""

    url: str
    site: Site
    pods: dict[tuple[str, str], dict[str, Any]] = field(default_factory=dict)
    paths: dict[tuple[str, str], str] = field(default_factory=dict)

    def put(self, namespace: str, pod: str, page: bytes, labels: Mapping[str, str] = MappingProxyType({})) -> None:
        """Serve the page of a pod with these labels from now on."""
        # As Prometheus knows the pod: by a label of its own before its name.
        path = f"/metrics/{labels.get('namespace', namespace)}/{pod}"
        self.paths[namespace, pod] = path
        self.site.put(path, web.body(page, Content_Type="text/plain; version=0.0.4; charset=utf-8"))
        found = {META + "container_name": "linkerd-proxy", META + "container_port_name": "linkerd-admin"}
        found |= {META + "phase": "Running", META + "name": pod, "__meta_kubernetes_namespace": namespace}
        found |= {f"{META}label_{name}": value for name, value in labels.items()}
        found[META + "label_linkerd_io_control_plane_ns"] = "linkerd"
        self.pods[namespace, pod] = {"targets": [f"{namespace}.{pod}:4191"], "labels": found}
        self.site.put("/sd", web.document(list(self.pods.values())))

    def settle(self, scrapes: int = 2) -> None:
        """Wait until every page was read so often again, as it is now."""
        pages = self.paths.values()
        before = {page: self.site.asked.count(page) for page in pages}
        for _ in range(SECONDS * 10):
            if all(self.site.asked.count(page) >= before[page] + scrapes for page in pages):
                return
            time.sleep(0.1)
        pytest.fail("Prometheus did not read every page")


@contextmanager
def running(program: str, folder: Path) -> Iterator[Scraped]:
    """Start Prometheus over no pages yet."""
    from tests.integration.cluster.conftest import free_ports

    (port,) = free_ports(1)
    with web.served() as site:
        site.put("/sd", web.document([]))
        text = (WORLDS / "emojivoto" / "prometheus.yml").read_text(encoding="utf-8")
        text = text.replace("PAGES_HOST:PORT", site.url.removeprefix("http://")).replace(": 2s", ": 1s")
        (folder / "prometheus.yml").write_text(text, encoding="utf-8")
        options: dict[str, object] = {"config.file": folder / "prometheus.yml", "storage.tsdb.path": folder / "data"}
        options |= {"web.listen-address": f"127.0.0.1:{port}"}
        argv = [program, *(f"--{name}={value}" for name, value in options.items())]
        with (folder / "prometheus.log").open("wb") as log:
            process = subprocess.Popen(argv, cwd=folder, stdin=subprocess.DEVNULL, stdout=log, stderr=log)
        try:
            wait(f"http://127.0.0.1:{port}", process, folder)
            yield Scraped(url=f"http://127.0.0.1:{port}", site=site)
        finally:
            process.terminate()
            process.wait(timeout=60)


@contextmanager
def watching(program: str, folder: Path, lines: Mapping[str, str] = MappingProxyType({})) -> Iterator[Scraped]:
    """Start Prometheus over the pages of the healthy mesh, with lines added to those of some pods; it has read them."""
    with running(program, folder) as found:
        for (namespace, pod), page in world().items():
            more = f"{lines[pod]}\n".encode() if pod in lines else b""
            found.put(namespace, pod, page + more, labels_of(namespace, pod))
        found.settle()
        yield found


def wait(url: str, process: subprocess.Popen[bytes], folder: Path) -> None:
    opener = urllib.request.build_opener(urllib.request.ProxyHandler({}))
    for _ in range(SECONDS * 10):
        if process.poll() is not None:
            break
        try:
            opener.open(f"{url}/-/ready", timeout=5).close()
        except OSError:
            time.sleep(0.1)
        else:
            return
    pytest.fail("Prometheus did not start: " + (folder / "prometheus.log").read_text(encoding="utf-8")[-2000:])


def situation(name: str) -> Mapping[str, bytes]:
    """The recorded pages of one situation, by a pod's name, which is that of the file, its stage within it."""
    folder = WORLDS / "real-proxy-metrics" / name
    return {path.stem.replace(".", "-"): path.read_bytes() for path in sorted(folder.glob("*.prom"))}


def world() -> Mapping[tuple[str, str], bytes]:
    """The pages of the healthy mesh, by namespace and pod."""
    folder = WORLDS / "emojivoto" / "metrics"
    return {(path.parent.name, path.stem): path.read_bytes() for path in sorted(folder.glob("*/*.prom"))}


def labels_of(namespace: str, pod: str) -> dict[str, str]:
    """How the pod of the healthy mesh was discovered, besides its name."""
    for group in json.loads((WORLDS / "emojivoto" / "discovery.json").read_bytes()):
        found = group["labels"]
        if (found["__meta_kubernetes_namespace"], found[META + "name"]) == (namespace, pod):
            prefix = META + "label_"
            return {key.removeprefix(prefix): value for key, value in found.items() if key.startswith(prefix)}
    raise KeyError(pod)
