"""What a finding is called by."""

from __future__ import annotations

import pytest

from attestor.policies import EMBEDDED
from attestor.verdict import Verdict, Violation


@pytest.mark.parametrize(
    ("rule", "about", "code"),
    [
        ("mesh.edges_mtls", (), "MESH005"),
        ("mesh.edges_mtls", (("code", "SHOP1"),), "MESH005"),
        ("shop.names", (("code", "SHOP1"), ("src", "web")), "SHOP1"),
        ("shop.names", (("src", "web"),), ""),
        ("shop.names", (), ""),
    ],
)
def test_the_code_is_the_catalogues_or_what_a_rule_of_ones_own_says(
    rule: str, about: tuple[tuple[str, str], ...], code: str
) -> None:
    """Nobody's own rule takes the code of an embedded one away from it."""
    assert Violation(rule=rule, message="no", about=about).code == code


def test_a_verdict_that_says_no_more_holds_no_more() -> None:
    """Nothing warned, waived, exempt or off, by the embedded policy."""
    verdict = Verdict(allowed=True, checked=("mesh.a",), violations=())
    assert [verdict.warnings, verdict.waived, verdict.exempt, verdict.off] == [(), (), (), ()]
    assert verdict.policy is EMBEDDED
