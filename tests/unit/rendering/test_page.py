"""The page that a release manager reads says what was decided, why, what was seen and what was not."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import pytest

from attestor import limits
from attestor.errors import CaptureError, SettingsError
from attestor.outcome import Outcome
from attestor.rendering import markdown, page
from attestor.report import Report
from attestor.verdict import Verdict, Violation
from tests import found as verdicts
from tests.rendered import Rendered, render
from tests.unit.test_report import ALLOW, DENY, EDGE, OPENED, opened

EVIL = "|<script>alert(1)</script>](http://evil.example)`**x**\n# h @all www.evil.example"
ELEMENTS = {
    "h2", "h3", "p", "ul", "li", "table", "thead", "tbody", "tr", "th", "td", "code", "pre", "strong", "em", "a", "br",
}  # fmt: skip


def outcome(verdict: Verdict | None = ALLOW, **change: Any) -> Outcome:
    report = Report(opened=OPENED, signers=("ab12",), verdict=verdict, envelope="/w/a b.json", envelope_sha256="cd34")
    return Outcome(report=report, **change)


def written(ended: Outcome) -> str:
    return markdown.page(page.parts(ended), limits.SUMMARY_BYTES)


def shown(ended: Outcome) -> Rendered:
    return render(written(ended))


def test_an_allow_says_so_first() -> None:
    """In one sentence, and every section follows."""
    found = shown(outcome())
    assert found.elements[0] == "h2"
    assert found.text.startswith("✅ Linkerd mesh: ALLOW: 2 rules were looked at and none of them denies")
    for title in ("Checks: ", "Edges: ", "What was not looked at", "Check it yourself"):
        assert title in found.text


def test_a_denial_lists_its_reasons_with_their_rules() -> None:
    """Below the sentence."""
    found = shown(outcome(DENY))
    assert found.text.startswith("❌ Linkerd mesh: DENY: 2 reasons by 2 rules")
    for reason in DENY.violations:
        assert f"{reason.message} — {reason.rule}" in found.text


def test_a_thousand_reasons_are_cut_and_counted() -> None:
    """A summary is for reading."""
    many = tuple(Violation(rule="mesh.a", message=f"edge {number}") for number in range(1000))
    found = shown(outcome(Verdict(allowed=False, checked=("mesh.a",), violations=many)))
    assert "and 800 more reasons" in found.text


def test_the_proof_can_be_checked() -> None:
    """Key id, digest, and a command whose file name is quoted."""
    found = shown(outcome())
    assert "key id: ab12" in found.text
    assert "sha256 of the envelope: cd34" in found.text
    assert "mesh-attestor verify 'a b.json' --key PUBLIC_KEY.pem" in found.text


def test_a_check_that_failed_comes_first_with_its_hint() -> None:
    """With linkerd's own word on it, and its link."""

    def fail(bodies: dict[str, Any]) -> None:
        check = bodies["linkerd-check"]["check_report"]["categories"][2]["checks"][0]
        check |= {"result": "error", "error": "it | broke", "hint": "https://linkerd.io/2/checks/#x"}

    ended = Outcome(report=Report(opened=opened(fail), signers=(), verdict=DENY))
    found = shown(ended)
    first = next(row for row in found.rows if row[0] in "❌✅⚠️" and row[0])
    assert first[0] == "❌"
    assert "it | broke" in first[5]
    assert "https://linkerd.io/2/checks/#x" in found.links


def test_insecure_edges_come_first() -> None:
    """Each with the reason."""

    def spoil(bodies: dict[str, Any]) -> None:
        bad = EDGE | {"client_id": "", "server_id": "", "no_tls_reason": "no_identity"}
        bodies["linkerd-check"]["edge_report"] = [EDGE, bad]

    found = shown(Outcome(report=Report(opened=opened(spoil), signers=(), verdict=DENY)))
    rows = [row for row in found.rows if row[0] in {"a/web", "b/db"}]
    assert [row[-1] for row in rows] == ["❌ no_identity", "√"]
    assert "not mTLS" in found.text


def test_what_is_missing_is_said() -> None:
    """No check report, no edges report; processes that were not traced; namespaces that were not asked for."""

    def take(bodies: dict[str, Any]) -> None:
        del bodies["linkerd-check"]
        bodies["command-run"]["capture"]["trace"] = {"state": "off", "reason": "switched off"}
        bodies["command-run"]["capture"]["namespaces"] = ["prod"]

    text = shown(Outcome(report=Report(opened=opened(take), signers=()), error=CaptureError("linkerd is gone"))).text
    for said in (
        "There is no check report",
        "There is no edges report",
        "not traced: switched off",
        "only edges of these namespaces were asked for: prod",
        "coverage is off",
        "⛔ Linkerd mesh: NO VERDICT (capture): linkerd is gone",
        "Nothing was allowed",
    ):
        assert said in text


def test_a_run_that_sealed_nothing_says_why() -> None:
    """Every complaint, and why a secret is withheld."""
    error = SettingsError([SettingsError("a is wrong", remedy="mend it"), SettingsError("b is wrong")])
    text = shown(Outcome(error=error, withheld="a fork")).text
    for said in ("a is wrong", "do:  mend it".replace("  ", " "), "b is wrong", "a fork"):
        assert said in " ".join(text.split())


