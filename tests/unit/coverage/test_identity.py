"""Whom a recorded mesh believes, and what else it could say."""

from __future__ import annotations

from typing import Any

import pytest

from attestor.coverage import cluster, identity
from attestor.coverage.certificates import Bundles, NoCertificates
from tests.unit.coverage.test_certificates import OTHER, P256, made, pem

ROOT = made(P256)
SUFFIX = "serviceaccount.identity.linkerd.cluster.local"


def pod(**changes: Any) -> dict[str, Any]:
    found = {"namespace": "shop", "name": "web-1", "service_account": "web", "state": "covered"}
    return {**found, "identity": f"web.shop.{SUFFIX}", **changes}


def test_an_issuer_that_an_anchor_signed_chains() -> None:
    """The issuer's certificate is public; its key is not looked for."""
    issuer = made(OTHER, by=(P256, "root"), name="issuer")
    found = identity.issuer(pem(issuer), pem(ROOT), "linkerd.io/tls")
    assert (found["issuer"]["subject"], found["issuer_chains"]) == ("CN=issuer", True)
    assert identity.issuer(pem(issuer), pem(made(OTHER)), "linkerd.io/tls")["issuer_chains"] is False
    assert identity.issuer(pem(issuer), "", "linkerd.io/tls")["issuer_chains"] is False


@pytest.mark.parametrize(
    ("scheme", "why"), [("kubernetes.io/tls", "no Secret is read"), ("linkerd.io/tls", "names no certificate")]
)
@pytest.mark.parametrize("told", [None, "", " \n"])
def test_an_issuer_that_is_not_told_is_not_seen(told: str | None, scheme: str, why: str) -> None:
    """With cert-manager it stands in a Secret only."""
    found = identity.issuer(told, pem(ROOT), scheme)
    assert set(found) == {"issuer_unseen"}
    assert why in found["issuer_unseen"]


def test_copies_are_compared_with_the_config_map() -> None:
    """Pods without a copy take the ConfigMap's; pods that are not covered do not count."""
    bundles = Bundles()
    same, other = bundles.digest(pem(ROOT)), bundles.digest(pem(made(OTHER)))
    pods = [pod(trust_anchors_sha256=same), pod(trust_anchors_sha256=same, name="web-2")]
    pods += [pod(trust_anchors_sha256=other, name="web-3"), pod(), pod(trust_anchors_sha256=other, state="finished")]
    found = {copy["sha256"]: copy for copy in identity.copies(pods, bundles, pem(ROOT))}
    assert (found[same]["agrees"], found[same]["pods"], found[same]["example"]) == (True, 2, "shop/web-1")
    assert (found[other]["agrees"], found[other]["pods"], found[other]["example"]) == (False, 1, "shop/web-3")
    assert [copy["agrees"] for copy in identity.copies(pods[:1], bundles, "")] == [False]


@pytest.mark.parametrize(
    ("changes", "domain", "valid"),
    [
        ({}, "cluster.local", True),
        ({}, "prod.example", False),
        ({}, "", False),
        ({"identity": f"web.other.{SUFFIX}"}, "cluster.local", False),
        ({"identity": f"admin.shop.{SUFFIX}"}, "cluster.local", False),
        ({"identity": f"web.shop.{SUFFIX}.evil"}, "cluster.local", False),
        ({"identity": "spiffe://cluster.local/ns/shop/sa/web"}, "cluster.local", False),
        ({"identity": ""}, "cluster.local", False),
    ],
)
def test_an_identity_is_of_its_pod_and_of_the_mesh(changes: dict[str, str], domain: str, valid: bool) -> None:
    """Whatever is of another form, or somebody else's, is not valid."""
    (found,) = identity.in_use([pod(**changes)], "linkerd", domain)
    assert found["valid"] is valid


