"""What is kept of a pod: whether it is meshed and how, what bypasses its proxy, and what policies select it by.

Labels and annotations are linkerd's (linkerd2 ``pkg/k8s/labels.go``), the arguments those of its init container
(``proxy-init``), the variables those of its proxy (``charts/partials/templates/_proxy.tpl``).
"""

from __future__ import annotations

import re
import sys
from collections.abc import Iterator, Mapping
from typing import Any

from attestor.lenient import items, mapping, rows

PROXY, INIT = "linkerd-proxy", "linkerd-init"
CONTROL_PLANE = "linkerd.io/control-plane-ns"
INJECT = "linkerd.io/inject"
CONFIG = "config.linkerd.io/"

ANCHORS = "trust_anchors"
"""Where the PEM of a pod's own trust anchors stands until the part is built; the predicate has its digest."""

_REFERENCE = re.compile(r"\$\(([A-Za-z_][A-Za-z0-9_]*)\)")
_ADDRESSES = ("LINKERD2_PROXY_CONTROL_LISTEN_ADDR", "LINKERD2_PROXY_ADMIN_LISTEN_ADDR")
_ENDED = ("Succeeded", "Failed")


def keep(item: Mapping[str, Any]) -> dict[str, Any]:
    """Return what is kept of a pod; raises ``KeyError``, ``TypeError`` or ``ValueError`` where it is no pod."""
    meta, spec, status = item["metadata"], mapping(item.get("spec")), mapping(item.get("status"))
    annotations, labels = mapping(meta.get("annotations")), mapping(meta.get("labels"))
    where, container = _proxy(spec)
    found: dict[str, Any] = {
        "namespace": _text(meta["namespace"]),
        "name": _text(meta["name"]),
        "owner": owner(meta),
        "service_account": _text(spec.get("serviceAccountName") or "default"),
        "phase": _text(status.get("phase") or "Unknown"),
        "ready": _is_ready(status),
        "state": "",
        "proxy": where,
        "inject": _text(annotations.get(INJECT) or ""),
        "host_network": spec.get("hostNetwork") is True,
        "labels": {_text(key): _text(value) for key, value in labels.items()},
        "ports": list(_ports(spec)),
    }
    if CONTROL_PLANE in labels:
        found["control_plane"] = labels[CONTROL_PLANE]
    if container is not None:
        found |= _of_proxy(container, item, annotations)
    if probes := list(_probes(spec)):
        found["probes"] = probes
    return found


def owner(meta: Mapping[str, Any]) -> dict[str, str]:
    """Return what a pod belongs to: the Deployment of its ReplicaSet, as the hash in its labels tells."""
    for reference in rows(meta.get("ownerReferences")):
        if reference.get("controller") is True:
            kind, name = _text(reference["kind"]), _text(reference["name"])
            template = mapping(meta.get("labels")).get("pod-template-hash")
            if kind == "ReplicaSet" and template and name.endswith(f"-{template}"):
                return {"kind": "Deployment", "name": name.removesuffix(f"-{template}")}
            return {"kind": kind, "name": name}
    return {"kind": "Pod", "name": _text(meta["name"])}


def is_meshed(pod: Mapping[str, Any], control_plane: str) -> bool:
    """Tell whether a pod has a proxy, and is of this control plane: both are needed for destination to name it."""
    return bool(pod["proxy"]) and pod.get("control_plane") == control_plane


def state(pod: Mapping[str, Any], namespace_inject: str, control_plane: str) -> str:
    """Return in which of the five states a pod is; a pod's own annotation stands over its namespace's."""
    if pod["phase"] in _ENDED:
        return "finished"
    if is_meshed(pod, control_plane):
        return "covered"
    if "disabled" in (pod["inject"], "" if pod["inject"] else namespace_inject):
        return "opted-out"
    return "host-network" if pod["host_network"] else "uncovered"


def _text(value: object) -> str:
    if not isinstance(value, str):
        message = f"{value!r:.60} is no text"
        raise TypeError(message)
    return value


def _proxy(spec: Mapping[str, Any]) -> tuple[str, Mapping[str, Any] | None]:
    """Return where the proxy's container stands, and the container: a native sidecar is an init container."""
    for field, where in (("containers", "container"), ("initContainers", "init-container")):
        for container in rows(spec.get(field)):
            if container.get("name") == PROXY:
                return where, container
    return "", None


def _is_ready(status: Mapping[str, Any]) -> bool:
    return (
        any(found.get("type") == "Ready" and found.get("status") == "True" for found in rows(status["conditions"]))
        if ("conditions" in status)
        else False
    )


