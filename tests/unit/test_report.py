"""What is told about evidence and its verdict, for a person, without obeying anything that it says."""

from __future__ import annotations

import copy
from collections.abc import Callable, Mapping
from dataclasses import replace
from typing import Any

import pytest

from attestor import collection
from attestor.collection import Opened
from attestor.report import INSECURE_SHOWN, SECURED_SHOWN, Lines, Report, Table, is_secured, shown
from attestor.verdict import Verdict, Violation
from attestor.verification.finding import Finding, failed, ok, unchecked
from tests import golden

ALLOW = Verdict(allowed=True, checked=("mesh.a", "mesh.b"), violations=())
BAD = Violation(rule="mesh.a", message="1 edge is bad")
WORSE = Violation(rule="mesh.b", message="no edge is good")
DENY = Verdict(allowed=False, checked=("mesh.a", "mesh.b"), violations=(BAD, WORSE))
OPENED = collection.opened(golden.statement().payload)
EDGE = {
    "src": "web",
    "src_namespace": "a",
    "dst": "db",
    "dst_namespace": "b",
    "client_id": "web.a",
    "server_id": "db.b",
}


def opened(change: Callable[[dict[str, Any]], object], base: Opened = OPENED) -> Opened:
    """The golden collection with its bodies changed."""
    bodies: dict[str, Any] = copy.deepcopy(dict(base.bodies))
    change(bodies)
    return replace(base, bodies=bodies)


def section(report: Report, title: str) -> Lines | Table | None:
    return next((found for found in report.sections() if found.title == title), None)


def lines(report: Report, title: str) -> tuple[str, ...]:
    found = section(report, title)
    assert isinstance(found, Lines), title
    return found.lines


def table(report: Report, title: str) -> Table:
    found = section(report, title)
    assert isinstance(found, Table), title
    return found


def facts(change: Callable[[dict[str, Any]], object]) -> dict[str, str]:
    said = lines(Report(opened=opened(change), signers=()), "Evidence")
    return {line[:11].strip(): line[11:] for line in said}


@pytest.mark.parametrize(
    ("verdict", "enforces", "code"), [(ALLOW, True, 0), (DENY, True, 1), (DENY, False, 0), (None, True, 0)]
)
def test_only_an_enforced_denial_fails(verdict: Verdict | None, enforces: bool, code: int) -> None:
    """Report mode turns 1 into 0; without a judge there is nothing to fail by."""
    assert Report(opened=OPENED, signers=(), verdict=verdict, enforces=enforces).exit_code == code


def test_evidence_comes_before_the_decision() -> None:
    """Checks that did not succeed stand behind all checks, and the verdict stands last."""
    titles = [found.title for found in Report(opened=OPENED, signers=("ab",), verdict=ALLOW).sections()]
    assert titles == ["Evidence", "Checks", "Checks that did not succeed", "Edges", "What was not looked at", "Verdict"]


def test_the_facts_are_in_plain_words() -> None:
    """Cluster, times, version, commit, trace and signer, one line each."""
    report = Report(opened=OPENED, signers=("ab" * 32,))
    assert lines(report, "Evidence") == (
        "cluster    golden",
        "step       linkerd-mesh-check",
        "captured   2026-11-21T10:00:00.0045Z to 2026-11-21T10:00:00.006Z",
        "namespaces all",
        "linkerd    stable-2.14.10",
        f"commit     {'1' * 40} on main, 1 changed paths",
        "processes  3 programs traced",
        f"signed by  {'ab' * 32}",
    )


@pytest.mark.parametrize(
    ("git", "text"),
    [
        ({}, "(not a git repository)"),
        ({"gittool": "git-bin", "commithash": "", "branch": "main"}, "(no commit yet on main)"),
        ({"gittool": "git-bin", "commithash": "ab", "branch": "HEAD"}, "ab on a detached HEAD, clean"),
        (
            {"gittool": "git-bin", "commithash": "ab", "branch": "x", "status": {"a": {}, "b": {}}},
            "ab on x, 2 changed paths",
        ),
    ],
)
def test_a_repository_says_what_it_is(git: dict[str, object], text: str) -> None:
    """None, one without a commit, one with a detached HEAD, one with changes."""
    assert facts(lambda bodies: bodies.update(git=git))["commit"] == text


