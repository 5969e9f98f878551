"""The mapping of rules to controls: nothing in it is guessed, and whatever is wrong is told at once, by its line."""

from __future__ import annotations

import hashlib
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path

import pytest

from attestor import limits
from attestor.compliance import Controls, mapping
from attestor.errors import AttestorError, GateError
from attestor.policies import EMBEDDED, OwnModule, OwnRule, Policy

Load = Callable[..., tuple[Controls, list[AttestorError]]]
GOOD = {
    "id": "NET-1",
    "title": "Nothing in plaintext",
    "statement": "Workloads speak mTLS.",
    "rules": "[mesh.edges_mtls, mesh.warning_budget]",
    "parts": "[traffic]",
}
OWN = replace(EMBEDDED, own=(OwnModule(path="a.rego", data=b"package acme.names"),))


def control(**changes: str | None) -> str:
    """Return a control as an item of a list; a key that is ``None`` is left out."""
    lines = [f"{key}: {value}" for key, value in (GOOD | changes).items() if value is not None]
    return "    - " + "\n      ".join(lines) + "\n"


def text(*controls: str, framework: str = "acme", title: str = "Ours") -> str:
    return f"frameworks:\n{part(*controls, framework=framework, title=title)}"


def part(*controls: str, framework: str = "acme", title: str = "Ours") -> str:
    """Return a framework as an item of a list."""
    return f"- id: {framework}\n  title: {title}\n  controls:\n" + "".join(controls or [control()])


@pytest.fixture
def load(tmp_path: Path) -> Load:
    """Load controls from their text, with the complaints about them."""

    def call(written: str, policy: Policy = EMBEDDED) -> tuple[Controls, list[AttestorError]]:
        path = tmp_path / "controls.yaml"
        path.write_text(written, encoding="utf-8")
        complaints: list[AttestorError] = []
        return mapping.load(path, policy, complaints), complaints

    return call


def test_controls_of_ones_own_stand_behind_the_embedded_ones(load: Load, tmp_path: Path) -> None:
    """With the digest of each file, and nothing of the embedded ones replaced."""
    written = "# ours\n" + text(control(), control(id="NET-2", parts=None, not_shown="nobody knows"))
    found, complaints = load(written)
    assert complaints == []
    embedded = mapping.embedded()
    assert found.entries[: len(embedded.entries)] == embedded.entries
    first, second = found.entries[len(embedded.entries) :]
    assert (first.framework, first.id, first.title) == ("acme", "NET-1", "Nothing in plaintext")
    assert (first.rules, first.parts) == (("mesh.edges_mtls", "mesh.warning_budget"), ("traffic",))
    assert (first.not_shown, first.line, second.line) == ("", 6, 11)
    assert (second.parts, second.not_shown) == ((), "nobody knows")
    assert found.frameworks == {**embedded.frameworks, "acme": "Ours"}
    assert found.file_sha256 == hashlib.sha256(written.encode()).hexdigest()
    assert (found.embedded_sha256, found.path) == (embedded.embedded_sha256, str(tmp_path / "controls.yaml"))


def test_without_a_file_there_are_the_embedded_ones() -> None:
    """And no digest of a file."""
    found = mapping.load(None, EMBEDDED, [])
    assert found == mapping.embedded()
    assert (found.file_sha256, found.path) == ("", "")


def test_an_empty_list_adds_nothing(load: Load) -> None:
    """It is what remains when the last framework was taken out."""
    found, complaints = load("frameworks: []\n")
    assert (found.entries, complaints) == (mapping.embedded().entries, [])


def test_what_a_framework_needs_each_of_its_controls_needs(load: Load) -> None:
    """Before what it needs itself, and once; of the next framework nothing."""
    written = text(control(needs="[mesh.edges_present, mesh.known_reasons]")).replace(
        "  controls:", "  needs: [mesh.edges_present, collection.live_mesh]\n  controls:"
    )
    found, complaints = load(written + part(control(id="B"), framework="b"))
    assert complaints == []
    assert found.entries[-2].needs == ("mesh.edges_present", "collection.live_mesh", "mesh.known_reasons")
    assert found.entries[-1].needs == ()


def test_what_a_rule_must_be_asked_with_is_read(load: Load) -> None:
    """By the type of the rule's own parameter."""
    found, complaints = load(text(control(parameters="{mesh.warning_budget: {max: 0}}")))
    assert complaints == []
    assert found.entries[-1].parameters == {"mesh.warning_budget": {"max": 0}}


