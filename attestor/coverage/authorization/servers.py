"""Servers: which port of which pods each describes, and in which order.

Sources: linkerd2 ``policy-controller/k8s/index/src/inbound/server.rs`` and ``reindex_servers`` of ``index.rs``: of
several Servers that select a port of a pod, the oldest decides, and of those of one age the first by name. A Server may
select a port by a number that no container declares, and by the names of the proxy's own ports.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass

from attestor.coverage.authorization import selectors
from attestor.coverage.authorization.index import Object
from attestor.coverage.authorization.selectors import Labels, NotUnderstood, Selector
from attestor.lenient import mapping

HTTP, GRPC, OTHER = "HTTPRoute", "GRPCRoute", ""
_ROUTES = {"unknown": HTTP, "HTTP/1": HTTP, "HTTP/2": HTTP, "gRPC": GRPC, "opaque": OTHER, "TLS": OTHER}
"""The routes that a protocol has; linkerd2 ``policy-controller/grpc/src/inbound.rs``."""

OF_PROXY: Mapping[str, frozenset[int]] = {"linkerd-proxy": frozenset({4143}), "linkerd-admin": frozenset({4191})}
"""Ports that every proxy declares (linkerd2 ``charts/partials/templates/_proxy.tpl``)."""

HIGHEST = 65535


@dataclass(frozen=True, slots=True)
class Server:
    """A Server, as far as it decides; without a selector it is of workloads outside the cluster."""

    namespace: str
    name: str
    created: str
    labels: Labels
    selector: Selector | None
    port: int | str
    routes: str
    policy: str

    @property
    def order(self) -> tuple[str, str]:
        """Its place among others: the first decides."""
        return self.created, self.name

    def ports(self, names: Mapping[str, frozenset[int]]) -> frozenset[int]:
        """Return which of a pod's ports it describes. A name may be that of several."""
        return frozenset({self.port}) if isinstance(self.port, int) else names.get(self.port, frozenset())


def parse(found: Object) -> Server:
    """Return a Server as it stands; raises ``NotUnderstood``. Without an accessPolicy it denies."""
    spec = mapping(found["spec"])
    protocol, port = spec.get("proxyProtocol") or "unknown", spec.get("port")
    if not isinstance(protocol, str) or protocol not in _ROUTES:
        raise NotUnderstood(f"the proxyProtocol {protocol!r:.60} is not known")
    if isinstance(port, bool) or not isinstance(port, int | str) or (isinstance(port, int) and not 0 < port <= HIGHEST):
        raise NotUnderstood(f"{port!r:.60} is no port")
    if "externalWorkloadSelector" in spec and "podSelector" not in spec:
        selector = None
    else:
        selector = selectors.parse(spec.get("podSelector"))
    return Server(
        namespace=str(found["namespace"]),
        name=str(found["name"]),
        created=str(found.get("created", "")),
        labels=mapping(found.get("labels")),
        selector=selector,
        port=port,
        routes=_ROUTES[protocol],
        policy=str(spec.get("accessPolicy") or "deny"),
    )


class Servers:
    """The Servers of one namespace, found by the labels of a pod without asking each of them."""

    def __init__(self, found: Iterable[Object]) -> None:
        self.known: list[Server] = []
        self.strange: list[tuple[Object, str]] = []
        for one in found:
            try:
                self.known.append(parse(one))
            except NotUnderstood as error:
                self.strange.append((one, str(error)))
        self.known.sort(key=lambda one: one.order)
        self.names = frozenset(one.name for one in self.known) | {str(one["name"]) for one, _ in self.strange}
        # The labels that any of them looks at.
        self.keys = frozenset(key for server in self.known if server.selector for key in server.selector.keys)
        self._by_label: dict[tuple[str, str], list[Server]] = {}
        self._others: list[Server] = []
        of_pods = [(server, server.selector.labels) for server in self.known if server.selector is not None]
        common = Counter(pair for _, wanted in of_pods for pair in wanted)
        for server, wanted in of_pods:  # each under the label that the fewest ask for
            near = self._by_label.setdefault(min(wanted, key=lambda pair: common[pair]), []) if wanted else self._others
            near.append(server)

    def selecting(self, labels: Labels) -> Sequence[Server]:
        """Return those that select a pod with these labels, the deciding ones first."""
        return sorted(self._selecting(labels), key=lambda one: one.order)

    def _selecting(self, labels: Labels) -> Iterator[Server]:
        near = [self._by_label.get(pair, []) for pair in labels.items()]
        for servers in (self._others, *near):
            yield from (one for one in servers if one.selector is not None and one.selector.matches(labels))
