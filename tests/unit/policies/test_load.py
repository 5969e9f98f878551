"""A team's policy from its files, with every complaint of both at once."""

from __future__ import annotations

from pathlib import Path

from attestor.errors import AttestorError
from attestor.policies import EMBEDDED
from attestor.policies.load import load


def test_without_files_it_is_the_embedded_one() -> None:
    """Nothing is read and nothing is complained of."""
    complaints: list[AttestorError] = []
    assert load(None, None, complaints) is EMBEDDED
    assert complaints == []


def test_both_files_are_one_policy(tmp_path: Path) -> None:
    """Each with its path and its digest."""
    config, waivers = tmp_path / "config.yaml", tmp_path / "waivers.yaml"
    config.write_text("rules: {mesh.versions_match: {level: deny}}", encoding="utf-8")
    waivers.write_text("[]", encoding="utf-8")
    complaints: list[AttestorError] = []
    policy = load(config, waivers, complaints)
    assert complaints == []
    assert (policy.config_path, policy.waivers_path) == (str(config), str(waivers))
    assert len({policy.config_sha256, policy.waivers_sha256, ""}) == 3
    assert policy.levels("any")["mesh.versions_match"] == "deny"


def test_complaints_of_both_are_said(tmp_path: Path) -> None:
    """What is wrong with the one does not hide what is wrong with the other."""
    complaints: list[AttestorError] = []
    load(tmp_path / "no-config", tmp_path / "no-waivers", complaints)
    assert ["no-config" in complaints[0].problem, "no-waivers" in complaints[1].problem] == [True, True]


def test_own_rules_are_read_as_what_they_are_said_to_be(tmp_path: Path) -> None:
    """Beside a configuration, which stays; what is wrong with them is complained of, too."""
    config, module = tmp_path / "config.yaml", tmp_path / "a.rego"
    config.write_text("rules: {mesh.versions_match: {level: deny}}", encoding="utf-8")
    module.write_text("package a\n", encoding="utf-8")
    complaints: list[AttestorError] = []
    policy = load(config, None, complaints, rules=[module], rego_version="v0")
    assert complaints == []
    assert ([found.data for found in policy.own], policy.rego_version) == ([b"package a\n"], "v0")
    assert policy.levels("any")["mesh.versions_match"] == "deny"
    assert load(None, None, complaints, rules=[module]).rego_version == "v1"
    load(None, None, complaints, rules=[tmp_path / "nowhere.rego"])
    assert "nowhere.rego" in complaints[0].problem
