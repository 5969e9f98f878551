"""`waivers`: each says what it waives, who answers for it, why and until when, and none waives the floor."""

from __future__ import annotations

import hashlib
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path

import pytest

from attestor import limits
from attestor.errors import AttestorError
from attestor.policies import EMBEDDED, OwnModule, OwnRule, Policy, Waiver, catalogue, waivers

Load = Callable[[str], tuple[Policy, list[AttestorError]]]
GOOD = {
    "rule": "mesh.edges_mtls",
    "selector": "{source: emojivoto/vote-bot, destination: emojivoto/web}",
    "owner": "team-voting",
    "reason": "the bot is retired in January",
    "expires": "2027-01-31",
}


def text(**changes: str | None) -> str:
    """Return a file with one waiver; a key that is ``None`` is left out."""
    lines = [f"{key}: {value}" for key, value in (GOOD | changes).items() if value is not None]
    return "- " + "\n  ".join(lines) + "\n"


@pytest.fixture
def load(tmp_path: Path) -> Load:
    """Load waivers from their text, with the complaints about them."""

    def call(written: str) -> tuple[Policy, list[AttestorError]]:
        path = tmp_path / "waivers.yaml"
        path.write_text(written, encoding="utf-8")
        complaints: list[AttestorError] = []
        return waivers.load(path, EMBEDDED, complaints), complaints

    return call


def test_a_waiver_is_read_with_its_line(load: Load, tmp_path: Path) -> None:
    """Its fields, the line on which it starts, and the digest of the file."""
    written = (
        "# ours\n\n" + text() + "\n" + text(ticket="OPS-1", expires="'2027-02-01'", rule="mesh.own_service_accounts")
    )
    policy, complaints = load(written)
    assert complaints == []
    first = Waiver(
        rule="mesh.edges_mtls",
        selector={"source": "emojivoto/vote-bot", "destination": "emojivoto/web"},
        owner="team-voting",
        reason="the bot is retired in January",
        expires="2027-01-31",
        line=3,
    )
    assert policy.waivers[0] == first
    assert [(waiver.line, waiver.ticket, waiver.expires) for waiver in policy.waivers[1:]] == [
        (9, "OPS-1", "2027-02-01")
    ]
    assert policy.waivers_sha256 == hashlib.sha256(written.encode()).hexdigest()
    assert policy.waivers_path == str(tmp_path / "waivers.yaml")


def test_rules_see_a_waiver_without_its_line(load: Load) -> None:
    """The ticket only where there is one."""
    policy, _ = load(text() + text(ticket="7"))
    first, second = (waiver.to_dict() for waiver in policy.waivers)
    assert set(first) == {"rule", "selector", "owner", "reason", "expires"}
    assert second == first | {"ticket": "7"}


def test_an_empty_list_waives_nothing(load: Load) -> None:
    """It is what remains when the last one was taken out."""
    policy, complaints = load("[]\n")
    assert (policy.waivers, complaints) == ((), [])


@pytest.mark.parametrize("written", ["", "# none\n", "null", "{}", "rule: a", "text", "7"])
def test_what_is_no_list_is_refused(written: str, load: Load) -> None:
    """An empty file says nothing, which may be a fault of whoever wrote it."""
    (complaint,) = load(written)[1]
    assert complaint.problem.endswith("is not a list")


COMPLAINTS: dict[str, tuple[str, str, str]] = {
    "no-rule": (text(rule=None), "it does not say its rule", ""),
    "empty-rule": (text(rule="' '"), "it does not say its rule", ""),
    "no-owner": (text(owner=None), "it does not say its owner", ""),
    "empty-owner": (text(owner="''"), "it does not say its owner", ""),
    "no-reason": (text(reason=None), "it does not say its reason", ""),
    "blank-reason": (text(reason="'  '"), "it does not say its reason", ""),
    "no-expires": (text(expires=None), "it does not say the day on which it expires", "write expires: 2027-01-31"),
    "bad-day": (text(expires="2027-02-30"), "", ""),
    "bad-day-as-text": (text(expires="'2027-02-30'"), "it does not say the day on which it expires", ""),
    "a-word": (text(expires="soon"), "it does not say the day on which it expires", ""),
    "a-time": (text(expires="2027-01-31T00:00:00Z"), "it does not say the day on which it expires", ""),
    "a-number": (text(expires="20270131"), "it does not say the day on which it expires", ""),
    "a-short-day": (text(expires="2027-1-31"), "", ""),
    "no-selector": (text(selector=None), "it does not say what it is for", "write selector"),
    "empty-selector": (text(selector="{}"), "it does not say what it is for", ""),
    "selector-as-text": (text(selector="emojivoto/web"), "it does not say what it is for", ""),
    "unknown-selector": (text(selector="{sauce: a/b}"), "there is no selector 'sauce'", "did you mean source?"),
    "selector-of-number": (text(selector="{namespace: 7}"), "a selector is not a name or a pattern", ""),
    "selector-empty": (text(selector="{namespace: ''}"), "a selector is not a name or a pattern", "* and ?"),
    "selector-class": (text(selector="{namespace: '[a-z]*'}"), "a selector is not a name or a pattern", "* and ?"),
    "workload-without-its-namespace": (
        text(selector="{source: vote-bot, destination: emojivoto/web}"),
        "source 'vote-bot' would never fit",
        "write namespace/workload",
    ),
    "workload-of-three-parts": (text(selector="{destination: a/b/c}"), "destination 'a/b/c' would never fit", ""),
    "workload-over-a-slash": (text(selector="{source: shop**}"), "source 'shop**' would never fit", ""),
    "namespace-with-a-workload": (
        text(selector="{namespace: shop/web}"),
        "namespace 'shop/web' would never fit",
        "source: and destination: for a workload",
    ),
    "code-for-a-rule": (text(rule="mesh005"), "there is no rule 'mesh005'", "that is its code: write mesh.edges_mtls"),
    "unknown-key": (text(until="x"), "there is no 'until' in a waiver", "one of: expires"),
    "near-key": (text(tickets="x"), "there is no 'tickets' in a waiver", "did you mean ticket?"),
    "unknown-rule": (text(rule="mesh.edge_mtls"), "there is no rule 'mesh.edge_mtls'", "did you mean mesh.edges_mtls?"),
    "own-rule-without-one": (text(rule="team.own"), "there is no rule 'team.own'", "one of: "),
    "rule-as-number": (text(rule="7"), "there is no rule '7'", ""),
    "owner-as-list": (text(owner="[a, b]"), "it does not say its owner", ""),
    "owner-as-truth": (text(owner="yes"), "it does not say its owner", ""),
    "reason-as-mapping": (text(reason="{because: so}"), "it does not say its reason", ""),
    "ticket-as-list": (text(ticket="[OPS-1]"), "its ticket is not text", "leave the key out"),
    "ticket-empty": (text(ticket="''"), "its ticket is not text", ""),
    "not-a-mapping": ("- text\n", "it is not a mapping", ""),
    "number-as-key": ("- {1: a}\n", "it is not a mapping", ""),
    "null": ("-\n", "it is not a mapping", ""),
}


