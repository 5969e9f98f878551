"""What is asked of a cluster, asked of a real one: with each way to log in, with rights and without."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Callable, Iterator, Mapping
from pathlib import Path
from typing import Any

import pytest

from attestor.cluster import rights
from attestor.install import lock, release
from tests import web
from tests.conftest import Done, KeyPair, Program
from tests.integration.cluster.conftest import ADMIN, NOBODY, Cluster, Write
from tests.integration.conftest import Attempt, Fake
from tests.integration.test_recordings import predicate
from tests.web import body

pytestmark = pytest.mark.cluster

TAG = "edge-26.8.3"
BUNDLE = "certificate-authority-data"


Auto = Callable[..., Done]


@pytest.fixture
def auto(attempt: Attempt, linkerd: Fake, config: Write, environment: dict[str, str], tmp_path: Path) -> Iterator[Auto]:
    """Run with ``linkerd-version: auto`` over a mirror on loopback, whose linkerd replays a healthy mesh."""
    data = linkerd().read_bytes()

    def call(user: Mapping[str, Any], **cluster: Any) -> Done:
        return attempt(
            env={**environment, "RUNNER_TEMP": str(tmp_path)},
            linkerd_path=None,
            linkerd_version="auto",
            linkerd_url=f"{site.url}/mirror/",
            linkerd_sha256=hashlib.sha256(data).hexdigest(),
            kubeconfig=config(user, **cluster),
        )

    with web.served() as site:
        site.put(f"/mirror/{TAG}/{release.file_name(TAG, lock.this_platform())}", body(data))
        yield call


def by_certificate(cluster: Cluster, user: str) -> dict[str, str]:
    certificate, key = cluster.authority.issue(user)
    return {"client-certificate-data": certificate, "client-key-data": key}


def by_plugin(folder: Path, token: str) -> dict[str, Any]:
    version = "client.authentication.k8s.io/v1"
    answer = {"apiVersion": version, "kind": "ExecCredential", "status": {"token": token}}
    plugin = folder / "login"
    plugin.write_text(f"#!/bin/sh\necho '{json.dumps(answer)}'\n", encoding="utf-8")
    plugin.chmod(0o755)
    return {"exec": {"apiVersion": version, "command": str(plugin), "interactiveMode": "Never"}}


@pytest.mark.parametrize("way", ["token", "certificate", "plugin", "token-file"])
def test_the_meshs_version_is_asked_for_by_every_way_to_log_in(
    way: str, auto: Auto, attempt: Attempt, cluster: Cluster, tmp_path: Path
) -> None:
    """The release that the mesh runs is installed, and the evidence says which; the right to one ConfigMap is enough."""
    (tmp_path / "token").write_text(ADMIN, encoding="ascii")
    users: dict[str, dict[str, Any]] = {
        "token": {"token": ADMIN},
        "certificate": by_certificate(cluster, "reader"),
        "plugin": by_plugin(tmp_path, ADMIN),
        "token-file": {"tokenFile": str(tmp_path / "token")},
    }
    done = auto(users[way])
    assert done.code == 0, done.said
    assert f"the mesh runs {TAG}" in done.err
    found = predicate(attempt.tree, "command-run")["capture"]["linkerd"]
    assert found["source"] == f"release {TAG}, digest given as linkerd-sha256"
    assert ADMIN not in done.said
    assert ADMIN not in (attempt.tree / "attestation.json").read_text(encoding="ascii")


@pytest.mark.parametrize(
    ("user", "said"),
    [
        ({"token": NOBODY}, "get configmaps/linkerd-config in namespace linkerd"),
        ({"token": "unknown-canary-token"}, "does not accept the kubeconfig's credentials (401)"),
        ({}, "configmaps"),
    ],
    ids=["forbidden", "unauthorized", "anonymous"],
)
def test_a_mesh_that_does_not_tell_is_exit_three(user: dict[str, str], said: str, auto: Auto, attempt: Attempt) -> None:
    """The right that is missing, and the option that is the way out; nothing was captured or signed."""
    done = auto(user)
    assert done.code == 3, done.said
    assert said in done.err
    assert "linkerd-version with the mesh's tag" in done.err
    assert not (attempt.tree / "attestation.json").exists()
    assert "canary" not in done.said


def test_a_server_that_nobody_vouches_for_is_not_asked(auto: Auto, cluster: Cluster) -> None:
    """With another bundle than the server's the connection ends before a token is sent."""
    other, _ = cluster.authority.issue("reader")
    done = auto({"token": ADMIN}, **{BUNDLE: other})
    assert (done.code, "no certificate that can be trusted" in done.err) == (3, True), done.said


@pytest.fixture
def doctor(
    program: Program, opa: Path, key: KeyPair, linkerd: Fake, environment: dict[str, str], tmp_path: Path
) -> Any:
    """The doctor's word on a kubeconfig."""
    cli = linkerd(version=f"echo {TAG}")

    def call(path: Path) -> Done:
        options = ("--kubeconfig", path, "--signing-key", key.private, "--opa", opa, "--linkerd-path", cli)
        return program("doctor", *options, cwd=tmp_path, env=environment)

    return call


def test_the_doctor_finds_nothing_in_an_administrators_way(doctor: Any, config: Write) -> None:
    """By the server's own reviews of access."""
    done = doctor(config({"token": ADMIN}))
    assert done.code == 0, done.said
    assert "answers, v1.35.4" in done.out
    assert f"runs {TAG}" in done.out
    assert "nothing is in the way of a run" in done.out


def test_the_doctor_names_every_right_that_a_reader_lacks(doctor: Any, config: Write, cluster: Cluster) -> None:
    """All but the one that the reader has."""
    done = doctor(config(by_certificate(cluster, "reader")))
    assert done.code == 3, done.said
    granted = "get configmaps/linkerd-config in namespace linkerd"
    for right in map(str, rights.NEEDED):
        assert (f" {right} (for " in done.out) == (right != granted), right
