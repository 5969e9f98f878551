"""Each file of ``deploy/rbac`` in a real API server: a token made from it does its job, and nothing beside it."""

from __future__ import annotations

import json
import re
from collections.abc import Callable, Iterator, Mapping
from contextlib import ExitStack
from pathlib import Path
from typing import Any

import pytest

from attestor.capture.coverage import objects, traffic
from attestor.clock import Clock
from attestor.cluster import rights
from attestor.cluster.client import Client
from attestor.cluster.inquiry import Inquiry
from attestor.cluster.rights import Right
from attestor.coverage.part import Part, Scope
from tests import covered, roles
from tests.conftest import ROOT, Done, Program
from tests.forwarding import Forwarding
from tests.integration.cluster.meshed import Mesh, namespaced
from tests.integration.conftest import Fake
from tests.roles import Grant
from tests.worlds import Object

pytestmark = pytest.mark.cluster

OWN, VIZ = "mesh-attestor", "linkerd-viz"
PROMETHEUS, METRICS_API = "prometheus-b6zqrsrvzs-lfklh", "metrics-api-dm57dsx47d"
MULTICLUSTER = ROOT / "tests" / "fixtures" / "worlds" / "multicluster" / "crds.json"
GRANTS = roles.grants("coverage")
Observe = Callable[[str], Mapping[str, Part]]
Token = Callable[..., str]


def kind(group: str, version: str, name: str) -> Object:
    """A kind without a schema, for one that no chart of Linkerd's has yet."""
    names = {"kind": name, "plural": f"{name.lower()}s", "singular": name.lower(), "listKind": f"{name}List"}
    schema = {"openAPIV3Schema": {"type": "object", "x-kubernetes-preserve-unknown-fields": True}}
    served = {"name": version, "served": True, "storage": True, "schema": schema}
    return {
        "apiVersion": "apiextensions.k8s.io/v1",
        "kind": "CustomResourceDefinition",
        "metadata": {"name": f"{names['plural']}.{group}"},
        "spec": {"group": group, "names": names, "scope": "Namespaced", "versions": [served]},
    }


@pytest.fixture(scope="module")
def mesh(mesh_world: Mesh, mesh_kubelet: Forwarding) -> Iterator[Mesh]:
    """The mesh with every kind that is asked for, one link, and viz's Prometheus behind its kubelet."""
    more = [*json.loads(MULTICLUSTER.read_text(encoding="utf-8")), kind("policy.linkerd.io", "v1alpha1", "GRPCRoute")]
    spec = {"targetClusterName": "west", "gatewayAddress": "192.0.2.1", "gatewayPort": "4143", "gatewayIdentity": "g"}
    link = {
        "apiVersion": "multicluster.linkerd.io/v1alpha3",
        "kind": "Link",
        "metadata": {"name": "west", "namespace": "linkerd-multicluster"},
        "spec": spec,
    }
    mesh_world.install(more)
    with mesh_world.added(namespaced("linkerd-multicluster"), link):
        yield mesh_world
    mesh_world.each(mesh_world.remove, more)


@pytest.fixture(scope="module")
def observe(mesh: Mesh) -> Observe:
    """Gather every part but linkerd's own with a token, viz's Prometheus asked by a port-forward."""

    def call(token: str, scope: Scope | None = None) -> Mapping[str, Part]:
        access = mesh.access(token)

        def find(inquiry: Inquiry) -> traffic.Asked | None:
            return traffic.find(inquiry, "", VIZ, access)

        return covered.asked(Client(access), find, scope or Scope())

    return call


def incomplete(parts: Mapping[str, Part]) -> dict[str, set[str]]:
    """The codes of each part that is not whole."""
    return {name: {reason.code for reason in part.reasons} for name, part in parts.items() if part.reasons}


@pytest.fixture(scope="module")
def token(mesh: Mesh) -> Iterator[Token]:
    """A token of the account with the rights of these files: what was applied before is taken away."""
    with ExitStack() as stack:
        applied: list[str] = []

        def call(*names: str) -> str:
            if applied != [*names]:
                stack.close()
                for name in names:
                    stack.enter_context(mesh.applied(name))
                applied[:] = names
            found = mesh.token()
            settle(mesh, found, [grant for name in names for grant in roles.grants(name)])
            return found

        yield call


