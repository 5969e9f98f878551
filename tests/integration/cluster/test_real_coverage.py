"""`mesh-attestor run --coverage true` with a token of ``deploy/rbac`` against a real API server and a real Prometheus.

Linkerd's own reports are recorded ones of the same mesh in the same situation. What edges cannot show is made to happen
to the API server's objects, or to what the proxies count.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from contextlib import AbstractContextManager, ExitStack, nullcontext
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import pytest

from tests.conftest import RECORDINGS, Done, KeyPair, Program
from tests.forwarding import Forwarding
from tests.integration.cluster import scraped
from tests.integration.cluster.meshed import Mesh, namespaced, unmeshed
from tests.integration.cluster.scraped import Scraped
from tests.integration.test_recordings import denying_rules, payload

pytestmark = pytest.mark.cluster

REPORTS = ("check", "edges", "edges-pod", "check-proxy")
WEB, VOTING, EMOJI = "web-rp8jg8qw5z-mwrdq", "voting-fbpz4mxf5z-whb8l", "emoji-xlkvdnfhf8-bxqbf"
COVERAGE = ("--coverage", "true")


@pytest.fixture(scope="module")
def mesh(mesh_world: Mesh) -> Iterator[Mesh]:
    """The mesh, with the roles of a full run in it."""
    with ExitStack() as stack:
        for name in ("coverage", "full-check"):
            stack.enter_context(mesh_world.applied(name))
        yield mesh_world


Covered = Callable[..., Done]


@pytest.fixture
def covered(mesh: Mesh, program: Program, key: KeyPair, opa: Path, tree: Path, tmp_path: Path) -> Covered:
    """Run in ``tree`` with linkerd's reports of one recorded situation."""
    config = tmp_path / "kubeconfig"
    token = mesh.token()
    config.write_text(mesh.cluster.kubeconfig({"token": token}), encoding="utf-8")

    def call(situation: str, *more: str) -> Done:
        linkerd = recorded(tmp_path / situation, situation)
        argv = ["--signing-key", str(key.private), "--opa", str(opa), "--working-directory", str(tree)]
        argv += [
            "--linkerd-path",
            str(linkerd),
            "--allow-replay",
            "true",
            "--kubeconfig",
            str(config),
            "--trace",
            "off",
        ]
        done = program("run", *argv, *more, cwd=tree, env={"NO_PROXY": "127.0.0.1", "no_proxy": "127.0.0.1"})
        assert token not in done.said
        return done

    return call


def recorded(folder: Path, situation: str) -> Path:
    """A replay of a situation's reports, and the healthy mesh's where it has none of a kind."""
    folder.mkdir(exist_ok=True)
    for name in REPORTS:
        sources = [RECORDINGS / source for source in (situation, "healthy", "healthy-proxy")]
        source = next(found for found in sources if (found / f"{name}.exit").exists())
        for path in source.glob(f"{name}.*"):
            (folder / path.name).unlink(missing_ok=True)
            (folder / path.name).symlink_to(path)
    for link, target in (("meta.json", RECORDINGS / situation / "meta.json"), ("linkerd", RECORDINGS / "linkerd")):
        (folder / link).unlink(missing_ok=True)
        (folder / link).symlink_to(target)
    return folder / "linkerd"


def body(tree: Path) -> Any:
    """Return the coverage that was signed."""
    (found,) = [entry for entry in payload(tree)["predicate"]["attestations"] if "mesh-coverage" in entry["type"]]
    return found["attestation"]


