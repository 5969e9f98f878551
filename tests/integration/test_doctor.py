"""The doctor says everything that stands in a run's way, at once, and captures nothing."""

from __future__ import annotations

import json
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from attestor.cluster import rights
from tests import web
from tests.conftest import Done, KeyPair, Program
from tests.integration.conftest import Fake
from tests.unit.cluster.conftest import kubeconfig_of
from tests.web import Site, document

CONFIG = "/api/v1/namespaces/linkerd/configmaps/linkerd-config"
Doctor = Callable[..., Done]


@pytest.fixture
def site() -> Iterator[Site]:
    """A cluster in which everything is allowed."""
    with web.served() as found:
        found.put("/version", document({"gitVersion": "v1.35.4"}))
        found.put(CONFIG, document({"data": {"values": "linkerdVersion: edge-26.8.3\n"}}))
        found.put(rights.REVIEWS, document({"status": {"allowed": True}}, status=201))
        yield found


@pytest.fixture
def doctor(program: Program, site: Site, opa: Path, key: KeyPair, linkerd: Fake, tmp_path: Path) -> Doctor:
    config = tmp_path / "kubeconfig"
    config.write_text(kubeconfig_of(site.url, {"token": "canary-token"}), encoding="utf-8")
    cli = linkerd(version="echo edge-26.8.3")

    def call(*more: str | Path, **options: str | Path | None) -> Done:
        chosen: dict[str, str | Path | None] = {
            "kubeconfig": config,
            "signing-key": key.private,
            "opa": opa,
            "linkerd-path": cli,
        }
        chosen |= {name.replace("_", "-"): value for name, value in options.items()}
        words = [word for name, value in chosen.items() if value is not None for word in (f"--{name}", value)]
        env = {"NO_PROXY": "127.0.0.1", "no_proxy": "127.0.0.1"}
        done = program("doctor", *words, *more, cwd=tmp_path, env=env)
        assert "canary-token" not in done.said
        return done

    return call


def test_where_all_is_well_it_says_so(doctor: Doctor, site: Site) -> None:
    """Server, versions, tools; every right was asked for."""
    done = doctor()
    assert done.code == 0, done.said
    assert "nothing is in the way of a run" in done.out
    assert "answers, v1.35.4" in done.out
    assert "runs edge-26.8.3" in done.out
    assert site.asked.count(rights.REVIEWS) == len(rights.NEEDED)
    spec = json.loads(site.received[site.asked.index(rights.REVIEWS)])["spec"]
    assert spec == {"resourceAttributes": {"verb": "list", "resource": "namespaces"}}


def test_the_rights_of_the_coverage_are_asked_for_too(doctor: Doctor, site: Site) -> None:
    """Of linkerd's own kinds those that the cluster has; and the way to Prometheus, unless another one is named."""
    site.put("/apis", document({"groups": [{"name": "policy.linkerd.io"}]}))
    assert doctor("--coverage", "true").code == 0
    found = reviewed(site)
    assert {"verb": "list", "group": "policy.linkerd.io", "resource": "servers"} in found
    assert {"verb": "list", "resource": "events", "namespace": "linkerd"} in found
    assert {each.get("group") for each in found}.isdisjoint({"multicluster.linkerd.io", "gateway.networking.k8s.io"})
    forward = {"verb": "get", "resource": "pods", "subresource": "portforward", "namespace": "linkerd-viz"}
    assert forward in found
    assert doctor("--coverage", "true", "--prometheus-url", site.url).code == 0
    more = reviewed(site)[len(found) :]
    assert more
    assert forward not in more


def reviewed(site: Site) -> list[dict[str, str]]:
    """The rights that were asked about, in their order."""
    bodies = [site.received[at] for at, path in enumerate(site.asked) if path == rights.REVIEWS]
    return [json.loads(body)["spec"]["resourceAttributes"] for body in bodies]


def test_missing_rights_are_named_by_verb_and_resource(doctor: Doctor, site: Site) -> None:
    """Each with what is missing without it."""
    site.put(rights.REVIEWS, document({"status": {"allowed": False}}, status=201))
    done = doctor()
    assert done.code == 3
    for right in (
        "get secrets/linkerd-identity-issuer in namespace linkerd (for linkerd check)",
        "create pods/portforward in namespace linkerd-viz (for linkerd viz edges)",
        "list clusterroles.rbac.authorization.k8s.io (for linkerd check)",
    ):
        assert right in done.out


def test_a_cli_that_does_not_match_costs_something(doctor: Doctor, linkerd: Fake) -> None:
    """What, is said; it is in no run's way."""
    done = doctor(linkerd_path=linkerd(version="echo stable-2.14.10"))
    assert done.code == 0
    assert "the CLI is stable-2.14.10, the mesh edge-26.8.3" in done.out
    assert "checks that this CLI does not know are missing" in done.out


def test_a_server_out_of_reach_is_in_the_way(doctor: Doctor, tmp_path: Path) -> None:
    """Exit code 3, as a run would end."""
    config = tmp_path / "other"
    config.write_text(kubeconfig_of("https://127.0.0.1:1"), encoding="utf-8")
    done = doctor(kubeconfig=config)
    assert done.code == 3
    assert "cannot be reached" in done.out


def test_everything_wrong_here_is_said_at_once(doctor: Doctor, tmp_path: Path) -> None:
    """A login program that is not there, a key that is none, an opa that is missing, a wrong word."""
    config = tmp_path / "other"
    config.write_text(kubeconfig_of("https://c.example", {"exec": {"command": "kubelogin"}}), encoding="utf-8")
    key = tmp_path / "no.key"
    key.write_text("no key", encoding="ascii")
    done = doctor(kubeconfig=config, signing_key=key, opa=tmp_path / "no-opa", trace="maybe", in_cluster=None)
    assert done.code == 2
    for said in ("'kubelogin'", "no-opa", "trace is none of", "no.key"):
        assert said in done.out, said
    assert "Traceback" not in done.said


def test_without_a_key_the_rest_is_still_looked_at(doctor: Doctor) -> None:
    """It is told, and in nobody's way who wants to know about rights."""
    done = doctor(signing_key=None)
    assert done.code == 0
    assert "there is no signing key" in done.out


def test_without_a_kubeconfig_there_is_nothing_to_ask(doctor: Doctor, site: Site) -> None:
    """That is said."""
    done = doctor(kubeconfig=None)
    assert "there is no kubeconfig" in done.out
    assert site.asked == []
