"""A recorded mesh in a real API server: every object as it was recorded, with its status, to be changed and put back."""

from __future__ import annotations

import copy
import json
import time
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pytest
import requests

from attestor.cluster.credentials import Credentials
from tests import roles
from tests.worlds import FOLDER, Object, plural

if TYPE_CHECKING:
    from tests.integration.cluster.conftest import Cluster

THREADS = 8
_OF_THE_SERVER = ("resourceVersion", "uid", "creationTimestamp", "managedFields", "generation")
_ITSELF = "/api/v1/namespaces/default/services/kubernetes"
"""The server makes its own."""
_FIRST = ("Namespace", "Node", "ServiceAccount")
CONFLICT = 409
_TYPES = {"PATCH": "application/merge-patch+json"}


def folder_of(item: Mapping[str, Any]) -> str:
    """Return the path of the list that an object stands in."""
    api, kind = item["apiVersion"], item["kind"]
    namespace = item["metadata"].get("namespace")
    inside = f"/namespaces/{namespace}" if namespace else ""
    return f"/{'apis' if '/' in api else 'api'}/{api}{inside}/{plural(kind)}"


def path_of(item: Mapping[str, Any]) -> str:
    """Return the path of an object."""
    return f"{folder_of(item)}/{item['metadata']['name']}"


def fresh(item: Mapping[str, Any]) -> Object:
    """Return a copy of an object without what a server gives it."""
    made = copy.deepcopy(dict(item))
    for name in _OF_THE_SERVER:
        made["metadata"].pop(name, None)
    return made