def test_a_healthy_mesh_is_covered_whole(covered: Covered, mesh_kubelet: Forwarding, mesh: Mesh, tree: Path) -> None:
    """With the rights of two files and no more, every part is complete, viz's own Prometheus asked by a port-forward."""
    done = covered("healthy", *COVERAGE)
    found = body(tree)
    assert {name: part["reasons"] for name, part in found.items() if name != "scope" and not part["complete"]} == {}
    uid = mesh.ask("GET", "/api/v1/namespaces/kube-system")["metadata"]["uid"]
    assert (found["cluster"]["uid"], found["cluster"]["version"]) == (uid, "v1.35.4")
    assert {pod["state"] for pod in found["workloads"]["pods"] if pod["namespace"] == "emojivoto"} == {"covered"}
    assert found["traffic"]["silent"] == []
    assert mesh_kubelet.asked
    assert "7 of 7 parts complete" in done.out
    assert (done.code, denying_rules(done.out)) == (0, set()), done.said


def test_some_namespaces_are_asked_for_alone(
    covered: Covered, healthy_prometheus: Scraped, tree: Path, tmp_path: Path
) -> None:
    """Each by its name; the reports of linkerd are not about these, which is another part's reason."""
    covered("healthy", *COVERAGE, "--namespaces", "emojivoto", "--prometheus-url", healthy_prometheus.url)
    if not (tree / "attestation.json").exists():
        pytest.fail("nothing was signed")
    found = body(tree)
    assert [name for name, part in found.items() if name != "scope" and not part.get("complete")] == ["linkerd"]
    assert {pod["namespace"] for pod in found["workloads"]["pods"]} == {"emojivoto"}


def skipping(mesh: Mesh, prefix: str, port: str) -> AbstractContextManager[None]:
    """Let a pod's init container leave a port out."""
    pod = mesh.find("Pod", prefix, "emojivoto")
    (init,) = [found for found in pod["spec"]["initContainers"] if found["name"] == "linkerd-init"]
    args = init["args"]
    place = args.index("--inbound-ports-to-ignore") + 1
    args[place] = f"{args[place]},{port}"
    return mesh.instead(pod)


def rotated(mesh: Mesh) -> AbstractContextManager[None]:
    """Another anchor in the place of the one that all proxies were started with."""
    from tests.unit.coverage.test_judged import anchor

    roots = mesh.find("ConfigMap", "linkerd-identity-trust-roots", "linkerd")
    roots["data"]["ca-bundle.crt"] = anchor(300)
    return mesh.instead(roots)


def database(mesh: Mesh) -> AbstractContextManager[None]:
    """A StatefulSet without a proxy."""
    pod = unmeshed(mesh, "data", "redis-0")
    pod["metadata"]["labels"] = {"app": "redis"}
    owner = {"apiVersion": "apps/v1", "kind": "StatefulSet", "name": "redis", "uid": "7d0e0c1a-1", "controller": True}
    pod["metadata"]["ownerReferences"] = [owner]
    template = {"metadata": {"labels": {"app": "redis"}}, "spec": pod["spec"] | {"nodeName": ""}}
    spec = {"serviceName": "redis", "selector": {"matchLabels": {"app": "redis"}}, "template": template}
    meta = {"namespace": "data", "name": "redis"}
    stateful = {"apiVersion": "apps/v1", "kind": "StatefulSet", "metadata": meta, "spec": spec}
    return mesh.added(namespaced("data"), stateful, pod)


_SENT = (
    'tcp_open_total{{direction="outbound",peer="dst",tls="no_identity",'
    'no_tls_reason="not_provided_by_service_discovery",target_ip="{ip}",target_port="{port}"{more}}} 1'
)
_TO = ',dst_namespace="{}",dst_pod="{}"'
_LET_IN = (
    'inbound_http_authz_allow_total{target_port="8080",srv_kind="default",srv_name="all-unauthenticated",'
    'authz_kind="default",authz_name="all-unauthenticated",tls="no_identity",no_tls_reason="no_tls_from_remote"} 1'
)


@dataclass(frozen=True)
class Case:
    """What happens to the objects and to the pages, which rules deny then, and which denied without the coverage."""

    denies: set[str]
    words: str
    change: Callable[[Mesh], AbstractContextManager[None]] = lambda _: nullcontext()
    pages: Mapping[str, str] = field(default_factory=dict)
    policy: str = ""
    edges: set[str] = field(default_factory=set)


