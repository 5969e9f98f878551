"""The mesh says which release it runs, or the missing right and the way out are named."""

from __future__ import annotations

import pytest

from attestor.cluster import mesh
from attestor.cluster.client import Client
from attestor.cluster.credentials import Credentials
from attestor.errors import CaptureError
from tests.web import Site, document

PATH = "/api/v1/namespaces/linkerd/configmaps/linkerd-config"


def ask(api: Site) -> str:
    return mesh.version(Client(Credentials(server=api.url)))


def put(api: Site, values: str) -> None:
    api.put(PATH, document({"kind": "ConfigMap", "data": {"values": values}}))


@pytest.mark.parametrize("tag", ["edge-25.5.2", "stable-2.14.10", "enterprise-2.17.1-3"])
def test_the_control_planes_configuration_names_the_release(api: Site, tag: str) -> None:
    """Whatever channel it is of."""
    put(api, f"clusterDomain: cluster.local\nlinkerdVersion: {tag}\n")
    assert ask(api) == tag


@pytest.mark.parametrize(
    "values", ["", "linkerdVersion: dev-undefined", "linkerdVersion: ../../x", "a: [", "- x", "linkerdVersion: 2.14"]
)
def test_what_is_no_tag_becomes_no_address(api: Site, values: str) -> None:
    """The option that names one is named."""
    put(api, values)
    with pytest.raises(CaptureError, match="names no release") as caught:
        ask(api)
    assert "linkerd-version" in caught.value.remedy


@pytest.mark.parametrize(
    ("status", "cause"),
    [(403, "may not get configmaps/linkerd-config"), (401, "expired"), (404, "no Linkerd"), (500, "")],
)
def test_a_refusal_names_the_right_and_the_way_out(api: Site, status: int, cause: str) -> None:
    """It ends the capture before it began, which is exit code 3."""
    api.put(PATH, document({"message": "no"}, status=status))
    with pytest.raises(CaptureError, match="get configmaps/linkerd-config in namespace linkerd") as caught:
        ask(api)
    assert cause in caught.value.cause
    assert "linkerd-version" in caught.value.remedy
    assert caught.value.exit_code == 3
