"""What rules about coverage find can be waived by what it is about, and a workload can be exempt: a case of each rule."""

from __future__ import annotations

import functools
from collections.abc import Iterator
from pathlib import Path

import pytest

from attestor import engine, gate
from attestor.clock import rfc3339
from attestor.collection import Opened
from attestor.policies import Policy, Section, Waiver
from attestor.verdict import Verdict, Violation
from tests.unit.coverage.test_judged import CASES, NOW, RULES, found

NAMELESS = {"cluster_bound", "tracing_on"}
"""The cluster itself has no name but its own."""
OF_WORKLOADS = ("opted-out", "skipped-port", "unmeshed-client", "not-scraped", "statefulset")


def cases() -> Iterator[object]:
    """Yield one case of each rule, as slow ones but for some of them."""
    rules = dict.fromkeys(rule for case in CASES.values() for rule in case.finds if rule not in NAMELESS)
    for position, rule in enumerate(rules):
        name = next(name for name, case in CASES.items() if rule in case.finds)
        yield pytest.param(name, rule, marks=[] if position % 8 == 0 else [pytest.mark.slow], id=f"{rule}-{name}")


@functools.cache
def evidence(name: str) -> Opened:
    """Return a case's evidence, which is another one each time that it is made: certificates have keys of chance."""
    made: Opened = found(CASES[name])
    return made


def judged(name: str, rule: str, opa: Path, folder: Path, policy: Policy) -> Verdict:
    """Judge the case with its rule at the level deny."""
    parameters = {f"collection.{key}": value for key, value in CASES[name].parameters.items()}
    sections = (Section(levels={f"collection.{rule}": "deny"}, parameters=parameters), *policy.sections)
    whole = Policy(sections=sections, waivers=policy.waivers)
    return gate.judge(evidence(name), engine.find(opa, folder), now=NOW, allow_replay=True, policy=whole)


def of(rule: str, verdict: Verdict) -> list[Violation]:
    return [finding for finding in verdict.violations if finding.rule == f"collection.{rule}"]


def selector(finding: Violation) -> dict[str, str]:
    """Return what selects a finding, as a person would write it."""
    about = dict(finding.about)
    ends = {"source": ("src_namespace", "src"), "destination": ("dst_namespace", "dst")}
    named = {
        end: f"{about[space]}/{about[name]}" for end, (space, name) in ends.items() if {space, name} <= about.keys()
    }
    return named or {key: about[key] for key in ("namespace", "check") if key in about}


@pytest.mark.parametrize(("name", "rule"), list(cases()))
def test_a_finding_is_waived_by_what_it_is_about(name: str, rule: str, opa: Path, tmp_path: Path) -> None:
    """Each of them, and told as waived with every one of its waivers."""
    denied = of(rule, judged(name, rule, opa, tmp_path, Policy()))
    assert denied
    expires = rfc3339(NOW)[:10]
    waivers = tuple(
        Waiver(rule=f"collection.{rule}", selector=selector(one), owner="o", reason="r", expires=expires)
        for one in denied
    )
    assert all(waiver.selector for waiver in waivers)
    verdict = judged(name, rule, opa, tmp_path, Policy(waivers=waivers))
    assert of(rule, verdict) == []
    told = {one.violation.message for one in verdict.waived if one.violation.rule == f"collection.{rule}"}
    assert told == {one.message for one in denied}
    assert [one for one in verdict.violations if one.rule == "collection.waivers_sound"] == []


@pytest.mark.parametrize("name", OF_WORKLOADS)
def test_a_workload_is_exempt(name: str, opa: Path, tmp_path: Path) -> None:
    """By its name or by its namespace, as either end."""
    (rule,) = CASES[name].finds
    denied = of(rule, judged(name, rule, opa, tmp_path, Policy()))
    everything = Section(workloads=("*/*",))
    verdict = judged(name, rule, opa, tmp_path, Policy(sections=(everything,)))
    assert of(rule, verdict) == []
    assert {one.message for one in verdict.exempt if one.rule == f"collection.{rule}"} == {
        one.message for one in denied
    }


def test_every_rule_about_coverage_has_a_case_here() -> None:
    """But for those about something without a name, and those that find what Linkerd is installed with."""
    told = {rule for case in CASES.values() for rule in case.finds}
    always = {"coverage_required", "inbound_policy", "ports_authenticated", "injection_enforced"}
    assert {f"collection.{rule}" for rule in told | always} == set(RULES)