OUTSIDE = _SENT.format(ip="203.0.113.10", port="443", more="")
CASES = {
    "mixed-tls": Case(
        {"traffic_encrypted", "ports_skipped"},
        "9090",
        change=lambda mesh: skipping(mesh, "emoji", "9090"),
        pages={WEB: _SENT.format(ip="10.244.222.231", port="9090", more=_TO.format("emojivoto", EMOJI))},
    ),
    "skipped-port": Case(
        {"ports_skipped"},
        "7070",
        change=lambda mesh: skipping(mesh, "voting", "7070"),
        edges={"mesh.edges_mtls"},  # all of its traffic goes there
    ),
    "unmeshed-client": Case(
        {"traffic_encrypted"},
        VOTING,
        change=lambda mesh: mesh.added(namespaced("legacy"), unmeshed(mesh, "legacy", "cron")),
        pages={VOTING: _LET_IN},
    ),
    "mixed-replicas": Case(
        {"workloads_covered", "pod_edges_mtls"},
        "emojivoto",
        change=lambda mesh: mesh.added(unmeshed(mesh, "emojivoto", "emoji-old")),
    ),
    "statefulset": Case(
        {"traffic_encrypted", "pod_edges_mtls"},
        "redis-0",
        change=database,
        pages={WEB: _SENT.format(ip="10.244.9.9", port="6379", more=_TO.format("data", "redis-0"))},
    ),
    "external-plaintext": Case(
        {"traffic_encrypted"},
        "203.0.113.10",
        pages={WEB: OUTSIDE},
        policy="rules:\n  collection.traffic_encrypted:\n    external: true\n",
    ),
    "anchor-rotated": Case({"anchors_agree", "proxy_checks_pass"}, "anchor", change=rotated),
}


@pytest.mark.parametrize("name", CASES)
def test_what_edges_cannot_show_is_denied(
    name: str, mesh: Mesh, covered: Covered, programs: dict[str, str], healthy_prometheus: Scraped, tmp_path: Path
) -> None:
    """With the coverage, by its rules alone; without it the same reports are allowed."""
    case = CASES[name]
    without = covered(name)
    assert (without.code, denying_rules(without.out)) == (int(bool(case.edges)), case.edges), without.said
    policy = tmp_path / "policy.yml"
    policy.write_text(case.policy, encoding="utf-8")
    with ExitStack() as stack:
        stack.enter_context(case.change(mesh))
        changed = (
            scraped.watching(programs["prometheus"], tmp_path, case.pages)
            if case.pages
            else nullcontext(healthy_prometheus)
        )
        url = stack.enter_context(changed).url
        more = ["--policy-config", str(policy)] if case.policy else []
        done = covered(name, *COVERAGE, "--prometheus-url", url, *more)
    assert done.code == 1, done.said
    assert denying_rules(done.out) - case.edges == {f"collection.{rule}" for rule in case.denies}, done.said
    assert case.words in done.out


def test_plaintext_to_the_outside_is_left_to_whoever_asks_for_it(
    covered: Covered, programs: dict[str, str], tmp_path: Path, tree: Path, mesh: Mesh
) -> None:
    """It is in the evidence, and no finding."""
    with scraped.watching(programs["prometheus"], tmp_path, {WEB: OUTSIDE}) as prometheus:
        done = covered("external-plaintext", *COVERAGE, "--prometheus-url", prometheus.url)
    assert done.code == 0, done.said
    assert [row["labels"]["target_ip"] for row in body(tree)["traffic"]["outbound_plaintext"]] == ["203.0.113.10"]


def test_all_is_as_it_was(covered: Covered, healthy_prometheus: Scraped, mesh: Mesh) -> None:
    """What the situations changed was put back."""
    done = covered("healthy", *COVERAGE, "--prometheus-url", healthy_prometheus.url)
    assert done.code == 0, done.said
