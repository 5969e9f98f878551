"""Each thing that edges cannot show, made to happen to a recorded mesh: which rules find it, and nothing else does.

Every situation goes the whole way, from the API's objects to the signed predicate to the gate, all by one call of opa.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from functools import partial
from pathlib import Path
from typing import Any

import pytest
from cryptography import x509
from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.asymmetric import ec, rsa
from cryptography.hazmat.primitives.serialization import Encoding
from cryptography.x509.oid import NameOID

from attestor import engine, gate
from attestor.coverage.part import Scope
from attestor.policies import Policy, Section, catalogue
from attestor.verdict import Verdict, Violation
from attestor.verification import coverage as verification
from attestor.verification.finding import State
from tests import covered
from tests.worlds import Counters, World

Edit = Callable[[Counters], object]
RULES = sorted(catalogue.needing("coverage"))
ALWAYS = {"collection.inbound_policy", "collection.ports_authenticated", "collection.injection_enforced"}
"""What Linkerd's own defaults are found by: clients without an identity get in, and so do pods while it is away."""
NOW = datetime.now(UTC)


@dataclass(frozen=True)
class Case:
    """What happens to the mesh, which rules find it, by what words, and what is configured for that."""

    edit: Edit
    finds: Mapping[str, str]
    parameters: Mapping[str, Mapping[str, Any]] = field(default_factory=dict)
    recording: Mapping[str, str] = field(default_factory=dict)
    scope: Scope = field(default_factory=Scope)


def nothing(_: Counters) -> None:
    """The mesh is healthy."""


def unmeshed(counters: Counters, **changes: Any) -> Any:
    return counters.world.unmeshed(counters.world.pod("emojivoto", "web"), name="web-old-1", **changes)


def annotated(counters: Counters, **annotations: str) -> None:
    made = unmeshed(counters)
    made["metadata"]["annotations"] = annotations


def on_the_nodes_network(counters: Counters) -> None:
    unmeshed(counters)["spec"]["hostNetwork"] = True


def initiated(counters: Counters, *args: str) -> None:
    containers = counters.world.pod("emojivoto", "voting")["spec"]["initContainers"]
    next(found for found in containers if found["name"] == "linkerd-init")["args"] = list(args)


def proxied(counters: Counters, name: str, value: str, prefix: str = "voting") -> None:
    spec = counters.world.pod("emojivoto", prefix)["spec"]
    both = [found for found in spec["containers"] + spec["initContainers"] if found["name"] == "linkerd-proxy"]
    entry = next(found for found in both[0]["env"] if found["name"] == name)
    entry["value"] = value


def anchor(days: float, key: Any = None, hash_: Any = None, *, ca: bool = True) -> str:
    """Return a root that ends in so many days."""
    key = key or ec.generate_private_key(ec.SECP256R1())
    name = x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, "identity.linkerd.cluster.local")])
    end = NOW + timedelta(days=days)
    builder = x509.CertificateBuilder().subject_name(name).issuer_name(name).public_key(key.public_key())
    builder = builder.serial_number(7).not_valid_before(NOW - timedelta(days=400)).not_valid_after(end)
    builder = builder.add_extension(x509.BasicConstraints(ca=ca, path_length=None), critical=True)
    return builder.sign(key, hash_ or hashes.SHA256()).public_bytes(Encoding.PEM).decode("ascii")


def believing(counters: Counters, pem: str) -> None:
    """Make a whole mesh believe this anchor, which is its issuer, too."""
    world = counters.world
    old = next(m for m in world.of_kind("ConfigMap") if m["metadata"]["name"] == "linkerd-identity-trust-roots")
    before = old["data"]["ca-bundle.crt"].strip()
    old["data"]["ca-bundle.crt"] = pem
    for pod in world.of_kind("Pod"):
        for container in pod["spec"]["containers"] + pod["spec"].get("initContainers", []):
            for entry in container.get("env", []):
                if entry.get("value", "").strip() == before:
                    entry["value"] = pem
    config = next(m for m in world.of_kind("ConfigMap") if m["metadata"]["name"] == "linkerd-config")
    lines = config["data"]["values"].splitlines()
    body = [line.strip() for line in before.splitlines()]
    kept = [line for line in lines if line.strip() not in body]
    for heading, indent in (("crtPEM: |", 8), ("identityTrustAnchorsPEM: |", 2)):
        at = next(i for i, line in enumerate(kept) if line.strip() == heading)
        kept[at + 1 : at + 1] = [" " * indent + line for line in pem.strip().splitlines()]
    config["data"]["values"] = "\n".join(kept)


def rotated(counters: Counters) -> None:
    """Replace the anchor, and restart nothing."""
    roots = next(
        m for m in counters.world.of_kind("ConfigMap") if m["metadata"]["name"] == "linkerd-identity-trust-roots"
    )
    roots["data"]["ca-bundle.crt"] = anchor(300)