COMPLAINTS: dict[str, tuple[str, str, str]] = {
    "a-list": ("- id: a\n", "line 1: the document is not a mapping of names", "docs/compliance.md"),
    "nothing": ("# none\n", "line 1: the document is not a mapping of names", ""),
    "another-key": ("frameworks: []\ncontrols: []\n", "line 1: there is no 'controls' in the document", ""),
    "no-list": ("frameworks: {}\n", "line 1: it has no list of frameworks", "or []"),
    "a-word": ("frameworks:\n- acme\n", "line 2: a framework is not a mapping of names", "docs/compliance.md"),
    "nothing-in-it": ("frameworks:\n- {}\n", "line 2: a framework is not a mapping of names", ""),
    "keys-of-numbers": ("frameworks:\n- 7: a\n", "line 2: a framework is not a mapping of names", ""),
    "unknown-key": (text() + "  control: []\n", "line 2: there is no 'control' in a framework", "mean controls?"),
    "no-title": (text(title="''"), "line 2: its title is not a text", "write title:"),
    "no-framework": (text(framework="''"), "line 2: its id is not a name", "letters"),
    "spaces": (text(framework="a b"), "line 2: its id is not a name", "letters"),
    "embedded-framework": (
        text(framework="rfc-workload-identity-0001"),
        "line 2: the framework rfc-workload-identity-0001 is there already",
        "another name",
    ),
    "framework-twice": (text() + part(control(id="B")), "line 10: the framework acme is there already", ""),
    "no-controls": ("frameworks:\n- id: a\n  title: b\n", "line 2: it has no list of controls", "write controls:"),
    "empty-controls": ("frameworks: [{id: a, title: b, controls: []}]\n", "line 1: it has no list of controls", ""),
    "control-as-word": (text("    - NET-1\n"), "line 5: a control is not a mapping of names", ""),
    "no-control": (text("    - {}\n"), "line 5: a control is not a mapping of names", ""),
    "control-key": (text(control(rule="[a]")), "line 5: there is no 'rule' in a control", "mean rules?"),
    "no-id": (text(control(id=None)), "line 5: its id is not a name", "letters"),
    "number-for-id": (text(control(id="4.10")), "line 5: its id is not a name", "in quotes"),
    "id-of-white-space": (text(control(id="'a b'")), "line 5: its id is not a name", "letters"),
    "long-id": (text(control(id="a" * 65)), "line 5: its id is not a name", "64"),
    "embedded-id": (text(control(id="INV-6")), "line 5: the control INV-6 is there already", "nothing is replaced"),
    "id-twice": (text(control(), control()), "line 10: the control NET-1 is there already", "another id"),
    "no-statement": (text(control(statement=None)), "line 5: its statement is not a text", "write statement:"),
    "blank-statement": (text(control(statement="' '")), "line 5: its statement is not a text", ""),
    "long-title": (text(control(title="a" * 2001)), "line 5: its title is not a text of 1 to 2000", ""),
    "number-for-title": (text(control(title="7")), "line 5: its title is not a text", ""),
    "rules-as-word": (text(control(rules="mesh.edges_mtls")), "line 5: its rules are not a list of names", ""),
    "rules-of-numbers": (text(control(rules="[7]")), "line 5: its rules are not a list of names", ""),
    "rule-twice": (text(control(rules="[mesh.edges_mtls, mesh.edges_mtls]")), "line 5: a name stands twice", ""),
    "unknown-rule": (
        text(control(rules="[mesh.edge_mtls]")),
        "line 5: there is no rule 'mesh.edge_mtls'",
        "did you mean mesh.edges_mtls?",
    ),
    "code-for-rule": (text(control(rules="[MESH005]")), "no rule 'MESH005'", "that is its code: write mesh.edges_mtls"),
    "unknown-need": (text(control(needs="[mesh.edges]")), "line 5: there is no rule 'mesh.edges'", "did you mean"),
    "needs-as-word": (text(control(needs="x")), "line 5: its needs are not a list of names", ""),
    "framework-needs": (
        text().replace("  title: Ours", "  title: Ours\n  needs: [a.b]"),
        "line 2: there is no rule 'a.b'",
        "",
    ),
    "no-rules": (text(control(rules="[]")), "line 5: no rule speaks for or against it", "not_shown"),
    "parts-as-word": (text(control(parts="traffic")), "line 5: its parts are not a list of names", ""),
    "unknown-part": (text(control(parts="[trafic]")), "line 5: there is no part 'trafic'", "mean traffic?"),
    "no-reason": (text(control(not_shown="''")), "line 5: its not_shown is not a text", ""),
    "parameters-as-list": (text(control(parameters="[a]")), "line 5: parameters is not a mapping of names", ""),
    "parameters-of-another": (
        text(control(parameters="{mesh.versions_match: {}}")),
        "line 5: parameters names 'mesh.versions_match', which is not among its rules",
        "add it to rules:",
    ),
    "parameters-of-a-rule-as-word": (
        text(control(parameters="{mesh.warning_budget: 7}")),
        "line 5: parameters.mesh.warning_budget is not a mapping of names",
        "",
    ),
    "unknown-parameter": (
        text(control(parameters="{mesh.warning_budget: {maximum: 1}}")),
        "line 5: mesh.warning_budget has no 'maximum'",
        "",
    ),
    "parameter-of-none": (
        text(control(parameters="{mesh.edges_mtls: {max: 1}}")),
        "line 5: mesh.edges_mtls has no 'max'",
        "take it out",
    ),
    "parameter-of-another-type": (
        text(control(parameters="{mesh.warning_budget: {max: many}}")),
        "line 5: mesh.warning_budget.max is not a whole number",
        "",
    ),
    "not-yaml": ("frameworks: [", "is not YAML", "docs/compliance.md"),
    "a-key-twice": ("frameworks: [{id: a, id: b}]", "a key stands twice", ""),
    "an-alias": ("frameworks: [&a {}, *a]\n", "it uses an alias", ""),
}


