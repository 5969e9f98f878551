"""What a kubeconfig names and cannot work from here is said before linkerd runs."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path
from typing import Any

import pytest

from attestor.capture import kubeconfig
from attestor.capture.kubeconfig import Source
from attestor.errors import AttestorError
from attestor.preflight import reach
from tests.unit.cluster.conftest import kubeconfig_of
from tests.unit.preflight.conftest import Ask, problems

CONTAINER = {"GITHUB_WORKSPACE": "/github/workspace"}


def complaints(
    ask: Ask, folder: Path, env: dict[str, str], server: str = "https://c.example", **fields: Mapping[str, Any]
) -> list[str]:
    found: list[AttestorError] = []
    text = kubeconfig_of(server, fields.get("user"), fields.get("cluster")).encode()
    config = kubeconfig.load([Source(name="test", text=text, folder=folder)], "")
    reach.check(config, ask(env), found)
    return problems(found)


@pytest.mark.parametrize("server", ["https://127.0.0.1:6443", "https://localhost:6443", "https://[::1]:6443"])
def test_a_loopback_server_is_another_machine_in_a_container(ask: Ask, tmp_path: Path, server: str) -> None:
    """On a laptop it is the right one."""
    assert complaints(ask, tmp_path, {}, server) == []
    (said,) = complaints(ask, tmp_path, CONTAINER, server)
    assert "loopback of the runner" in said


def test_files_outside_a_containers_mounts_are_named(ask: Ask, tmp_path: Path) -> None:
    """Each of them; data takes a file's place. On a laptop linkerd says it itself."""
    env = CONTAINER
    cluster = {"certificate-authority": "ca.crt"}
    user = {"client-certificate": "tls.crt", "client-key": "tls.key", "client-key-data": "QQ=="}
    said = complaints(ask, tmp_path, env, user=user, cluster=cluster)
    assert said == [
        f"the kubeconfig's certificate-authority {tmp_path / 'ca.crt'} is not there",
        f"the kubeconfig's client-certificate {tmp_path / 'tls.crt'} is not there",
    ]
    assert complaints(ask, tmp_path, {}, user=user, cluster=cluster) == []
    for name in ("ca.crt", "tls.crt"):
        (tmp_path / name).write_bytes(b"")
    assert complaints(ask, tmp_path, env, user=user, cluster=cluster) == []