@dataclass
class Mesh:
    """The server and its objects."""

    cluster: Cluster
    session: requests.Session
    bundle: Path
    objects: list[Object] = field(default_factory=list)

    def access(self, token: str) -> Credentials:
        """Return the credentials of whoever has this token."""
        return Credentials(
            server=self.cluster.server, headers={"Authorization": f"Bearer {token}"}, verify=str(self.bundle)
        )

    def ask(self, method: str, path: str, body: object = None, *good: int) -> Any:
        """Ask as the administrator; another answer than a success or those that are ``good`` fails the test."""
        answer = self.session.request(method, self.cluster.server + path, json=body, timeout=60)
        if not answer.ok and answer.status_code not in good:
            pytest.fail(f"{method} {path}: {answer.status_code} {answer.text[:500]}")
        return answer.json()

    def load(self) -> None:
        """Create all that was recorded: kinds, then namespaces, then everything at once, with the statuses."""
        kinds = json.loads((FOLDER / "crds.json").read_text(encoding="utf-8"))
        self.objects = json.loads((FOLDER / "objects.json").read_text(encoding="utf-8"))
        self.objects = [item for item in self.objects if path_of(item) != _ITSELF]
        first = [item for item in self.objects if item["kind"] in _FIRST]
        self.install(kinds)
        self.each(self.put, first)
        self.each(self.put, [item for item in self.objects if item not in first])

    def each(self, work: Callable[[Object], object], items: Iterable[Object]) -> None:
        """Do it for each, several at a time."""
        with ThreadPoolExecutor(THREADS) as pool:
            list(pool.map(work, items))

    def install(self, kinds: Iterable[Object]) -> None:
        """Create kinds of objects, and wait until each is served."""
        kinds = list(kinds)
        self.each(self.put, kinds)
        for kind in kinds:
            spec = kind["spec"]
            served = [version["name"] for version in spec["versions"] if version["served"]]
            for version in served:
                self.served(f"/apis/{spec['group']}/{version}/{spec['names']['plural']}")

    def served(self, path: str) -> None:
        """Wait until there is an answer at ``path``."""
        url = f"{self.cluster.server}{path}?limit=1"
        self.until(lambda: self.session.get(url, timeout=60).ok, f"{path} is not served")

    @staticmethod
    def until(agrees: Callable[[], bool], otherwise: str) -> None:
        """Wait until it is so."""
        for _ in range(400):
            if agrees():
                return
            time.sleep(0.05)
        pytest.fail(otherwise)

    def status(self, method: str, path: str, token: str) -> int:
        """Return how whoever has this token is answered."""
        headers = {"Authorization": f"Bearer {token}", "Content-Type": _TYPES.get(method, "application/json")}
        body = b"{}" if method in {"POST", "PUT", "PATCH"} else None
        url = self.cluster.server + path
        with self.session.request(method, url, data=body, headers=headers, stream=True, timeout=60) as answer:
            return answer.status_code

    def put(self, item: Mapping[str, Any]) -> None:
        """Create an object with its status, or replace the one that is there."""
        made = fresh(item)
        self.ask("POST", folder_of(made), made, CONFLICT)
        if "status" in made and made["kind"] != "CustomResourceDefinition":
            self.ask("PUT", f"{path_of(made)}/status", made)

    def remove(self, item: Mapping[str, Any]) -> None:
        """Delete an object at once."""
        self.ask("DELETE", f"{path_of(item)}?gracePeriodSeconds=0")

    def find(self, kind: str, name: str, namespace: str = "") -> Object:
        """Return a copy of the recorded object; a pod is found by the beginning of its name."""
        (found,) = [
            item
            for item in self.objects
            if item["kind"] == kind
            and item["metadata"].get("namespace", "") == namespace
            and (item["metadata"]["name"] == name or item["metadata"]["name"].startswith(f"{name}-"))
        ]
        return fresh(found)

    @contextmanager
    def added(self, *items: Mapping[str, Any]) -> Iterator[None]:
        """Let objects be there until the block ends."""
        for item in items:
            self.put(item)
        try:
            yield
        finally:
            for item in reversed(items):
                self.remove(item)

    @contextmanager
    def all_added(self, first: Sequence[Object], items: Sequence[Object]) -> Iterator[None]:
        """Let many objects be there until the block ends, made several at a time; ``first`` before the others."""
        with self.added(*first):
            self.each(self.put, items)
            try:
                yield
            finally:
                self.each(self.remove, items)

    @contextmanager
    def applied(self, name: str) -> Iterator[None]:
        """Let the objects of a file of ``deploy/rbac`` be there until the block ends, its account and namespace longer."""
        items = roles.documents(name)
        shared = [item for item in items if item["kind"] in _FIRST]
        for item in shared:
            self.put(item)
        with self.added(*(item for item in items if item not in shared)):
            yield

    @contextmanager
    def instead(self, item: Mapping[str, Any]) -> Iterator[None]:
        """Let a changed object stand in the place of the recorded one of its name until the block ends."""
        before = self.find(item["kind"], item["metadata"]["name"], item["metadata"].get("namespace", ""))
        self._replace(item)
        try:
            yield
        finally:
            self._replace(before)

    def _replace(self, item: Mapping[str, Any]) -> None:
        """A pod cannot be changed in most of what it is: another one of the same name takes its place."""
        self.remove(item)
        self.put(item)

    def kubelet(self, port: int) -> None:
        """Let the node's kubelet be at this port of loopback."""
        (node,) = [fresh(item) for item in self.objects if item["kind"] == "Node"]
        node["status"] |= {
            "addresses": [{"type": "InternalIP", "address": "127.0.0.1"}],
            "daemonEndpoints": {"kubeletEndpoint": {"Port": port}},
        }
        self.ask("PUT", f"{path_of(node)}/status", node)

    def token(self, account: str = "mesh-attestor", namespace: str = "mesh-attestor") -> str:
        """Return a token of an account, as ``kubectl create token --duration 15m`` does."""
        request = {"apiVersion": "authentication.k8s.io/v1", "kind": "TokenRequest", "spec": {"expirationSeconds": 900}}
        path = f"/api/v1/namespaces/{namespace}/serviceaccounts/{account}/token"
        return str(self.ask("POST", path, request)["status"]["token"])


def unmeshed(mesh: Mesh, namespace: str, name: str) -> Object:
    """A pod like web's that was started before there was an injector."""
    pod = mesh.find("Pod", "web", "emojivoto")
    meta = pod["metadata"]
    meta |= {"namespace": namespace, "name": name, "annotations": {}}
    meta["labels"] = {key: value for key, value in meta["labels"].items() if "linkerd.io/" not in key}
    meta.pop("ownerReferences", None)
    for kind in ("containers", "initContainers"):
        kept = [found for found in pod["spec"].get(kind, []) if not found["name"].startswith("linkerd-")]
        pod["spec"][kind] = kept
    return pod


def namespaced(name: str) -> Object:
    return {"apiVersion": "v1", "kind": "Namespace", "metadata": {"name": name}}


@contextmanager
def opened(cluster: Cluster, folder: Path) -> Iterator[Mesh]:
    """Speak with the server as its administrator until the block ends."""
    from tests.integration.cluster.conftest import ADMIN

    bundle = folder / "bundle.crt"
    bundle.write_bytes(cluster.bundle)
    with requests.Session() as session:
        session.trust_env = False
        session.verify = str(bundle)
        session.headers["Authorization"] = f"Bearer {ADMIN}"
        session.mount("https://", requests.adapters.HTTPAdapter(pool_maxsize=THREADS))
        yield Mesh(cluster=cluster, session=session, bundle=bundle)
