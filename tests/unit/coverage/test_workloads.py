"""Pods rolled up by namespace, and workloads that have none."""

from __future__ import annotations

from typing import Any

from attestor.coverage import pods, workloads
from attestor.coverage.certificates import Bundles
from attestor.coverage.pods import ANCHORS
from tests.worlds import World


def built(world: World) -> dict[str, Any]:
    return workloads.build(
        [workloads.keep_namespace(item) for item in world.of_kind("Namespace")],
        [workloads.keep_workload(kind, item) for kind in workloads.KINDS for item in world.of_kind(kind)],
        [pods.keep(item) for item in world.of_kind("Pod")],
        "linkerd",
        Bundles(),
    )


def namespace(body: dict[str, Any], name: str) -> dict[str, Any]:
    found: list[dict[str, Any]] = [found for found in body["namespaces"] if found["name"] == name]
    return found[0]


def test_a_namespace_with_a_covered_pod_takes_part() -> None:
    """Also where it does not ask for injection, as where somebody injects by hand."""
    found = namespace(built(World()), "emojivoto")
    assert (found["takes_part"], found["covered"], found["uncovered"], found["inject"]) == (True, 4, 0, "")


def test_a_namespace_that_asks_takes_part_without_a_covered_pod() -> None:
    """It is where pods were not restarted since."""
    world = World()
    annotations = {"linkerd.io/inject": "enabled", "config.linkerd.io/default-inbound-policy": "deny"}
    world.add({"apiVersion": "v1", "kind": "Namespace", "metadata": {"name": "legacy", "annotations": annotations}})
    world.unmeshed(world.pod("emojivoto", "web"), namespace="legacy", name="billing-1")
    found = namespace(built(world), "legacy")
    assert (found["takes_part"], found["covered"], found["uncovered"]) == (True, 0, 1)
    assert found["default_inbound_policy"] == "deny"


def test_a_pod_of_a_namespace_that_is_not_listed_counts() -> None:
    """It was made between two questions, or the namespace may not be read."""
    world = World()
    world.unmeshed(world.pod("emojivoto", "web"), namespace="new", name="a-1")
    assert namespace(built(world), "new")["uncovered"] == 1


def test_anchors_stand_by_their_digest() -> None:
    """Thousands of pods have the same bundle."""
    found = built(World())["pods"]
    assert all(ANCHORS not in pod for pod in found)
    assert len({pod["trust_anchors_sha256"] for pod in found if "trust_anchors_sha256" in pod}) == 1


def test_the_rollup_follows_from_the_pods() -> None:
    """Made again from what stands in the predicate, it is the same."""
    body = built(World())
    assert workloads.rollup(body["namespaces"], body["pods"]) == body["namespaces"]


def test_an_annotation_on_the_workload_itself_is_misplaced() -> None:
    """Only that of the pod template does anything."""
    meta = {"namespace": "n", "name": "w", "annotations": {"linkerd.io/inject": "enabled"}}
    item: dict[str, Any] = {"metadata": meta, "spec": {}}
    found = workloads.keep_workload("Deployment", item)
    assert (found["inject"], found["misplaced"]) == ("", True)
    item["spec"] = {"template": {"metadata": {"annotations": {"linkerd.io/inject": "enabled"}}}, "replicas": 0}
    found = workloads.keep_workload("Deployment", item)
    assert (found["inject"], found["misplaced"], found["replicas"]) == ("enabled", False, 0)


def test_a_cron_jobs_template_is_that_of_its_jobs() -> None:
    """One level further down."""
    template = {"metadata": {"annotations": {"linkerd.io/inject": "disabled"}}}
    spec = {"jobTemplate": {"spec": {"template": template}}}
    item = {"metadata": {"namespace": "n", "name": "w"}, "spec": spec}
    assert workloads.keep_workload("CronJob", item)["inject"] == "disabled"
