"""The catalogue of rules is what the policy's annotations say, and every rule has a code of its own."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from attestor.errors import AttestorError
from attestor.policies import catalogue, configuration
from tools import catalogue as tool
from tools import rule_pages

LISTED = json.loads(tool.TARGET.read_text(encoding="utf-8"))


def test_the_catalogue_is_that_of_the_annotations(opa: Path) -> None:
    """`python -m tools.catalogue` would write what is there."""
    assert tool.TARGET.read_text(encoding="utf-8") == tool.text(tool.build(opa))


def test_codes_are_stable_distinct_and_without_a_gap() -> None:
    """MESH001 and on, in the order in which the rules came."""
    codes = [rule.code for rule in catalogue.rules().values()]
    assert codes == [f"MESH{number:03d}" for number in range(1, len(codes) + 1)]


def test_every_page_is_that_of_the_catalogue() -> None:
    """`make docs` would write what is there, and no page is left of a rule that is gone."""
    made = rule_pages.pages(LISTED)
    for path, text in made.items():
        assert path.read_text(encoding="utf-8") == text, path.name
    assert set(rule_pages.FOLDER.iterdir()) == set(made) - {rule_pages.TABLE}


@pytest.mark.parametrize("name", [name for name, rule in LISTED.items() if rule_pages.example(name, rule)])
def test_the_example_of_a_page_is_a_configuration(name: str, tmp_path: Path) -> None:
    """It is read without a complaint, and configures everything that the rule has."""
    complaints: list[AttestorError] = []
    path = tmp_path / "config.yaml"
    path.write_text(rule_pages.example(name, LISTED[name]), encoding="utf-8")
    found = configuration.load(path, complaints).config("any")
    assert complaints == []
    assert set(found["parameters"].get(name, {})) == set(LISTED[name]["parameters"])
    assert found["levels"].get(name) == (None if catalogue.is_of_the_floor(name) else "deny")
