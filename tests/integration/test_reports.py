"""What a run leaves for those who look elsewhere: SARIF, JUnit and the page, for every way in which it can end."""

from __future__ import annotations

import json
from collections.abc import Callable
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any
from xml.etree import ElementTree as ET

import pytest

from tests import found
from tests.conftest import RECORDINGS, Done, KeyPair, Program, Run
from tests.integration.conftest import EDGES, Attempt, Fake

INSECURE = next(
    row
    for row in json.loads((RECORDINGS / "insecure-edge" / "edges.json").read_bytes())
    if row["no_tls_reason"] or not row["server_id"]
)
SOURCE, TARGET = (f"{INSECURE[f'{end}_namespace']}/{INSECURE[end]}" for end in ("src", "dst"))
TOMORROW = (datetime.now(UTC) + timedelta(days=1)).date()
CONFIG = """\
rules:
  mesh.warning_budget: {level: warn, max: 0}
  mesh.required_namespaces:
    level: deny
    namespaces: [nowhere]
exempt:
  namespaces: [nowhere]
"""


@dataclass(frozen=True)
class Reports:
    """The reports in a folder, as their readers understand them."""

    folder: Path

    @property
    def sarif(self) -> dict[str, Any]:
        return found.sarif((self.folder / "attestation.sarif").read_text(encoding="utf-8"))

    @property
    def junit(self) -> dict[str, ET.Element]:
        root = ET.parse(self.folder / "attestation.junit.xml").getroot()
        return {case.attrib["classname"]: case for case in root.iter("testcase")}

    @property
    def page(self) -> str:
        return (self.folder / "attestation.report.md").read_text(encoding="utf-8")

    def results(self, state: str) -> list[dict[str, Any]]:
        return [result for result in self.sarif["results"] if result.get("properties", {}).get("state") == state]

    def verdicts(self) -> set[str]:
        """Return the verdict as each of them has it."""
        told = {item.attrib["name"]: item.attrib["value"] for item in self._properties()}
        return {self.sarif["properties"]["verdict"], told["verdict"]}

    def _properties(self) -> list[ET.Element]:
        return list(ET.parse(self.folder / "attestation.junit.xml").getroot().iter("property"))


@pytest.fixture
def reports(tree: Path) -> Reports:
    """The reports that a run leaves in the tree."""
    return Reports(folder=tree)


def waivers(tree: Path, expires: object = TOMORROW) -> Path:
    """Write a waiver of the one insecure edge, on the third line."""
    path = tree / "waivers.yaml"
    path.write_text(
        "# exceptions\n\n"
        f"- rule: mesh.edges_mtls\n  selector: {{source: {SOURCE}, destination: {TARGET}}}\n"
        f"  owner: Ada\n  reason: no proxy yet\n  ticket: OPS-123\n  expires: {expires}\n",
        encoding="utf-8",
    )
    return path


def test_an_allow(run: Run, reports: Reports) -> None:
    """Nothing to mend, every rule that was looked at passed, and the others are off."""
    done = run("healthy")
    assert done.code == 0, done.said
    assert reports.verdicts() == {"allow"}
    assert reports.results("denied") == []
    assert not any(case.find("failure") is not None for case in reports.junit.values())
    assert reports.junit["mesh.allowed_pairs"].find("skipped") is not None
    assert "rules off" in done.out
    assert "rules off" in reports.page


def test_a_denial(run: Run, reports: Reports) -> None:
    """The edge with both identities, linkerd's reason, what it usually means and the command, everywhere."""
    done = run("insecure-edge")
    assert done.code == 1, done.said
    assert reports.verdicts() == {"deny"}
    (_, edge) = reports.results("denied")
    failure = reports.junit["mesh.edges_mtls"].find("failure")
    assert failure is not None
    page = reports.page.replace("&#45;", "-").replace("&#62;", ">").replace("&#95;", "_")
    for text in (edge["message"]["text"], failure.text or "", done.out, page):
        for said in (SOURCE, TARGET, INSECURE["client_id"], "the destination has no proxy", "--unmeshed"):
            assert said in text.replace("<!---->", "").replace("&#46;", "."), said
    assert "MESH005 1 of " in done.out
    assert edge["ruleId"] == "MESH005"


