"""What a policy says for a cluster."""

from __future__ import annotations

from attestor.policies import EMBEDDED, Policy, Section, Waiver, catalogue


def test_the_embedded_policy_has_the_rules_own_levels() -> None:
    """And neither parameters nor exemptions."""
    assert EMBEDDED.levels("any") == catalogue.levels()
    assert EMBEDDED.off("any") == {name for name, level in catalogue.levels().items() if level == "off"}
    nothing: dict[str, object] = {"levels": {}, "parameters": {}, "exempt": {"namespaces": [], "workloads": []}}
    assert EMBEDDED.config("any") == nothing


def test_parameters_of_a_rule_are_joined_one_by_one() -> None:
    """A later section replaces what it names, and leaves the rest."""
    policy = Policy(
        sections=(
            Section(parameters={"mesh.a": {"x": 1, "y": [1]}}),
            Section(clusters="prod", parameters={"mesh.a": {"y": [2]}, "mesh.b": {"z": 3}}),
        )
    )
    assert policy.config("prod")["parameters"] == {"mesh.a": {"x": 1, "y": [2]}, "mesh.b": {"z": 3}}
    assert policy.config("production")["parameters"] == {"mesh.a": {"x": 1, "y": [1]}}


def test_what_is_off_differs_by_cluster() -> None:
    """By the name that the evidence has."""
    policy = Policy(sections=(Section(clusters="dev*", levels={"mesh.versions_match": "off"}),))
    assert "mesh.versions_match" in policy.off("dev-1")
    assert "mesh.versions_match" not in policy.off("prod")


def test_a_waivers_selector_is_copied_for_the_rules() -> None:
    """What a rule's input is made of cannot change the waiver."""
    waiver = Waiver(rule="a", selector={"check": "b"}, owner="c", reason="d", expires="2027-01-31", line=3)
    told = waiver.to_dict()
    told["selector"]["check"] = "x"
    assert waiver.selector == {"check": "b"}
    assert "line" not in told
