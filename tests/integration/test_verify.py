"""`mesh-attestor verify` on evidence that somebody with the key has altered, and on what it must accept."""

from __future__ import annotations

import copy
import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from attestor import merkle, signing
from attestor.envelope import Envelope
from attestor.statement import Statement, encode
from tests import golden
from tests.conftest import ROOT, Done, KeyPair, Program

CILOCK = ROOT / "tests" / "fixtures" / "cilock-v4.1.0"
NOW = ("--now", "2026-11-21T12:00:00Z")

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


@pytest.fixture
def forge(key: KeyPair, tmp_path: Path) -> Callable[[Change], Path]:
    """Alter the golden statement, sign it again with the trusted key, and return the envelope's path."""
    signer = signing.load(key.private.read_bytes(), None, name="the key")

    def make(change: Change) -> Path:
        statement = copy.deepcopy(json.loads(golden.statement().payload))
        change(statement)
        path = tmp_path / "attestation.json"
        path.write_bytes(Envelope.seal(Statement(payload=encode(statement)), [signer]).to_bytes())
        return path

    return make


@pytest.fixture
def verify(program: Program, key: KeyPair, opa: Path) -> Callable[..., Done]:
    """Verify an envelope with the trusted key at a fixed time."""

    def call(envelope: Path, *more: str | Path) -> Done:
        return program("verify", envelope, "--key", key.public, "--opa", opa, *NOW, *more)

    return call


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


@pytest.mark.parametrize("case", sorted(REFUSED))
def test_a_forgery_with_a_good_signature_is_refused(
    case: str, forge: Callable[[Change], Path], verify: Callable[..., Done]
) -> None:
    """Evidence that contradicts itself is refused with exit 4, whoever signed it, and the reason is named."""
    change, said = REFUSED[case]
    done = verify(forge(change))
    assert (done.code, said in done.err) == (4, True), done.said


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


@pytest.mark.parametrize("case", sorted(ACCEPTED))
def test_what_leaves_the_meaning_alone_is_accepted(
    case: str, forge: Callable[[Change], Path], verify: Callable[..., Done]
) -> None:
    """An order that nobody promised, and more than is asked for, is no forgery."""
    done = verify(forge(ACCEPTED[case]))
    assert done.code == 0, done.said
    assert ("not checkable" in done.out) == (case == "root-not-checkable")


PINS: dict[str, tuple[tuple[str, ...], int]] = {
    "same-cluster": (("--cluster", "golden"), 0),
    "other-cluster": (("--cluster", "prod"), 1),
    "no-cluster": (("--cluster", ""), 1),
    "same-step": (("--step", "linkerd-mesh-check"), 0),
    "other-step": (("--step", "build"), 1),
    "same-commit": (("--commit", "1" * 40), 0),
    "other-commit": (("--commit", "2" * 40), 1),
    "same-version": (("--expect-version", "stable-2.14.10"), 0),
    "other-version": (("--expect-version", "edge-26.8.3"), 1),
    "young": (("--max-age", "3h"), 0),
    "old": (("--max-age", "1h"), 1),
}


@pytest.mark.parametrize("case", sorted(PINS))
def test_good_evidence_about_something_else_is_denied(
    case: str, forge: Callable[[Change], Path], verify: Callable[..., Done]
) -> None:
    """A pin that does not hold is a denial, not a forgery; the verifier's own environment has no part in it."""
    options, code = PINS[case]
    done = verify(forge(ACCEPTED["untouched"]), *options)
    assert done.code == code, done.said
    assert ("is not what was asked about" in done.out) == (code == 1)


def test_the_answer_for_a_program(forge: Callable[[Change], Path], verify: Callable[..., Done]) -> None:
    """`--format json` prints one object with verdict, findings, rules and reasons, also for a forgery."""
    found = json.loads(verify(forge(ACCEPTED["untouched"]), "--format", "json").out)
    assert (found["verdict"], found["exit_code"], found["violations"], found["unknown_types"]) == ("allow", 0, [], [])
    assert {finding["result"] for finding in found["findings"]} == {"ok"}
    assert len(found["rules"]) == 11
    forged = json.loads(verify(forge(hide_edge), "--format", "json").out)
    assert (forged["verdict"], forged["exit_code"]) == ("error", 4)


def test_a_report_on_disk_must_be_the_one_in_the_evidence(
    forge: Callable[[Change], Path], verify: Callable[..., Done], tmp_path: Path
) -> None:
    """`--report` compares the file's digest; another file of that name is refused."""
    report = tmp_path / "linkerd-check.json"
    report.write_bytes(golden.report("stable-2.14", "check").data)
    assert verify(forge(ACCEPTED["untouched"]), "--report", report).code == 0
    report.write_bytes(b"{}")
    assert verify(forge(ACCEPTED["untouched"]), "--report", report).code == 4


def test_a_threshold_counts_distinct_keys(
    forge: Callable[[Change], Path], verify: Callable[..., Done], key: KeyPair
) -> None:
    """One key given twice is one key."""
    done = verify(forge(ACCEPTED["untouched"]), "--key", key.public, "--threshold", "2")
    assert (done.code, "1 trusted keys signed the envelope, and 2 are needed" in done.err) == (4, True)


def test_the_verifiers_cluster_name_does_not_colour_the_evidence(
    forge: Callable[[Change], Path], program: Program, key: KeyPair, opa: Path
) -> None:
    """The peer takes an absent cluster name from the verifier's environment; here it stays absent."""
    path = forge(lambda s: (body(s, "linkerd-check").pop("cluster_name"), s["subject"].pop(-1)))
    done = program(
        "verify",
        path,
        "--key",
        key.public,
        "--opa",
        opa,
        *NOW,
        "--cluster",
        "prod",
        env={"LINKERD_CLUSTER_NAME": "prod"},
    )
    assert done.code in {1, 4}, done.said


@pytest.mark.parametrize(("name", "code"), [("allow", 0), ("deny", 1)])
def test_evidence_of_a_real_cilock(name: str, code: int, program: Program, opa: Path) -> None:
    """Envelopes that cilock v4.1.0 signed are derived again and judged like ours."""
    envelope = CILOCK / name / "attestation.json"
    done = program("verify", envelope, "--key", CILOCK / "key.pub", "--opa", opa)
    assert done.code == code, done.said
    assert "content-only" in done.out


@pytest.mark.parametrize(
    "options",
    [
        ("--threshold", "0"),
        ("--threshold", "x"),
        ("--commit", "HEAD"),
        ("--max-age", "old"),
        ("--format", "xml"),
        ("--report", "/nonexistent"),
    ],
    ids=["zero", "word", "commit", "age", "format", "report"],
)
def test_an_odd_question_is_a_settings_error(
    options: tuple[str, str], forge: Callable[[Change], Path], verify: Callable[..., Done]
) -> None:
    """What cannot be asked ends in 2."""
    assert verify(forge(ACCEPTED["untouched"]), *options).code == 2
