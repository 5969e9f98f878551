"""What is claimed about evidence: six predicates, in their order and with the peer's keys."""

from __future__ import annotations

import hashlib
import json
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest

from attestor import predicates, reports
from attestor.clock import Span
from attestor.evidence import Exclusion, File, ReportFile, Tree
from attestor.predicates import command_run, environment, material, product
from attestor.reports import Reports
from attestor.statement import Predicate
from tests import golden

FIXTURES = Path(__file__).parent.parent.parent / "fixtures"
VECTORS = json.loads((FIXTURES / "rookery-recorded" / "derived-vectors.json").read_bytes())
EVIDENCE = golden.evidence()
SPAN = Span(started=golden.BEGUN, finished=golden.BEGUN)
NONE = Reports(check=None, edges=None, defects=())


def report(path: Path, name: str) -> ReportFile:
    data = path.read_bytes()
    return ReportFile(path=name, data=data, sha256=hashlib.sha256(data).hexdigest())


def files(*named: tuple[str, str]) -> Tree:
    return Tree(span=SPAN, files=tuple(File(path=path, sha256=digest) for path, digest in named))


def subjects(predicate: Predicate) -> dict[str, dict[str, str]]:
    return {subject.name: dict(subject.digest) for subject in predicate.subjects}


def built(predicate: Predicate | None) -> Predicate:
    assert predicate is not None
    return predicate


def test_a_collection_holds_the_six_types_in_their_order() -> None:
    """Whatever was observed first."""
    found = predicates.build(EVIDENCE, reports.read(EVIDENCE))
    assert [predicate.type.removeprefix("https://aflock.ai/attestations/") for predicate in found] == [
        "environment/v0.1",
        "git/v0.1",
        "material/v0.3",
        "command-run/v0.1",
        "product/v0.3",
        "linkerd-check/v0.1",
    ]


@pytest.mark.parametrize("missing", ["file", "report"])
def test_without_a_check_report_the_other_five_are_built(missing: str) -> None:
    """What was seen is signed all the same."""
    understood = reports.read(EVIDENCE)
    evidence = replace(EVIDENCE, check=None) if missing == "file" else EVIDENCE
    understood = replace(understood, check=None) if missing == "report" else understood
    found = predicates.build(evidence, understood)
    assert [predicate.type.rsplit("/", 2)[1] for predicate in found] == [
        "environment",
        "git",
        "material",
        "command-run",
        "product",
    ]


def test_the_environment_is_masked_and_has_the_kernel() -> None:
    """Secrets by name and by value; the host's names also where they are empty."""
    host = replace(
        EVIDENCE.host, hostname="", username="", variables={"B_TOKEN": "x", "A": "has hunter2-x in it", "C": "c"}
    )
    body = environment.build(replace(EVIDENCE, host=host, secrets=("hunter2-x",)), NONE).body
    assert list(body.items()) == [
        ("os", "linux"),
        ("hostname", ""),
        ("username", ""),
        ("variables", {"A": "******", "B_TOKEN": "******", "C": "c"}),
        ("kernel", "6.1.0-golden"),
    ]
    assert "variables" not in environment.build(replace(EVIDENCE, host=replace(host, variables={})), NONE).body


def test_an_empty_tree_of_material_keeps_its_empty_list() -> None:
    """A signed word that nothing was consumed; of products the peer leaves it out."""
    body = material.build(replace(EVIDENCE, material=files()), NONE).body
    common = {
        "merkleRoot": VECTORS["merkle"]["empty_root"],
        "treeSize": 0,
        "hashAlgorithm": "sha256",
        "construction": "RFC6962",
    }
    assert body == common | {"leaves": []}
    assert product.build(replace(EVIDENCE, product=files()), NONE).body == common


@pytest.mark.parametrize("name", ["fixture_material", "fixture_product", "real_two_files", "with_duplicate_content"])
def test_trees_have_the_peers_root_over_every_path(name: str) -> None:
    """Each path is listed with its leaf hash; size and root speak of the distinct contents; the root is a subject."""
    vector = VECTORS["merkle"][name]
    tree = files(*sorted(vector["files"].items()))
    expected = vector["content_only"]
    hashes = {leaf["fileDigest"]: leaf["leafHash"] for leaf in expected["leaves"]}
    made = material.build(replace(EVIDENCE, material=tree), NONE), product.build(replace(EVIDENCE, product=tree), NONE)
    for predicate, subject in zip(made, ("tree:materials", "tree:products"), strict=True):
        body: dict[str, Any] = dict(predicate.body)
        assert (body["merkleRoot"], body["treeSize"]) == (expected["merkleRoot"], expected["treeSize"])
        assert body["leaves"] == [
            {"path": path, "fileDigest": digest, "leafHash": hashes[digest]}
            for path, digest in sorted(vector["files"].items())
        ]
        assert subjects(predicate) == {subject: {"sha256": expected["merkleRoot"]}}
        assert predicate.back_references == predicate.subjects


@pytest.mark.parametrize(
    ("path", "kind"),
    [
        ("linkerd-check.json", ""),
        ("a/x.SARIF", "sarif"),
        ("x.sarif.json", "sarif"),
        ("x.slsa-provenance.json", "slsa-provenance"),
        ("x.intoto.jsonl", "intoto"),
        ("x.intoto.dsse", "intoto-dsse"),
        ("x.dsse", "intoto-dsse"),
        ("x.spdx.yml", "spdx"),
        ("x.cdx.xml", "cyclonedx"),
        ("bom.json", "cyclonedx"),
        ("a/Bom.json", "cyclonedx"),
        ("abom.json", ""),
        ("x.csaf.json", "vex"),
        ("dsse", ""),
    ],
)
def test_products_that_are_evidence_themselves_are_named(path: str, kind: str) -> None:
    """By the peer's words, from the end of the name."""
    assert product.kind_of(path) == kind
    body: dict[str, Any] = dict(product.build(replace(EVIDENCE, product=files((path, "00" * 32))), NONE).body)
    assert [leaf.get("kind", "") for leaf in body["leaves"]] == [kind]


def test_a_path_left_out_twice_is_told_once() -> None:
    """A path that both looks left out stands once in the evidence, with the later reason."""
    trees = [replace(files(), excluded=(Exclusion(path="k", reason=reason),)) for reason in ("first", "second")]
    evidence = replace(EVIDENCE, material=trees[0], product=trees[1])
    capture: Any = command_run.build(evidence, NONE).body["capture"]
    assert capture["excluded"] == [{"path": "k", "reason": "second"}]


@pytest.mark.parametrize(
    ("kind", "ends"),
    [
        ("slsa-provenance", ".slsa-provenance.json"),
        ("intoto", ".intoto.jsonl .intoto.json"),
        ("intoto-dsse", ".intoto.dsse .dsse"),
        ("spdx", ".spdx.json .spdx.yaml .spdx.yml"),
        ("cyclonedx", ".cdx.json .cdx.xml /bom.json"),
        ("sarif", ".sarif.json .sarif"),
        ("vex", ".vex.json .csaf.json"),
    ],
)
def test_every_end_of_a_name_has_its_kind(kind: str, ends: str) -> None:
    """The peer's list, and nothing of it in the middle of a name."""
    for end in ends.split():
        assert product.kind_of(f"a{end}") == product.kind_of(f"A{end.upper()}") == kind
        assert product.kind_of(f"a{end}.txt") == ""
