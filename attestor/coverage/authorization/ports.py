"""What each port of the covered workloads lets in, pods that are alike taken together."""

from __future__ import annotations

import json
import re
from collections import Counter
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from attestor.coverage.authorization import grants
from attestor.coverage.authorization.grants import EVERY, UNKNOWN, Rules, access
from attestor.coverage.authorization.index import Index
from attestor.coverage.authorization.kinds import LINKERD
from attestor.coverage.authorization.policies import Policies
from attestor.coverage.authorization.selectors import NotUnderstood
from attestor.coverage.authorization.servers import HIGHEST, OF_PROXY, Server, Servers
from attestor.lenient import items, mapping, rows

OTHERS = 0
"""The port that stands for every other at which a pod may listen: for the proxy, the default holds for them, too."""

_PORT = re.compile("[0-9]{1,5}")


@dataclass(frozen=True, slots=True)
class Alike:
    """What decides of a pod: pods of one workload for which it is the same are one."""

    namespace: str
    workload: str
    covered: bool
    labels: tuple[tuple[str, str], ...]
    ports: tuple[tuple[int, str], ...]
    policy: str
    skipped: tuple[str, ...]
    identified: tuple[str, ...]


@dataclass(slots=True)
class Seen:
    """What Servers were seen to select."""

    pods: set[tuple[str, str]] = field(default_factory=set)
    covered: set[tuple[str, str]] = field(default_factory=set)
    ports: set[tuple[str, str]] = field(default_factory=set)
    lost: dict[tuple[str, str], str] = field(default_factory=dict)


class Selection:
    """The Servers by namespace, and what they let in."""

    def __init__(self, index: Index) -> None:
        self._index = index
        self._servers: dict[str, Servers] = {}
        self._policies: dict[str, Policies] = {}
        self._access: dict[tuple[str, str], Mapping[str, Any]] = {}
        self.seen = Seen()

    def servers(self, namespace: str) -> Servers:
        """Return the Servers of a namespace."""
        if namespace not in self._servers:
            self._servers[namespace] = Servers(self._index.within("Server", namespace))
        return self._servers[namespace]

    def at(self, server: Server) -> Mapping[str, Any]:
        """Return what a Server lets in."""
        place = server.namespace, server.name
        if place not in self._access:
            if server.namespace not in self._policies:
                self._policies[server.namespace] = Policies(self._index, server.namespace)
            self._access[place] = access(self._policies[server.namespace].rules(server))
        return self._access[place]

    def is_certain(self, namespace: str) -> bool:
        """Tell whether every Server of a namespace is known and understood: one that is not may select any port."""
        return not self.servers(namespace).strange and not self._index.unread(LINKERD, "Server", namespace)


def rows_of(pods: Iterable[Mapping[str, Any]], selection: Selection) -> list[dict[str, Any]]:
    """Return a row for each port of each covered workload; Servers that select are noted in ``selection.seen``."""
    found: dict[str, dict[str, Any]] = {}
    alike = Counter(_alike(pod, selection) for pod in pods if pod["state"] != "finished")
    for group, count in alike.items():
        for row in _of_group(group, selection):
            if group.covered:
                found.setdefault(json.dumps(row, sort_keys=True), {**row, "pods": 0})["pods"] += count
    return [row for _, row in sorted(found.items(), key=lambda pair: (*_place(pair[1]), pair[0]))]


def _place(row: Mapping[str, Any]) -> tuple[str, str, int]:
    return row["namespace"], row["workload"], row["port"]


def _alike(pod: Mapping[str, Any], selection: Selection) -> Alike:
    namespace, labels = str(pod["namespace"]), mapping(pod.get("labels"))
    keys = selection.servers(namespace).keys
    return Alike(
        namespace=namespace,
        workload=f"{pod['owner']['kind']}/{pod['owner']['name']}",
        covered=pod["state"] == "covered",
        labels=tuple(sorted((key, labels[key]) for key in keys if key in labels)),
        ports=tuple(_tcp(rows(pod.get("ports")))),
        policy=str(pod.get("default_inbound_policy", "")),
        skipped=tuple(map(str, items(pod.get("skip_inbound_ports")))),
        identified=tuple(map(str, items(pod.get("require_identity_inbound_ports")))),
    )


