"""What a policy says for a cluster."""

from __future__ import annotations

import hashlib
from dataclasses import asdict

from attestor.policies import EMBEDDED, OwnModule, OwnRule, Policy, Section, Waiver, catalogue


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


def test_levels_of_several_sections_are_joined() -> None:
    """A later one replaces what it names, and leaves the rest."""
    policy = Policy(
        sections=(
            Section(levels={"mesh.versions_match": "off", "mesh.required_edges": "warn"}),
            Section(clusters="prod", levels={"mesh.required_edges": "deny"}),
        )
    )
    assert policy.config("prod")["levels"] == {"mesh.versions_match": "off", "mesh.required_edges": "deny"}
    assert policy.levels("prod") == catalogue.levels() | policy.config("prod")["levels"]


def test_exemptions_of_several_sections_are_added() -> None:
    """What is exempt everywhere is so in a cluster that has exemptions of its own."""
    policy = Policy(
        sections=(
            Section(namespaces=("a",), workloads=("a/b",)),
            Section(clusters="prod", namespaces=("c",), workloads=("c/d",)),
        )
    )
    assert policy.config("prod")["exempt"] == {"namespaces": ["a", "c"], "workloads": ["a/b", "c/d"]}


def test_the_line_is_that_of_the_last_section_that_speaks_of_a_rule() -> None:
    """Or none, where no section for the cluster does."""
    policy = Policy(sections=(Section(lines={"mesh.a": 2}), Section(clusters="prod", lines={"mesh.a": 7, "mesh.b": 8})))
    assert [policy.line("mesh.a", "prod"), policy.line("mesh.a", "dev"), policy.line("mesh.b", "prod")] == [7, 2, 8]
    assert [policy.line("mesh.b", "dev"), policy.line("mesh.c", "prod")] == [0, 0]


def test_the_digest_over_own_modules_is_that_of_their_digests() -> None:
    """As `sha256sum | sort | sha256sum` would make it: whatever their paths and their order."""
    first, second = OwnModule(path="a.rego", data=b"one"), OwnModule(path="b.rego", data=b"two")
    assert first.sha256 == "7692c3ad3540bb803c020b3aee66cd8887123234ea0c6e7143c0add73ff431ed"
    lines = sorted(f"{hashlib.sha256(data).hexdigest()}\n" for data in (b"one", b"two"))
    assert Policy(own=(second, first)).own_sha256 == hashlib.sha256("".join(lines).encode()).hexdigest()
    assert Policy(own=(first, second)).own_sha256 == Policy(own=(second, first)).own_sha256
    assert EMBEDDED.own_sha256 == ""
    assert "one" not in repr(first)


def test_an_own_rule_is_called_by_its_package() -> None:
    """Which the policy knows once they are compiled."""
    policy = Policy(own_rules=(OwnRule(package=("acme", "shop"), names=("deny",)), OwnRule(package=("b",), names=())))
    assert policy.own_ids == {"acme.shop", "b"}
    assert EMBEDDED.own_ids == frozenset()


def test_what_is_not_given_is_nothing() -> None:
    """Texts are empty, numbers 0, collections without items: never something of another type."""
    nothing: dict[str, object] = {"levels": {}, "parameters": {}, "namespaces": (), "workloads": (), "lines": {}}
    assert asdict(Section()) == {"clusters": "*"} | nothing
    without = asdict(EMBEDDED)
    assert {name for name, value in without.items() if value == ""} == {
        "config_sha256",
        "waivers_sha256",
        "config_path",
        "waivers_path",
    }
    assert {name for name, value in without.items() if value == ()} == {"sections", "waivers", "own", "own_rules"}
    assert (EMBEDDED.rego_version, EMBEDDED.baseline) == ("v1", None)
    waiver = Waiver(rule="a", selector={"check": "b"}, owner="c", reason="d", expires="2027-01-31")
    assert (waiver.ticket, waiver.line) == ("", 0)