@pytest.mark.parametrize("place", ["edges", "checks", "reasons", "facts", "capture"])
def test_no_name_changes_the_page(place: str) -> None:
    """Only the page's own elements and links are there, and the text is what it was."""

    def spoil(bodies: dict[str, Any]) -> None:
        body, capture = bodies["linkerd-check"], bodies["command-run"]["capture"]
        if place == "edges":
            body["edge_report"] = [dict.fromkeys((*EDGE, "no_tls_reason"), EVIL)]
        elif place == "checks":
            check = dict.fromkeys(("description", "result", "error", "hint"), EVIL)
            body["check_report"]["categories"] = [{"categoryName": EVIL, "checks": [check]}]
        elif place == "facts":
            body["cluster_name"] = EVIL
            bodies["git"] |= {"branch": EVIL, "commithash": EVIL}
        else:
            capture |= {"excluded": [{"path": EVIL, "reason": EVIL}], "defects": [{"code": EVIL, "detail": EVIL}]}
            capture |= {"trace": {"state": "off", "reason": EVIL}, "namespaces": [EVIL]}

    verdict = DENY
    if place == "reasons":
        verdict = Verdict(allowed=False, checked=("a",), violations=(Violation(rule=EVIL, message=EVIL),))
    found = shown(Outcome(report=Report(opened=opened(spoil), signers=(EVIL,), verdict=verdict)))
    assert set(found.elements) <= ELEMENTS
    assert all(link.startswith("https://linkerd.io/") for link in found.links)
    assert "<script>alert(1)</script>](http://evil.example)" in found.text


def test_a_mesh_of_many_edges_stays_below_the_runners_limit() -> None:
    """A summary of more than 1 MiB would be dropped whole."""

    def many(bodies: dict[str, Any]) -> None:
        bodies["linkerd-check"]["edge_report"] = [EDGE | {"src": f"w{number}"} for number in range(20_000)]

    text = written(Outcome(report=Report(opened=opened(many), signers=(), verdict=ALLOW)))
    assert len(text.encode()) <= limits.SUMMARY_BYTES
    assert "more rows are left out here" in text
    assert "Check it yourself" in text


def test_a_reason_has_what_it_usually_means_and_the_command() -> None:
    """Below its sentence, with its rule's code."""
    text = " ".join(shown(verdicts.outcome()).text.split())
    assert "Not Provided By Service Discovery — MESH005 mesh.edges_mtls" in text
    assert "Usually the destination has no proxy of this control plane" in text
    assert "Shown by linkerd viz stat deploy/cache -n shop --unmeshed" in text


def test_what_does_not_deny_is_a_table_of_its_own() -> None:
    """Warned, waived with owner and date, exempt; the rules that are off are counted."""
    found = shown(verdicts.outcome())
    rows = {row[0]: row for row in found.rows if row[0] in {"warning", "waived", "exempt"}}
    assert set(rows) == {"warning", "waived", "exempt"}
    assert rows["waived"][2:] == [
        "MESH005 mesh.edges_mtls",
        "waived for Ada through 2027-01-31: the legacy store has no proxy yet (OPS-123)",
    ]
    assert "Besides: 1 warning, 1 waived, 1 exempt, 1 rule off." in found.text
    assert "Findings that do not deny" not in shown(outcome()).text


@pytest.mark.parametrize("text", ["shop/web", EVIL])
def test_a_complaint_about_a_waiver_names_its_line_and_what_it_is_for(text: str) -> None:
    """One owner may have several of one rule; what is in the file changes nothing but this line."""
    waiver = replace(verdicts.WAIVER, selector={"source": text})
    expired = Violation(rule="collection.waivers_sound", message="it expired", about=(("waiver", "0"),))
    policy = replace(verdicts.POLICY, waivers=(waiver,))
    verdict = Verdict(allowed=False, checked=(expired.rule,), violations=(expired,), policy=policy)
    for found in (shown(outcome(verdict)), shown(outcome(replace(verdict, violations=(), warnings=(expired,))))):
        assert f"line 7 of the waivers: source {text.partition('|')[0]}" in found.text
        assert set(found.elements) <= ELEMENTS
        assert all(link.startswith("https://linkerd.io/") for link in found.links)


@pytest.mark.parametrize("text", [EVIL, "`|\n<br>", "\x1b[2J\u202e"])
def test_no_text_of_a_finding_changes_the_page(text: str) -> None:
    """Neither of a rule, nor of a waiver."""
    found = shown(verdicts.spoiled(text))
    assert set(found.elements) <= ELEMENTS
    assert all(link.startswith("https://linkerd.io/") for link in found.links)


def test_long_reasons_and_errors_stay_below_the_runners_limit() -> None:
    """A summary of more than 1 MiB would be dropped whole: reasons are cut like any other row."""
    many = tuple(Violation(rule="mesh.a", message=f"{number} {'*' * 4000}") for number in range(300))
    error = CaptureError("it ended", output="\n".join(["#" * 4000] * 100))
    denied = Outcome(
        report=Report(opened=OPENED, signers=(), verdict=Verdict(allowed=False, checked=("mesh.a",), violations=many))
    )
    for ended in (denied, Outcome(report=Report(opened=OPENED, signers=()), error=error)):
        text = written(ended)
        assert len(text.encode()) <= limits.SUMMARY_BYTES
        assert "Check it yourself" in text