def _tcp(ports: Sequence[Mapping[str, Any]]) -> Iterator[tuple[int, str]]:
    """Return numbers and names of the ports that a proxy may stand before: those of TCP."""
    for port in ports:
        if str(port.get("protocol", "TCP")).upper() == "TCP" and port["port"] != OTHERS:
            yield port["port"], str(port.get("name", ""))


def _of_group(group: Alike, selection: Selection) -> Iterator[dict[str, Any]]:
    decides = _deciding(group, selection)
    names: dict[int, str] = {}
    for number, name in group.ports:
        names[number] = names.get(number) or name
    certain = selection.is_certain(group.namespace)
    for number in sorted({OTHERS, *names, *decides}):
        servers = decides.get(number, [])
        base = {"namespace": group.namespace, "workload": group.workload, "port": number}
        base |= {"name": names[number]} if names.get(number) else {}
        yield {**base, **_decided(group, number, servers, selection, certain=certain)}


def _deciding(group: Alike, selection: Selection) -> dict[int, list[Server]]:
    """Return the Servers that select each port, the one that decides first, and note what was seen."""
    names: dict[str, frozenset[int]] = dict(OF_PROXY)
    for number, name in group.ports:
        names[name] = names.get(name, frozenset()) | {number}
    found: dict[int, list[Server]] = {}
    seen = selection.seen
    for server in selection.servers(group.namespace).selecting(dict(group.labels)):
        place = server.namespace, server.name
        seen.pods.add(place)
        if not group.covered:
            continue
        seen.covered.add(place)
        for number in server.ports(names):
            seen.ports.add(place)
            others = found.setdefault(number, [])
            others.append(server)
            if others[0] is not server:
                why = f"the Server {others[0].name} comes before it and decides about port {number} of {group.workload}"
                seen.lost[place] = min(seen.lost.get(place, why), why)
    return found


def _decided(
    group: Alike, number: int, servers: Sequence[Server], selection: Selection, *, certain: bool
) -> Mapping[str, Any]:
    default = not servers
    found: dict[str, Any] = {
        "server": "" if default else servers[0].name,
        "policy": group.policy if default else servers[0].policy,
        "default": default,
    }
    if number != OTHERS and any(_within(number, one) is not False for one in group.skipped):
        return {**found, **_past_the_proxy(number, group.skipped)}
    if len(servers) > 1:
        found["conflicts"] = sorted(one.name for one in servers[1:])
    if not certain:
        return {**found, **UNKNOWN}
    return {**found, **(_by_default(group, number) if default else selection.at(servers[0]))}


def _past_the_proxy(number: int, skipped: Sequence[str]) -> Mapping[str, Any]:
    """Return what a port lets in that connections reach without the proxy: everything, for no policy is asked."""
    if any(_within(number, one) for one in skipped):
        return {"policy": "skipped", "unauthenticated": "allowed", "identities": [EVERY]}
    return UNKNOWN


def _by_default(group: Alike, number: int) -> Mapping[str, Any]:
    """Return what a port lets in that no Server selects: what the pod's default inbound policy does.

    The proxy's own default is what the injector made of the pod's annotation, its namespace's, or the cluster's value;
    the controller reads the pod's annotation and the cluster's value anew (``inbound/workload.rs``), so that a later
    change of the cluster's value shows in the part ``cluster`` first.
    """
    named = [_within(number, one) for one in group.identified]
    identified = True in named and None not in named  # a list with anything strange in it counts as empty
    try:
        return access(Rules(grants=grants.of_default(group.policy, identified=identified)))
    except NotUnderstood:
        return UNKNOWN


def _within(number: int, ports: str) -> bool | None:
    """Tell whether a port is one of ``8080`` or ``8000-9000``; nothing where that is no port and no range."""
    first, _, last = ports.partition("-")
    if ports.endswith("-") or not all(_PORT.fullmatch(one) for one in (first, last or first)):
        return None
    low, high = int(first), int(last or first)
    return low <= number <= high if OTHERS < low <= high <= HIGHEST else None