def _of_proxy(container: Mapping[str, Any], item: Mapping[str, Any], annotations: Mapping[str, Any]) -> dict[str, Any]:
    env = _environment(container, item)
    version = annotations.get("linkerd.io/proxy-version") or _text(container.get("image", "")).rpartition(":")[2]
    found: dict[str, Any] = {"proxy_version": _text(version)}
    status = mapping(item.get("status"))
    for reported in (*rows(status.get("containerStatuses")), *rows(status.get("initContainerStatuses"))):
        if reported.get("name") == PROXY and isinstance(reported.get("ready"), bool):
            found["proxy_ready"] = reported["ready"]
    found |= _skipped(mapping(item.get("spec")), annotations, env)
    opaque = env.get(
        "LINKERD2_PROXY_INBOUND_PORTS_DISABLE_PROTOCOL_DETECTION", annotations.get(f"{CONFIG}opaque-ports")
    )
    if opaque is not None:
        found["opaque_ports"] = _listed(opaque)
    policy = env.get("LINKERD2_PROXY_INBOUND_DEFAULT_POLICY", annotations.get(f"{CONFIG}default-inbound-policy"))
    if policy:
        found["default_inbound_policy"] = _text(policy)
    if identified := annotations.get(f"{CONFIG}proxy-require-identity-inbound-ports"):
        found["require_identity_inbound_ports"] = _listed(identified)
    if identity := env.get("LINKERD2_PROXY_IDENTITY_LOCAL_NAME"):
        found["identity"] = identity
    if anchors := env.get("LINKERD2_PROXY_IDENTITY_TRUST_ANCHORS"):
        found[ANCHORS] = sys.intern(anchors)  # thousands of pods have the same
    return found


def _skipped(spec: Mapping[str, Any], annotations: Mapping[str, Any], env: Mapping[str, str]) -> dict[str, Any]:
    """Return what bypasses the proxy: what the init container was told, else what the annotations ask for."""
    own = {env[name].rpartition(":")[2] for name in _ADDRESSES if name in env} | {"4190", "4191"}
    for container in rows(spec.get("initContainers")):
        if container.get("name") == INIT:
            told = _arguments(container)
            ports = {
                f"skip_{way}_ports": [
                    port for port in _listed(told.get(f"--{way}-ports-to-ignore", "")) if port not in own
                ]
                for way in ("inbound", "outbound")
            }
            return {**ports, "skip_source": "init-container"}
    asked = {way: annotations.get(f"{CONFIG}skip-{way}-ports") for way in ("inbound", "outbound")}
    found: dict[str, Any] = {f"skip_{way}_ports": _listed(value) for way, value in asked.items() if value is not None}
    return found | ({"skip_source": "annotation"} if found else {})


def _arguments(container: Mapping[str, Any]) -> dict[str, str]:
    """Return the options of a container's command line, written ``--name value`` or ``--name=value``."""
    words = [_text(word) for word in (*items(container.get("command")), *items(container.get("args")))]
    found = dict(word.split("=", 1) for word in words if word.startswith("--") and "=" in word)
    pairs = zip(words, [*words[1:], ""], strict=True)
    return found | {word: value for word, value in pairs if word.startswith("--") and "=" not in word}


def _environment(container: Mapping[str, Any], item: Mapping[str, Any]) -> dict[str, str]:
    """Return the proxy's variables as a kubelet would set them, as far as the object itself tells them."""
    found: dict[str, str] = {}
    for entry in rows(container.get("env")):
        name = _text(entry["name"])
        if isinstance(entry.get("value"), str):
            found[name] = _REFERENCE.sub(lambda match: found.get(match[1], match[0]), entry["value"])
        elif path := mapping(mapping(entry.get("valueFrom")).get("fieldRef")).get("fieldPath"):
            value = _field(item, _text(path))
            if value is not None:
                found[name] = value
    return found


def _field(item: Mapping[str, Any], path: str) -> str | None:
    value: Any = item
    for step in path.split("."):
        value = mapping(value).get(step)
    return value if isinstance(value, str) else None


def _ports(spec: Mapping[str, Any]) -> Iterator[dict[str, Any]]:
    for container in (*rows(spec.get("containers")), *rows(spec.get("initContainers"))):
        if container.get("name") in (PROXY, INIT):
            continue
        for port in rows(container.get("ports")):
            number = port["containerPort"]
            if not isinstance(number, int):
                message = "a port is no number"
                raise TypeError(message)
            found = {"port": number, "protocol": _text(port.get("protocol") or "TCP")}
            found |= {"name": _text(port["name"])} if port.get("name") else {}
            yield {**found, "container": _text(container["name"])}


def _probes(spec: Mapping[str, Any]) -> Iterator[dict[str, str]]:
    for container in rows(spec.get("containers")):
        if container.get("name") == PROXY:
            continue
        for kind in ("livenessProbe", "readinessProbe", "startupProbe"):
            asked = mapping(mapping(container.get(kind)).get("httpGet"))
            if asked:
                yield {"path": str(asked.get("path") or "/"), "port": str(asked.get("port"))}


def _listed(value: object) -> list[str]:
    return [part.strip() for part in _text(value).split(",") if part.strip()]