def settle(mesh: Mesh, found: str, given: list[Grant]) -> None:
    """Wait until the API server, which reads its roles by and by, grants what was given, and not what was before."""
    refused = [grant for name in roles.NAMES for grant in roles.grants(name) if not roles.granted(right(grant), given)]
    client = Client(mesh.access(found))

    def agrees() -> bool:
        missing = rights.missing(client, map(right, given))
        return not missing and len(rights.missing(client, map(right, refused))) == len(refused)

    mesh.until(agrees, "the roles are not what was applied")


def right(grant: Grant) -> Right:
    return Right(**vars(grant))


def test_coverage_is_complete_with_its_own_file(token: Token, observe: Observe) -> None:
    """Every part, over the whole cluster and over one namespace of it."""
    found = token("coverage")
    parts = observe(found)
    assert incomplete(parts) == {}
    assert sorted(parts) == ["authorization", "cluster", "identity", "links", "traffic", "workloads"]
    assert [link["cluster"] for link in listed(parts, "links", "links")] == ["west"]
    assert len(listed(parts, "workloads", "pods")) == 14
    assert listed(parts, "traffic", "silent") == []


def listed(parts: Mapping[str, Part], part: str, name: str) -> list[Any]:
    found = parts[part].body[name]
    assert isinstance(found, list)
    return found


@pytest.fixture(scope="module")
def reduced(mesh: Mesh) -> Iterator[Mapping[Grant, str]]:
    """For each right of the coverage, the token of an account that has all others."""
    items = [item for number, grant in enumerate(GRANTS) for item in account(f"without-{number}", grant)]
    with ExitStack() as stack:
        stack.enter_context(mesh.all_added([namespaced("reduced")], items))
        yield {grant: mesh.token(f"without-{number}", "reduced") for number, grant in enumerate(GRANTS)}


def account(name: str, without: Grant) -> Iterator[Object]:
    """An account, and in each namespace, and for all, one role with what the coverage has there but one right."""
    yield {"apiVersion": "v1", "kind": "ServiceAccount", "metadata": {"name": name, "namespace": "reduced"}}
    for namespace in sorted({grant.namespace for grant in GRANTS}):
        rules = [grant.rule() for grant in GRANTS if grant.namespace == namespace and grant != without]
        role = "Role" if namespace else "ClusterRole"
        meta = {"name": f"{name}-reduced"} | ({"namespace": namespace} if namespace else {})
        common = {"apiVersion": "rbac.authorization.k8s.io/v1", "metadata": meta}
        yield {**common, "kind": role, "rules": rules}
        subject = {"kind": "ServiceAccount", "name": name, "namespace": "reduced"}
        ref = {"apiGroup": "rbac.authorization.k8s.io", "kind": role, "name": meta["name"]}
        yield {**common, "kind": f"{role}Binding", "subjects": [subject], "roleRef": ref}


@pytest.mark.parametrize("grant", GRANTS, ids=str)
def test_without_one_right_the_part_that_needs_it_is_not_complete(
    grant: Grant, reduced: Mapping[Grant, str], mesh: Mesh, observe: Observe
) -> None:
    """That part, and no other; for the reason that it is forbidden."""
    rest = [other for other in GRANTS if other != grant]
    settle(mesh, reduced[grant], rest)
    lost = [wanted for wanted in rights.coverage() if not roles.granted(wanted, rest)]
    parts = {wanted.needed_for.split()[2] for wanted in lost}
    found = observe(reduced[grant])
    assert incomplete(found) == {name: {"forbidden"} for name in parts}
    said = " ".join(f"{reason.source} {reason.detail}" for part in parts for reason in found[part].reasons)
    assert grant.resource in said
    assert grant.name in said


