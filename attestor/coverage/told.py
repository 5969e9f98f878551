"""The coverage in a few lines for a person: of each part whether it is whole, what was seen, and why not all."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Iterator, Mapping
from typing import Any

from attestor.coverage.part import PARTS
from attestor.lenient import items, mapping, rows

Row = tuple[str, str, str]
"""A part, whether it is complete, and what was seen."""


def parts(body: Mapping[str, Any]) -> Iterator[Row]:
    """Yield one row for each part; what is missing counts as not complete."""
    for name in PARTS:
        part = mapping(body.get(name))
        yield name, "yes" if is_whole(part) else "NO", _SEEN[name](part)


def is_whole(part: Mapping[str, Any]) -> bool:
    """Tell whether a part says that it is complete, and gives no reason against that."""
    return part.get("complete") is True and part.get("reasons") == []


def reasons(body: Mapping[str, Any]) -> Iterator[str]:
    """Yield a sentence for each reason why a part is not whole."""
    for name in PARTS:
        for reason in rows(mapping(body.get(name)).get("reasons")):
            source = f" ({reason['source']})" if reason.get("source") else ""
            yield f"{name} is not complete: {reason.get('code')}: {reason.get('detail')}{source}"


def _cluster(part: Mapping[str, Any]) -> str:
    mesh = mapping(part.get("linkerd"))
    uid, version = part.get("uid", "?"), part.get("version", "?")
    return f"Kubernetes {version}, cluster {uid}, linkerd {mesh.get('version', '?')}"


def _workloads(part: Mapping[str, Any]) -> str:
    states = Counter(str(pod.get("state")) for pod in rows(part.get("pods")))
    counted = ", ".join(f"{count} {state}" for state, count in sorted(states.items()))
    return f"{states.total()} pods in {len(items(part.get('namespaces')))} namespaces" + (
        f": {counted}" if counted else ""
    )


def _identity(part: Mapping[str, Any]) -> str:
    anchors = rows(part.get("anchors"))
    until = min((str(anchor.get("not_after")) for anchor in anchors), default="")
    issuer = mapping(part.get("issuer")).get("not_after")
    told = f"{len(anchors)} trust anchors" + (f", the first ends {until}" if until else "")
    return told + (f"; issuer ends {issuer}" if issuer else "; issuer not seen")


def _authorization(part: Mapping[str, Any]) -> str:
    ports = Counter(str(port.get("unauthenticated")) for port in rows(part.get("ports")))
    counted = ", ".join(f"{count} {word}" for word, count in sorted(ports.items()))
    told = f"{len(items(part.get('objects')))} policies; unauthenticated clients of {ports.total()} ports"
    return f"{told}: {counted}" if counted else told


def _traffic(part: Mapping[str, Any]) -> str:
    names = ("inbound_plaintext", "outbound_plaintext", "opaque", "unauthenticated", "denied")
    counted = ", ".join(f"{len(items(part.get(name)))} {name.replace('_', ' ')}" for name in names)
    return f"over {part.get('window') or '?'}: {counted}"


def _links(part: Mapping[str, Any]) -> str:
    if part.get("installed") is not True:
        return "no multi-cluster extension"
    links = rows(part.get("links"))
    return f"{len(links)} links, {sum(link.get('alive') is True for link in links)} of their gateways alive"


def _linkerd(part: Mapping[str, Any]) -> str:
    edges = rows(part.get("edges_pod"))
    secured = sum(bool(edge.get("server_id") and edge.get("client_id")) for edge in edges)
    checks = [
        check
        for found in rows(mapping(part.get("check_proxy")).get("categories"))
        for check in rows(found.get("checks"))
    ]
    failed = sum(check.get("result") != "success" for check in checks)
    told = f"{secured} of {len(edges)} edges between pods secured"
    return f"{told}; {failed} of {len(checks)} checks of the data plane did not succeed"


_SEEN: Mapping[str, Callable[[Mapping[str, Any]], str]] = {
    "cluster": _cluster,
    "workloads": _workloads,
    "identity": _identity,
    "authorization": _authorization,
    "traffic": _traffic,
    "links": _links,
    "linkerd": _linkerd,
}
