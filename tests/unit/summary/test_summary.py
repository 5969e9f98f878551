"""The statement about a decision: what it says, word for word, and that it says no more than is so."""

from __future__ import annotations

import json
from dataclasses import replace
from datetime import UTC, datetime
from typing import Any

import pytest

from attestor import summary
from attestor.errors import GateError
from attestor.policies import EMBEDDED, Baseline, Policy, Section, Waiver
from attestor.report import Report
from attestor.summary import Decision, Judge, details
from attestor.verdict import Verdict, Violation, Waived
from tests.unit.test_report import OPENED, opened

BAD = Violation(rule="mesh.edges_mtls", message="a is bad", about=(("src", "a"),))
ODD = Violation(rule="mesh.own_service_accounts", message="b is odd")
FREE = Violation(rule="mesh.required_edges", message="c is free")
WAIVER = Waiver(
    rule="mesh.versions_match", selector={"check": "x"}, owner="ada", reason="soon", expires="2026-12-24", ticket="T-1"
)
UNUSED = replace(WAIVER, owner="bob")
WAIVED = Waived(violation=Violation(rule="mesh.versions_match", message="d is waived"), waivers=(WAIVER,))
CHECKED = tuple(sorted({BAD.rule, ODD.rule, FREE.rule, "mesh.versions_match", "mesh.checks_pass"}))
POLICY = Policy(waivers=(UNUSED, WAIVER), waivers_sha256="2" * 64, sections=(Section(levels={ODD.rule: "warn"}),))
ALLOWED = Verdict(
    allowed=True,
    checked=CHECKED,
    violations=(),
    warnings=(ODD,),
    waived=(WAIVED,),
    exempt=(FREE,),
    off=("mesh.warning_budget",),
    policy=POLICY,
)
DENIED = replace(ALLOWED, allowed=False, violations=(BAD,))


def decision(verdict: Verdict | None = ALLOWED, policy: Policy = POLICY, **change: Any) -> Decision:
    report = Report(
        opened=change.pop("opened", OPENED),
        signers=("ab",),
        verdict=verdict,
        enforces=change.pop("enforces", True),
        envelope="/w/tree/a b.json",
        envelope_sha256="c" * 64,
    )
    return Decision(
        report=report,
        moment=datetime(2026, 11, 21, 12, 0, 0, 5, tzinfo=UTC),
        policy=policy,
        allow_replay=False,
        judge=Judge(sha256="e" * 64, version="1.2.3"),
        **change,
    )


def predicate(found: Decision) -> dict[str, Any]:
    read: dict[str, Any] = json.loads(summary.statement(found).payload)
    assert (read["_type"], read["predicateType"]) == (summary.STATEMENT_TYPE, summary.PREDICATE_TYPE)
    body: dict[str, Any] = read["predicate"]
    return body


def results(found: Decision) -> dict[str, str]:
    return {rule["id"]: rule["result"] for rule in details.of(found)["rules"]}


@pytest.mark.parametrize(
    ("found", "result", "levels", "word"),
    [
        (decision(), "PASSED", ["MESH_ATTESTOR_ALLOW"], "allow"),
        (decision(DENIED), "FAILED", ["FAILED"], "deny"),
        (decision(DENIED, enforces=False), "FAILED", ["FAILED"], "deny"),
        (decision(None), "FAILED", ["FAILED"], "error"),
        (decision(ALLOWED, error=GateError("x")), "FAILED", ["FAILED"], "error"),
    ],
)
def test_only_an_allow_is_passed(found: Decision, result: str, levels: list[str], word: str) -> None:
    """Whatever the mode, and whatever the rules had said before something went wrong."""
    body = predicate(found)
    assert (body["verificationResult"], body["verifiedLevels"]) == (result, levels)
    assert body[summary.EXTENSION]["verdict"] == word


def test_the_subject_is_the_envelope_file() -> None:
    """By its own name and digest, and nothing else."""
    assert json.loads(summary.statement(decision()).payload)["subject"] == [
        {"name": "a b.json", "digest": {"sha256": "c" * 64}}
    ]


def test_what_was_looked_at_is_listed() -> None:
    """The envelope, the reports, the baseline; what is not there is not listed."""
    body = OPENED.linkerd_check
    reports = [body[f"{name}_digest_set"]["sha256"] for name in ("check", "edges")]
    with_one = replace(POLICY, baseline=Baseline(opened=OPENED, sha256="b" * 64, path="/w/old one.json"))
    found = predicate(decision(policy=with_one))["inputAttestations"]
    assert [item["digest"]["sha256"] for item in found] == ["c" * 64, *reports, "b" * 64]
    assert [item["uri"] for item in found] == ["a%20b.json", body["check_file"], body["edges_file"], "old%20one.json"]
    bare = opened(lambda bodies: bodies.pop("linkerd-check"))
    assert len(predicate(decision(opened=bare))["inputAttestations"]) == 1
    unnamed = opened(lambda bodies: bodies["linkerd-check"].pop("check_file"))
    assert predicate(decision(opened=unnamed))["inputAttestations"][1]["uri"] == ""


