"""The page about blind spots names every rule that looks for them, and no other."""

from __future__ import annotations

import re

from attestor.policies import catalogue
from tests.conftest import ROOT

TEXT = (ROOT / "docs" / "coverage.md").read_text(encoding="utf-8")


def named() -> set[str]:
    """Return the codes of the tables, with those between the ends of ``MESH046 to MESH050``."""
    tables = "\n".join(line for line in TEXT.splitlines() if line.startswith("|"))
    found = set(re.findall(r"MESH\d{3}", tables))
    for first, last in re.findall(r"MESH(\d{3}) to MESH(\d{3})", tables):
        found |= {f"MESH{number:03}" for number in range(int(first), int(last) + 1)}
    return found


def test_every_rule_about_coverage_has_a_row() -> None:
    """But those on the coverage itself, which the text is about, and on traces, which are no blind spot of the edges."""
    expected = {rule.code for rule in catalogue.rules().values() if rule.needs == "coverage"}
    of_the_text = {"MESH037", "MESH061"}
    assert expected - of_the_text <= named()
    assert named() <= {rule.code for rule in catalogue.rules().values()}


def test_every_blind_spot_has_a_row() -> None:
    """Of the eleven, also of those that nothing can show."""
    rows = re.findall(r"^\| (\d+) \|", TEXT, re.MULTILINE)
    assert {int(number) for number in rows} == set(range(1, 12))


def test_the_page_says_which_rules_are_about_coverage() -> None:
    """By the first and the last of their codes."""
    codes = sorted(rule.code for rule in catalogue.rules().values() if rule.needs == "coverage")
    assert f"{codes[0]} to {codes[-1]}" in TEXT
