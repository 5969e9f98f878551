"""A control is met only by what was looked at, and not met by whatever was found, whoever signed for it."""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import replace
from typing import Any

import pytest

from attestor import limits
from attestor.compliance import MET, NOT_MET, NOT_SHOWN, Control, Controls, Entry
from attestor.compliance.judging import judged
from attestor.policies import EMBEDDED, Policy, Section, catalogue
from attestor.report import Report
from attestor.verdict import Verdict, Violation, Waived
from tests.found import WAIVER
from tests.unit.test_report import opened

EDGES, CHECKS, COVERED = "mesh.edges_mtls", "mesh.checks_pass", "collection.pods"
"""Two embedded rules, and one that looks at the coverage."""
ENTRY = Entry(framework="f", id="A", title="All is well", statement="All is well.", rules=(EDGES, CHECKS))
WHOLE = {"complete": True, "reasons": []}
LACKING = {"complete": False, "reasons": [{"code": "forbidden", "detail": "pods", "source": "/api"}, {"code": "x"}]}
FOUND = Violation(rule=EDGES, message="1 edge is bad")


@pytest.fixture(autouse=True)
def _with_a_rule_over_the_coverage(monkeypatch: pytest.MonkeyPatch) -> None:
    parameters = {"weakest": {"type": "text", "default": "all", "text": ""}}
    rule = catalogue.Rule(
        id=COVERED,
        code="MESH999",
        level="deny",
        why="",
        title="",
        description="",
        parameters=parameters,
        needs="coverage",
    )
    known = {**catalogue.rules(), COVERED: rule}
    monkeypatch.setattr(catalogue, "rules", lambda: known)


def verdict(*violations: Violation, policy: Policy = EMBEDDED, **change: Any) -> Verdict:
    """By both rules and the one over the coverage, unless something else is said."""
    shape: dict[str, Any] = {"allowed": not violations, "checked": (EDGES, CHECKS, COVERED), "violations": violations}
    return Verdict(**shape | {"policy": policy} | change)


def control(given: Verdict | None, entry: Entry = ENTRY, coverage: Any = None, capture: Any = None) -> Control:
    """Return what became of one control."""

    def change(bodies: dict[str, Any]) -> None:
        bodies["command-run"]["capture"] = {"linkerd": {"replay": False}} if capture is None else capture
        bodies |= {} if coverage is None else {"coverage": coverage}

    found = opened(change)
    report = Report(opened=found, signers=(), verdict=given)
    (answer,) = judged(Controls(entries=(entry,), frameworks={}), report)
    return answer


def test_it_is_met_where_every_rule_looked_and_found_nothing() -> None:
    """Also where other rules found something."""
    found = control(verdict(Violation(rule=COVERED, message="no")))
    assert (found.status, found.reasons) == (MET, ("2 rules looked, and found nothing",))
    assert [(asked.rule, asked.code, asked.result) for asked in found.rules] == [
        (EDGES, "MESH005", "passed"),
        (CHECKS, "MESH001", "passed"),
    ]


def test_it_is_met_with_complete_parts() -> None:
    """Which are named."""
    entry = replace(ENTRY, rules=(EDGES,), parts=("traffic", "links"))
    found = control(verdict(), entry, {"traffic": WHOLE, "links": WHOLE})
    assert found.status == MET
    assert found.reasons == ("1 rule looked, and found nothing", "complete: traffic, links")
    assert found.parts == {"traffic": True, "links": True}


@pytest.mark.parametrize(
    ("capture", "said"),
    [
        ({"linkerd": {"replay": False}, "namespaces": []}, []),
        (
            {"linkerd": {"replay": False}, "namespaces": ["a", "b"]},
            ['only these namespaces were looked at: ["a", "b"]'],
        ),
        ({"linkerd": {"replay": True}}, ["linkerd was a replay, and not a mesh"]),
        ({}, ["linkerd was a replay, and not a mesh"]),
        (7, ["linkerd was a replay, and not a mesh"]),
    ],
)
def test_what_it_is_only_about_is_told(capture: object, said: list[str]) -> None:
    """That something holds in one namespace is not that it holds in a mesh."""
    found = control(verdict(), capture=capture)
    assert (found.status, list(found.reasons[1:])) == (MET, said)


def test_what_a_team_told_a_rule_is_told() -> None:
    """It may have told it to overlook something."""
    policy = Policy(sections=(Section(parameters={EDGES: {"allowed": ["4567"]}}),))
    found = control(verdict(policy=policy))
    assert found.reasons[1:] == ('MESH005 mesh.edges_mtls was asked with allowed ["4567"]',)