@pytest.mark.parametrize(
    ("capture", "said"),
    [
        ({"linkerd": {"version": "edge-1", "replay": True}}, ("linkerd", "edge-1, A REPLAY AND NOT A MESH")),
        ({"linkerd": {"version": "edge-1"}}, ("linkerd", "edge-1, A REPLAY AND NOT A MESH")),
        ({"linkerd": {"version": "", "replay": False}}, ("linkerd", "of a version that it did not tell")),
        ({}, ("linkerd", "of a version that it did not tell")),
        ({"trace": {"state": "off", "reason": "no strace"}}, ("processes", "not traced: no strace")),
        ({}, ("processes", "not traced: the evidence does not say why")),
        ({"namespaces": ["a", "b"]}, ("namespaces", "a, b")),
        ({"namespaces": 7}, ("namespaces", "7")),
        (None, ("namespaces", "all")),
    ],
)
def test_how_the_evidence_came_to_be_is_told(capture: object, said: tuple[str, str]) -> None:
    """A replay is called one unless the evidence says that it is none; what is not said is not made up."""
    assert facts(lambda bodies: bodies["command-run"].update(capture=capture))[said[0]] == said[1]


def test_checks_are_counted_and_the_bad_ones_shown_with_error_and_hint() -> None:
    """Linkerd's own words stand under each check that did not succeed."""
    check = {"description": "pods are ready", "result": "error", "error": "no pods", "hint": "https://linkerd.io/x"}
    summary = {"pass": 1, "warn": 0, "error": 1, "categories": [{"category": "c", "pass": 1, "warn": 0, "error": 1}]}
    body = {"check_summary": summary, "check_report": {"categories": [{"checks": [check, {"result": "success"}]}]}}
    report = Report(opened=opened(lambda bodies: bodies.update({"linkerd-check": body})), signers=())
    checks = table(report, "Checks")
    assert (checks.rows, checks.marks, checks.note) == (
        (("c", "1", "0", "1"),),
        (False,),
        "1 pass, 0 warnings, 1 errors",
    )
    assert lines(report, "Checks that did not succeed") == (
        "error   pods are ready",
        "        no pods",
        "        https://linkerd.io/x",
    )


def test_without_a_check_report_there_is_a_note_and_no_edges() -> None:
    """Nothing seen is said, not shown as zero."""
    report = Report(opened=opened(lambda bodies: bodies.pop("linkerd-check")), signers=())
    assert table(report, "Checks").note == "no check report"
    assert section(report, "Edges") is None


def edges(*found: object) -> Table:
    body = {"edges_summary": {"total_edges": len(found), "secured": 1}, "edge_report": list(found)}
    return table(Report(opened=opened(lambda bodies: bodies.update({"linkerd-check": body})), signers=()), "Edges")


@pytest.mark.parametrize(
    ("change", "cell"),
    [
        ({}, "√"),
        ({"no_tls_reason": ""}, "√"),
        ({"no_tls_reason": "not provided by remote"}, "no: not provided by remote"),
        ({"server_id": ""}, "no: no identity"),
        ({"client_id": None}, "no: no identity"),
    ],
)
def test_an_edge_is_secured_by_two_identities_and_no_reason(change: Mapping[str, object], cell: str) -> None:
    """The SECURED column says so, or why not."""
    edge = {**EDGE, **change}
    found = edges(edge)
    assert found.header[-1] == "SECURED"
    assert found.rows[0][-1] == cell
    assert found.marks == (is_secured(edge),) == (cell == "√",)


def test_insecure_edges_come_first_and_the_rest_is_counted() -> None:
    """A large mesh does not flood the report, and no insecure edge hides among the secured."""
    bad = [EDGE | {"src": f"bad{number}", "client_id": ""} for number in range(INSECURE_SHOWN + 5)]
    found = edges(*[EDGE] * (SECURED_SHOWN + 7), *bad)
    assert found.marks == (False,) * INSECURE_SHOWN + (True,) * SECURED_SHOWN
    assert found.note.endswith("; 12 more are in the envelope")


def test_an_edge_without_fields_is_still_a_row() -> None:
    """What is missing is said to be, and such an edge is not secured."""
    assert edges({}).rows == (("?/?", "?/?", "-", "-", "no: no identity"),)


def test_what_was_left_out_and_every_defect_are_told() -> None:
    """Beside the limits that every capture has."""
    capture = {"excluded": [{"path": "k", "reason": "a key"}], "defects": [{"code": "edges-not-json", "detail": "cut"}]}
    report = Report(opened=opened(lambda bodies: bodies["command-run"].update(capture=capture)), signers=())
    said = lines(report, "What was not looked at")
    assert said[:2] == ("left out of the trees: k (a key)", "defect: edges-not-json cut")
    assert "unmeshed pods" in said[2]