def test_a_waived_edge(run: Run, reports: Reports, tree: Path) -> None:
    """Allowed, and told as waived with owner, date and ticket; SARIF points at the waiver's line."""
    done = run("insecure-edge", "--waivers", waivers(tree))
    assert done.code == 0, done.said
    assert reports.verdicts() == {"allow"}
    assert reports.results("denied") == []
    waived = reports.results("waived")
    assert len(waived) == 2  # the edge, and the count with the last of its edges
    for result in waived:
        place = result["locations"][0]["physicalLocation"]
        assert (place["artifactLocation"]["uri"], place["region"]["startLine"]) == ("waivers.yaml", 3)
        assert result["suppressions"][0]["justification"].startswith("no proxy yet (owner Ada")
    case = reports.junit["mesh.edges_mtls"]
    assert case.find("failure") is None
    for text in (case.findtext("system-out") or "", done.out, reports.page):
        for said in ("Ada", str(TOMORROW), "OPS"):
            assert said in text
    assert "2 waived" in done.out


def test_an_expired_waiver_is_denied_at_its_line(run: Run, reports: Reports, tree: Path) -> None:
    """It waives nothing, and is a finding itself."""
    done = run("insecure-edge", "--waivers", waivers(tree, "2026-01-31"))
    assert done.code == 1, done.said
    (expired,) = [result for result in reports.results("denied") if "expired on" in result["message"]["text"]]
    place = expired["locations"][0]["physicalLocation"]
    assert (place["artifactLocation"]["uri"], place["region"]["startLine"]) == ("waivers.yaml", 3)


def test_an_unused_waiver_warns_at_its_line(run: Run, reports: Reports, tree: Path) -> None:
    """What it was for is mended."""
    done = run("healthy", "--waivers", waivers(tree))
    assert done.code == 0, done.said
    unused = [result for result in reports.results("warning") if "covers nothing" in result["message"]["text"]]
    assert [result["locations"][0]["physicalLocation"]["region"]["startLine"] for result in unused] == [3]


def test_warned_and_exempt(run: Run, reports: Reports, tree: Path) -> None:
    """Neither denies and neither is lost; the configuration's lines are pointed at."""
    config = tree / "policy.yaml"
    config.write_text(CONFIG, encoding="utf-8")
    done = run("stable-2.14", "--policy-config", config)
    assert done.code == 0, done.said
    lines = {}
    for state in ("warning", "exempt"):
        for result in reports.results(state):
            place = result["locations"][0]["physicalLocation"]
            if place["artifactLocation"]["uri"] == "policy.yaml":
                lines[result["properties"]["rule"]] = (state, place["region"]["startLine"])
    assert lines == {"mesh.warning_budget": ("warning", 2), "mesh.required_namespaces": ("exempt", 3)}
    assert "exempt  " in done.out
    assert "Findings that do not deny" in reports.page
    assert (reports.junit["mesh.required_namespaces"].findtext("system-out") or "").startswith("exempt: ")


def test_a_mode_that_only_reports(run: Run, reports: Reports) -> None:
    """Everything is as with a denial, and says so."""
    done = run("insecure-edge", "--mode", "report")
    assert done.code == 0, done.said
    assert reports.verdicts() == {"deny"}
    assert reports.sarif["properties"]["mode"] == "report"
    assert "mode: report" in reports.page.replace("&#58;<!---->", ":")
    assert reports.junit["mesh.edges_mtls"].find("failure") is not None


def test_an_error_after_sealing(attempt: Attempt, linkerd: Fake, reports: Reports) -> None:
    """No report looks as if nothing had been found: there is no verdict, and it says so."""
    done = attempt(linkerd_path=linkerd(check="exit 1", edges=EDGES))
    assert done.code == 3, done.said
    assert reports.verdicts() == {"error"}
    (result,) = reports.sarif["results"]
    assert (result["ruleId"], result["level"]) == ("no-verdict", "error")
    assert reports.sarif["invocations"][0]["executionSuccessful"] is False
    assert list(reports.junit) == ["run"]
    assert reports.junit["run"].find("error") is not None


