"""Each thing that edges cannot show, by the control that it speaks against: the whole way, from the API to the status."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path

import pytest

from attestor import engine, gate
from attestor.compliance import MET, NOT_MET, NOT_SHOWN, Control, mapping
from attestor.compliance.judging import judged
from attestor.policies import Policy, Section
from attestor.report import Report
from tests.unit.coverage.test_judged import CASES, NOW, found

EXPECTED: Mapping[str, Mapping[str, str]] = {
    # By Linkerd's own defaults clients without an identity get in, and pods start while the injector is away.
    "healthy": {
        "INV-1": MET,
        "INV-6": MET,
        "INV-7": NOT_MET,
        "INV-10": NOT_SHOWN,
        "11.9.1-traffic-interception": MET,
        "11.9.1-identity-spoofing": MET,
        "11.9.1-unauthorized-access": NOT_MET,
        "11.9.1-lateral-movement": NOT_MET,
        "11.9.2-root-ca-compromise": NOT_SHOWN,
        "11.9.2-certificate-theft": NOT_SHOWN,
        "11.9.2-weak-ciphers": NOT_SHOWN,
        "11.9.3-direct-pod-ip-access": NOT_MET,
        "11.9.3-injection-disabled": NOT_MET,
        "11.9.3-unauthenticated-override": NOT_MET,
        "11.10.2-pods-meshed": MET,
        "11.10.2-mtls-coverage": MET,
        "11.10.2-authorization-denials": NOT_SHOWN,
    },
    "mixed-replicas": {"INV-6": NOT_MET, "11.9.1-traffic-interception": NOT_MET, "11.10.2-pods-meshed": NOT_MET},
    "opted-out": {"INV-6": NOT_MET, "11.9.3-injection-disabled": NOT_MET, "INV-1": MET},
    "skipped-port": {"INV-6": NOT_MET, "11.9.1-unauthorized-access": NOT_MET, "11.10.2-pods-meshed": MET},
    "mixed-tls": {"INV-6": NOT_MET, "11.9.1-traffic-interception": NOT_MET, "11.10.2-mtls-coverage": MET},
    "foreign-identity": {"INV-1": NOT_MET, "INV-10": NOT_MET, "11.9.1-identity-spoofing": NOT_MET, "INV-6": MET},
    "anchor-weak": {"11.9.2-weak-ciphers": NOT_MET, "11.9.2-root-ca-compromise": NOT_MET},
    "anchor-rotated": {"11.9.1-identity-spoofing": NOT_MET, "11.10.2-pods-meshed": NOT_MET},
    "statefulset": {"INV-6": NOT_MET, "11.10.2-mtls-coverage": MET},
    # What nobody could see is not shown, although the rules about it deny.
    "not-scraped": {"INV-6": NOT_SHOWN, "11.9.1-traffic-interception": NOT_SHOWN, "11.10.2-mtls-coverage": MET},
    "no-prometheus": {"INV-1": NOT_SHOWN, "INV-6": NOT_SHOWN, "11.9.1-identity-spoofing": NOT_SHOWN},
    "pods-forbidden": {"INV-6": NOT_SHOWN, "11.10.2-pods-meshed": NOT_SHOWN, "11.10.2-mtls-coverage": MET},
}


@pytest.fixture(scope="module")
def controls(opa: Path, tmp_path_factory: pytest.TempPathFactory) -> Mapping[str, Mapping[str, Control]]:
    """What became of every control in each situation, by one call of opa."""
    asked = engine.find(opa, tmp_path_factory.mktemp("opa"))
    collections = [found(CASES[name]) for name in EXPECTED]
    verdicts = gate.judge_all(collections, asked, now=NOW, allow_replay=True)
    reports = [
        Report(opened=opened, signers=(), verdict=verdict)
        for opened, verdict in zip(collections, verdicts, strict=True)
    ]
    told = [judged(mapping.embedded(), report) for report in reports]
    return {name: {control.entry.id: control for control in each} for name, each in zip(EXPECTED, told, strict=True)}


@pytest.mark.parametrize("name", EXPECTED)
def test_a_situation_speaks_against_its_controls(name: str, controls: Mapping[str, Mapping[str, Control]]) -> None:
    """And not against others."""
    assert {wanted: controls[name][wanted].status for wanted in EXPECTED[name]} == EXPECTED[name]


def test_why_says_which_pod_and_which_part(controls: Mapping[str, Mapping[str, Control]]) -> None:
    """The finding with its code; the part, with what was forbidden."""
    (reason, *_) = controls["mixed-replicas"]["INV-6"].reasons
    assert reason.startswith("MESH040 collection.workloads_covered denies: ")
    assert "emojivoto" in reason
    hidden = controls["pods-forbidden"]["INV-6"]
    assert hidden.reasons[0].startswith("the part workloads is not complete: forbidden: ")
    assert {asked.rule: asked.result for asked in hidden.rules}["collection.workloads_covered"] == "unseen"
    assert hidden.parts["workloads"] is False


def test_a_strict_policy_asks_default_deny_for(opa: Path, tmp_path: Path) -> None:
    """The parameter that the control needs is that of the configuration, and a mesh that lets everybody in has not it."""
    section = Section(parameters={"collection.inbound_policy": {"weakest": "deny"}})
    opened = found(CASES["healthy"])
    verdict = gate.judge(
        opened, engine.find(opa, tmp_path), now=NOW, allow_replay=True, policy=Policy(sections=(section,))
    )
    told = judged(mapping.embedded(), Report(opened=opened, signers=(), verdict=verdict))
    (control,) = (control for control in told if control.entry.id == "11.9.1-lateral-movement")
    assert control.status == NOT_MET
    assert not [reason for reason in control.reasons if "was asked with" in reason]