@pytest.mark.parametrize(
    ("given", "word", "said"),
    [
        (verdict(FOUND), "denied", "MESH005 mesh.edges_mtls denies: 1 edge is bad"),
        (verdict(warnings=(FOUND,)), "warned", "MESH005 mesh.edges_mtls warns: 1 edge is bad"),
        (
            verdict(waived=(Waived(violation=FOUND, waivers=(WAIVER,)),)),
            "waived",
            f"MESH005 mesh.edges_mtls found, waived for Ada through 2027-01-31: {WAIVER.reason} (OPS-123): 1 edge is bad",
        ),
        (
            verdict(exempt=(FOUND,)),
            "exempt",
            "MESH005 mesh.edges_mtls found, exempt by the policy configuration: 1 edge is bad",
        ),
    ],
)
def test_it_is_not_met_where_a_rule_found_something(given: Verdict, word: str, said: str) -> None:
    """Whether that denies or not: a control does not hold because somebody signed for it."""
    found = control(given)
    assert (found.status, found.reasons, found.rules[0].result) == (NOT_MET, (said,), word)


def test_the_gravest_of_a_rules_findings_is_its_result() -> None:
    """A denial beside a waived finding."""
    given = verdict(FOUND, waived=(Waived(violation=FOUND, waivers=(WAIVER,)),), exempt=(FOUND,))
    assert control(given).rules[0].result == "denied"


def test_many_findings_are_counted() -> None:
    """And long ones are cut."""
    many = [Violation(rule=EDGES, message=f"{number} " + "x" * 5000) for number in range(14)]
    found = control(verdict(*many))
    assert len(found.reasons) == 11
    assert found.reasons[-1] == "4 more findings are in the report"
    told = [reason.removeprefix("MESH005 mesh.edges_mtls denies: ") for reason in found.reasons[:-1]]
    assert {len(reason) for reason in told} == {limits.DETAIL_CHARACTERS}
    assert all(reason.endswith("x…") for reason in told)


def test_it_is_not_shown_where_a_rule_is_off() -> None:
    """By the configuration, or by default."""
    found = control(verdict(checked=(EDGES,), off=(CHECKS,)))
    assert (found.status, found.reasons) == (NOT_SHOWN, ("MESH001 mesh.checks_pass is off",))
    assert found.rules[1].result == "off"


def test_it_is_not_shown_where_a_rule_was_not_looked_at() -> None:
    """As by a policy document with rules of its own, or where there is no such rule."""
    found = control(verdict(checked=("a.b",)), replace(ENTRY, rules=(EDGES, "acme.gnomes")))
    assert found.status == NOT_SHOWN
    assert found.reasons == ("MESH005 mesh.edges_mtls, acme.gnomes were not looked at",)
    assert [asked.result for asked in found.rules] == ["unjudged", "unjudged"]


def test_it_is_not_shown_where_nothing_judged() -> None:
    """Whatever is complete."""
    found = control(None, replace(ENTRY, parts=("traffic",)), {"traffic": WHOLE})
    assert (found.status, found.reasons) == (NOT_SHOWN, ("nothing judged the evidence",))
    assert {asked.result for asked in found.rules} == {"unjudged"}


def test_it_is_not_shown_where_coverage_was_off() -> None:
    """Which is said once, and of the rules over it no more."""
    entry = replace(ENTRY, rules=(EDGES, COVERED), parts=("workloads", "traffic"))
    found = control(verdict(checked=(EDGES,), off=(COVERED,)), entry)
    assert found.status == NOT_SHOWN
    assert found.reasons == ("coverage was off: there is no evidence of workloads, traffic",)
    assert found.parts == {"workloads": False, "traffic": False}
    bare = control(verdict(checked=(EDGES,), off=(COVERED,)), replace(entry, parts=()))
    assert (bare.status, bare.reasons) == (NOT_SHOWN, ("coverage was off: there is no evidence",))


@pytest.mark.parametrize("part", [None, {}, LACKING, {"complete": True}, WHOLE | {"complete": "yes"}, 7])
def test_it_is_not_shown_where_a_part_is_not_whole(part: object) -> None:
    """Missing, malformed or incomplete: never read as fine."""
    coverage = {"links": WHOLE} | ({} if part is None else {"traffic": part})
    found = control(verdict(), replace(ENTRY, parts=("links", "traffic")), coverage)
    assert found.status == NOT_SHOWN
    assert found.reasons[0].startswith("the part traffic is not complete")
    assert found.parts == {"links": True, "traffic": False}


def test_the_first_reason_of_a_part_is_told() -> None:
    """With how many more there are."""
    found = control(verdict(), replace(ENTRY, parts=("traffic",)), {"traffic": LACKING})
    assert found.reasons == ("the part traffic is not complete: forbidden: pods (and 1 more reasons)",)