def test_identities_are_listed_once() -> None:
    """With how many pods have each; pods that are not covered have none."""
    found = identity.in_use([pod(), pod(name="web-2"), pod(state="uncovered")], "linkerd", "cluster.local")
    assert [(one["identity"], one["pods"]) for one in found] == [(f"web.shop.{SUFFIX}", 2)]


def test_anchors_come_from_their_key() -> None:
    """A ConfigMap of another shape holds none."""
    assert identity.anchors({"data": {"ca-bundle.crt": "x"}}) == "x"
    wrongs: list[dict[str, Any]] = [{}, {"data": {}}, {"data": {"ca-bundle.crt": ""}}, {"data": {"ca-bundle.crt": 7}}]
    for wrong in wrongs:
        with pytest.raises(ValueError, match=r"no ca-bundle\.crt"):
            identity.anchors(wrong)
    with pytest.raises(NoCertificates):
        identity.trusted("x")


def test_an_external_workload_is_kept() -> None:
    """With the identity that its own issuer gave it."""
    tls = {"identity": "spiffe://example.org/vm", "serverName": "vm.example"}
    item = {"metadata": {"namespace": "shop", "name": "vm"}, "spec": {"meshTLS": tls}}
    found = identity.keep_external(item)
    assert found == {"namespace": "shop", "name": "vm", "identity": tls["identity"], "server_name": "vm.example"}


@pytest.mark.parametrize(
    ("event", "when"),
    [
        ({"lastTimestamp": "2026-11-21T10:00:00Z", "eventTime": "x"}, "2026-11-21T10:00:00Z"),
        ({"lastTimestamp": None, "series": {"lastObservedTime": "2026-11-21T11:00:00Z"}}, "2026-11-21T11:00:00Z"),
        ({"eventTime": "2026-11-21T12:00:00.5Z"}, "2026-11-21T12:00:00.5Z"),
        ({}, ""),
    ],
)
def test_an_event_was_last_seen(event: dict[str, Any], when: str) -> None:
    """Older and newer API clients fill other fields."""
    assert identity.keep_event(event) == when


def test_the_values_of_linkerd_are_read() -> None:
    """Of all of them only what matters here."""
    text = (
        "linkerdVersion: edge-26.8.3\nclusterDomain: a.example\nproxy: {image: {version: v1}, tracing: {enabled: true,"
    )
    text += " collector: {endpoint: c:4317}}}\nidentity: {issuer: {scheme: kubernetes.io/tls}, externalCA: true}\n"
    found = cluster.linkerd(cluster.values({"data": {"values": text}}))
    assert found == {
        "version": "edge-26.8.3",
        "issuer_scheme": "kubernetes.io/tls",
        "external_ca": True,
        "proxy_version": "v1",
        "trust_domain": "a.example",
        "tracing": {"enabled": True, "collector": "c:4317"},
    }


@pytest.mark.parametrize(
    ("values", "tracing"),
    [
        ("a: 1", None),
        ("trace-collector-svc-addr: jaeger:14268", {"enabled": True, "collector": "jaeger:14268"}),
        ("proxy: {tracing: {enabled: false, collector: {endpoint: ''}}}", {"enabled": False}),
        ("proxy: {tracing: {enabled: 'true'}}", {"enabled": False}),
    ],
)
def test_tracing(values: str, tracing: dict[str, Any] | None) -> None:
    """A section of newer releases, an address of older ones; a word is no boolean."""
    assert cluster.linkerd(cluster.values({"data": {"values": values}})).get("tracing") == tracing


@pytest.mark.parametrize(
    "config", [{}, {"data": {}}, {"data": {"values": ""}}, {"data": {"values": "- 1"}}, {"data": {"values": "a: b: c"}}]
)
def test_a_config_that_cannot_be_read_is_refused(config: dict[str, Any]) -> None:
    """It is no mesh with all the defaults."""
    with pytest.raises(ValueError, match="linkerd-config holds no values"):
        cluster.values(config)
