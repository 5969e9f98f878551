"""`mesh-attestor policy list`: every rule as it is configured."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from attestor.policies import catalogue
from tests.integration.conftest import Ask

CONFIG = """
rules: {mesh.warning_budget: {max: 3}, mesh.versions_match: {level: off}}
clusters: {prod: {rules: {mesh.warning_budget: {level: warn, max: 0}}}}
"""


def test_a_table_names_every_rule(ask: Ask, tmp_path: Path) -> None:
    """With code, level, title and what can be configured."""
    done = ask("policy", "list", cwd=tmp_path)
    assert (done.code, done.err) == (0, "")
    lines = {line.split()[1]: line for line in done.out.splitlines() if line.startswith("| MESH")}
    assert list(lines) == [rule.code for rule in catalogue.rules().values()]
    for rule in catalogue.rules().values():
        assert f" {rule.id} " in lines[rule.code]
        assert f" {rule.level} " in lines[rule.code]
        assert rule.title in lines[rule.code]
    assert lines["MESH025"].endswith(" max: 0")
    assert "16 of 61 are of the floor" in done.out


def test_levels_and_values_are_those_of_the_configuration(ask: Ask, tmp_path: Path) -> None:
    """What differs from the embedded level is said; a cluster has its own."""
    (tmp_path / "config.yaml").write_text(CONFIG, encoding="utf-8")
    done = ask("policy", "list", "--policy-config", "config.yaml", cwd=tmp_path)
    assert done.code == 0, done.err
    lines = {line.split()[1]: line for line in done.out.splitlines() if line.startswith("| MESH")}
    assert " deny (off by default) " in lines["MESH025"]
    assert lines["MESH025"].endswith(" max: 3")
    assert " off (warn by default) " in lines["MESH026"]
    words = ("--policy-config", "config.yaml", "--cluster", "prod", "--format", "json")
    done = ask("policy", "list", *words, cwd=tmp_path)
    found = {rule["id"]: rule for rule in json.loads(done.out)["rules"]}
    budget = found["mesh.warning_budget"]
    assert (budget["level"], budget["default_level"], budget["code"]) == ("warn", "off", "MESH025")
    assert budget["parameters"]["max"] == {
        "type": "integer",
        "default": 0,
        "text": "how many warnings are allowed",
        "value": 0,
    }
    assert found["mesh.versions_match"]["level"] == "off"
    assert list(found) == list(catalogue.rules())


@pytest.mark.parametrize(
    ("words", "said"),
    [
        (["list", "--policy-config", "nowhere.yaml"], "nowhere.yaml cannot be read"),
        (["list", "--policy-config", "bad.yaml"], "mesh.edges_mtls is of the floor, and has no level"),
        (["list", "--format", "yaml"], "format is no known word"),
        (["list", "--expires", "2099-01-01T00:00:00Z"], "--expires is not an option of policy list"),
        (["export", "--format", "json"], "--format is not an option of policy export"),
        (["list", "export"], "there is no such policy command"),
        ([], "there is no such policy command"),
    ],
)
def test_what_is_wrong_ends_in_two(words: list[str], said: str, ask: Ask, tmp_path: Path) -> None:
    """Nothing is listed then."""
    (tmp_path / "bad.yaml").write_text("rules: {mesh.edges_mtls: {level: off}}", encoding="utf-8")
    done = ask("policy", *words, cwd=tmp_path)
    assert (done.code, done.out, said in done.err) == (2, "", True), done.said