DRY = "?dryRun=All"
CONFIG = "/api/v1/namespaces/linkerd/configmaps"
SECRETS = "/api/v1/namespaces/linkerd/secrets"
POD = f"/api/v1/namespaces/{VIZ}/pods/{PROMETHEUS}"
ISSUER = ("GET", f"{SECRETS}/linkerd-identity-issuer")
ALWAYS: tuple[tuple[str, str], ...] = (
    ("GET", SECRETS),
    ("GET", "/api/v1/secrets"),
    ("GET", f"{SECRETS}/another"),
    ("GET", "/api/v1/namespaces/kube-system/secrets/linkerd-identity-issuer"),
    ("GET", f"{POD}/log"),
    ("GET", f"{POD}/exec?command=id"),
    ("POST", f"{POD}/exec?command=id"),
    ("POST", f"{POD}/attach"),
    ("GET", f"{POD}/proxy/"),
    ("POST", "/api/v1/namespaces/emojivoto/pods/web-rp8jg8qw5z-mwrdq/portforward"),
    ("GET", "/api/v1/namespaces/emojivoto/pods/web-rp8jg8qw5z-mwrdq/portforward"),
    ("GET", "/api/v1/pods?watch=true"),
    ("GET", "/api/v1/configmaps"),
    ("GET", CONFIG),
    ("GET", f"{CONFIG}/kube-root-ca.crt"),
    ("GET", "/api/v1/namespaces/emojivoto/configmaps"),
    ("GET", "/api/v1/namespaces/emojivoto/configmaps/linkerd-config"),
    ("GET", "/api/v1/events"),
    ("POST", f"/api/v1/namespaces/emojivoto/pods{DRY}"),
    ("DELETE", f"{POD}{DRY}"),
    ("PATCH", f"/api/v1/namespaces/emojivoto{DRY}"),
    ("PUT", f"{CONFIG}/linkerd-config{DRY}"),
    ("POST", f"/apis/policy.linkerd.io/v1beta3/namespaces/emojivoto/servers{DRY}"),
    ("POST", f"/apis/rbac.authorization.k8s.io/v1/clusterrolebindings{DRY}"),
    ("POST", f"/api/v1/namespaces/{OWN}/serviceaccounts/{OWN}/token"),
    ("GET", f"/api/v1/namespaces/{OWN}/serviceaccounts"),
    ("PATCH", f"/apis/admissionregistration.k8s.io/v1/mutatingwebhookconfigurations/x{DRY}"),
)
REFUSED = {
    "edges-only": (*ALWAYS, ISSUER, ("GET", "/api/v1/pods"), ("GET", "/api/v1/nodes"), ("GET", POD)),
    "coverage": (
        *ALWAYS,
        ISSUER,
        ("GET", "/api/v1/nodes"),
        ("GET", f"/api/v1/namespaces/{VIZ}/events"),
        ("GET", f"/api/v1/namespaces/{VIZ}/configmaps"),
        ("GET", POD),
    ),
    "full-check": (*ALWAYS, ("GET", f"/api/v1/namespaces/{VIZ}/secrets"), ("GET", POD)),
}


@pytest.mark.parametrize("name", roles.NAMES)
def test_one_thing_more_is_refused(name: str, token: Token, mesh: Mesh) -> None:
    """Secrets, logs, shells, other people's configuration, and whatever writes."""
    found = token(name)
    said = {(method, path): mesh.status(method, path, found) for method, path in REFUSED[name]}
    assert {asked: status for asked, status in said.items() if status != 403} == {}


def test_edges_only_can_do_what_linkerd_does(token: Token, mesh: Mesh) -> None:
    """Find the extension, its pod and Deployment, and open a port; the last is refused for its form, not its right."""
    found = token("edges-only")
    pods = f"/api/v1/namespaces/{VIZ}/pods"
    replicas = f"/apis/apps/v1/namespaces/{VIZ}/replicasets/{METRICS_API}"
    for path in ("/version", "/api/v1/namespaces", pods, replicas):
        assert mesh.status("GET", path, found) == 200, path
    assert mesh.status("POST", f"{POD}/portforward?ports=9090", found) == 400


def test_a_full_check_is_granted_all_that_it_needs(token: Token, mesh: Mesh) -> None:
    """By the server's own reviews of access, those for the check of proxies, too."""
    assert rights.missing(Client(mesh.access(token("full-check"))), [*rights.NEEDED, *rights.PROXY]) == []


def test_the_issuers_key_is_what_a_full_check_gives_away(token: Token, mesh: Mesh) -> None:
    """A token of its file reads it, as the file says; one of the others does not."""
    meta = {"name": "linkerd-identity-issuer", "namespace": "linkerd"}
    secret = {"apiVersion": "v1", "kind": "Secret", "metadata": meta, "data": {"key.pem": "Y2FuYXJ5"}}
    with mesh.added(secret):
        said = {name: mesh.status(*ISSUER, token(name)) for name in roles.NAMES}
    assert said == {"edges-only": 403, "coverage": 403, "full-check": 200}