@pytest.mark.parametrize(("verdict", "is_shown"), [(DENY, True), (ALLOW, False), (None, False)])
def test_what_linkerd_printed_is_shown_with_a_denial(verdict: Verdict | None, is_shown: bool) -> None:
    """Its last lines: noise on success, and the only word on the cause otherwise."""
    stderr = "".join(f"line {number}\n" for number in range(60))
    report = Report(
        opened=opened(lambda bodies: bodies["command-run"].update(stderr=stderr)), signers=(), verdict=verdict
    )
    found = section(report, "What linkerd printed to stderr")
    assert (found is not None) == is_shown
    if isinstance(found, Lines):
        assert (len(found.lines), found.lines[-1]) == (40, "line 59")


@pytest.mark.parametrize(
    ("verdict", "enforces", "said", "good"),
    [
        (ALLOW, True, ["ALLOW: 2 rules were looked at and none of them denies"], True),
        (DENY, True, ["DENY: 2 reasons by 2 rules", "1 edge is bad  [mesh.a]", "no edge is good  [mesh.b]"], False),
        (
            DENY,
            False,
            [
                "DENY: 2 reasons by 2 rules (mode: report, so this does not fail the job)",
                "1 edge is bad  [mesh.a]",
                "no edge is good  [mesh.b]",
            ],
            False,
        ),
    ],
)
def test_the_verdict_names_every_reason(verdict: Verdict, enforces: bool, said: list[str], good: bool) -> None:
    """And says where it does not fail the job."""
    found = section(Report(opened=OPENED, signers=(), verdict=verdict, enforces=enforces), "Verdict")
    assert found == Lines(title="Verdict", lines=tuple(said), good=good)


def test_a_denial_fails_unless_somebody_says_otherwise() -> None:
    """And one reason is one reason."""
    report = Report(opened=OPENED, signers=(), verdict=Verdict(allowed=False, checked=("mesh.a",), violations=(BAD,)))
    assert report.exit_code == 1
    assert lines(report, "Verdict")[0] == "DENY: 1 reason by 1 rules"


def test_what_is_not_there_is_not_shown() -> None:
    """No list of bad checks where all are good, no remainder where every edge is listed, and no time made up."""
    body = {"check_summary": {"pass": 1}, "check_report": {"categories": [{"checks": [{"result": "success"}]}]}}
    report = Report(opened=opened(lambda bodies: bodies.update({"linkerd-check": body})), signers=())
    assert section(report, "Checks that did not succeed") is None
    assert edges(EDGE).note == "1 of 1 edges secured"
    untimed = replace(OPENED, times={"command-run": (None, golden.BEGUN)})
    assert (
        lines(Report(opened=untimed, signers=()), "Evidence")[2] == "captured   (no time given) to 2026-11-21T10:00:00Z"
    )


WRONG = failed("cluster", "it is 'a', and 'b' was asked for")


@pytest.mark.parametrize(
    ("verdict", "pins", "allowed", "denies"),
    [
        (ALLOW, (), True, False),
        (ALLOW, (ok("cluster", "a"), unchecked("age", "x")), True, False),
        (ALLOW, (ok("step", "a"), WRONG), False, True),
        (DENY, (), False, True),
        (DENY, (ok("cluster", "a"),), False, True),
        (None, (), False, False),
        (None, (WRONG,), False, True),
    ],
)
def test_evidence_about_something_else_denies(
    verdict: Verdict | None, pins: tuple[Finding, ...], allowed: bool, denies: bool
) -> None:
    """As the gate does, and without a gate; nothing is allowed that nobody judged."""
    report = Report(opened=OPENED, signers=(), verdict=verdict, pins=pins)
    assert (report.allowed, report.denies, report.exit_code) == (allowed, denies, int(denies))
    reporting = replace(report, enforces=False)
    assert (reporting.allowed, reporting.denies, reporting.exit_code) == (allowed, denies, 0)


def test_evidence_about_something_else_is_among_the_reasons() -> None:
    """Before those of the rules, and counted with them."""
    report = Report(opened=OPENED, signers=(), verdict=DENY, pins=(ok("step", "a"), WRONG))
    assert lines(report, "Verdict")[:3] == (
        "DENY: 3 reasons by 2 rules",
        "the cluster is not what was asked about: it is 'a', and 'b' was asked for",
        "1 edge is bad  [mesh.a]",
    )


