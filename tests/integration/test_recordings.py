"""Every recorded situation of a mesh goes through the whole program, with the verdict and the exit code that it must have."""

from __future__ import annotations

import base64
import json
import re
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from tests.conftest import RECORDINGS, Run

ALLOW, DENY, NO_REPORT = 0, 1, 3

# Situation: exit code, rules that deny. The comment says what a reader might not expect.
SITUATIONS: dict[str, tuple[int, set[str]]] = {
    "anchor-expiring": (ALLOW, set()),  # a warning
    "anchor-rotated": (ALLOW, set()),  # only `check --proxy` would tell
    "bare-cluster": (DENY, {"mesh.checks_pass", "mesh.edges_captured", "mesh.report_complete"}),
    "control-plane-not-ready": (DENY, {"mesh.checks_pass", "mesh.report_complete"}),
    "data-plane-not-ready": (ALLOW, set()),  # only `check --proxy` would tell
    "edges-only": (DENY, {"mesh.checks_pass", "mesh.report_complete"}),
    "expired-anchor": (DENY, {"mesh.checks_pass", "mesh.report_complete"}),
    "expired-issuer": (DENY, {"mesh.checks_pass", "mesh.report_complete"}),
    "extension-garbage": (DENY, {"mesh.checks_pass"}),
    "extension-missing": (ALLOW, set()),  # a warning
    "extension-odd": (DENY, {"collection.capture_clean"}),  # a document that checked nothing
    "extension-trailing": (DENY, {"mesh.checks_pass"}),
    "external-plaintext": (ALLOW, set()),  # edges cannot show it
    "forbidden-all": (DENY, {"mesh.checks_pass", "mesh.edges_captured", "mesh.report_complete"}),
    "forbidden-secrets": (DENY, {"mesh.checks_pass", "mesh.report_complete"}),
    "full-rbac": (ALLOW, set()),
    "healthy": (ALLOW, set()),
    "healthy-offline": (ALLOW, set()),  # warnings
    "healthy-proxy": (ALLOW, set()),
    "insecure-edge": (DENY, {"mesh.edges_mtls"}),
    "issuer-expiring": (ALLOW, set()),  # a warning
    "large": (DENY, {"mesh.edges_mtls"}),
    "loopback": (DENY, {"mesh.edges_mtls"}),
    "metrics-api-down": (DENY, {"mesh.checks_pass", "mesh.edges_captured"}),
    "mixed-replicas": (ALLOW, set()),  # edges hide it
    "mixed-tls": (ALLOW, set()),  # edges hide it
    "mixed-tls-shown": (DENY, {"mesh.edges_mtls"}),
    "no-edges": (DENY, {"mesh.edges_present"}),
    "no-gateway-crds": (DENY, {"mesh.checks_pass", "mesh.report_complete"}),
    "no-kubeconfig": (DENY, {"mesh.checks_pass", "mesh.edges_captured", "mesh.report_complete"}),
    "no-linkerd": (DENY, {"mesh.checks_pass", "mesh.edges_captured", "mesh.report_complete"}),
    "no-viz": (DENY, {"mesh.edges_captured"}),
    "prometheus-down": (DENY, {"mesh.checks_pass", "mesh.edges_captured"}),
    "skipped-port": (DENY, {"mesh.edges_mtls"}),
    "stable-2.14": (ALLOW, set()),
    "statefulset": (ALLOW, set()),  # edges between deployments cannot show it
    "statefulset-meshed": (ALLOW, set()),
    "tls-disabled": (DENY, {"mesh.edges_mtls"}),  # no server identity and no reason either
    "unauthorized": (DENY, {"mesh.checks_pass", "mesh.edges_captured", "mesh.report_complete"}),
    "unmeshed-client": (ALLOW, set()),  # edges cannot show it
    "unreachable": (DENY, {"mesh.checks_pass", "mesh.edges_captured", "mesh.report_complete"}),
    "version-skew": (ALLOW, set()),  # warnings
}

# Recordings that lack one of the two reports, paired with another's: check from, edges from.
PAIRED: dict[str, tuple[str, str, int, set[str]]] = {
    # A Go panic: exit 2 and no edges.
    "identity-panic": ("healthy/check", "identity-panic/edges", DENY, {"mesh.edges_captured"}),
    "namespaces": ("healthy/check", "namespaces/edges-A-n", ALLOW, set()),
    "viz-check-killed": (
        "viz-check-killed/check",
        "healthy/edges",
        DENY,
        {"mesh.checks_pass", "mesh.report_complete"},
    ),
    # `check --proxy` in the place of a full check leaves categories out.
    "proxy-no-watch": ("proxy-no-watch/check-proxy", "healthy/edges", DENY, {"mesh.report_complete"}),
    # Exit 1 and nothing printed: there is no check report at all.
    "proxy-no-endpoints": ("proxy-no-endpoints/check-proxy", "healthy/edges", NO_REPORT, set()),
}