def test_without_an_envelope_there_is_no_report(attempt: Attempt, tree: Path) -> None:
    """Nothing was run, so there is nothing to tell but the complaint."""
    attempt.refused(linkerd_path=tree / "gone")
    assert [path.name for path in tree.iterdir() if path.name.startswith("attestation")] == []


def test_stale_reports_are_removed_first(attempt: Attempt, linkerd: Fake, tree: Path, key: KeyPair) -> None:
    """They can never pass for this run's, and are no material of it."""
    names = ("attestation.sarif", "attestation.junit.xml", "attestation.report.md")
    for name in names:
        (tree / name).write_text("an earlier run's", encoding="utf-8")
    assert attempt().code == 0
    for name in names:
        text = (tree / name).read_text(encoding="utf-8")
        assert "an earlier run's" not in text, name
        assert key.private.read_text(encoding="ascii").splitlines()[1] not in text, name


@pytest.mark.parametrize("name", ["attestation.sarif", "attestation.junit.xml", "attestation.report.md"])
def test_a_folder_of_a_reports_name_is_refused(name: str, attempt: Attempt, tree: Path) -> None:
    """Before anything is run."""
    (tree / name).mkdir()
    assert f"{name} is a folder, and the report goes there" in attempt.refused()


def test_an_envelope_cannot_have_a_reports_name(attempt: Attempt) -> None:
    """The report would replace it."""
    assert "the name of a report beside it" in attempt.refused(outfile="mesh.sarif")


@pytest.mark.parametrize("option", ["policy-config", "waivers"])
def test_a_policy_with_a_reports_name_is_not_overwritten(option: str, attempt: Attempt, tree: Path) -> None:
    """It would be gone with the reports of an earlier run."""
    path = tree / "attestation.sarif"
    path.write_text("[]\n" if option == "waivers" else "rules: {}\n", encoding="utf-8")
    assert "attestation.sarif would be overwritten" in attempt.refused(f"--{option}", path)
    assert path.exists()


def test_five_thousand_insecure_edges(run: Run, reports: Reports, replay: Callable[..., Path]) -> None:
    """The first hundred and how many more; every format takes it."""
    rows = [INSECURE | {"src": f"web-{number}"} for number in range(5000)]
    done = run(replay(check="healthy/check", edges=json.dumps(rows).encode()))
    assert done.code == 1, done.said
    denied = [result for result in reports.results("denied") if result["ruleId"] == "MESH005"]
    assert len(denied) == 101
    assert any("more findings of this kind" in result["message"]["text"] for result in denied)
    assert reports.junit["mesh.edges_mtls"].find("failure") is not None


def test_the_answer_for_a_program_has_it_all(run: Run, program: Program, key: KeyPair, opa: Path, tree: Path) -> None:
    """`verify --format json`: codes, advice, and what is waived by whom."""
    path = waivers(tree)
    assert run("insecure-edge", "--waivers", path).code == 0

    def verify(*more: str | Path) -> tuple[Done, dict[str, Any]]:
        options = ("--key", key.public, "--opa", opa, "--allow-replay", "--format", "json")
        done = program("verify", tree / "attestation.json", *options, *more, cwd=tree)
        return done, json.loads(done.out)

    done, told = verify()
    assert done.code == 1, done.said
    assert {reason["code"] for reason in told["violations"]} == {"MESH005"}
    assert all(reason["advice"]["command"].startswith("linkerd viz ") for reason in told["violations"])
    done, told = verify("--waivers", path)
    assert done.code == 0, done.said
    (waived, _) = [item for item in told["excepted"] if item["state"] == "waived"]
    assert (waived["waivers"][0]["owner"], waived["waivers"][0]["expires"]) == ("Ada", str(TOMORROW))
    assert len(told["policy"]["waivers_sha256"]) == 64
    assert "mesh.allowed_pairs" in told["off"]