def test_what_a_verifier_looked_at_is_a_table() -> None:
    """Findings before pins, with a word for each state, and a mark that colours it."""
    report = Report(
        opened=OPENED, signers=(), findings=(ok("a", "1"), failed("b", "\x1b")), pins=(unchecked("c", "3"),)
    )
    assert table(report, "Verification") == Table(
        title="Verification",
        header=("CHECK", "DETAIL", "RESULT"),
        rows=(("a", "1", "ok"), ("b", "\\x1b", "failed"), ("c", "3", "not checkable")),
        marks=(True, False, None),
    )


def test_checks_and_edges_are_those_of_the_evidence() -> None:
    """As the renderers and the outputs want them; none where there is no report."""
    report = Report(opened=OPENED, signers=())
    body = OPENED.linkerd_check
    assert [category.name for category in report.categories] == [
        category["categoryName"] for category in body["check_report"]["categories"]
    ]
    assert [edge.src for edge in report.edges] == [edge["src"] for edge in body["edge_report"]]
    bare = Report(opened=opened(lambda bodies: bodies.pop("linkerd-check")), signers=())
    assert (bare.categories, bare.edges) == ((), ())


def test_tables_have_their_headers() -> None:
    """They are what a person reads first."""
    report = Report(opened=OPENED, signers=())
    assert table(report, "Checks").header == ("CATEGORY", "PASS", "WARN", "ERROR")
    assert table(report, "Edges").header == ("SRC", "DST", "CLIENT_ID", "SERVER_ID", "SECURED")


def test_a_category_with_errors_is_marked_bad_and_no_other() -> None:
    """What is missing in a row is a question mark."""
    rows = [{"category": "a", "pass": 1, "warn": 2, "error": 3}, {"category": "b", "error": 0}]
    found = table(
        Report(
            opened=opened(lambda bodies: bodies["linkerd-check"].update(check_summary={"categories": rows})), signers=()
        ),
        "Checks",
    )
    assert found.rows == (("a", "1", "2", "3"), ("b", "?", "?", "0"))
    assert found.marks == (False, None)
    assert found.note == "? pass, ? warnings, ? errors"


def test_an_edge_is_shown_from_end_to_end() -> None:
    """Namespace and name of both, both identities, and whether it is secured."""
    assert edges(EDGE).rows == (("a/web", "b/db", "web.a", "db.b", "√"),)


def test_what_the_evidence_does_not_say_is_not_made_up() -> None:
    """No cluster, no branch, no time."""
    assert facts(lambda bodies: bodies["linkerd-check"].pop("cluster_name"))["cluster"] == "(no name given)"
    assert facts(lambda bodies: bodies.update(git={"gittool": "git"}))["commit"] == "(no commit yet on ?)"
    nameless = {"gittool": "git", "commithash": "1" * 40}
    assert facts(lambda bodies: bodies.update(git=nameless))["commit"] == f"{'1' * 40} on , clean"
    untimed = Report(opened=replace(OPENED, times={}), signers=())
    assert lines(untimed, "Evidence")[2] == "captured   (no time given) to (no time given)"


def test_letters_of_every_script_are_shown_as_they_are() -> None:
    """Only what a terminal obeys is taken out, of texts and of other values."""
    assert [shown(value) for value in ("añ√ 'q'", "\x1b[2J\n", 5, None, ["\x07"])] == [
        "añ√ 'q'",
        "\\x1b[2J\\n",
        "5",
        "None",
        "['\\x07']",
    ]


def test_as_many_edges_are_shown_as_a_person_reads() -> None:
    """Sixty good ones, and five hundred that are not."""
    assert (SECURED_SHOWN, INSECURE_SHOWN) == (60, 500)


def test_what_is_not_said_of_a_report_is_nothing() -> None:
    """No stranger, envelope, note or colour is made up."""
    bare = Report(opened=OPENED, signers=())
    assert (bare.strangers, bare.verdict, bare.enforces) == ((), None, True)
    assert (bare.envelope, bare.envelope_sha256, bare.findings, bare.pins) == ("", "", (), ())
    assert Table(title="t", header=(), rows=(), marks=()).note == ""
    assert Lines(title="t", lines=()).good is None
