"""SARIF: valid by the standard's own schema, and of use to code scanning."""

from __future__ import annotations

import gzip
import json
import re
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest

from attestor import limits
from attestor.errors import CaptureError, GateError
from attestor.outcome import Outcome
from attestor.policies import Policy, catalogue
from attestor.rendering import sarif
from attestor.rendering.surroundings import Surroundings
from attestor.verdict import Verdict, Violation, Waived
from tests import found
from tests.unit.test_report_hostile import HOSTILE

GOLDEN = Path(__file__).parent / "golden" / "results.json"
GITHUB_BYTES = 10_000_000
"""What GitHub takes of a report, compressed."""


def run(outcome: Outcome, surroundings: Surroundings = found.SURROUNDINGS) -> dict[str, Any]:
    return found.sarif(sarif.render(outcome, surroundings))


def fingerprint(outcome: Outcome) -> list[str]:
    return [result["partialFingerprints"]["primaryLocationLineHash"] for result in run(outcome)["results"]]


def test_the_results_are_what_they_were() -> None:
    """A finding of every kind, to the last letter: whoever follows fingerprints relies on it."""
    results = run(found.outcome())["results"]
    for result in results:
        del result["ruleIndex"]  # a new rule changes it, and nothing follows it
    assert results == json.loads(GOLDEN.read_text(encoding="utf-8"))


def test_every_rule_is_described_with_its_help_and_level() -> None:
    """Also those that found nothing; a rule of one's own has no page, and neither has what is no rule."""
    driver = run(found.outcome())["tool"]["driver"]
    rules = {rule["id"]: rule for rule in driver["rules"]}
    assert len(rules) == len(driver["rules"])
    assert set(rules) == {rule.code for rule in catalogue.rules().values()} | {"shop.names", "no-verdict"}
    mtls = rules["MESH005"]
    assert mtls["name"] == "mesh.edges_mtls"
    assert mtls["helpUri"] == "https://example.org/owner/mesh-attestor/blob/v1/docs/rules/MESH005.md"
    assert mtls["helpUri"] in mtls["help"]["markdown"]
    levels = {name: rule["defaultConfiguration"] for name, rule in rules.items() if "defaultConfiguration" in rule}
    assert levels["MESH005"] == {"level": "error", "enabled": True}
    assert levels[catalogue.code("mesh.warning_budget")] == {"level": "warning", "enabled": True}
    assert levels[catalogue.code(found.OFF)] == {"level": "none", "enabled": False}
    assert "helpUri" not in rules["shop.names"]


def test_without_an_address_there_is_no_link() -> None:
    """A copy of this program does not know where it was published; the help is there all the same."""
    driver = run(found.outcome(), Surroundings(root=found.ROOT))["tool"]["driver"]
    assert not any("helpUri" in rule for rule in driver["rules"])
    assert all(rule["help"]["text"] for rule in driver["rules"])


def test_an_index_leads_to_its_rule() -> None:
    """Of every result."""
    written = run(found.outcome())
    rules = written["tool"]["driver"]["rules"]
    assert [rules[result["ruleIndex"]]["id"] for result in written["results"]] == [
        result["ruleId"] for result in written["results"]
    ]


def test_a_finding_keeps_its_fingerprint_over_runs() -> None:
    """Counts, days and the reason may differ; another edge, rule or sentence is another finding."""
    same = [
        (found.COUNTED, replace(found.COUNTED, message="5 of 11 edges are not mTLS, 6 are")),
        (found.insecure("web", "db"), found.insecure("web", "db", "Loopback")),
        (
            Violation(rule="collection.waivers_sound", message="expired on 2026-01-01", about=(("waiver", "0"),)),
            Violation(rule="collection.waivers_sound", message="expired on 2026-01-01", about=(("waiver", "3"),)),
        ),
    ]
    other = [
        (found.insecure("web", "db"), found.insecure("web", "cache")),
        (found.insecure("web", "db"), replace(found.insecure("web", "db"), rule="mesh.identity_namespaces")),
        (found.OWN, replace(found.OWN, message="a name is too long")),
    ]
    assert [fingerprint(found.denied(one)) == fingerprint(found.denied(two)) for one, two in same] == [True] * 3
    assert [fingerprint(found.denied(one)) == fingerprint(found.denied(two)) for one, two in other] == [False] * 3


def test_two_findings_have_two_fingerprints() -> None:
    """Also where nothing but a number tells them apart."""
    pair = [Violation(rule="shop.x", message=f"pod web-{number} is odd") for number in (1, 2)]
    assert len(set(fingerprint(found.denied(*pair)))) == 2


