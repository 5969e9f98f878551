"""The first annotation is the verdict with its counts; a runner shows no more than ten of a kind."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import pytest

from attestor.errors import CaptureError, MissingSecret, SettingsError
from attestor.github import annotate
from attestor.outcome import Outcome
from attestor.report import Report
from attestor.verdict import Verdict, Violation
from tests import found, runner
from tests.unit.test_report import ALLOW, OPENED, opened

ALLOWED = Outcome(report=Report(opened=OPENED, signers=(), verdict=ALLOW))


def denied(count: int, *, enforces: bool = True) -> Outcome:
    violations = tuple(Violation(rule="mesh.a", message=f"edge {number} is bad") for number in range(count))
    verdict = Verdict(allowed=False, checked=("mesh.a",), violations=violations)
    return Outcome(report=Report(opened=OPENED, signers=(), verdict=verdict, enforces=enforces), enforces=enforces)


def test_an_allow_is_one_notice_with_its_counts() -> None:
    """Checks and edges, as they were signed."""
    (only,) = annotate.of(ALLOWED)
    checks, edges = OPENED.linkerd_check["check_summary"], OPENED.linkerd_check["edges_summary"]
    assert only.kind == "notice"
    assert only.message.startswith("ALLOW: 2 rules")
    assert f"{checks['pass']} checks pass" in only.message
    assert f"{edges['secured']} of {edges['total_edges']} edges secured" in only.message


@pytest.mark.parametrize(("count", "shown"), [(1, 2), (9, 10), (10, 10), (500, 10)])
def test_a_denial_says_how_many_and_shows_the_first(count: int, shown: int) -> None:
    """Never more than ten errors; the number of all of them stands in the first."""
    found = annotate.of(denied(count))
    assert [annotation.kind for annotation in found] == ["error"] * shown
    assert found[0].message.startswith(f"DENY: {count} reason")
    assert found[1].message == "edge 0 is bad"
    assert found[1].title == "Linkerd mesh: mesh.a"


def test_a_denial_that_fails_no_job_is_a_warning() -> None:
    """And says so."""
    found = annotate.of(denied(1, enforces=False))
    assert {annotation.kind for annotation in found} == {"warning"}
    assert "mode: report" in found[0].message


@pytest.mark.parametrize(("enforces", "warnings"), [(True, 1), (False, 10)])
def test_a_cli_of_another_version_is_a_warning_that_says_what_it_costs(enforces: bool, warnings: int) -> None:
    """By linkerd's own check; also beside many other warnings there are no more than ten."""
    other = opened(
        lambda bodies: bodies["linkerd-check"]["check_report"]["categories"][0]["checks"].append(
            {"description": annotate.MATCHING, "result": "warning", "error": "control plane running a, cli running b"}
        )
    )
    ended = denied(500, enforces=enforces)
    assert ended.report is not None
    found = annotate.of(replace(ended, report=replace(ended.report, opened=other)))
    assert sum(annotation.kind == "warning" for annotation in found) == warnings
    assert found[-1].title == "Linkerd CLI"
    assert found[-1].message.startswith("control plane running a, cli running b: checks that this CLI does not know")


def test_every_complaint_about_settings_is_named() -> None:
    """With its remedy, on one line of the log."""
    error = SettingsError([SettingsError("a is wrong", remedy="mend a"), SettingsError("b is wrong")])
    found = annotate.of(Outcome(error=error))
    assert found[0].message == "NO VERDICT (settings): a is wrong (and 1 more)"
    assert [annotation.message for annotation in found[1:]] == ["a is wrong\ndo:  mend a", "b is wrong"]
    (command,), rest = runner.commands(found[1].command())
    assert (command.name, command.message, rest) == ("error", "a is wrong\ndo:  mend a", [""])


def test_a_skip_is_an_error_that_says_what_is_withheld() -> None:
    """A step that succeeded and gated nothing must be seen."""
    outcome = Outcome(error=SettingsError([MissingSecret("no key")]), skipped=True, withheld="a fork")
    found = annotate.of(outcome)
    assert [(annotation.kind, annotation.message) for annotation in found[:2]] == [
        ("error", outcome.sentence()),
        ("error", "a fork"),
    ]
    assert "NOT GATED" in found[0].message


def test_an_error_after_sealing_has_the_counts_that_were_sealed() -> None:
    """What is not there is said, too."""
    bare = opened(lambda bodies: bodies.pop("linkerd-check"))
    found = annotate.of(Outcome(report=Report(opened=bare, signers=()), error=CaptureError("linkerd is gone")))
    assert found[0].message.endswith("(no check report; no edges report)")


