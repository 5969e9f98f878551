"""What a run and a verification say of controls: the same, beside the verdict, and without a part in it."""

from __future__ import annotations

import base64
import hashlib
import json
import re
from pathlib import Path
from typing import Any

import pytest

from tests.conftest import ROOT, Done, KeyPair, Run
from tests.integration.conftest import Ask, Attempt

PAGE = (ROOT / "docs" / "compliance.md").read_text(encoding="utf-8")
INVARIANTS = ("INV-1", "INV-6", "INV-7", "INV-10")


def written(tree: Path, name: str = "attestation") -> dict[str, Any]:
    answer: dict[str, Any] = json.loads((tree / f"{name}.compliance.json").read_bytes())
    return answer


def statuses(answer: dict[str, Any]) -> dict[str, str]:
    return {control["id"]: control["status"] for control in answer["controls"]}


def block(language: str) -> str:
    """Return the page's one block in this language."""
    (found,) = re.findall(rf"^```{language}\n(.*?)^```$", PAGE, re.MULTILINE | re.DOTALL)
    return str(found)


@pytest.fixture
def own(tmp_path: Path) -> Path:
    """The file of the documentation's example."""
    path = tmp_path / "controls.yaml"
    path.write_text(block("yaml"), encoding="utf-8")
    return path


def test_edges_alone_show_no_invariant(run: Run, tree: Path) -> None:
    """Of a healthy mesh without coverage only that every listed edge was mTLS is shown."""
    done = run("healthy")
    assert done.code == 0, done.said
    found = statuses(written(tree))
    assert {name for name, status in found.items() if status == "met"} == {"11.10.2-mtls-coverage"}
    assert {found[name] for name in INVARIANTS} == {"not shown"}
    (invariant,) = (control for control in written(tree)["controls"] if control["id"] == "INV-6")
    assert invariant["reasons"][0] == "coverage was off: there is no evidence of workloads, traffic, linkerd"
    assert "== Compliance ==" in done.out
    assert done.out.index("== Compliance ==") < done.out.index("== Verdict ==")


def test_a_plaintext_edge_speaks_against_what_rests_on_mtls(run: Run, tree: Path) -> None:
    """And the file is about the envelope beside it."""
    assert run("insecure-edge").code == 1
    answer = written(tree)
    found = statuses(answer)
    assert {found[name] for name in ("INV-6", "11.9.1-traffic-interception", "11.10.2-mtls-coverage")} == {"not met"}
    assert answer["subject"]["sha256"] == hashlib.sha256((tree / "attestation.json").read_bytes()).hexdigest()
    assert answer["verdict"] == "deny"


def test_without_edges_nothing_is_shown_of_them(run: Run, tree: Path) -> None:
    """That nobody could say anything about mTLS is no plaintext."""
    assert run("no-viz").code == 1
    found = statuses(written(tree))
    assert {found[name] for name in ("INV-1", "INV-6", "11.10.2-mtls-coverage")} == {"not shown"}


def test_controls_never_change_the_verdict(run: Run, tree: Path, own: Path) -> None:
    """Nor the digest of the policy that the signed verdict has."""
    verdicts = []
    for more in ((), ("--controls", own)):
        done = run("insecure-edge", *more)
        assert done.code == 1, done.said
        sealed = json.loads((tree / "attestation.verdict.json").read_bytes())
        predicate = json.loads(base64.b64decode(sealed["payload"]))["predicate"]
        verdicts.append({name: predicate[name] for name in ("policy", "verificationResult", "verifiedLevels")})
    assert verdicts[0] == verdicts[1]


def test_the_example_of_the_documentation_says_what_the_page_shows(run: Run, tree: Path, own: Path) -> None:
    """Its first two controls as they stand there; the third is never shown."""
    assert run("healthy", "--controls", own).code == 0
    answer = written(tree)
    *shown, third = answer["controls"][-3:]
    assert shown == json.loads(block("json"))
    assert (third["status"], third["reasons"]) == ("not shown", ["The register of the platform team has the dates."])
    assert answer["mapping"]["file_sha256"] == hashlib.sha256(own.read_bytes()).hexdigest()


def test_every_field_is_documented_and_every_documented_field_is_there(run: Run, tree: Path) -> None:
    """In the page's two tables of fields."""
    assert run("healthy").code == 0
    answer = written(tree)
    tables = PAGE.partition("## `attestation.compliance.json`")[2].split("| field | what |")[1:]
    told = [
        {
            name
            for cell in re.findall(r"^\| (`[^|]*`) \|", table, re.MULTILINE)
            for name in re.findall(r"`([a-z_]+)`", cell)
        }
        for table in tables
    ]
    assert told == [set(answer), set(answer["controls"][0])]


