"""The schemas of both inputs: evidence that there is fits them, and the embedded rules compile against them."""

from __future__ import annotations

import json
import subprocess
from datetime import datetime
from pathlib import Path
from typing import Any

import pytest

from attestor import collection, gate, predicates, reports
from attestor.clock import parse_rfc3339
from attestor.envelope import Envelope
from attestor.policies import EMBEDDED, Policy, Section, Waiver
from attestor.policies.own import compiler
from tests import golden
from tests.conftest import RECORDINGS, ROOT

NOW: datetime = parse_rfc3339("2026-11-21T12:00:00Z")
FIXTURES = ROOT / "tests" / "fixtures"


def schema(name: str) -> dict[str, Any]:
    found: dict[str, Any] = json.loads(compiler.schema(name).read_bytes())
    return found


def misfits(opa: Path, name: str, documents: list[dict[str, Any]]) -> list[Any]:
    """Return what opa's own validator finds wrong with ``documents``."""
    query = "[wrong | [fits, wrong] := json.match_schema(input.documents[_], input.schema); not fits]"
    question = json.dumps({"schema": schema(name), "documents": documents}).encode()
    argv = [str(opa), "eval", "--format", "json", "--stdin-input", query]
    done = subprocess.run(argv, input=question, capture_output=True, check=True)
    answer: list[Any] = json.loads(done.stdout)["result"][0]["expressions"][0]["value"]
    return answer


def test_the_predicate_of_every_recording_fits(opa: Path) -> None:
    """Whatever linkerd printed: all that becomes a predicate is in the schema."""
    found = []
    for folder in sorted(RECORDINGS.iterdir()):
        if (folder / "check.json").is_file() and (folder / "edges.json").is_file():
            evidence = golden.evidence(folder.name)
            built = predicates.build(evidence, reports.read(evidence))
            found += [json.loads(json.dumps(one.body)) for one in built if one.type == predicates.linkerd_check.TYPE]
    assert len(found) > 20
    assert misfits(opa, "predicate", found) == []
    assert misfits(opa, "predicate", [{**found[0], "Cluster": "x"}]) != []


def full() -> Policy:
    """A policy with everything that a policy can have."""
    waiver = Waiver(rule="a.b", selector={"source": "a/b"}, owner="o", reason="r", expires="2026-12-01", ticket="T-1")
    section = Section(
        levels={"mesh.warning_budget": "warn"},
        parameters={"mesh.warning_budget": {"max": 1}},
        namespaces=("a",),
        workloads=("a/b",),
    )
    return Policy(sections=(section,), waivers=(waiver,))


def test_the_gates_input_fits(opa: Path) -> None:
    """The golden collection, without a policy and with a whole one."""
    opened = collection.opened(golden.statement().payload)
    found = [gate.gate_input(opened, NOW, allow_replay=False, policy=policy) for policy in (EMBEDDED, full())]
    assert misfits(opa, "collection", found) == []
    assert misfits(opa, "collection", [found[0] | {"more": 1}]) != []


def test_the_peers_evidence_fits(opa: Path) -> None:
    """Recorded from rookery v4.1.0 and from earlier ones."""
    files = [FIXTURES / "rookery-recorded" / "attestation.json", *sorted((FIXTURES / "cilock-v4.1.0").glob("*/*.json"))]
    found = []
    for file in files:
        if b'"payloadType":"application/vnd.in-toto+json"' in (data := file.read_bytes()):
            opened = collection.opened(Envelope.parse(data).payload)
            found.append(gate.gate_input(opened, NOW, allow_replay=False))
    assert found
    assert misfits(opa, "collection", found) == []


def test_the_collections_predicate_is_the_bare_one() -> None:
    """Two files, one format; and a baseline is a collection."""
    bare, whole = schema("predicate"), schema("collection")["properties"]
    assert whole["linkerd_check"]["properties"] == bare["properties"]
    assert whole["baseline"]["properties"] == {name: whole[name] for name in whole["baseline"]["properties"]}


@pytest.mark.parametrize(("family", "name"), [("mesh", "predicate"), ("collection", "collection")])
def test_the_embedded_rules_refer_to_nothing_outside(opa: Path, family: str, name: str) -> None:
    """Ours are held to what a team's own are; one rule is asked again with what others left over."""
    rules = [path for path in gate.modules(gate.policy_folder())[1:] if path.parent.name == family]
    internal = [path for path in rules if path.stem == "waivers_used"]
    argv = [str(opa), "check", "--strict", "--schema", str(compiler.schema(name))]
    done = subprocess.run([*argv, *map(str, set(rules) - set(internal))], capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stderr
    assert len(rules) > 5
    for path in internal:
        done = subprocess.run([*argv, str(path)], capture_output=True, text=True, check=False)
        assert "undefined ref: input.unused" in done.stderr


def test_a_rule_for_the_one_input_does_not_compile_for_the_other(opa: Path) -> None:
    """Each embedded family against the other's schema: no rule that reads a field of its own passes."""
    for family, other in (("mesh", "collection"), ("collection", "predicate")):
        path = gate.policy_folder() / family / {"mesh": "edges_mtls.rego", "collection": "live_mesh.rego"}[family]
        argv = [str(opa), "check", "--strict", "--schema", str(compiler.schema(other)), str(path)]
        done = subprocess.run(argv, capture_output=True, text=True, check=False)
        assert done.returncode != 0
        assert "undefined ref: input." in done.stderr
