"""Ways to alter the golden statement: those that make it contradict itself, and those that leave its meaning alone."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from attestor import merkle

Change = Callable[[dict[str, Any]], object]


def body(statement: dict[str, Any], name: str) -> dict[str, Any]:
    """Return the body of the predicate with this short name."""
    entries = statement["predicate"]["attestations"]
    found: dict[str, Any] = next(entry["attestation"] for entry in entries if f"/{name}/" in entry["type"])
    return found


def entry(statement: dict[str, Any], name: str) -> dict[str, Any]:
    """Return the whole entry of the predicate with this short name."""
    found: dict[str, Any] = next(e for e in statement["predicate"]["attestations"] if f"/{name}/" in e["type"])
    return found


def leaf(statement: dict[str, Any], name: str, number: int = 0) -> dict[str, Any]:
    """Return one leaf of a tree."""
    found: dict[str, Any] = body(statement, name)["leaves"][number]
    return found


def swap_material(statement: dict[str, Any]) -> None:
    """Put another file under a path, with its own leaf hash, and leave the root."""
    found = leaf(statement, "material")
    found["fileDigest"] = "ab" * 32
    found["leafHash"] = merkle.leaf_hash(found["fileDigest"])


def replace_report(statement: dict[str, Any]) -> None:
    """Let linkerd-check speak of another report than the product's."""
    body(statement, "linkerd-check")["check_digest_set"] = {"sha256": "cd" * 32}


def hide_edge(statement: dict[str, Any]) -> None:
    """Take a row away and leave the summary."""
    body(statement, "linkerd-check")["edge_report"].pop()


def hide_error(statement: dict[str, Any]) -> None:
    """Make a failed check of the report, and leave the summary."""
    body(statement, "linkerd-check")["check_report"]["categories"][0]["checks"][0]["result"] = "error"