def test_a_name_of_the_mesh_is_neither_obeyed_nor_endless() -> None:
    """Escapes, line ends and length."""
    hostile = "::error file=x::\r\n\x1b[2J%0A" + "x" * 9000
    verdict = Verdict(allowed=False, checked=("mesh.a",), violations=(Violation(rule="a:b,c", message=hostile),))
    written = annotate.of(Outcome(report=Report(opened=OPENED, signers=(), verdict=verdict)))[1].command()
    (command,), shown = runner.commands(written)
    assert shown == [""]
    assert command.properties == {"title": "Linkerd mesh: a:b,c"}
    assert len(command.message) <= 4096
    assert command.message.startswith("::error file=x::\\r\\n\\x1b[2J%0A")


def test_a_finding_in_a_file_has_its_place() -> None:
    """Relative to the repository, with its line."""
    written = annotate.Annotation(kind="error", message="m", file="policy/a,b.rego", line=3).command()
    assert runner.commands(written)[0][0].properties == {
        "title": "Linkerd mesh",
        "file": "policy/a,b.rego",
        "line": "3",
    }


def test_a_cli_that_does_not_match_the_mesh_is_a_warning() -> None:
    """In linkerd's own words, with what it costs; never more than one, and none where they match."""

    def differ(bodies: dict[str, Any]) -> None:
        check = {"description": annotate.MATCHING, "result": "warning", "error": "a is not b"}
        bodies["linkerd-check"]["check_report"]["categories"] *= 2
        for category in bodies["linkerd-check"]["check_report"]["categories"]:
            category["checks"] = [check]

    found = annotate.of(Outcome(report=Report(opened=opened(differ), signers=(), verdict=ALLOW)))
    assert [annotation.kind for annotation in found] == ["notice", "warning"]
    assert found[1].message.startswith("a is not b: checks that this CLI does not know are missing")
    assert "linkerd-version: auto" in found[1].message


def test_what_does_not_deny_is_told_as_what_it_is() -> None:
    """A warning warns; what is waived or exempt is a notice with who lets it pass; the verdict counts them."""
    told = annotate.of(found.outcome())
    assert [annotation.kind for annotation in told] == ["error"] * 4 + ["warning", "notice", "notice"]
    assert told[0].message.endswith("; 1 warning, 1 waived, 1 exempt, 1 rule off")
    assert told[1].title == "Linkerd mesh: MESH005 mesh.edges_mtls"
    assert told[2].message.splitlines()[1].startswith("usually: the destination has no proxy")
    assert told[5].message.splitlines()[-1].startswith("waived for Ada through 2027-01-31: ")
    assert told[6].message.endswith("exempt by the policy configuration")


def test_a_finding_points_at_the_line_that_can_be_mended() -> None:
    """Of the workspace's files only: the rule's own file is in another repository."""
    told = annotate.of(found.outcome(), found.SURROUNDINGS)
    assert [(annotation.file, annotation.line) for annotation in told] == [("", 0)] * 4 + [
        (".mesh/policy.yaml", 9),
        (".mesh/waivers.yaml", 7),
        ("", 0),
    ]


@pytest.mark.parametrize("enforces", [True, False])
def test_many_of_each_kind_are_cut_to_what_is_shown(enforces: bool) -> None:
    """Ten of a kind, whichever state they come from."""
    verdict = replace(
        found.VERDICT,
        warnings=found.VERDICT.warnings * 20,
        violations=found.VERDICT.violations * 20,
        exempt=found.VERDICT.exempt * 20,
    )
    kinds = [annotation.kind for annotation in annotate.of(found.outcome(verdict, enforces=enforces))]
    counts = {kind: kinds.count(kind) for kind in ("error", "warning", "notice")}
    assert counts == {"error": 10 if enforces else 0, "warning": 10, "notice": 10}


@pytest.mark.parametrize("text", ["\n::error::owned", "%0A::set-output name=verdict::allow", "\x1b[2J\u202e"])
def test_no_text_of_a_finding_is_a_command(text: str) -> None:
    """Whichever state it is in."""
    for annotation in annotate.of(found.spoiled(text), found.SURROUNDINGS):
        (command,), rest = runner.commands(annotation.command())
        assert command.name in {"error", "warning", "notice"}
        assert rest == [""]
