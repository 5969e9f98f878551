"""The catalogue of rules is what the policy's annotations say, and every rule has a code of its own."""

from __future__ import annotations

from pathlib import Path

from attestor.policies import catalogue
from tools import catalogue as tool


def test_the_catalogue_is_that_of_the_annotations(opa: Path) -> None:
    """`python -m tools.catalogue` would write what is there."""
    assert tool.TARGET.read_text(encoding="utf-8") == tool.text(tool.build(opa))


def test_codes_are_stable_distinct_and_without_a_gap() -> None:
    """MESH001 and on, in the order in which the rules came."""
    codes = [rule.code for rule in catalogue.rules().values()]
    assert codes == [f"MESH{number:03d}" for number in range(1, len(codes) + 1)]
