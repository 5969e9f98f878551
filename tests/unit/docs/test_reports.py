"""What the documentation says of the reports is what the program writes."""

from __future__ import annotations

import re

import yaml

from attestor.formats import FORMATS
from attestor.github import outputs
from tests.conftest import ROOT

REPORTS = (ROOT / "docs" / "reports.md").read_text(encoding="utf-8")
EXAMPLE = (ROOT / "docs" / "examples" / "code-scanning.yml").read_text(encoding="utf-8")


def test_every_format_has_its_row() -> None:
    """By the name of its file."""
    rows = re.findall(r"^\| `attestation(\.[a-z.]+)` \|", REPORTS, re.MULTILINE)
    assert rows == [form.ending for form in FORMATS.values()]


def test_every_format_is_an_output() -> None:
    """A later step finds the file by it."""
    assert set(FORMATS) <= set(outputs.NAMES)


def test_the_example_uploads_what_was_written_and_pins_what_it_uses() -> None:
    """Also after a denial, which fails the step before; with no right but those that it needs."""
    job = yaml.safe_load(EXAMPLE)["jobs"]["mesh"]
    assert job["permissions"] == {"contents": "read", "security-events": "write"}
    upload = next(step for step in job["steps"] if "upload-sarif" in step["uses"])
    assert upload["if"] == "always() && steps.mesh.outputs.sarif != ''"
    assert upload["with"] == {"sarif_file": "${{ steps.mesh.outputs.sarif }}"}
    for used in re.findall(r"uses: (.*)$", EXAMPLE, re.MULTILINE):
        assert used == "OWNER/mesh-attestor@COMMIT" or re.fullmatch(r"[a-z/-]+@[0-9a-f]{40} # v\d+\.\d+\.\d+", used), (
            used
        )
    told = set(re.findall(r"steps\.mesh\.outputs\.([a-z-]+)", EXAMPLE))
    assert told <= set(outputs.NAMES)


def test_the_pipeline_of_gitlab_shows_the_cases() -> None:
    """By the file's own name."""
    pipeline = yaml.safe_load((ROOT / "docs" / "examples" / "gitlab-ci.yml").read_text(encoding="utf-8"))
    artifacts = pipeline["mesh"]["artifacts"]
    assert artifacts["reports"] == {"junit": "attestation.junit.xml"}
    assert {f"attestation{form.ending}" for form in FORMATS.values()} <= set(artifacts["paths"])
