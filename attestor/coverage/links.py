"""The part ``links``: other clusters of a multi-cluster mesh.

The fields are those of the Link (linkerd2 ``multicluster/charts``, ``pkg/multicluster``).
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from attestor.lenient import items, mapping, rows

GROUP = "multicluster.linkerd.io"
_PAIR = 2


def keep(item: Mapping[str, Any]) -> dict[str, Any]:
    """Return what is kept of a Link; the name of its Secret is not."""
    meta, spec = item["metadata"], mapping(item.get("spec"))
    address, port = str(spec.get("gatewayAddress", "")), str(spec.get("gatewayPort", ""))
    return {
        "namespace": str(meta["namespace"]),
        "name": str(meta["name"]),
        "cluster": str(spec.get("targetClusterName", "")),
        "domain": str(spec.get("targetClusterDomain", "")),
        "gateway": f"{address}:{port}" if port else address,
        "gateway_identity": str(spec.get("gatewayIdentity", "")),
    }


def alive(links: Sequence[Mapping[str, Any]], gauges: Sequence[Any]) -> list[dict[str, Any]]:
    """Return the links with whether each gateway answers: by the service mirror's gauge, as far as there is one.

    ``gauges`` are rows of Prometheus: labels, and a pair of a time and a number as text.
    """
    told: dict[str, bool] = {}
    for gauge in rows(list(gauges)):
        cluster, value = mapping(gauge.get("metric")).get("target_cluster_name"), items(gauge.get("value"))
        if cluster and len(value) == _PAIR:
            told[str(cluster)] = value[1] == "1"
    return [{**link, **({"alive": told[link["cluster"]]} if link["cluster"] in told else {})} for link in links]
