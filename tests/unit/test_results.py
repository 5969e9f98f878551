"""What the gate found, counted and labelled once for all reports."""

from __future__ import annotations

from dataclasses import replace

import pytest

from attestor import advice, results
from attestor.verdict import Verdict, Violation
from tests.found import VERDICT, WAIVER


def test_everything_is_told_the_gravest_first() -> None:
    """Nothing that is let pass is lost."""
    found = results.of(VERDICT)
    assert [item.state for item in found] == ["denied"] * 3 + ["warning", "waived", "exempt"]
    assert found == results.denials(VERDICT) + results.excepted(VERDICT)
    assert results.of(Verdict(allowed=True, checked=("mesh.a",), violations=())) == []


def test_a_label_has_the_code_where_there_is_one() -> None:
    """A rule of one's own has none."""
    labels = [item.label for item in results.of(VERDICT)]
    assert labels[:3] == ["MESH005 mesh.edges_mtls", "MESH005 mesh.edges_mtls", "shop.names"]


def test_an_excuse_says_who_until_when_and_why() -> None:
    """Of every waiver that covers a finding; a ticket where there is one."""
    (waived,) = [item for item in results.of(VERDICT) if item.state == "waived"]
    assert waived.excuse() == "waived for Ada through 2027-01-31: the legacy store has no proxy yet (OPS-123)"
    both = replace(waived, waivers=(WAIVER, replace(WAIVER, owner="Grace", ticket="")))
    assert both.excuse().endswith("; waived for Grace through 2027-01-31: the legacy store has no proxy yet")
    assert [item.excuse() for item in results.of(VERDICT) if item.state in {"denied", "warning"}] == [""] * 4


@pytest.mark.parametrize("state", ["denied", "warning"])
def test_a_complaint_about_a_waiver_says_which(state: str) -> None:
    """By its line and its selector: one owner may have several of one rule. A rule of one's own speaks of its own."""
    about = (("waiver", "0"),)
    ours = Violation(rule="collection.waivers_sound", message="it expired", about=about)
    beyond, own = replace(ours, about=(("waiver", "1"),)), replace(ours, rule="shop.names")
    listed = (ours, beyond, own, replace(ours, about=()))
    verdict = replace(VERDICT, violations=(), warnings=(), waived=(), exempt=())
    verdict = replace(verdict, violations=listed) if state == "denied" else replace(verdict, warnings=listed)
    assert [(item.state, item.remark()) for item in results.of(verdict)] == [
        (state, "line 7 of the waivers: source shop/web, destination shop/db"),
        (state, ""),
        (state, ""),
        (state, ""),
    ]


def test_a_remark_is_the_excuse_where_there_is_one() -> None:
    """What is waived or exempt says so."""
    assert [item.remark() for item in results.of(VERDICT)] == [item.excuse() for item in results.of(VERDICT)]


def test_what_is_besides_is_counted_in_words() -> None:
    """Only what there is."""
    assert results.counts(VERDICT) == "1 warning, 1 waived, 1 exempt, 1 rule off"
    more = replace(VERDICT, warnings=VERDICT.warnings * 2, off=("a", "b"), exempt=(), waived=())
    assert results.counts(more) == "2 warnings, 2 rules off"
    several = replace(VERDICT, warnings=(), waived=VERDICT.waived * 2, exempt=VERDICT.exempt * 3, off=())
    assert results.counts(several) == "2 waived, 3 exempt"
    assert results.counts(Verdict(allowed=True, checked=("mesh.a",), violations=())) == ""


def test_what_a_finding_usually_means_is_told_with_it() -> None:
    """Where it is known for the rule."""
    found = results.of(VERDICT)
    assert found[0].advice == advice.of(VERDICT.violations[0])
    assert found[0].advice is not None
    assert found[2].advice is None
