"""An API server on loopback, and kubeconfigs that lead to it."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from pathlib import Path
from typing import Any

import pytest
import yaml

from attestor.capture import kubeconfig
from attestor.capture.kubeconfig import Kubeconfig, Source
from tests import web
from tests.web import Site

Configure = Callable[..., Kubeconfig]


@pytest.fixture(autouse=True)
def _no_proxy(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("NO_PROXY", "127.0.0.1,localhost")
    monkeypatch.setenv("no_proxy", "127.0.0.1,localhost")


@pytest.fixture
def api() -> Iterator[Site]:
    """A server without any object."""
    with web.served() as found:
        yield found


def kubeconfig_of(server: str, user: Mapping[str, Any] | None = None, cluster: Mapping[str, Any] | None = None) -> str:
    """The text of a kubeconfig with one context."""
    return yaml.safe_dump(
        {
            "apiVersion": "v1",
            "kind": "Config",
            "current-context": "prod",
            "contexts": [{"name": "prod", "context": {"cluster": "c", "user": "u"}}],
            "clusters": [{"name": "c", "cluster": {"server": server, **(cluster or {})}}],
            "users": [{"name": "u", "user": dict(user or {})}],
        }
    )


@pytest.fixture
def configure(api: Site, tmp_path: Path) -> Configure:
    """Make a loaded kubeconfig for the server, or for another."""

    def make(user: Mapping[str, Any] | None = None, server: str = "", **cluster: object) -> Kubeconfig:
        named = {name.replace("_", "-"): value for name, value in cluster.items()}
        text = kubeconfig_of(server or api.url, user, named)
        return kubeconfig.load([Source(name="test", text=text.encode(), folder=tmp_path)], "")

    return make