def test_a_fingerprint_does_not_tell_of_what_became_of_a_finding() -> None:
    """What is waived today and denied tomorrow is the same finding."""
    waived = next(result for result in run(found.outcome())["results"] if result["properties"]["state"] == "waived")
    assert [waived["partialFingerprints"]["primaryLocationLineHash"]] == fingerprint(
        found.denied(found.insecure("web", "db"))
    )


def test_a_waived_finding_is_suppressed_with_its_owner_and_date() -> None:
    """It stays in the report, at the waiver's line."""
    (waived,) = [result for result in run(found.outcome())["results"] if result["properties"]["state"] == "waived"]
    (suppression,) = waived["suppressions"]
    assert (suppression["kind"], suppression["status"]) == ("external", "accepted")
    for said in ("the legacy store has no proxy yet", "Ada", "2027-01-31", "OPS-123"):
        assert said in suppression["justification"]
    place = waived["locations"][0]["physicalLocation"]
    assert (place["artifactLocation"], place["region"]) == ({"uri": ".mesh/waivers.yaml"}, {"startLine": 7})


@pytest.mark.parametrize(
    ("violation", "uri", "line"),
    [
        (found.BUDGET, ".mesh/policy.yaml", 9),
        (Violation(rule="collection.waivers_sound", message="it expired", about=(("waiver", "0"),)), ".mesh/waivers.yaml", 7),
        (Violation(rule="collection.waivers_sound", message="it expired", about=(("waiver", "9"),)),
         "policy/collection/waivers_sound.rego", 1),
        (Violation(rule="shop.names", message="x", about=(("waiver", "0"),)), "policy/gate.rego", 1),
        (found.COUNTED, "policy/mesh/edges_mtls.rego", 1),
    ],
)  # fmt: skip
def test_a_finding_stands_where_it_can_be_mended(violation: Violation, uri: str, line: int) -> None:
    """The configuration's last word for this cluster, the waiver, else the rule's own file."""
    verdict = Verdict(allowed=False, checked=(violation.rule,), violations=(violation,), policy=found.POLICY)
    (result,) = run(found.outcome(verdict))["results"]
    place = result["locations"][0]["physicalLocation"]
    assert (place["artifactLocation"]["uri"], place["region"]["startLine"]) == (uri, line)
    assert place["artifactLocation"].get("uriBaseId", "") == ("" if uri.startswith(".mesh") else "MESH_ATTESTOR")


def test_a_file_outside_the_workspace_is_not_pointed_at() -> None:
    """Its path means nothing to whoever reads the report."""
    policy = replace(found.POLICY, config_path="/elsewhere/policy.yaml")
    verdict = Verdict(allowed=True, checked=found.CHECKED, violations=(), warnings=(found.BUDGET,), policy=policy)
    text = sarif.render(found.outcome(verdict), found.SURROUNDINGS)
    assert "elsewhere/policy" not in text
    assert "policy/mesh/warning_budget.rego" in text


def test_a_message_has_what_it_usually_means_and_the_command() -> None:
    """Besides the workloads, both identities and the reason."""
    (result,) = run(found.denied(found.insecure("web", "db")))["results"]
    assert result["message"]["text"].splitlines() == [
        found.insecure("web", "db").message,
        "usually: the destination has no proxy of this control plane, or the port is one that skips its proxy",
        "shown by: linkerd viz stat deploy/db -n shop --unmeshed",
    ]
    assert [place["fullyQualifiedName"] for place in result["locations"][0]["logicalLocations"]] == [
        "shop/web",
        "shop/db",
    ]


def test_the_run_has_its_counts() -> None:
    """Verdict, mode, cluster, findings and rules, checks and edges, and the digests of the files that decided."""
    told = run(found.outcome())["properties"]
    assert (told["verdict"], told["mode"], told["cluster"]) == ("deny", "enforce", "golden")
    assert told["findings"] == {"denied": 3, "warning": 1, "waived": 1, "exempt": 1}
    assert told["rules"] == {"checked": 4, "off": 1}
    assert (told["policyConfigSha256"], told["waiversSha256"]) == ("c0" * 32, "aa" * 32)
    assert told["edges"]["insecure"] == 0


def test_runs_on_two_clusters_do_not_replace_each_other() -> None:
    """Code scanning tells analyses apart by this."""
    assert run(found.outcome())["automationDetails"]["id"] == "mesh-attestor/golden/"


def test_an_allow_is_a_run_without_results() -> None:
    """That was executed, with every rule."""
    written = run(found.outcome(Verdict(allowed=True, checked=found.CHECKED, violations=())))
    assert written["results"] == []
    (invocation,) = written["invocations"]
    assert (invocation["executionSuccessful"], invocation["exitCode"]) == (True, 0)
    assert invocation["toolExecutionNotifications"] == []