@pytest.mark.parametrize("case", sorted(COMPLAINTS))
def test_what_is_wrong_is_said_with_its_line_and_what_to_do(case: str, load: Load) -> None:
    """Nothing of it is passed over."""
    written, problem, remedy = COMPLAINTS[case]
    complaints = load(written)[1]
    assert problem in complaints[0].problem
    assert remedy in complaints[0].remedy
    assert len(complaints) == 1


def test_every_complaint_comes_at_once(load: Load) -> None:
    """Of every control of every framework."""
    written = text(control(rules="[a.b]"), control(id="B", parts="[x]")) + part(control(id=None), framework="b")
    said = [complaint.problem.partition(", line ")[2] for complaint in load(written)[1]]
    assert said == ["5: there is no rule 'a.b'", "10: there is no part 'x'", "18: its id is not a name"]


def test_a_word_of_the_file_is_told_up_to_a_length(load: Load) -> None:
    """It may be anything."""
    (complaint,) = load(text(control(rules=f"[{'x' * 5000}]")))[1]
    assert len(complaint.problem) < 400


def test_a_file_that_is_not_there_or_too_long(tmp_path: Path, monkeypatch: pytest.MonkeyPatch, load: Load) -> None:
    """As of every policy's file."""
    complaints: list[AttestorError] = []
    found = mapping.load(tmp_path / "none.yaml", EMBEDDED, complaints)
    assert found == mapping.embedded()
    assert "none.yaml cannot be read: No such file" in complaints[0].problem
    monkeypatch.setattr(limits, "POLICY_BYTES", 10)
    (complaint,) = load(text())[1]
    assert "has more than 10 bytes" in complaint.problem


def test_rules_of_ones_own_are_known_once_they_are_compiled(load: Load) -> None:
    """Until then any is taken; what is still unknown afterwards is complained of by its line."""
    found, complaints = load(text(control(rules="[acme.names, acme.gnomes]")), OWN)
    assert complaints == []
    compiled = replace(OWN, own_rules=(OwnRule(package=("acme", "names"), names=("deny",)),))
    mapping.require_known(found, compiled, complaints)
    (complaint,) = complaints
    assert complaint.problem.endswith("controls.yaml, line 5: there is no rule 'acme.gnomes'")
    assert complaint.remedy == "did you mean acme.names?"


def test_the_embedded_ones_are_not_held_against_a_policy() -> None:
    """They come with the rules."""
    complaints: list[AttestorError] = []
    mapping.require_known(mapping.embedded(), EMBEDDED, complaints)
    assert complaints == []


@pytest.mark.parametrize("written", [None, "- [", "frameworks: [{id: a}]\n"])
def test_an_installation_that_is_not_whole_is_no_installation(
    written: str | None, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Without its controls, or with others, a report would be about fewer than it says."""
    if written is not None:
        (tmp_path / "controls.yaml").write_text(written, encoding="utf-8")
    monkeypatch.setattr(mapping, "EMBEDDED", tmp_path / "controls.yaml")
    mapping.embedded.cache_clear()
    complaints: list[AttestorError] = []
    try:
        with pytest.raises(GateError):
            mapping.embedded()
        assert mapping.load(None, EMBEDDED, complaints).entries == ()
        assert len(complaints) == 1
    finally:
        mapping.embedded.cache_clear()
