"""The part ``links``: other clusters of a multi-cluster mesh.

The fields are those of the Link (linkerd2 ``multicluster/charts``, ``pkg/multicluster``).
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from attestor.lenient import mapping

GROUP = "multicluster.linkerd.io"


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


def alive(links: Sequence[Mapping[str, Any]], gauges: Sequence[Mapping[str, Any]]) -> list[dict[str, Any]]:
    """Return the links with whether each gateway answers: by the service mirror's gauge, as far as there is one.

    Several service mirrors may speak of one cluster; one that gets no answer is enough.
    """
    told: dict[str, bool] = {}
    for gauge in gauges:
        cluster = str(mapping(gauge.get("labels")).get("target_cluster_name", ""))
        told[cluster] = told.get(cluster, True) and gauge.get("value") == 1
    return [{**link, **({"alive": told[link["cluster"]]} if link["cluster"] in told else {})} for link in links]
