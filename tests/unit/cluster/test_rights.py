"""The rights of the coverage: what the doctor names, what ``deploy/rbac`` grants, and what is asked, are the same."""

from __future__ import annotations

import re
import subprocess
from collections.abc import Iterable
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest
import yaml

from attestor.cluster import rights
from attestor.cluster.rights import Right
from attestor.coverage.part import Scope
from tests import covered, roles
from tests.conftest import ROOT
from tests.roles import Grant
from tests.worlds import Counters, World

SCOPED = ("emojivoto", "linkerd-viz")
FORWARD = "pods/portforward"


def bare(found: Iterable[Right]) -> set[Right]:
    """Rights without the words for what they are needed."""
    return {replace(right, needed_for="") for right in found}


def kind(group: str, name: str) -> dict[str, Any]:
    spec = {"group": group, "names": {"kind": name}, "versions": [{"name": "v1alpha1"}]}
    return {"metadata": {"name": name}, "spec": spec}


def questions(*namespaces: str) -> set[Right]:
    """What a run asks of a world in which every kind is served."""
    world = World()
    world.crds += [kind("multicluster.linkerd.io", "Link"), kind("policy.linkerd.io", "GRPCRoute")]
    covered.parts(Counters(world=world), Scope(namespaces=namespaces), {})
    return bare(right for target in world.asked if (right := roles.asked(target)) is not None)


@pytest.mark.parametrize("namespaces", [(), SCOPED], ids=["all", "some"])
def test_what_is_asked_is_what_is_named(namespaces: tuple[str, ...]) -> None:
    """Right by right: none that is not used, none that is missing."""
    assert questions(*namespaces) == bare(rights.coverage(namespaces, "http://prometheus:9090"))


def test_a_prometheus_of_ones_own_needs_no_way_into_a_pod() -> None:
    """The others are the port-forward and the list of pods in which it ends."""
    more = set(rights.coverage()) - set(rights.coverage((), "http://prometheus:9090"))
    assert {(right.verb, right.resource, right.namespace) for right in more} == {
        ("list", "pods", "linkerd-viz"),
        ("get", FORWARD, "linkerd-viz"),
        ("create", FORWARD, "linkerd-viz"),
    }


@pytest.mark.parametrize("namespaces", [(), SCOPED], ids=["all", "some"])
def test_coverage_is_granted_every_right_that_it_needs(namespaces: tuple[str, ...]) -> None:
    """By its file alone."""
    given = roles.grants("coverage")
    assert [str(right) for right in rights.coverage(namespaces) if not roles.granted(right, given)] == []


@pytest.mark.parametrize("grant", roles.grants("coverage"), ids=str)
def test_coverage_is_granted_nothing_that_it_does_not_need(grant: Grant) -> None:
    """Without any one of them, something that is asked for is refused."""
    rest = [other for other in roles.grants("coverage") if other != grant]
    wanted = [*rights.coverage(), *rights.coverage(SCOPED)]
    assert [right for right in wanted if not roles.granted(right, rest)]


def test_a_full_check_is_granted_every_right_that_it_needs() -> None:
    """Those of the check of proxies, too."""
    given = roles.grants("full-check")
    wanted = [*rights.NEEDED, *rights.PROXY]
    assert [str(right) for right in wanted if not roles.granted(right, given)] == []


OF_HIGH_AVAILABILITY = Grant("get", "apps", "deployments", "linkerd")


@pytest.mark.parametrize("grant", roles.grants("full-check"), ids=str)
def test_a_full_check_is_granted_nothing_that_it_does_not_need(grant: Grant) -> None:
    """But for what linkerd asks of a mesh of high availability alone, which others need not have."""
    rest = [other for other in roles.grants("full-check") if other != grant]
    wanted = [*rights.NEEDED, *rights.PROXY]
    assert [right for right in wanted if not roles.granted(right, rest)] or grant == OF_HIGH_AVAILABILITY


def test_edges_are_granted_what_they_need_and_no_more() -> None:
    """As linkerd's own code asks."""
    edges = {replace(right, needed_for="") for right in rights.NEEDED if right.needed_for == "linkerd viz edges"}
    edges.add(Right(verb="list", resource="namespaces", needed_for=""))
    assert {replace(Right(**vars(grant)), needed_for="") for grant in roles.grants("edges-only")} == edges


