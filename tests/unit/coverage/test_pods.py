"""A pod as a recorded mesh has it, and each thing that can be otherwise."""

from __future__ import annotations

import copy
from typing import Any

import pytest

from attestor.coverage import pods
from tests.worlds import World

SUFFIX = "serviceaccount.identity.linkerd.cluster.local"


@pytest.fixture
def pod() -> dict[str, Any]:
    """A meshed pod."""
    return copy.deepcopy(World().pod("emojivoto", "web"))


def container(pod: dict[str, Any], name: str) -> dict[str, Any]:
    both = pod["spec"]["containers"] + pod["spec"]["initContainers"]
    return next(found for found in both if found["name"] == name)


def variable(pod: dict[str, Any], name: str, value: str | None) -> None:
    env = container(pod, pods.PROXY)["env"]
    env[:] = [entry for entry in env if entry["name"] != name]
    if value is not None:
        env.append({"name": name, "value": value})


def arguments(pod: dict[str, Any], *args: str) -> None:
    container(pod, pods.INIT)["args"] = list(args)


def test_a_meshed_pod_is_told(pod: dict[str, Any]) -> None:
    """By what linkerd wrote into it, not by what somebody meant to have."""
    found = pods.keep(pod)
    assert found["owner"] == {"kind": "Deployment", "name": "web"}
    assert (found["proxy"], found["proxy_version"], found["proxy_ready"]) == ("init-container", "edge-26.8.3", True)
    assert (found["inject"], found["control_plane"]) == ("enabled", "linkerd")
    assert found["identity"] == f"web.emojivoto.{SUFFIX}"
    assert found["default_inbound_policy"] == "all-unauthenticated"
    assert found["opaque_ports"][:2] == ["25", "587"]
    assert found["ports"] == [{"port": 8080, "protocol": "TCP", "name": "port-8080", "container": "web"}]
    assert found[pods.ANCHORS].startswith("-----BEGIN CERTIFICATE-----")


def test_a_proxy_among_the_containers_is_one_too(pod: dict[str, Any]) -> None:
    """Before native sidecars became the default, all of them stood there."""
    proxy = container(pod, pods.PROXY)
    pod["spec"]["initContainers"].remove(proxy)
    pod["spec"]["containers"].append(proxy)
    assert pods.keep(pod)["proxy"] == "container"


def test_skipped_ports_are_what_the_init_container_was_told(pod: dict[str, Any]) -> None:
    """Without the proxy's own ports, which nobody could do without; the annotation may have come later."""
    pod["metadata"]["annotations"]["config.linkerd.io/skip-inbound-ports"] = "1,2"
    arguments(pod, "--inbound-ports-to-ignore", "4190,4191,4567,7070-7080", "--outbound-ports-to-ignore=3306")
    found = pods.keep(pod)
    assert found["skip_inbound_ports"] == ["4567", "7070-7080"]
    assert found["skip_outbound_ports"] == ["3306"]
    assert found["skip_source"] == "init-container"


def test_with_a_cni_plugin_the_annotations_are_all_there_is(pod: dict[str, Any]) -> None:
    """Without them nothing is known of skipped ports, and nothing is claimed."""
    pod["spec"]["initContainers"].remove(container(pod, pods.INIT))
    assert "skip_inbound_ports" not in pods.keep(pod)
    pod["metadata"]["annotations"]["config.linkerd.io/skip-inbound-ports"] = "7070, 9090"
    found = pods.keep(pod)
    assert (found["skip_inbound_ports"], found["skip_source"]) == (["7070", "9090"], "annotation")


def test_the_variables_of_the_proxy_win_over_annotations(pod: dict[str, Any]) -> None:
    """The annotation is a wish, the variable what the proxy runs with."""
    pod["metadata"]["annotations"]["config.linkerd.io/default-inbound-policy"] = "deny"
    assert pods.keep(pod)["default_inbound_policy"] == "all-unauthenticated"
    variable(pod, "LINKERD2_PROXY_INBOUND_DEFAULT_POLICY", None)
    assert pods.keep(pod)["default_inbound_policy"] == "deny"


