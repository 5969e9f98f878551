"""Links, and whether their gateways answer."""

from __future__ import annotations

from typing import Any

import pytest

from attestor.coverage import links

LINK = {"namespace": "linkerd-multicluster", "name": "west", "cluster": "west"}


def test_a_link_is_kept() -> None:
    """Not the name of the Secret with the other cluster's credentials."""
    spec = {
        "targetClusterName": "west",
        "targetClusterDomain": "west.example",
        "gatewayAddress": "192.0.2.1",
        "gatewayPort": "4143",
        "gatewayIdentity": "linkerd-gateway.linkerd-multicluster.serviceaccount.identity.linkerd.west.example",
        "clusterCredentialsSecret": "cluster-credentials-west",
    }
    found = links.keep({"metadata": {"namespace": "linkerd-multicluster", "name": "west"}, "spec": spec})
    assert found == {
        **LINK,
        "domain": "west.example",
        "gateway": "192.0.2.1:4143",
        "gateway_identity": spec["gatewayIdentity"],
    }


@pytest.mark.parametrize(
    ("gauges", "alive"),
    [
        ([{"metric": {"target_cluster_name": "west"}, "value": [0, "1"]}], True),
        ([{"metric": {"target_cluster_name": "west"}, "value": [0, "0"]}], False),
        ([{"metric": {"target_cluster_name": "east"}, "value": [0, "1"]}], None),
        ([{"metric": {}, "value": [0, "1"]}, 7, {"metric": {"target_cluster_name": "west"}, "value": []}], None),
        ([], None),
    ],
)
def test_a_gateway(gauges: list[Any], alive: bool | None) -> None:
    """What nobody counted is not known, and not alive."""
    (found,) = links.alive([LINK], gauges)
    assert found.get("alive") is alive