@pytest.mark.parametrize("verdict", [None, Verdict(allowed=True, checked=("mesh.edges_mtls",), violations=())])
def test_a_run_that_failed_is_never_without_a_finding(verdict: Verdict | None) -> None:
    """Code scanning would close every alert as mended."""
    error = GateError("opa died", remedy="look at {0} and [this](http://evil.example)")
    written = run(found.outcome(verdict, error=error))
    (result,) = written["results"]
    assert (result["ruleId"], result["level"]) == ("no-verdict", "error")
    assert result["message"]["text"] == "NO VERDICT (gate): opa died"
    (invocation,) = written["invocations"]
    assert (invocation["executionSuccessful"], invocation["exitCode"]) == (False, 5)
    (note,) = invocation["toolExecutionNotifications"]
    assert (note["level"], note["descriptor"]) == ("error", {"id": "gate"})
    assert "look at {{0}} and [this] (http://evil.example)" in note["message"]["text"]
    assert written["properties"]["verdict"] == "error"


def test_one_failure_is_followed_over_runs() -> None:
    """By its stage, as its text may hold a time."""
    ends = [found.outcome(None, error=CaptureError(text)) for text in ("timed out after 3 s", "linkerd is gone")]
    assert fingerprint(ends[0]) == fingerprint(ends[1]) != fingerprint(found.outcome(None, error=GateError("x")))


def test_a_mode_that_only_reports_is_said_and_changes_no_level() -> None:
    """It turns exit 1 into 0 and nothing else."""
    written, enforced = run(found.outcome(enforces=False)), run(found.outcome())
    assert written["results"] == enforced["results"]
    assert (written["properties"]["mode"], written["invocations"][0]["exitCode"]) == ("report", 0)
    assert "mode: report" in written["invocations"][0]["toolExecutionNotifications"][0]["message"]["text"]


@pytest.mark.parametrize("text", [HOSTILE, "{0} {x} [a](http://evil.example)", "\ud800\x00\uffff", "{" * 50])
def test_no_text_is_more_than_text(text: str) -> None:
    """No control character, no placeholder, no link; the report stays valid."""
    written = run(found.spoiled(text))
    texts = [result["message"]["text"] for result in written["results"]]
    assert len(texts) == 5
    for said in texts:
        assert all(character.isprintable() or character == "\n" for character in said)
        assert not re.search(r"(?<!\{)(?:\{\{)*\{\d", said)
        assert "](" not in said
    assert json.dumps(written).isascii()


def test_what_stands_twice_is_told_once() -> None:
    """A workload that calls itself is one place, and two equal waivers are one reason: the schema wants each once."""
    looped = found.insecure("web", "web", "Loopback")
    waived = Waived(violation=looped, waivers=(found.WAIVER, replace(found.WAIVER, line=20)))
    verdict = Verdict(allowed=True, checked=(looped.rule,), violations=(), waived=(waived,), policy=found.POLICY)
    (result,) = run(found.outcome(verdict))["results"]
    assert [len(result["locations"][0]["logicalLocations"]), len(result["suppressions"])] == [1, 1]


def test_a_name_cannot_leave_the_files_address() -> None:
    """A path is quoted, and what is no DNS name is in no command."""
    policy = Policy(sections=found.POLICY.sections, config_path="/golden/a b#c?.yaml")
    verdict = Verdict(allowed=True, checked=found.CHECKED, violations=(), warnings=(found.BUDGET,), policy=policy)
    (result,) = run(found.outcome(verdict))["results"]
    assert result["locations"][0]["physicalLocation"]["artifactLocation"]["uri"] == "a%20b%23c%3F.yaml"


def test_five_thousand_findings_fit_into_what_github_takes() -> None:
    """All of them, with nothing left out."""
    many = tuple(found.insecure(f"w{number}", "db") for number in range(5000))
    text = sarif.render(found.denied(*many), found.SURROUNDINGS)
    (written,) = json.loads(text)["runs"]
    assert len(written["results"]) == 5000
    assert len({json.dumps(result["partialFingerprints"]) for result in written["results"]}) == 5000
    assert written["invocations"][0]["toolExecutionNotifications"] == []
    assert len(gzip.compress(text.encode())) < GITHUB_BYTES


def test_what_is_left_out_is_said(monkeypatch: pytest.MonkeyPatch) -> None:
    """The gravest stay; the largest report of all is still below the limit without any compression."""
    monkeypatch.setattr(limits, "SARIF_RESULTS", 2)
    written = run(found.outcome())
    assert [result["level"] for result in written["results"]] == ["error", "error"]
    (note,) = written["invocations"][0]["toolExecutionNotifications"]
    assert note["message"]["text"].startswith("4 more findings are left out")
    assert limits.SARIF_BYTES + 1_000_000 < GITHUB_BYTES