def test_an_identity_is_put_together_as_a_kubelet_would(pod: dict[str, Any]) -> None:
    """What a reference cannot give stays as it stands, and is no identity of the mesh."""
    variable(pod, "LINKERD2_PROXY_IDENTITY_LOCAL_NAME", "$(_pod_sa).$(nobody)")
    assert pods.keep(pod)["identity"] == "web.$(nobody)"


@pytest.mark.parametrize(
    ("labels", "references", "owner"),
    [
        ({"pod-template-hash": "h"}, [("ReplicaSet", "web-h", True)], ("Deployment", "web")),
        ({}, [("ReplicaSet", "web-h", True)], ("ReplicaSet", "web-h")),
        ({}, [("StatefulSet", "redis", True)], ("StatefulSet", "redis")),
        ({}, [("Job", "other", False), ("Job", "cron-1", True)], ("Job", "cron-1")),
        ({}, [], ("Pod", "p")),
    ],
    ids=["deployment", "replica-set", "stateful-set", "the-controller", "nobody"],
)
def test_an_owner(labels: dict[str, str], references: list[tuple[str, str, bool]], owner: tuple[str, str]) -> None:
    """The Deployment is known by the hash in the pod's labels, without a right to read replica sets."""
    listed = [{"kind": kind, "name": name, "controller": controls} for kind, name, controls in references]
    found = pods.owner({"name": "p", "labels": labels, "ownerReferences": listed})
    assert (found["kind"], found["name"]) == owner


@pytest.mark.parametrize(
    ("changes", "namespace", "state"),
    [
        ({}, "", "covered"),
        ({"control_plane": "other"}, "", "uncovered"),
        ({"proxy": ""}, "", "uncovered"),
        ({"proxy": "", "inject": "disabled"}, "enabled", "opted-out"),
        ({"proxy": ""}, "disabled", "opted-out"),
        ({"proxy": "", "inject": "enabled"}, "disabled", "uncovered"),
        ({"inject": "disabled"}, "", "covered"),
        ({"proxy": "", "host_network": True}, "", "host-network"),
        ({"host_network": True}, "", "covered"),
        ({"phase": "Succeeded", "proxy": ""}, "", "finished"),
        ({"phase": "Failed"}, "", "finished"),
    ],
)
def test_a_state(pod: dict[str, Any], changes: dict[str, Any], namespace: str, state: str) -> None:
    """Of this control plane and with a proxy: both, or it is not covered; a pod's annotation beats its namespace's."""
    kept = pods.keep(pod) | {"inject": ""} | changes
    assert pods.state(kept, namespace, "linkerd") == state


def test_a_pod_without_a_label_of_the_mesh_is_not_covered(pod: dict[str, Any]) -> None:
    """A container may have any name; destination looks at the label."""
    del pod["metadata"]["labels"][pods.CONTROL_PLANE]
    assert pods.state(pods.keep(pod), "", "linkerd") == "uncovered"


@pytest.mark.parametrize(
    "broken",
    [
        {"metadata": {}},
        {"metadata": {"name": "p", "namespace": 7}},
        {"metadata": {"name": "p", "namespace": "n", "labels": {"a": 1}}},
        {"metadata": {"name": "p", "namespace": "n"}, "spec": {"containers": [{"name": "c", "ports": [{}]}]}},
    ],
    ids=["nameless", "number", "label", "port"],
)
def test_what_is_no_pod_is_refused(broken: dict[str, Any]) -> None:
    """Whoever asks takes it for a reason, and not for a pod."""
    with pytest.raises((KeyError, TypeError, ValueError)):
        pods.keep(broken)


def test_probes_are_told(pod: dict[str, Any]) -> None:
    """Their paths are open to everybody."""
    pod["spec"]["containers"][0]["livenessProbe"] = {"httpGet": {"path": "/healthz", "port": 8080}}
    assert pods.keep(pod)["probes"] == [{"path": "/healthz", "port": "8080"}]