def counted(counters: Counters, part: str, /, **labels: str) -> None:
    """Let Prometheus answer the query that holds ``part`` by one series."""
    counters.rows[part] = [{"metric": labels, "value": [0, "3"]}]


def seen(counters: Counters) -> None:
    """Prometheus knows one pod, and not the others."""
    meta = counters.world.pod("emojivoto", "web")["metadata"]
    who = {"namespace": meta["namespace"], "pod": meta["name"]}
    counters.rows["tcp_open_total|tcp_open_connections"] = [{"metric": who, "value": [0, "7"]}]


def without(counters: Counters, kind: str) -> None:
    world = counters.world
    world.objects = [item for item in world.objects if item["kind"] != kind]


def refusing(counters: Counters, *paths: str) -> None:
    counters.world.refused = paths


def policy(counters: Counters, kind: str, spec: Mapping[str, Any], version: str = "v1alpha1") -> None:
    meta = {"namespace": "emojivoto", "name": "added"}
    counters.world.add({"apiVersion": f"policy.linkerd.io/{version}", "kind": kind, "metadata": meta, "spec": spec})


def ignoring(counters: Counters) -> None:
    """As linkerd installs it without high availability."""
    counters.world.objects = [item for item in counters.world.objects if item["kind"] != "MutatingWebhookConfiguration"]


def linked(counters: Counters, alive: str) -> None:
    spec = {"group": "multicluster.linkerd.io", "names": {"kind": "Link"}, "versions": [{"name": "v1alpha2"}]}
    counters.world.crds.append({"metadata": {"name": "links"}, "spec": spec})
    link = {"targetClusterName": "west", "gatewayAddress": "192.0.2.1", "gatewayPort": "4143", "gatewayIdentity": "g"}
    meta = {"namespace": "linkerd-multicluster", "name": "west"}
    counters.world.add(
        {"apiVersion": "multicluster.linkerd.io/v1alpha2", "kind": "Link", "metadata": meta, "spec": link}
    )
    counters.rows["gateway_alive"] = [{"metric": {"target_cluster_name": "west"}, "value": [0, alive]}]


def identities(value: str) -> Edit:
    return partial(proxied, name="LINKERD2_PROXY_IDENTITY_LOCAL_NAME", value=value)


_IN = 'tls!~"true|opaque"'
_OUT = 'no_tls_reason!="loopback"'
_POD = {"namespace": "emojivoto", "pod": "voting-1", "target_port": "8080"}
_PLAIN = {**_POD, "tls": "no_identity", "no_tls_reason": "no_tls_from_remote"}
_SENT = {**_POD, "tls": "no_identity", "no_tls_reason": "not_provided_by_service_discovery"}
_WEAK = rsa.generate_private_key(public_exponent=65537, key_size=1024)

