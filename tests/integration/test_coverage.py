"""`mesh-attestor run --coverage true` over a recorded mesh: what is gathered, signed, told and judged.

The API server and Prometheus are served by the test (`tests/worlds.py`); `tests/integration/cluster` has real ones.
"""

from __future__ import annotations

import json
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest

from tests.conftest import RECORDINGS, Done, KeyPair, Program
from tests.integration.test_recordings import payload
from tests.unit.cluster.conftest import kubeconfig_of
from tests.worlds import UID, Counters, World, served

NO_PROXY = {"NO_PROXY": "127.0.0.1", "no_proxy": "127.0.0.1"}


@pytest.fixture
def world() -> World:
    """A healthy mesh, to be changed."""
    return World()


@pytest.fixture
def counters(world: World) -> Counters:
    """What its proxies count."""
    return Counters(world=world)


Covered = Callable[..., Done]


@pytest.fixture
def covered(
    program: Program, key: KeyPair, opa: Path, tree: Path, tmp_path: Path, counters: Counters
) -> Iterator[Covered]:
    """Run over a recording and the served world; what the run left is in ``tree``."""
    mesh = _recording(tmp_path)
    with served(counters.world, counters) as address:
        config = tmp_path / "kubeconfig"
        config.write_text(kubeconfig_of(address, {"token": "canary-of-the-token"}), encoding="utf-8")

        def call(*more: str, prometheus: str | None = address) -> Done:
            argv = ["--signing-key", str(key.private), "--opa", str(opa), "--working-directory", str(tree)]
            argv += ["--linkerd-path", str(mesh / "linkerd"), "--allow-replay", "true", "--coverage", "true"]
            argv += ["--kubeconfig", str(config), *(["--prometheus-url", prometheus] if prometheus else [])]
            return program("run", *argv, *more, cwd=tree, env=NO_PROXY)

        yield call


def _recording(folder: Path) -> Path:
    """A healthy recording with the edges between pods and the checks of proxies, each recorded from the same mesh."""
    mesh = folder / "mesh"
    mesh.mkdir()
    for source, names in (("healthy", ("check", "edges", "edges-pod")), ("healthy-proxy", ("check-proxy",))):
        for name in names:
            for ending in ("json", "stderr", "exit"):
                (mesh / f"{name}.{ending}").symlink_to(RECORDINGS / source / f"{name}.{ending}")
    (mesh / "meta.json").symlink_to(RECORDINGS / "healthy" / "meta.json")
    (mesh / "linkerd").symlink_to(RECORDINGS / "linkerd")
    return mesh


def body(tree: Path) -> Any:
    """Return the coverage that was signed."""
    (found,) = [entry for entry in payload(tree)["predicate"]["attestations"] if "mesh-coverage" in entry["type"]]
    return found["attestation"]


def test_a_healthy_mesh_is_covered_whole(covered: Covered, tree: Path) -> None:
    """Every part is complete, and says what it saw."""
    done = covered()
    found = body(tree)
    assert {name: part["reasons"] for name, part in found.items() if name != "scope" and not part["complete"]} == {}
    assert found["cluster"]["uid"] == UID
    assert {pod["state"] for pod in found["workloads"]["pods"] if pod["namespace"] == "emojivoto"} == {"covered"}
    assert "7 of 7 parts complete" in done.out
    assert "canary-of-the-token" not in done.said
    assert "canary-of-the-token" not in json.dumps(found)
    assert done.code == 0, done.said
