"""Networks of clients, with exceptions, and whether they are everywhere.

Source: linkerd2 ``policy-controller/k8s/api/src/policy/network.rs`` and ``policy-controller/grpc/src/inbound.rs``: an
authorization without networks of its own holds for the cluster's, which no object tells.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from ipaddress import IPv4Network, IPv6Network, ip_network
from typing import Any

from attestor.coverage.authorization.selectors import NotUnderstood
from attestor.lenient import items, mapping

_BITS = {4: 32, 6: 128}
Range = tuple[int, int, int]
"""Version of the protocol, first and last address."""


@dataclass(frozen=True, slots=True)
class Network:
    """A network without its exceptions: as it is shown, and the addresses that are left."""

    text: str
    ranges: tuple[Range, ...]


CLUSTER = Network("cluster", ())
"""The networks of the cluster, which the control plane is told (Helm value ``clusterNetworks``)."""

ANYWHERE = tuple(
    Network(text, ((version, 0, 2 ** _BITS[version] - 1),)) for text, version in (("0.0.0.0/0", 4), ("::/0", 6))
)


def parse(found: object) -> tuple[Network, ...]:
    """Return the networks of a policy; raises ``NotUnderstood``."""
    return tuple(_network(mapping(one)) for one in items(found))


def everywhere(networks: Iterable[Network]) -> bool:
    """Tell whether together they leave no address out, of IPv4 or of IPv6: a cluster may have only one of both."""
    ranges = sorted(one for network in networks for one in network.ranges)
    reached = {4: 0, 6: 0}
    for version, first, last in ranges:
        if first <= reached[version]:
            reached[version] = max(reached[version], last + 1)
    return any(reached[version] == 2**bits for version, bits in _BITS.items())


def _network(found: Mapping[str, Any]) -> Network:
    whole, without = _cidr(found.get("cidr")), [_cidr(one) for one in items(found.get("except"))]
    text = str(whole) + (f" except {', '.join(sorted(map(str, without)))}" if without else "")
    free, ranges = int(whole.network_address), []
    last = int(whole.broadcast_address)
    for hole in sorted(without, key=lambda one: int(one.network_address)):
        if hole.version != whole.version:
            continue
        if int(hole.network_address) > free:
            ranges.append((whole.version, free, min(int(hole.network_address) - 1, last)))
        free = max(free, int(hole.broadcast_address) + 1)
    if free <= last:
        ranges.append((whole.version, free, last))
    return Network(text, tuple(ranges))


def _cidr(found: object) -> IPv4Network | IPv6Network:
    """Return a network, or the one address that a text without a length is."""
    if not isinstance(found, str):
        raise NotUnderstood(f"{found!r:.60} is no network")
    try:
        return ip_network(found, strict=False)
    except ValueError as error:
        raise NotUnderstood(f"{found!r:.60} is no network") from error