def test_every_embedded_control_is_named_on_the_page(run: Run, tree: Path) -> None:
    """By its id."""
    assert run("healthy").code == 0
    assert all(f"`{name}`" in PAGE for name in statuses(written(tree)))


def verified(ask: Ask, tree: Path, key: KeyPair, opa: Path, *more: str | Path) -> Done:
    return ask("verify", "attestation.json", "--key", key.public, "--opa", opa, "--allow-replay", *more, cwd=tree)


def test_verify_makes_the_same_again(run: Run, tree: Path, own: Path, ask: Ask, key: KeyPair, opa: Path) -> None:
    """For a person as a table, and for a program value by value."""
    assert run("insecure-edge", "--controls", own).code == 1
    answer = json.loads(verified(ask, tree, key, opa, "--controls", own, "--format", "json").out)
    assert {name: answer[name] for name in ("mapping", "controls")} == {
        name: written(tree)[name] for name in ("mapping", "controls")
    }
    done = verified(ask, tree, key, opa, "--controls", own)
    assert done.code == 1
    assert re.search(r"PB-1 Edges are encrypted +not met +MESH005", done.out)


def test_a_control_that_a_configuration_meets(run: Run, tree: Path, own: Path, tmp_path: Path) -> None:
    """A rule with its parameter; with another one, it was asked for less."""
    config = tmp_path / "config.yaml"
    config.write_text("rules: {mesh.warning_budget: {max: 0}}\n", encoding="utf-8")
    assert run("healthy", "--controls", own, "--policy-config", config).code == 0
    (found,) = (control for control in written(tree)["controls"] if control["id"] == "PB-2")
    assert (found["status"], found["reasons"][1]) == ("met", "MESH025 mesh.warning_budget was asked with max 0")
    config.write_text("rules: {mesh.warning_budget: {max: 3}}\n", encoding="utf-8")
    assert run("healthy", "--controls", own, "--policy-config", config).code == 0
    (found,) = (control for control in written(tree)["controls"] if control["id"] == "PB-2")
    assert found["status"] == "not shown"
    assert found["reasons"] == ["MESH025 mesh.warning_budget was asked with max 3, and this needs 0"]


def test_a_rule_of_ones_own_can_stand_behind_a_control(run: Run, tree: Path, tmp_path: Path) -> None:
    """By its package; one that the modules do not have is exit 2, with its line."""
    (tmp_path / "names.rego").write_text(
        'package acme.names\n\nimport rego.v1\n\ndeny contains "no" if false\n', encoding="utf-8"
    )
    path = tmp_path / "controls.yaml"
    form = "frameworks:\n- id: a\n  title: a\n  controls:\n    - {{id: A-1, title: a, statement: a, rules: [{}]}}\n"
    path.write_text(form.format("acme.names"), encoding="utf-8")
    done = run("healthy", "--policy", tmp_path / "names.rego", "--controls", path)
    assert done.code == 0, done.said
    assert statuses(written(tree))["A-1"] == "met"
    path.write_text(form.format("acme.nams"), encoding="utf-8")
    done = run("healthy", "--policy", tmp_path / "names.rego", "--controls", path)
    assert done.code == 2
    assert "controls.yaml, line 5: there is no rule 'acme.nams'" in done.err
    assert "did you mean acme.names?" in done.err


def test_a_mapping_that_is_wrong_is_refused_before_anything_is_run(attempt: Attempt, tmp_path: Path) -> None:
    """With every complaint, of other files, too."""
    path = tmp_path / "controls.yaml"
    path.write_text(
        "frameworks:\n- id: a\n  title: a\n  controls:\n    - {id: INV-6, rules: [a.b]}\n", encoding="utf-8"
    )
    said = attempt.refused(controls=path, waivers=tmp_path / "none.yaml")
    for complaint in (
        "INV-6 is there already",
        "there is no rule 'a.b'",
        "its title is not a text",
        "none.yaml cannot be",
    ):
        assert complaint in said


def test_verify_refuses_it_as_well(run: Run, tree: Path, tmp_path: Path, ask: Ask, key: KeyPair, opa: Path) -> None:
    """With exit 2."""
    assert run("healthy").code == 0
    path = tmp_path / "controls.yaml"
    path.write_text("frameworks:\n- id: a\n  title: a\n  controls: []\n", encoding="utf-8")
    done = verified(ask, tree, key, opa, "--controls", path)
    assert done.code == 2
    assert "line 2: it has no list of controls" in done.err


def test_a_file_of_controls_is_not_written_over(attempt: Attempt, tree: Path) -> None:
    """Whatever has the name of an output is removed before a run."""
    path = tree / "attestation.compliance.json"
    path.write_text("frameworks: []\n", encoding="utf-8")
    assert "attestation.compliance.json would be overwritten" in attempt.refused(controls=path)
    assert path.read_text(encoding="utf-8") == "frameworks: []\n"