def test_the_cluster_is_the_resource() -> None:
    """Whatever its name holds; without one there is none."""
    assert predicate(decision())["resourceUri"] == "pkg:generic/linkerd-mesh?cluster=golden"
    assert summary.resource("a&b=c/ü") == "pkg:generic/linkerd-mesh?cluster=a%26b%3Dc%2F%C3%BC"
    assert summary.resource("") == "pkg:generic/linkerd-mesh"
    nameless = decision(opened=opened(lambda bodies: bodies["linkerd-check"].pop("cluster_name")))
    assert nameless.cluster == ""
    assert predicate(nameless)["resourceUri"] == "pkg:generic/linkerd-mesh"


def test_the_predicate_has_the_fields_of_the_specification() -> None:
    """By SLSA VSA v1, and one extension under a name of its own."""
    found = predicate(decision())
    assert list(found) == [
        "verifier",
        "timeVerified",
        "resourceUri",
        "policy",
        "inputAttestations",
        "verificationResult",
        "verifiedLevels",
        "slsaVersion",
        summary.EXTENSION,
    ]
    assert set(found["policy"]) == {"uri", "digest"}
    assert set(found["verifier"]) == {"id", "version"}


def test_every_rule_has_the_gravest_result_that_it_has() -> None:
    """And its level for this cluster, and its code."""
    assert results(decision(DENIED)) == {
        "mesh.checks_pass": "passed",
        "mesh.edges_mtls": "denied",
        "mesh.own_service_accounts": "warned",
        "mesh.required_edges": "exempt",
        "mesh.versions_match": "waived",
        "mesh.warning_budget": "off",
    } | dict.fromkeys(
        EMBEDDED.off("", covered=False) - {"mesh.required_edges", "mesh.versions_match", "mesh.warning_budget"}, "off"
    )
    listed = {rule["id"]: rule for rule in details.of(decision(DENIED))["rules"]}
    assert (listed["mesh.edges_mtls"]["code"], listed["mesh.edges_mtls"]["level"]) == ("MESH005", "floor")
    assert listed[ODD.rule]["level"] == "warn"
    both = replace(DENIED, violations=(BAD, replace(ODD, message="e")))
    assert results(decision(both))[ODD.rule] == "denied"


def test_a_rule_of_ones_own_has_no_code_and_denies() -> None:
    """The catalogue does not know it."""
    own = replace(ALLOWED, checked=(*CHECKED, "team.rule"))
    (found,) = [rule for rule in details.of(decision(own))["rules"] if rule["id"] == "team.rule"]
    assert found == {"id": "team.rule", "code": "", "level": "deny", "result": "passed"}


def test_findings_and_applied_waivers_are_told() -> None:
    """With what they are about, and the waived ones with who answers for it; an unused waiver was not applied."""
    found = details.of(decision(DENIED))
    assert found["violations"] == [{"rule": BAD.rule, "code": "MESH005", "message": "a is bad", "about": {"src": "a"}}]
    assert [entry["message"] for name in ("warnings", "exempt") for entry in found[name]] == ["b is odd", "c is free"]
    assert [entry["by"] for entry in found["waived"]] == [[WAIVER.to_dict()]]
    assert found["waivers"] == {"sha256": "2" * 64, "applied": [WAIVER.to_dict()]}


def test_behind_an_error_nothing_that_was_found_stands() -> None:
    """Rules are unjudged, there is no finding, and the reason is told."""
    found = details.of(decision(DENIED, error=GateError("opa died", remedy="none")))
    assert {rule["result"] for rule in found["rules"]} == {"unjudged", "off"}
    assert [found[name] for name in ("violations", "warnings", "waived", "exempt")] == [[]] * 4
    assert found["waivers"]["applied"] == []
    assert found["error"] == {"stage": "gate", "exit_code": 5, "problem": "opa died"}
    assert "error" not in details.of(decision(DENIED))


def test_a_count_that_was_not_observed_is_missing() -> None:
    """It is never 0."""
    assert details.of(decision())["edges"] == {"total": 15, "secured": 15, "insecure": 0}
    bare = opened(lambda bodies: bodies["linkerd-check"].pop("edges_summary"))
    assert details.of(decision(opened=bare))["edges"] == {}
    odd = opened(lambda bodies: bodies["linkerd-check"]["check_summary"].update({"pass": True}))
    assert "pass" not in details.of(decision(opened=odd))["checks"]


def test_the_same_decision_gives_the_same_bytes() -> None:
    """What is signed is made once, from values in a fixed order."""
    assert summary.statement(decision(DENIED)).payload == summary.statement(decision(DENIED)).payload
