"""The reports that a run leaves beside its envelope: what each is called, and which module of ``rendering`` makes it.

A new format is a module with ``render(outcome, surroundings) -> str`` and a line here.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Format:
    """A report's ending behind the envelope's stem, and its module."""

    ending: str
    module: str


FORMATS: Mapping[str, Format] = {
    "report": Format(".report.md", "page"),
    "sarif": Format(".sarif", "sarif"),
    "junit": Format(".junit.xml", "junit"),
    "compliance": Format(".compliance.json", "compliance"),
}
"""By the action's output that names the file."""
