"""The part ``workloads``: every pod in one of five states, rolled up by namespace, and workloads without a pod."""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping, Sequence
from typing import Any

from attestor.coverage import pods as of_pods
from attestor.coverage.certificates import Bundles
from attestor.coverage.pods import ANCHORS, CONFIG, INJECT
from attestor.lenient import mapping

KINDS = {
    "Deployment": "/apis/apps/v1/deployments",
    "StatefulSet": "/apis/apps/v1/statefulsets",
    "DaemonSet": "/apis/apps/v1/daemonsets",
    "CronJob": "/apis/batch/v1/cronjobs",
}
"""What workloads are listed, and the path of each over the whole cluster."""

STATES = ("covered", "uncovered", "opted-out", "host-network", "finished")
_ASKS = ("enabled", "ingress")


def keep_namespace(item: Mapping[str, Any]) -> dict[str, Any]:
    """Return what is kept of a namespace."""
    meta = item["metadata"]
    annotations = mapping(meta.get("annotations"))
    found: dict[str, Any] = {"name": str(meta["name"]), "inject": str(annotations.get(INJECT, ""))}
    for name in ("default-inbound-policy", "skip-inbound-ports", "skip-outbound-ports"):
        if f"{CONFIG}{name}" in annotations:
            found[name.replace("-", "_")] = str(annotations[f"{CONFIG}{name}"])
    return found | {"labels": {str(key): str(value) for key, value in mapping(meta.get("labels")).items()}}


def keep_workload(kind: str, item: Mapping[str, Any]) -> dict[str, Any]:
    """Return what is kept of a workload of this kind."""
    meta, spec = item["metadata"], mapping(item.get("spec"))
    outer = mapping(mapping(spec.get("jobTemplate")).get("spec")) if kind == "CronJob" else spec
    template = mapping(mapping(mapping(outer.get("template")).get("metadata")).get("annotations"))
    inject = str(template.get(INJECT, ""))
    found: dict[str, Any] = {
        "namespace": str(meta["namespace"]),
        "kind": kind,
        "name": str(meta["name"]),
        "inject": inject,
        "misplaced": not inject and INJECT in mapping(meta.get("annotations")),
    }
    return found | ({"replicas": spec["replicas"]} if isinstance(spec.get("replicas"), int) else {})


def build(
    namespaces: Sequence[Mapping[str, Any]],
    workloads: Sequence[Mapping[str, Any]],
    pods: Sequence[Mapping[str, Any]],
    control_plane: str,
    bundles: Bundles,
) -> dict[str, Any]:
    """Return the part's body. A pod of a namespace that is not listed counts in one that says nothing."""
    asked = {str(namespace["name"]): str(namespace["inject"]) for namespace in namespaces}
    judged = [_judged(pod, asked.get(pod["namespace"], ""), control_plane, bundles) for pod in pods]
    judged.sort(key=lambda pod: (pod["namespace"], pod["name"]))
    known = {str(namespace["name"]): namespace for namespace in namespaces}
    for name in {pod["namespace"] for pod in judged} - set(known):
        known[name] = {"name": name, "inject": "", "labels": {}}
    return {
        "namespaces": rollup([known[name] for name in sorted(known)], judged),
        "workloads": sorted(workloads, key=lambda found: (found["namespace"], found["kind"], found["name"])),
        "pods": judged,
    }


def rollup(namespaces: Sequence[Mapping[str, Any]], pods: Sequence[Mapping[str, Any]]) -> list[dict[str, Any]]:
    """Return the namespaces with their counts of pods by state; derived again by whoever verifies."""
    counts = Counter((pod["namespace"], pod["state"]) for pod in pods)
    rolled = []
    for namespace in namespaces:
        name, inject = namespace["name"], namespace["inject"]
        takes_part = inject in _ASKS or counts[name, "covered"] > 0
        counted = {state.replace("-", "_"): counts[name, state] for state in STATES}
        more = {key: value for key, value in namespace.items() if key not in ("name", "inject", "takes_part", *counted)}
        rolled.append({"name": name, "inject": inject, "takes_part": takes_part, **counted, **more})
    return rolled


def _judged(pod: Mapping[str, Any], inject: str, control_plane: str, bundles: Bundles) -> dict[str, Any]:
    found = {**pod, "state": of_pods.state(pod, inject, control_plane)}
    if anchors := found.pop(ANCHORS, ""):
        found["trust_anchors_sha256"] = bundles.digest(anchors)
    return found
