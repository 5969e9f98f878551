"""What is changed, and which tests are asked about it."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent.parent

CORE = (
    "attestor/collection.py",
    "attestor/engine.py",
    "attestor/envelope.py",
    "attestor/field_names.py",
    "attestor/gate.py",
    "attestor/merkle.py",
    "attestor/outcome.py",
    "attestor/predicates/*.py",
    "attestor/report.py",
    "attestor/reports/*.py",
    "attestor/statement.py",
    "attestor/strict_json.py",
    "attestor/verdict.py",
    "attestor/verification/*.py",
    "attestor/witness/judgement.py",
)
"""The pure core: what is claimed, sealed, opened, verified and decided. What touches the world has tests of its own."""

BESIDE = (
    "attestor/compliance/*.py",
    "attestor/drift.py",
    "attestor/formats.py",
    "attestor/policies/*.py",
    "attestor/policies/own/*.py",
    "attestor/predicates/mesh_coverage.py",
    "attestor/rendering/junit.py",
    "attestor/rendering/sarif.py",
    "attestor/rendering/sarif_rules.py",
    "attestor/results.py",
    "attestor/strict_yaml.py",
    "attestor/summary/*.py",
    "attestor/verification/coverage.py",
)
"""Tried only by name, as `make mutation ONLY=attestor/drift.py`: not every survivor in these is argued yet."""

TESTS = (
    "tests/unit/compliance",
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
    "tests/unit/verification/test_coverage.py",
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


def modules(patterns: Sequence[str] = CORE) -> list[str]:
    """Return the paths of the core's modules, or of those that ``patterns`` name."""
    return sorted(str(path.relative_to(ROOT)) for pattern in patterns for path in ROOT.glob(pattern))