@pytest.mark.parametrize("name", roles.NAMES)
def test_no_role_writes_or_takes_more_than_it_names(name: str) -> None:
    """No wildcard, no verb that changes anything but the port-forward's, no Secret but those of a full check."""
    for grant in roles.grants(name):
        assert "*" not in str(grant)
        assert grant.verb in {"get", "list"} or (grant.verb, grant.resource) == ("create", FORWARD)
        if grant.resource == "secrets":
            assert (name, grant.verb) == ("full-check", "get")
            assert grant.name
            assert grant.namespace


@pytest.mark.parametrize("name", roles.NAMES)
def test_every_rule_says_what_it_is_for(name: str) -> None:
    """In a comment right above it."""
    lines = (roles.FOLDER / f"{name}.yaml").read_text(encoding="utf-8").splitlines()
    rules = [number for number, line in enumerate(lines) if line.startswith("  - apiGroups:")]
    assert rules
    assert [lines[number] for number in rules if not lines[number - 1].startswith("  # ")] == []


def test_the_issuers_key_is_spoken_of_where_it_is_given_away() -> None:
    """At the top of the file, in its README, and in the project's."""
    first = (roles.FOLDER / "full-check.yaml").read_text(encoding="utf-8").partition("apiVersion")[0]
    for text in (first, *((folder / "README.md").read_text(encoding="utf-8") for folder in (roles.FOLDER, ROOT))):
        assert re.search("issuer's private\\s+key", text, re.IGNORECASE), text[:80]


@pytest.mark.parametrize("name", roles.NAMES)
def test_every_role_is_bound_to_the_one_account(name: str) -> None:
    """Each binding names the role beside it, and whose labels it can be taken away by."""
    items = roles.documents(name)
    bound = {
        (item["kind"].removesuffix("Binding"), item["metadata"].get("namespace")) for item in items if "roleRef" in item
    }
    assert bound == {(item["kind"], item["metadata"].get("namespace")) for item in items if "rules" in item}
    for item in items:
        if "rules" in item or "roleRef" in item:
            assert item["metadata"]["labels"] == {"mesh-attestor/rights": name}
        if "roleRef" in item:
            assert item["roleRef"]["name"] == item["metadata"]["name"] == f"mesh-attestor-{name}"
            assert [(who["namespace"], who["name"]) for who in item["subjects"]] == [("mesh-attestor", "mesh-attestor")]


KUBECTL = """#!/bin/sh
case "$*" in
"create token mesh-attestor --namespace mesh-attestor --duration 15m") printf %s short-lived ;;
"config view --minify --raw --output jsonpath={.clusters[0].cluster.server}") printf %s https://api.example:6443 ;;
"config view --minify --raw --flatten --output jsonpath={.clusters[0].cluster.certificate-authority-data}") printf %s Q0E= ;;
*) echo "not of the page: $*" >&2; exit 1 ;;
esac
"""


def test_the_commands_of_the_page_make_a_kubeconfig(tmp_path: Path) -> None:
    """Of the token alone: nothing of the administrator's own credentials is in it, and nobody else can read it."""
    (script,) = re.findall(
        r"```sh\n(token=.*?)```", (roles.FOLDER / "README.md").read_text(encoding="utf-8"), re.DOTALL
    )
    (tmp_path / "kubectl").write_text(KUBECTL, encoding="utf-8")
    (tmp_path / "kubectl").chmod(0o755)
    env = {"PATH": f"{tmp_path}:/usr/bin:/bin"}
    subprocess.run(["sh", "-eu", "-c", script], cwd=tmp_path, env=env, check=True)
    made = tmp_path / "mesh.kubeconfig"
    assert made.stat().st_mode & 0o777 == 0o600
    cluster = {"server": "https://api.example:6443", "certificate-authority-data": "Q0E="}
    assert yaml.safe_load(made.read_text(encoding="utf-8")) == {
        "apiVersion": "v1",
        "kind": "Config",
        "current-context": "mesh",
        "contexts": [{"name": "mesh", "context": {"cluster": "mesh", "user": "mesh-attestor"}}],
        "clusters": [{"name": "mesh", "cluster": cluster}],
        "users": [{"name": "mesh-attestor", "user": {"token": "short-lived"}}],
    }