@pytest.mark.parametrize(
    ("about", "coverage", "status"),
    [
        ((), None, NOT_SHOWN),
        ((("check", "traffic"),), {"traffic": LACKING}, NOT_SHOWN),
        ((("check", "traffic"),), {"traffic": WHOLE}, NOT_SHOWN),
        ((("check", "pods"),), {"traffic": LACKING}, NOT_MET),
        ((("check", "traffic"), ("dst", "web")), {"traffic": LACKING}, NOT_MET),
        ((), {"traffic": LACKING}, NOT_MET),
    ],
)
def test_a_finding_that_evidence_is_not_there_is_none_about_the_mesh(
    about: tuple[tuple[str, str], ...], coverage: Mapping[str, Any] | None, status: str
) -> None:
    """It says that nothing is known; everything else that a rule over the coverage says counts."""
    given = verdict(Violation(rule=COVERED, message="it is not known", about=about))
    found = control(given, replace(ENTRY, rules=(EDGES, COVERED)), coverage)
    assert found.status == status
    assert found.rules[1].result == ("unseen" if status == NOT_SHOWN else "denied")


def test_only_rules_over_the_coverage_have_such_findings() -> None:
    """What another rule says of a check that is called like a part is a finding."""
    given = verdict(replace(FOUND, about=(("check", "traffic"),)))
    assert control(given, ENTRY, {"traffic": LACKING}).status == NOT_MET


@pytest.mark.parametrize(
    ("given", "status"),
    [({}, NOT_SHOWN), ({"weakest": "all"}, NOT_SHOWN), ({"weakest": "deny"}, MET)],
)
def test_a_rule_that_was_asked_for_less_does_not_show_it(given: dict[str, Any], status: str) -> None:
    """Default deny is not shown by a rule that is content with every client that has an identity."""
    entry = replace(ENTRY, rules=(COVERED,), parameters={COVERED: {"weakest": "deny"}})
    policy = Policy(sections=(Section(parameters={COVERED: given}),))
    found = control(verdict(policy=policy), entry, {"traffic": WHOLE})
    assert found.status == status
    if status == NOT_SHOWN:
        assert found.reasons == ('MESH999 collection.pods was asked with weakest "all", and this needs "deny"',)


def test_what_no_evidence_shows_is_never_met() -> None:
    """Its sentence stands last; without a rule there is nothing that could meet it either."""
    found = control(verdict(), replace(ENTRY, not_shown="ask the CA"))
    assert (found.status, found.reasons) == (NOT_SHOWN, ("ask the CA",))
    assert control(verdict(), replace(ENTRY, rules=(), not_shown="ask")).status == NOT_SHOWN
    assert control(verdict(), replace(ENTRY, rules=())).status == NOT_SHOWN


def test_what_speaks_against_the_evidence_leaves_it_not_shown() -> None:
    """It says nothing about the mesh, whoever signed for it; and such a rule must have been looked at, too."""
    entry = replace(ENTRY, rules=(CHECKS,), needs=(EDGES,))
    found = control(verdict(FOUND), entry)
    assert (found.status, found.reasons) == (NOT_SHOWN, ("MESH005 mesh.edges_mtls denies: 1 edge is bad",))
    assert [(asked.rule, asked.result) for asked in (*found.rules, *found.needs)] == [
        (CHECKS, "passed"),
        (EDGES, "denied"),
    ]
    assert control(verdict(exempt=(FOUND,)), entry).status == NOT_SHOWN
    assert control(verdict(checked=(CHECKS,), off=(EDGES,)), entry).reasons == ("MESH005 mesh.edges_mtls is off",)
    assert control(verdict(checked=(CHECKS,)), entry).reasons == ("MESH005 mesh.edges_mtls was not looked at",)
    assert control(verdict(), entry).reasons == ("2 rules looked, and found nothing",)


def test_not_met_wins_over_not_shown() -> None:
    """And both are told, what was found first."""
    entry = replace(ENTRY, rules=(EDGES, CHECKS), parts=("traffic",), not_shown="ask the CA")
    found = control(verdict(FOUND, checked=(EDGES,), off=(CHECKS,)), entry, {"traffic": LACKING})
    assert found.status == NOT_MET
    assert [reason.split(":")[0] for reason in found.reasons] == [
        "MESH005 mesh.edges_mtls denies",
        "the part traffic is not complete",
        "MESH001 mesh.checks_pass is off",
        "ask the CA",
    ]


def test_each_rule_says_which_evidence_it_looks_at() -> None:
    """The type of one predicate, or of the whole collection."""
    found = control(verdict(), replace(ENTRY, rules=(EDGES, COVERED, "collection.live_mesh", "acme.names", "mesh.a.b")))
    assert [asked.evidence for asked in found.rules] == [
        "https://aflock.ai/attestations/linkerd-check/v0.1",
        "urn:mesh-attestor:mesh-coverage:v0.1",
        "https://aflock.ai/attestation-collection/v0.1",
        "https://aflock.ai/attestation-collection/v0.1",
        "https://aflock.ai/attestations/linkerd-check/v0.1",
    ]


def test_reasons_are_text_whatever_the_evidence_holds() -> None:
    """Codes and details of another type are told as they are."""
    odd = {"complete": False, "reasons": [{"code": 7, "detail": {"a": 1}}]}
    found = control(verdict(), replace(ENTRY, parts=("traffic",)), {"traffic": odd})
    assert json.loads(json.dumps(found.reasons)) == ["the part traffic is not complete: 7: {'a': 1}"]
