"""JUnit: a test case for each rule, as a reader that is none of ours understands it."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path
from xml.etree import ElementTree as ET

import pytest
from junitparser import Error, Failure, JUnitXml, Skipped, TestCase, TestSuite

from attestor import limits
from attestor.errors import GateError, SigningError
from attestor.outcome import Outcome
from attestor.rendering import junit
from attestor.verdict import Verdict
from tests import found
from tests.unit.test_report import opened
from tests.unit.test_report_hostile import HOSTILE

GOLDEN = Path(__file__).parent / "golden" / "denied.junit.xml"


def written(outcome: Outcome) -> str:
    return junit.render(outcome, found.SURROUNDINGS)


def suites(outcome: Outcome) -> dict[str, TestSuite]:
    read = JUnitXml.fromstring(written(outcome).encode())
    return {suite.name: suite for suite in read}


def cases(outcome: Outcome) -> dict[str, TestCase]:
    return {case.classname: case for suite in suites(outcome).values() for case in suite}


def test_the_report_is_what_it_was() -> None:
    """A finding of every kind, to the last letter."""
    assert written(found.outcome()) == GOLDEN.read_text(encoding="utf-8")


def test_every_rule_is_a_case_of_its_family() -> None:
    """Passed, failed or skipped; the counts are those of the cases."""
    read = suites(found.outcome())
    assert {name: len(list(suite)) for name, suite in read.items()} == {"run": 1, "mesh": 4, "own": 1}
    for suite in read.values():
        ends = [type(result) for case in suite for result in case.result]
        counted = (len(list(suite)), ends.count(Failure), ends.count(Error), ends.count(Skipped))
        assert (suite.tests, suite.failures, suite.errors, suite.skipped) == counted, suite.name


def test_a_failure_holds_every_finding_of_its_rule() -> None:
    """With what it usually means and the command; the first stands in its message."""
    (failure,) = cases(found.outcome())["mesh.edges_mtls"].result
    assert isinstance(failure, Failure)
    assert (failure.message, failure.type) == ("2 of 9 edges are not mTLS, 7 are (and 1 more)", "MESH005")
    for said in (
        "shop/web -> shop/cache",
        "usually: the destination has no proxy",
        "linkerd viz stat deploy/cache -n shop",
    ):
        assert said in failure.text


def test_what_does_not_deny_fails_nothing_and_is_told() -> None:
    """Warned, waived with owner and date, exempt."""
    read = cases(found.outcome())
    assert "waived for Ada through 2027-01-31" in read["mesh.edges_mtls"].system_out
    assert "OPS-123" in read["mesh.edges_mtls"].system_out
    for rule, said in (("mesh.warning_budget", "warning: 3 warnings"), ("mesh.identity_namespaces", "exempt: an id")):
        assert read[rule].result == []
        assert read[rule].system_out.startswith(said)


def test_a_rule_that_is_off_is_skipped_and_says_why() -> None:
    """By default, or by somebody's configuration."""
    (skipped,) = cases(found.outcome())[found.OFF].result
    assert isinstance(skipped, Skipped)
    assert skipped.message == "off by default"
    (skipped,) = cases(found.outcome(Verdict(allowed=True, checked=("mesh.a",), violations=(), off=("mesh.own_service_accounts",))))[
        "mesh.own_service_accounts"
    ].result  # fmt: skip
    assert skipped.message == "off by the policy configuration"


def test_a_run_that_failed_is_an_error_and_passes_no_rule() -> None:
    """Nothing was looked at."""
    read = cases(found.outcome(None, error=GateError("opa died", remedy="mend it")))
    assert list(read) == ["run"]
    (error,) = read["run"].result
    assert isinstance(error, Error)
    assert (error.message, error.type) == ("NO VERDICT (gate): opa died", "gate")
    assert error.text == "opa died\ndo:  mend it"


def test_an_allow_that_could_not_be_told_is_an_error() -> None:
    """Beside the rules, which passed."""
    verdict = Verdict(allowed=True, checked=("mesh.edges_mtls",), violations=())
    read = cases(found.outcome(verdict, error=SigningError("the disk is full")))
    assert [type(result) for result in read["run"].result] == [Error]
    assert read["mesh.edges_mtls"].result == []


def test_a_mode_that_only_reports_is_said_and_changes_nothing_else() -> None:
    """It turns exit 1 into 0 and nothing else."""
    root, enforced = (ET.fromstring(written(found.outcome(enforces=enforces))) for enforces in (False, True))
    told = {item.get("name"): item.get("value") or "" for item in root.iter("property")}
    assert told["mode"].startswith("report")
    assert "mode: report" in told["sentence"]
    assert ET.tostring(root[1]) == ET.tostring(enforced[1])


@pytest.mark.parametrize("text", [HOSTILE, "]]><failure/>&amp;\"'", "\ud800\x00\uffff\x85", "ä√😀"])
def test_no_text_changes_the_structure(text: str) -> None:
    """XML 1.0 has no control characters at all, not even as entities: they go out as their escapes."""
    report = written(found.spoiled(text))
    root = ET.fromstring(report.encode("utf-8"))
    tags = {element.tag for element in root.iter()}
    assert tags == {
        "testsuites", "testsuite", "testcase", "properties", "property", "failure", "system-out", "skipped",
    }  # fmt: skip
    assert all(character.isprintable() or character == "\n" for character in report)
    assert len(list(root.iter("failure"))) == 2


def test_what_is_left_out_of_a_case_is_said(monkeypatch: pytest.MonkeyPatch) -> None:
    """The first findings stay."""
    monkeypatch.setattr(limits, "JUNIT_CHARACTERS", 100)
    (failure,) = cases(found.outcome())["mesh.edges_mtls"].result
    assert failure.text.splitlines() == [
        "2 of 9 edges are not mTLS, 7 are",
        "  shown by: linkerd viz edges deploy -A",
        "… and 3 more lines, which are in the log",
    ]


def test_five_thousand_findings_are_all_there() -> None:
    """One failure with all of them."""
    many = tuple(found.insecure(f"w{number}", "db", "Loopback") for number in range(5000))
    (failure,) = cases(found.denied(*many))["mesh.edges_mtls"].result
    told = failure.text.count("is not mTLS")
    left = int(failure.text.rpartition("… and ")[2].split()[0]) if "… and " in failure.text else 0
    assert (told * 3 + left) in range(5000 * 3, 5000 * 3 + 3)


def test_what_is_not_known_is_no_property() -> None:
    """A cluster without a name has none; several signers are one list."""
    outcome = found.outcome()
    assert outcome.report is not None
    nameless = opened(lambda bodies: bodies["linkerd-check"].pop("cluster_name"))
    report = replace(outcome.report, opened=nameless, signers=("a", "b"))
    root = ET.fromstring(written(replace(outcome, report=report)))
    told = {item.get("name"): item.get("value") for item in root.iter("property")}
    assert "cluster" not in told
    assert told["keyid"] == "a,b"