def test_two_files_add_up(token: Token) -> None:
    """They share the account, and one is taken away without the other: ``token`` waits for just these rights."""
    assert token("coverage", "edges-only") != token("coverage")


Doctor = Callable[..., Done]


@pytest.fixture
def doctor(mesh: Mesh, program: Program, opa: Path, linkerd: Fake, tmp_path: Path) -> Doctor:
    """The doctor's word on a token, with the coverage."""
    cli = linkerd(version="echo edge-26.8.3")

    def call(found: str, *more: str) -> Done:
        config = tmp_path / "kubeconfig"
        config.write_text(mesh.cluster.kubeconfig({"token": found}), encoding="utf-8")
        options = ("--kubeconfig", config, "--opa", opa, "--linkerd-path", cli, "--coverage", "true")
        return program("doctor", *options, *more, cwd=tmp_path, env={"NO_PROXY": "127.0.0.1", "no_proxy": "127.0.0.1"})

    return call


def named(done: Done) -> set[str]:
    """The rights that the doctor misses, with what they are for."""
    return set(re.findall(r"missing right +(.+?\))", " ".join(done.out.replace("|", " ").split())))


def test_the_doctor_names_what_the_coverage_lacks(token: Token, doctor: Doctor) -> None:
    """With the file for a full check alone, exactly what the other grants besides; with both nothing."""
    given = roles.grants("full-check")
    lacking = {f"{found} (for {found.needed_for})" for found in rights.coverage() if not roles.granted(found, given)}
    done = doctor(token("full-check"))
    assert (done.code, named(done)) == (3, lacking), done.said
    done = doctor(token("coverage", "full-check"))
    assert (done.code, named(done)) == (0, set()), done.said


def test_the_doctor_asks_for_what_is_configured(token: Token, doctor: Doctor) -> None:
    """A Prometheus of one's own needs no port-forward, and some namespaces not all of them."""
    url = "http://127.0.0.1:9"
    given = roles.grants("full-check")
    wanted = rights.coverage(("emojivoto",), url)
    lacking = {f"{found} (for {found.needed_for})" for found in wanted if not roles.granted(found, given)}
    done = doctor(token("full-check"), "--prometheus-url", url, "--namespaces", "emojivoto")
    assert named(done) == lacking, done.said
    assert not any("portforward" in found for found in lacking)


def plain(name: str) -> Object:
    spec = {"containers": [{"name": "app", "image": "app"}], "nodeName": "lab-node-1"}
    return {"apiVersion": "v1", "kind": "Pod", "metadata": {"namespace": "many", "name": name}, "spec": spec}


class Busy:
    """A client in whose cluster a pod ends and another starts while a list is read."""

    def __init__(self, client: Client, mesh: Mesh) -> None:
        self._client, self._mesh = client, mesh
        self.asked: list[str] = []

    def get(self, path: str) -> Mapping[str, Any]:
        answer = self._client.get(path)
        if path.startswith("/api/v1/namespaces/many/pods"):
            if not self.asked:
                self._mesh.remove(plain("pod-599"))
                self._mesh.put(plain("pod-000-new"))
            self.asked.append(path)
        return answer


def test_many_pods_come_in_pages(mesh: Mesh, token: Token) -> None:
    """Of 600 none is left out and none comes twice, though one goes and one comes while they are read."""
    pods = [plain(f"pod-{number:03}") for number in range(600)]
    with mesh.all_added([namespaced("many")], pods[:-1]):
        mesh.put(pods[-1])
        client = Busy(Client(mesh.access(token("coverage"))), mesh)
        inquiry = Inquiry(client, Clock())
        part = objects.observe_workloads(inquiry, Scope(namespaces=("many",)), objects.Found())
        mesh.remove(plain("pod-000-new"))
    assert part.reasons == ()
    assert [pod["name"] for pod in listed({"workloads": part}, "workloads", "pods")] == [
        pod["metadata"]["name"] for pod in pods
    ]
    assert len(client.asked) == 3
    assert all("limit=250" in path for path in client.asked)
