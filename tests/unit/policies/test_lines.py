"""Where in a team's files a rule or a waiver stands, so that a report can point at it."""

from __future__ import annotations

from pathlib import Path

import pytest

from attestor.errors import AttestorError
from attestor.policies import EMBEDDED, Policy, configuration, waivers

CONFIG = """\
# levels
rules:
  mesh.warning_budget: {level: warn, max: 2}
  "mesh.versions_match":
    level: warn
clusters:
  prod-*:
    rules:
      mesh.warning_budget: {level: deny, max: 0}
  "*-eu":
    exempt: {namespaces: [kube-system]}
"""
WAIVER = "rule: mesh.warning_budget, selector: {check: x}, owner: Ada, reason: why not, expires: 2027-01-31"


def loaded(path: Path, text: str) -> Policy:
    path.write_text(text, encoding="utf-8")
    complaints: list[AttestorError] = []
    policy = configuration.load(path, complaints)
    assert complaints == []
    return policy


@pytest.mark.parametrize(
    ("cluster", "rule", "line"),
    [
        ("dev", "mesh.warning_budget", 3),
        ("dev", "mesh.versions_match", 4),
        ("prod-1", "mesh.warning_budget", 9),
        ("prod-1", "mesh.versions_match", 4),
        ("prod-eu", "mesh.warning_budget", 9),
        ("dev", "mesh.edges_mtls", 0),
    ],
)
def test_the_line_is_that_of_the_last_word_on_a_rule(cluster: str, rule: str, line: int, tmp_path: Path) -> None:
    """For this cluster; 0 where the configuration does not speak of it."""
    assert loaded(tmp_path / "policy.yaml", CONFIG).line(rule, cluster) == line


def test_without_a_configuration_there_is_no_line() -> None:
    """Nothing is pointed at."""
    assert EMBEDDED.line("mesh.warning_budget", "") == 0


@pytest.mark.parametrize("text", ["rules: {}\n", "clusters: {}\n", "exempt: {}\n", "{}\n"])
def test_a_configuration_that_says_little_has_no_lines(text: str, tmp_path: Path) -> None:
    """And is one all the same."""
    assert loaded(tmp_path / "policy.yaml", text).line("mesh.warning_budget", "") == 0


def test_a_waiver_knows_its_line(tmp_path: Path) -> None:
    """In a list over lines, and in one on a single line."""
    path = tmp_path / "waivers.yaml"
    for text, lines in (
        (f"# two\n- {{{WAIVER}}}\n\n- {{{WAIVER}}}\n", [2, 4]),
        (f"[{{{WAIVER}}},\n {{{WAIVER}}}]\n", [1, 2]),
        ("[]\n", []),
    ):
        path.write_text(text, encoding="utf-8")
        complaints: list[AttestorError] = []
        policy = waivers.load(path, EMBEDDED, complaints)
        assert complaints == []
        assert [waiver.line for waiver in policy.waivers] == lines