def denying_rules(said: str) -> set[str]:
    """Return the ids behind the reasons of a printed denial."""
    return set(re.findall(r"  \[((?:mesh|collection)\.[a-z_]+)\]$", said, re.MULTILINE))


def payload(tree: Path) -> dict[str, Any]:
    """Return the signed payload of a run in ``tree``."""
    envelope = json.loads((tree / "attestation.json").read_bytes())
    found: dict[str, Any] = json.loads(base64.b64decode(envelope["payload"]))
    return found


def predicate(tree: Path, name: str) -> dict[str, Any]:
    """Return one predicate's body by the short name of its type."""
    entries = payload(tree)["predicate"]["attestations"]
    found: dict[str, Any] = next(entry["attestation"] for entry in entries if f"/{name}/" in entry["type"])
    return found


def test_every_recording_has_its_verdict_here() -> None:
    """A situation that nobody judges is a situation that nobody tested."""
    folders = {folder.name for folder in RECORDINGS.iterdir() if folder.is_dir()}
    assert folders == set(SITUATIONS) | set(PAIRED)


@pytest.mark.parametrize("situation", sorted(SITUATIONS))
def test_recorded_situation(situation: str, run: Run, tree: Path) -> None:
    """The verdict, the exit code and the denying rules of a recorded situation are those stated above."""
    code, rules = SITUATIONS[situation]
    done = run(situation, "--trace", "off")
    assert (done.code, denying_rules(done.out)) == (code, rules), done.said
    assert ("ALLOW" in done.out, "DENY" in done.out) == (code == ALLOW, code == DENY)
    assert [entry["type"].rsplit("/", 2)[1] for entry in payload(tree)["predicate"]["attestations"]] == [
        "environment",
        "git",
        "material",
        "command-run",
        "product",
        "linkerd-check",
    ]


@pytest.mark.parametrize("situation", sorted(PAIRED))
def test_recorded_situation_paired(situation: str, run: Run, replay: Callable[..., Path], tree: Path) -> None:
    """A recording that lacks one of the reports has its verdict together with another's."""
    check, edges, code, rules = PAIRED[situation]
    done = run(replay(check=check, edges=edges), "--trace", "off")
    assert (done.code, denying_rules(done.out)) == (code, rules), done.said
    types = [entry["type"].rsplit("/", 2)[1] for entry in payload(tree)["predicate"]["attestations"]]
    assert ("linkerd-check" in types) == (code != NO_REPORT)


def test_every_edge_of_the_large_mesh_is_in_the_evidence(run: Run, tree: Path) -> None:
    """5,418 rows go in, 5,418 come out, and the three insecure ones are named."""
    done = run("large", "--trace", "off")
    summary = predicate(tree, "linkerd-check")["edges_summary"]
    assert (summary["total_edges"], summary["insecure"]) == (5418, 3)
    assert done.out.count("is not mTLS") == 3


def test_namespaces_are_asked_one_by_one(run: Run, replay: Callable[..., Path], tree: Path) -> None:
    """Each namespace has a command of its own, in sorted order, and rows that both report count once."""
    linkerd = replay(
        check="healthy/check",
        edges_n_emojivoto="namespaces/edges-n-emojivoto",
        edges_n_linkerd="namespaces/edges-n-emojivoto-n-linkerd",
    )
    done = run(linkerd, "--namespaces", "linkerd,emojivoto", "--trace", "off")
    assert done.code == ALLOW, done.said
    assert predicate(tree, "command-run")["cmd"][2] == (
        "linkerd check -o json > linkerd-check.json; "
        "linkerd viz edges deploy -n emojivoto -o json > linkerd-edges.json; "
        "linkerd viz edges deploy -n linkerd -o json >> linkerd-edges.json"
    )
    assert predicate(tree, "linkerd-check")["edges_summary"]["total_edges"] == 10


def test_a_requested_namespace_without_edges_denies(run: Run, replay: Callable[..., Path]) -> None:
    """An empty array for a namespace that was asked for is a denial, whatever the others hold."""
    linkerd = replay(
        check="healthy/check",
        edges_n_absent="namespaces/edges-n-absent",
        edges_n_emojivoto="namespaces/edges-n-emojivoto",
    )
    done = run(linkerd, "--namespaces", "absent emojivoto", "--trace", "off")
    assert (done.code, denying_rules(done.out)) == (DENY, {"collection.capture_clean", "collection.namespaces_covered"})
    assert "namespace absent has no edge" in done.out