CASES: Mapping[str, Case] = {
    "healthy": Case(nothing, {}),
    "healthy-high-standards": Case(
        nothing,
        {"anchors_pinned": "", "cluster_bound": "", "tracing_on": "", "network_policies": "emojivoto"},
        {
            "anchors_pinned": {"sha256": ["0" * 64]},
            "cluster_bound": {"uids": ["another"]},
            "tracing_on": {},
            "network_policies": {"namespaces": ["emojivoto"]},
        },
    ),
    "mixed-replicas": Case(unmeshed, {"workloads_covered": "emojivoto"}),
    "opted-out": Case(
        lambda counters: annotated(counters, **{"linkerd.io/inject": "disabled"}), {"workloads_opted_out": "emojivoto"}
    ),
    "host-network": Case(on_the_nodes_network, {"host_network": "emojivoto"}),
    "skipped-port": Case(
        lambda counters: initiated(counters, "--inbound-ports-to-ignore", "4190,4191,7070"), {"ports_skipped": "7070"}
    ),
    "unmeshed-namespace": Case(
        lambda counters: unmeshed(counters, namespace="legacy"),
        {"workloads_covered": "legacy"},
        {"workloads_covered": {"namespaces": ["legacy"]}},
    ),
    "unmeshed-namespace-of-nobody": Case(lambda counters: unmeshed(counters, namespace="legacy"), {}),
    "anchor-rotated": Case(
        rotated, {"anchors_agree": "", "proxy_checks_pass": ""}, recording={"check_proxy": "anchor-rotated"}
    ),
    "anchor-expired": Case(
        lambda counters: believing(counters, anchor(-1)), {"certificates_valid": "", "certificates_expire": ""}
    ),
    "anchor-expiring": Case(lambda counters: believing(counters, anchor(9)), {"certificates_expire": ""}),
    "anchor-weak": Case(lambda counters: believing(counters, anchor(300, _WEAK)), {"certificates_strong": "RSA 1024"}),
    "unmeshed-client": Case(lambda counters: counted(counters, _IN, **_PLAIN), {"traffic_encrypted": "voting-1"}),
    "mixed-tls": Case(
        lambda counters: counted(counters, _OUT, **_SENT, dst_namespace="emojivoto", dst_pod="emoji-1"),
        {"traffic_encrypted": "emoji-1"},
    ),
    "external-plaintext": Case(lambda counters: counted(counters, _OUT, **_SENT, target_ip="203.0.113.10"), {}),
    "external-plaintext-asked-for": Case(
        lambda counters: counted(counters, _OUT, **_SENT, target_ip="203.0.113.10"),
        {"traffic_encrypted": "203.0.113.10"},
        {"traffic_encrypted": {"external": True}},
    ),
    "opaque-tls": Case(
        lambda counters: counted(counters, 'tls="opaque"', **_POD, tls="opaque", sni="app.example"),
        {"traffic_identified": "app.example"},
    ),
    "foreign-identity": Case(
        lambda counters: counted(
            counters, 'direction="inbound"', client_id="web.emojivoto.serviceaccount.identity.linkerd.evil"
        ),
        {"identities_valid": "evil"},
    ),
    "identity-of-another-form": Case(identities("spiffe://example.org/voting"), {"identities_valid": "spiffe"}),
    "not-scraped": Case(seen, {"traffic_observed": "emoji"}),
    "statefulset": Case(nothing, {"pod_edges_mtls": "redis"}, recording={"edges_pod": "statefulset"}),
    "no-injector": Case(ignoring, {}),
    "gateway-down": Case(lambda counters: linked(counters, "0"), {"links_alive": "west"}),
    "gateway-up": Case(lambda counters: linked(counters, "1"), {}),
    "policy-of-nothing": Case(
        lambda counters: policy(
            counters, "Server", {"podSelector": {"matchLabels": {"app": "nobody"}}, "port": 1}, "v1beta3"
        ),
        {"authorization_matches": "added"},
    ),
    "pods-forbidden": Case(lambda counters: refusing(counters, "/pods"), {"coverage_complete": "forbidden"}),
    "no-prometheus": Case(lambda counters: setattr(counters, "there", False), {"coverage_complete": "traffic"}),
    "linkerd-config-forbidden": Case(
        lambda counters: refusing(counters, "/linkerd-config"), {"coverage_complete": "cluster"}
    ),
}


def found(case: Case) -> Any:
    counters = Counters(world=World())
    case.edit(counters)
    return covered.opened(covered.coverage(counters, case.scope, **case.recording))


def short(finding: Violation) -> str:
    return finding.rule.removeprefix("collection.")


@pytest.fixture(scope="module")
def verdicts(opa: Path, tmp_path_factory: pytest.TempPathFactory) -> Mapping[str, Verdict]:
    """The verdict on every case: those that configure nothing by one call of opa, each of the others by its own."""
    asked = engine.find(opa, tmp_path_factory.mktemp("opa"))
    plain = [name for name, case in CASES.items() if not case.parameters]
    given = gate.judge_all([found(CASES[name]) for name in plain], asked, now=NOW, allow_replay=True)
    judged = dict(zip(plain, given, strict=True))
    for name, case in CASES.items():
        if case.parameters:
            parameters = {f"collection.{rule}": value for rule, value in case.parameters.items()}
            levels = dict.fromkeys(parameters, "deny")
            section = Section(levels=levels, parameters=parameters)
            judged[name] = gate.judge(
                found(case), asked, now=NOW, allow_replay=True, policy=Policy(sections=(section,))
            )
    return judged


@pytest.mark.parametrize("name", CASES)
def test_a_situation_is_found_by_its_rules(name: str, verdicts: Mapping[str, Verdict]) -> None:
    """By these, in these words, and by no other but those that find Linkerd's own defaults."""
    verdict = verdicts[name]
    findings = [finding for finding in (*verdict.violations, *verdict.warnings) if finding.rule in RULES]
    told = {short(finding) for finding in findings if finding.rule not in ALWAYS}
    extra = {"coverage_complete"} if name in {"pods-forbidden", "no-prometheus", "linkerd-config-forbidden"} else set()
    assert told >= set(CASES[name].finds)
    if not extra:
        assert told == set(CASES[name].finds), [finding.message for finding in findings]
    for rule, words in CASES[name].finds.items():
        assert any(short(finding) == rule and words in finding.message for finding in findings), rule


def test_every_rule_about_coverage_has_a_situation() -> None:
    """A rule that no world makes speak is a rule that nobody tried."""
    told = {f"collection.{rule}" for case in CASES.values() for rule in case.finds} | ALWAYS
    assert told | {"collection.coverage_required"} == set(RULES)


@pytest.mark.parametrize("name", CASES)
def test_every_situation_verifies(name: str) -> None:
    """However bad, and however little could be read: evidence of it is no contradiction, and fits the schema."""
    finding = verification.examine(found(CASES[name]).bodies["coverage"])
    assert finding.state is State.OK, finding.detail
