"""The compliance report: every control with its status and what stands behind it, as one JSON object. Pure."""

from __future__ import annotations

from attestor.clock import rfc3339
from attestor.compliance import mapping, told
from attestor.outcome import Outcome
from attestor.rendering import machine
from attestor.rendering.surroundings import Surroundings

FORMAT = "urn:mesh-attestor:compliance:v0.1"


def render(outcome: Outcome, surroundings: Surroundings) -> str:  # noqa: ARG001 - every format is asked alike
    """Return the report of a run that sealed something."""
    report = outcome.report
    assert report is not None
    answer = {
        "format": FORMAT,
        "subject": {"name": report.envelope.rpartition("/")[2], "sha256": report.envelope_sha256},
        "cluster": str(report.opened.linkerd_check.get("cluster_name", "")),
        "judged_at": rfc3339(report.judged_at) if report.judged_at else "",
        "verdict": outcome.verdict,
        "sentence": outcome.sentence(),
        "mode": "enforce" if outcome.enforces else "report",
    }
    return machine.text({**answer, **told.values(report.controls or mapping.embedded(), outcome.controls)})
