"""The embedded controls are the rows of the RFC, all of them, and the rules that they name are those of the policy."""

from __future__ import annotations

from attestor.compliance import mapping
from attestor.policies import catalogue, configuration

ROWS = {
    "11.10.1": {
        "INV-1": "ServiceAccount-based identity",
        "INV-6": "mTLS for all mesh traffic",
        "INV-7": "Namespace-scoped policies",
        "INV-10": "Identity in all metrics and traces",
    },
    "11.9.1": {
        "11.9.1-traffic-interception": "Traffic interception",
        "11.9.1-identity-spoofing": "Identity spoofing",
        "11.9.1-unauthorized-access": "Unauthorized access",
        "11.9.1-lateral-movement": "Lateral movement",
    },
    "11.9.2": {
        "11.9.2-root-ca-compromise": "The root CA",
        "11.9.2-certificate-theft": "Stolen certificates",
        "11.9.2-weak-ciphers": "TLS 1.3 preferred, 1.2",
    },
    "11.9.3": {
        "11.9.3-direct-pod-ip-access": "NetworkPolicies block",
        "11.9.3-injection-disabled": "Injection is enforced by the admission webhook",
        "11.9.3-unauthenticated-override": "A bypass by unauthenticated clients is audited",
    },
    "11.10.2": {
        "11.10.2-pods-meshed": "All pods are meshed (linkerd check --proxy)",
        "11.10.2-mtls-coverage": "Every edge is ok (linkerd viz edges)",
        "11.10.2-authorization-denials": "Denied requests are looked for (linkerd viz tap)",
    },
}
"""Every row of the RFC's tables on security, and every command by which it verifies, by section."""

BEYOND_ANY_EVIDENCE = {
    "INV-10",
    "11.9.1-lateral-movement",
    "11.9.2-root-ca-compromise",
    "11.9.2-certificate-theft",
    "11.9.2-weak-ciphers",
    "11.9.3-direct-pod-ip-access",
    "11.9.3-unauthenticated-override",
    "11.10.2-authorization-denials",
}
"""Controls of which a part cannot be shown by what a mesh tells, so that they are never met."""

ENTRIES = mapping.embedded().entries


def test_every_row_of_the_rfc_is_a_control() -> None:
    """In the RFC's words, with its section, and none besides."""
    assert {entry.id for entry in ENTRIES} == {name for rows in ROWS.values() for name in rows}
    for section, rows in ROWS.items():
        for entry in ENTRIES:
            if entry.id in rows:
                assert entry.title.startswith(rows[entry.id])
                assert f"({section}" in entry.statement


def test_what_no_evidence_shows_is_argued() -> None:
    """Those controls and no others; each by a sentence."""
    assert {entry.id for entry in ENTRIES if entry.not_shown} == BEYOND_ANY_EVIDENCE
    assert all(entry.not_shown.endswith(".") for entry in ENTRIES if entry.not_shown)


def test_every_control_rests_on_a_clean_capture_of_a_live_mesh() -> None:
    """Of evidence with defects, or of a replay, no other rule can say that something holds."""
    assert all({"collection.capture_clean", "collection.live_mesh"} <= {*entry.needs} for entry in ENTRIES)


def test_a_rule_speaks_for_itself_or_for_the_evidence() -> None:
    """In one control it is not both; and where edges are looked at, there must be some."""
    for entry in ENTRIES:
        assert not {*entry.rules} & {*entry.needs}, entry.id
        edges = any(rule.startswith(("mesh.edges_", "mesh.identity_")) for rule in entry.rules)
        assert not edges or {"mesh.edges_captured", "mesh.edges_present"} <= {*entry.needs}, entry.id


def test_every_rule_is_one_of_the_catalogue() -> None:
    """And each parameter that one must be asked with is of its type."""
    assert {rule for entry in ENTRIES for rule in (*entry.rules, *entry.needs)} <= catalogue.rules().keys()
    for entry in ENTRIES:
        for rule, wanted in entry.parameters.items():
            for name, value in wanted.items():
                fits, _ = configuration.TYPES[catalogue.rules()[rule].parameters[name]["type"]]
                assert fits(value)


def test_no_control_is_about_the_evidence_being_there() -> None:
    """That is said by its parts: a rule on completeness would turn what is not shown into what is not met."""
    named = {rule for entry in ENTRIES for rule in (*entry.rules, *entry.needs)}
    assert not named & {"collection.coverage_required", "collection.coverage_complete"}
