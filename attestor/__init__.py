"""mesh-attestor: a live Linkerd mesh turned into signed, policy-checked evidence.

The stages, in order, each a module and each arrow a frozen value (``attestor.pipeline`` tells it in one function):

    settings -> preflight -> capture -> Evidence -> reports -> predicates -> Statement -> Envelope -> gate -> Verdict
             -> report -> rendering

For programs that read evidence (``docs/verify.md`` has an example):

    verifier = attestor.Verifier(keys=(attestor.load_key(Path("mesh.pub")),))
    report = verifier.verify(Path("attestation.json").read_bytes())   # raises EvidenceError for a forgery
    report.allowed, report.verdict, report.findings, report.edges, report.categories
"""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from attestor.collection import Opened
    from attestor.envelope import Envelope
    from attestor.errors import AttestorError, EvidenceError, GateError, SettingsError
    from attestor.report import Report
    from attestor.reports.check import Category, Check
    from attestor.reports.edges import Edge
    from attestor.trust import TrustedKey
    from attestor.trust import load as load_key
    from attestor.verdict import Verdict, Violation
    from attestor.verification.finding import Finding, State
    from attestor.verification.pins import Pins
    from attestor.verifier import Verifier
    from attestor.witness import Document, open_signed

__version__ = "0.1.0"

_PLACES = {
    "AttestorError": "attestor.errors",
    "Category": "attestor.reports.check",
    "Check": "attestor.reports.check",
    "Document": "attestor.witness",
    "Edge": "attestor.reports.edges",
    "Envelope": "attestor.envelope",
    "EvidenceError": "attestor.errors",
    "Finding": "attestor.verification.finding",
    "GateError": "attestor.errors",
    "Opened": "attestor.collection",
    "Pins": "attestor.verification.pins",
    "Report": "attestor.report",
    "SettingsError": "attestor.errors",
    "State": "attestor.verification.finding",
    "TrustedKey": "attestor.trust",
    "Verdict": "attestor.verdict",
    "Verifier": "attestor.verifier",
    "Violation": "attestor.verdict",
    "load_key": "attestor.trust",
    "open_signed": "attestor.witness",
}
_OTHER_NAMES = {"load_key": "load"}

__all__ = [
    "AttestorError",
    "Category",
    "Check",
    "Document",
    "Edge",
    "Envelope",
    "EvidenceError",
    "Finding",
    "GateError",
    "Opened",
    "Pins",
    "Report",
    "SettingsError",
    "State",
    "TrustedKey",
    "Verdict",
    "Verifier",
    "Violation",
    "load_key",
    "open_signed",
]


def __getattr__(name: str) -> object:
    """Import a public name when it is first used: a quick start is a promise, and most of this is not for the start."""
    if name not in _PLACES:
        raise AttributeError(name)
    import importlib

    return getattr(importlib.import_module(_PLACES[name]), _OTHER_NAMES.get(name, name))