@pytest.mark.parametrize("case", sorted(COMPLAINTS))
def test_what_is_wrong_is_said_with_its_line(case: str, load: Load, tmp_path: Path) -> None:
    """And the waiver is not taken."""
    written, problem, remedy = COMPLAINTS[case]
    policy, complaints = load(text() + written)
    (complaint,) = complaints
    assert complaint.problem.startswith(f"the waivers file {tmp_path / 'waivers.yaml'}")
    assert complaint.exit_code == 2
    if problem:
        assert f", line 6: {problem}" in complaint.problem
        assert len(policy.waivers) == 1
    assert remedy in complaint.remedy


def test_every_complaint_is_said_at_once(load: Load) -> None:
    """Of each waiver, and of each of its fields."""
    _, complaints = load(text(owner=None, reason=None) + text(expires="never") + text(selector="{a: 1}"))
    assert [complaint.problem.partition(", line ")[2].partition(":")[0] for complaint in complaints] == [
        "1", "1", "4", "9", "9",
    ]  # fmt: skip


@pytest.mark.parametrize(
    "rule", sorted(n for n, r in catalogue.rules().items() if r.of_the_floor and n != "mesh.edges_mtls")
)
def test_nothing_else_of_the_floor_is_waived(rule: str, load: Load) -> None:
    """Refused when it is read, before anything is captured."""
    policy, complaints = load(text(rule=rule))
    (complaint,) = complaints
    assert f"{rule} is of the floor, which nothing waives" in complaint.problem
    assert policy.waivers == ()


@pytest.mark.parametrize("rule", sorted(n for n, r in catalogue.rules().items() if not r.of_the_floor))
def test_every_other_rule_can_be_waived(rule: str, load: Load) -> None:
    """Whether it is too broad is for the rules."""
    policy, complaints = load(text(rule=rule, selector="{check: is*}"))
    assert (complaints, [waiver.rule for waiver in policy.waivers]) == ([], [rule])


@pytest.mark.parametrize(
    "written", ["- {a: 1, a: 2}\n", "- &a {}\n- *a\n", "- [", "- 1\n---\n- 2\n"], ids=["twice", "alias", "cut", "two"]
)
def test_what_is_not_strict_yaml_is_refused(written: str, load: Load) -> None:
    """Two readers could read it in two ways."""
    (complaint,) = load(written)[1]
    assert "is not YAML: " in complaint.problem


def test_a_file_that_is_too_large_or_is_not_there(load: Load, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """What was read before stays as it was."""
    monkeypatch.setattr(limits, "POLICY_BYTES", 2)
    assert load("[]")[1] == []
    policy, (complaint,) = load("[] ")
    assert "has more than 2 bytes" in complaint.problem
    assert policy is EMBEDDED
    complaints: list[AttestorError] = []
    waivers.load(tmp_path / "nowhere", EMBEDDED, complaints)
    assert complaints[0].problem.startswith(f"the waivers file {tmp_path / 'nowhere'} cannot be read: No such file")


def test_a_rule_of_ones_own_is_known_once_it_is_compiled(tmp_path: Path) -> None:
    """Until then no name is unknown; then each that is neither embedded nor compiled is, with its line."""
    path = tmp_path / "waivers.yaml"
    path.write_text(text() + text(rule="team.own") + text(rule="team.won"), encoding="utf-8")
    complaints: list[AttestorError] = []
    policy = waivers.load(path, Policy(own=(OwnModule(path="a.rego", data=b""),)), complaints)
    assert ([waiver.rule for waiver in policy.waivers], complaints) == (["mesh.edges_mtls", "team.own", "team.won"], [])
    waivers.require_known(replace(policy, own_rules=(OwnRule(package=("team", "own"), names=("deny",)),)), complaints)
    assert [(complaint.problem, complaint.remedy) for complaint in complaints] == [
        (f"the waivers file {path}, line 11: there is no rule 'team.won'", "did you mean team.own?")
    ]