REFUSED: dict[str, tuple[Change, str]] = {
    "material-file-swapped": (swap_material, "material root: "),
    "material-root-changed": (lambda s: body(s, "material").update(merkleRoot="0" * 64), "material root: "),
    "product-root-changed": (lambda s: body(s, "product").update(merkleRoot="0" * 64), "product root: "),
    "leaf-hash-flipped": (lambda s: leaf(s, "product").update(leafHash="0" * 64), "neither that of the content"),
    "leaf-hash-missing": (lambda s: leaf(s, "product").pop("leafHash"), "no leafHash"),
    "leaf-digest-upper-case": (lambda s: leaf(s, "product").update(fileDigest="AB" * 32), "no fileDigest"),
    "leaf-path-missing": (lambda s: leaf(s, "material").pop("path"), "has no path"),
    "leaf-path-twice": (lambda s: leaf(s, "material", 1).update(path="README.md"), "repeats a path"),
    "leaves-no-list": (lambda s: body(s, "material").update(leaves={}), "leaves is not a list"),
    "leaf-no-object": (lambda s: body(s, "material").update(leaves=["x"]), "has no path"),
    "tree-size-wrong": (lambda s: body(s, "material").update(treeSize=7), "treeSize is 7"),
    "tree-size-no-integer": (lambda s: body(s, "material").update(treeSize=1.0), "treeSize is not an integer"),
    "tree-size-true": (lambda s: body(s, "material").update(treeSize=True), "treeSize is not an integer"),
    "hash-algorithm-other": (lambda s: body(s, "product").update(hashAlgorithm="sha512"), "hashAlgorithm"),
    "construction-missing": (lambda s: body(s, "product").pop("construction"), "construction"),
    "root-no-hex": (lambda s: body(s, "product").update(merkleRoot="x"), "merkleRoot is not"),
    "product-leaves-gone": (lambda s: body(s, "product").pop("leaves"), "check report: "),
    "report-digest-not-the-products": (replace_report, "check report: "),
    "report-digest-missing": (lambda s: body(s, "linkerd-check").pop("check_digest_set"), "check report: "),
    "report-path-other": (lambda s: body(s, "linkerd-check").update(edges_file="x.json"), "edges report: "),
    "edge-hidden": (hide_edge, "edges_summary.total_edges"),
    "error-hidden": (hide_error, "check_summary.pass"),
    "error-count-lies": (lambda s: body(s, "linkerd-check")["check_summary"].update(error=1), "check_summary.error"),
    "count-a-boolean": (lambda s: body(s, "linkerd-check")["check_summary"].update(error=False), "check_summary.error"),
    "count-a-float": (
        lambda s: body(s, "linkerd-check")["edges_summary"].update(insecure=0.0),
        "edges_summary.insecure",
    ),
    "success-lies": (lambda s: body(s, "linkerd-check")["check_report"].update(success=False), "overall_success"),
    "summary-key-more": (lambda s: body(s, "linkerd-check")["edges_summary"].update(extra=1), "edges_summary.extra"),
    "namespace-hidden": (
        lambda s: body(s, "linkerd-check")["edges_summary"]["distinct_src_namespaces"].pop(),
        "distinct_src_namespaces",
    ),
    "check-report-missing": (lambda s: body(s, "linkerd-check").pop("check_report"), "check summary: "),
    "check-without-result": (
        lambda s: body(s, "linkerd-check")["check_report"]["categories"][0]["checks"][0].pop("result"),
        "result is missing",
    ),
    "edge-without-name": (lambda s: body(s, "linkerd-check")["edge_report"][0].pop("dst"), "dst is missing"),
    "edges-summary-without-rows": (lambda s: body(s, "linkerd-check").pop("edge_report"), "edges_summary.total_edges"),
    "subject-digest-other": (lambda s: s["subject"][0]["digest"].update(sha256="0" * 64), "subjects: "),
    "subject-of-no-predicate": (
        lambda s: s["subject"].append(
            {
                "name": "https://aflock.ai/attestations/git/v0.1/commithash:" + "9" * 40,
                "digest": {"sha1": "9" * 40},
            }
        ),
        "is in no predicate",
    ),
    "subject-without-digest": (lambda s: s["subject"][0].pop("digest"), "no name or no digest"),
    "ends-before-it-starts": (
        lambda s: entry(s, "product").update(endtime="2026-11-21T09:00:00Z"),
        "ends before it starts",
    ),
    "in-the-future": (lambda s: entry(s, "linkerd-check").update(endtime="2027-01-01T00:00:00Z"), "lies in the future"),
    "time-of-no-form": (lambda s: entry(s, "git").update(starttime="yesterday"), "not an RFC 3339 time"),
    "statement-type-other": (lambda s: s.update(_type="https://in-toto.io/Statement/v1"), "not a statement of type"),
    "predicate-type-other": (lambda s: s.update(predicateType="https://slsa.dev/provenance/v1"), "predicate type"),
    "predicate-twice": (
        lambda s: s["predicate"]["attestations"].append(s["predicate"]["attestations"][5]),
        "linkerd-check twice",
    ),
    "product-missing": (lambda s: s["predicate"]["attestations"].pop(4), "has no product"),
    "body-null": (lambda s: entry(s, "git").update(attestation=None), "has no body"),
    "collection-nameless": (lambda s: s["predicate"].pop("name"), "has no name"),
}


ACCEPTED: dict[str, Change] = {
    "untouched": lambda s: s,
    "leaves-in-another-order": lambda s: body(s, "material")["leaves"].reverse(),
    "namespaces-in-another-order": lambda s: body(s, "linkerd-check")["edges_summary"][
        "distinct_dst_namespaces"
    ].reverse(),
    "attestations-in-another-order": lambda s: s["predicate"]["attestations"].reverse(),
    "unknown-type": lambda s: s["predicate"]["attestations"].append(
        {
            "type": "urn:example:more:v1",
            "attestation": {"x": 1},
            "starttime": "2026-11-21T10:00:00Z",
            "endtime": "2026-11-21T10:00:00Z",
        }
    ),
    "subject-of-something-else": lambda s: s["subject"].append({"name": "release", "digest": {"sha256": "0" * 64}}),
    "times-with-an-offset": lambda s: entry(s, "git").update(
        starttime="2026-11-21T05:00:00-05:00", endtime="2026-11-21T11:00:00.123456789+01:00"
    ),
    "legacy-collection-type": lambda s: s.update(
        predicateType="https://witness.testifysec.com/attestation-collection/v0.1"
    ),
    "root-not-checkable": lambda s: body(s, "material").update(leaves=[]),
}
