"""What is changed, and which tests are asked about it."""

from __future__ import annotations

from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent.parent

CORE = (
    "attestor/collection.py",
    "attestor/drift.py",
    "attestor/engine.py",
    "attestor/envelope.py",
    "attestor/field_names.py",
    "attestor/formats.py",
    "attestor/gate.py",
    "attestor/merkle.py",
    "attestor/outcome.py",
    "attestor/policies/*.py",
    "attestor/policies/own/*.py",
    "attestor/predicates/*.py",
    "attestor/rendering/junit.py",
    "attestor/rendering/sarif.py",
    "attestor/rendering/sarif_rules.py",
    "attestor/report.py",
    "attestor/reports/*.py",
    "attestor/results.py",
    "attestor/statement.py",
    "attestor/strict_json.py",
    "attestor/strict_yaml.py",
    "attestor/summary/*.py",
    "attestor/verdict.py",
    "attestor/verification/*.py",
    "attestor/witness/judgement.py",
)
"""The pure core: what is claimed, sealed, opened, verified and decided. What touches the world has tests of its own."""

TESTS = (
    "tests/unit/policies",
    "tests/unit/predicates",
    "tests/unit/docs/test_reports.py",
    "tests/unit/rendering/test_files.py",
    "tests/unit/rendering/test_junit.py",
    "tests/unit/rendering/test_markdown.py",
    "tests/unit/rendering/test_sarif.py",
    "tests/unit/reports",
    "tests/unit/summary",
    "tests/unit/test_collection.py",
    "tests/unit/test_drift.py",
    "tests/unit/test_engine.py",
    "tests/unit/test_envelope.py",
    "tests/unit/test_field_names.py",
    "tests/unit/test_gate.py",
    "tests/unit/test_golden.py",
    "tests/unit/test_merkle.py",
    "tests/unit/test_outcome.py",
    "tests/unit/test_report.py",
    "tests/unit/test_report_hostile.py",
    "tests/unit/test_results.py",
    "tests/unit/test_statement.py",
    "tests/unit/test_strict_json.py",
    "tests/unit/test_strict_yaml.py",
    "tests/unit/test_verdict.py",
    "tests/unit/verification/test_examine.py",
    "tests/unit/verification/test_pins.py",
    "tests/unit/verification/test_reports.py",
    "tests/unit/verification/test_shapes.py",
    "tests/unit/verification/test_signatures.py",
    "tests/unit/verification/test_structure.py",
    "tests/unit/verification/test_subjects.py",
    "tests/unit/verification/test_times.py",
    "tests/unit/verification/test_trees.py",
    "tests/unit/witness/test_judgement.py",
)
"""The unit tests of the core: a change that only a whole run notices is one that these should have noticed.

The sweep over every byte of an envelope is not asked: it runs everything, and takes seconds."""

LEAST = 90
"""How many in a hundred must die."""


def modules() -> list[str]:
    """Return the paths of the core's modules."""
    return sorted(str(path.relative_to(ROOT)) for pattern in CORE for path in ROOT.glob(pattern))
