"""Which release is installed: the one that was named, else the one that the mesh runs."""

from __future__ import annotations

import hashlib
import os
from collections.abc import Iterator
from pathlib import Path

import pytest

from attestor import settings
from attestor.capture import kubeconfig
from attestor.capture.kubeconfig import Kubeconfig, Source
from attestor.capture.linkerd import Surroundings
from attestor.errors import AttestorError, CaptureError
from attestor.identity import User
from attestor.install.linkerd import Installed, World
from attestor.preflight import installation
from attestor.settings import Settings
from tests import web
from tests.unit.cluster.conftest import kubeconfig_of
from tests.web import Site, document

LOCKED = "15cc620084b07e2154d3f299b5c6c4cfdafe947d89355a60221eb98c2cf0b55f"
"""The digest of stable-2.14.10 for linux-amd64, as the lock has it."""


@pytest.fixture
def api(monkeypatch: pytest.MonkeyPatch) -> Iterator[Site]:
    monkeypatch.setenv("NO_PROXY", "127.0.0.1")
    with web.served() as found:
        values = {"values": "linkerdVersion: stable-2.14.10\n"}
        found.put("/api/v1/namespaces/linkerd/configmaps/linkerd-config", document({"data": values}))
        yield found


class Fetched:
    """A release page that has everything."""

    def __init__(self) -> None:
        self.asked: list[tuple[str, str]] = []
        self.said: list[str] = []
        self.world = World(say=self.said.append, platform="linux-amd64", fetch=self.fetch, read=self.read)

    def fetch(self, url: str, sha256: str, destination: Path, *, executable: bool = False) -> None:
        self.asked.append((url, sha256))
        destination.write_bytes(b"cli")

    def read(self, url: str) -> bytes:
        return hashlib.sha256(b"cli").hexdigest().encode()


def install(tmp_path: Path, config: Kubeconfig | None, outside: Fetched, **given: str) -> Installed:
    options = {name.replace("_", "-"): value for name, value in given.items()}
    private = tmp_path / "private"
    private.mkdir()
    surroundings = Surroundings(directory=tmp_path, private=private, environment={}, timeout=9.0)
    return installation.install(asked(tmp_path, options), config, surroundings, outside.said.append, outside.world)


def asked(tmp_path: Path, options: dict[str, str]) -> Settings:
    complaints: list[AttestorError] = []
    found = settings.parse({"signing-key": "k", **options}, {"HOME": str(tmp_path)}, tmp_path, complaints)
    assert complaints == []
    return found


def config_for(server: str, tmp_path: Path) -> Kubeconfig:
    text = kubeconfig_of(server, {"token": "t"}).encode()
    return kubeconfig.load([Source(name="test", text=text, folder=tmp_path)], "")


@pytest.mark.parametrize("given", [{}, {"linkerd_version": "auto"}])
def test_the_mesh_is_asked(api: Site, tmp_path: Path, given: dict[str, str]) -> None:
    """With the context's credentials; its release is installed with the lock's digest."""
    outside = Fetched()
    found = install(tmp_path, config_for(api.url, tmp_path), outside, **given)
    assert api.headers[0]["authorization"] == "Bearer t"
    assert found.pinned
    ((url, sha256),) = outside.asked
    assert url.endswith("/stable-2.14.10/linkerd2-cli-stable-2.14.10-linux-amd64")
    assert sha256 == LOCKED
    assert "linkerd: the mesh runs stable-2.14.10" in outside.said


def test_a_login_program_runs_as_the_childrens_user(tmp_path: Path, open_folder: Path) -> None:
    """It is a program like the others, and linkerd will run it as that user, too."""
    plugin = open_folder / "login"
    plugin.write_text('#!/bin/sh\necho "{\\"status\\": {\\"token\\": \\"user $(id -u)\\"}}"\n', encoding="utf-8")
    plugin.chmod(0o755)
    user = {"exec": {"apiVersion": "client.authentication.k8s.io/v1", "command": str(plugin)}}
    text = kubeconfig_of("https://127.0.0.1:1", user).encode()
    config = kubeconfig.load([Source(name="test", text=text, folder=tmp_path)], "")
    around = Surroundings(
        directory=tmp_path,
        private=tmp_path,
        environment={"PATH": os.defpath},
        timeout=9.0,
        user=User(uid=1001) if os.geteuid() == 0 else None,
    )
    found = installation.access(asked(tmp_path, {}), config, around)
    assert found.headers["Authorization"] == f"Bearer user {around.user.uid if around.user else os.geteuid()}"


def test_a_tag_asks_nobody(api: Site, tmp_path: Path) -> None:
    """It is what was wanted, whatever the mesh runs."""
    found = install(tmp_path, config_for(api.url, tmp_path), Fetched(), linkerd_version="edge-26.8.3")
    assert (api.asked, found.source.partition(",")[0]) == ([], "release edge-26.8.3")


def test_without_a_way_to_ask_the_capture_fails(tmp_path: Path) -> None:
    """Exit code 3, with the right and the option."""
    with pytest.raises(CaptureError, match="get configmaps/linkerd-config") as caught:
        install(tmp_path, None, Fetched())
    assert "linkerd-version" in caught.value.remedy


def test_a_pod_without_a_token_is_named(tmp_path: Path) -> None:
    """Its own account was asked for."""
    with pytest.raises(CaptureError, match="no service account token"):
        install(tmp_path, None, Fetched(), in_cluster="true")


def test_programs_are_kept_where_the_job_keeps_them(tmp_path: Path) -> None:
    """The tool cache, else the job's own folder, else the user's cache."""
    tools, temp = tmp_path / "tools", tmp_path / "temp"
    tools.mkdir()
    temp.mkdir()
    env = {"RUNNER_TOOL_CACHE": str(tools), "RUNNER_TEMP": str(temp), "HOME": "/home/x"}
    assert installation.folder(env) == tools / "mesh-attestor"
    assert installation.folder(env | {"RUNNER_TOOL_CACHE": "/none"}) == temp / "mesh-attestor"
    assert installation.folder({"RUNNER_TEMP": ".", "HOME": "/home/x"}) == Path("/home/x/.cache/mesh-attestor")
