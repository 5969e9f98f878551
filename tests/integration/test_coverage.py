"""`mesh-attestor run --coverage true` over a recorded mesh: what is gathered, signed, told and judged.

The API server and Prometheus are served by the test (`tests/worlds.py`); `tests/integration/cluster` has real ones.
"""

from __future__ import annotations

import json
import subprocess
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest

from attestor.coverage.part import PARTS
from tests.conftest import RECORDINGS, ROOT, Done, KeyPair, Program
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

        def call(*more: str, coverage: str = "true", prometheus: str | None = address) -> Done:
            argv = ["--signing-key", str(key.private), "--opa", str(opa), "--working-directory", str(tree)]
            argv += ["--linkerd-path", str(mesh / "linkerd"), "--allow-replay", "true", "--coverage", coverage]
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


def test_what_was_signed_is_verified_and_judged_again(
    covered: Covered, program: Program, key: KeyPair, opa: Path, tree: Path
) -> None:
    """The envelope alone is enough: `verify` derives it again, and comes to what the signed verdict says."""
    covered()
    argv = ["attestation.json", "--key", str(key.public), "--opa", str(opa), "--allow-replay", "true"]
    done = program("verify", *argv, "--verdict", "attestation.verdict.json", cwd=tree)
    assert done.code == 0, done.said
    assert "follows from 14 pods" in done.out


def test_a_pod_without_a_proxy_is_denied(covered: Covered, world: World, counters: Counters, tree: Path) -> None:
    """Its edges say nothing of it: all of them are mTLS."""
    counters.world = world
    world.unmeshed(world.pod("emojivoto", "web"), name="web-old-1")
    done = covered()
    assert done.code == 1, done.said
    assert "15 of 15 edges secured" in done.out
    assert "MESH040 emojivoto: Deployment/web has no proxy (1 pod, web-old-1)" in done.out
    assert next(pod["name"] for pod in body(tree)["workloads"]["pods"] if pod["state"] == "uncovered") == "web-old-1"


def test_what_may_not_be_read_is_denied(covered: Covered, world: World, tree: Path) -> None:
    """By the name of the part, the word, and what was asked."""
    world.refused = ("/pods",)
    done = covered()
    assert done.code == 1, done.said
    assert "the part workloads is not complete" in done.out
    assert "GET /api/v1/pods" in done.out
    found = body(tree)["workloads"]
    assert (found["complete"], found["pods"]) == (False, [])


def test_without_a_kubeconfig_there_is_nothing_to_ask(
    program: Program, key: KeyPair, opa: Path, tree: Path, tmp_path: Path
) -> None:
    """A replay has no cluster; exit 2, and nothing was run."""
    argv = ["--signing-key", str(key.private), "--opa", str(opa), "--coverage", "true", "--allow-replay", "true"]
    done = program("run", *argv, "--linkerd-path", str(_recording(tmp_path) / "linkerd"), cwd=tree)
    assert done.code == 2
    assert "coverage asks the cluster itself, and there is no kubeconfig" in done.err


def test_without_coverage_the_report_says_that_nobody_looked(covered: Covered, tree: Path) -> None:
    """In one line, and the collection has its six predicates."""
    done = covered(coverage="false")
    assert done.code == 0, done.said
    assert "nothing here looked for those: coverage was off" in done.out
    assert len(payload(tree)["predicate"]["attestations"]) == 6


def test_a_rule_that_is_configured_denies_where_nobody_looked(covered: Covered, tmp_path: Path) -> None:
    """A team that asks for it must not be told that all is well."""
    config = tmp_path / "policy.yaml"
    config.write_text("rules:\n  collection.workloads_covered: {level: deny}\n", encoding="utf-8")
    done = covered("--policy-config", str(config), coverage="false")
    assert done.code == 1, done.said
    assert "there is no coverage evidence: run with coverage: true" in done.out


@pytest.mark.tools
def test_the_page_reads_the_evidence_without_this_program(
    covered: Covered, world: World, counters: Counters, tree: Path
) -> None:
    """Its last block is run as it stands."""
    counters.world = world
    world.unmeshed(world.pod("emojivoto", "web"), name="web-old-1", namespace="legacy")
    covered()
    block = (ROOT / "docs" / "coverage.md").read_text(encoding="utf-8").split("```sh\n")[-1].split("```")[0]
    done = subprocess.run(["sh", "-c", block], cwd=tree, capture_output=True, check=True)
    found = json.loads(done.stdout)
    assert found["uncovered"] == [
        "kube-system/" + world.pod("kube-system", "kube-dns")["metadata"]["name"],
        "legacy/web-old-1",
    ]
    assert found["complete"] == dict.fromkeys(PARTS, True)
