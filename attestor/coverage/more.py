"""The part ``linkerd``: edges between pods, and the checks of the data plane, which the main capture leaves out.

``viz edges deploy`` has one row for two Deployments, whatever their pods do, and none for other kinds of workload;
``check --proxy`` adds the data plane's categories and drops two others, so that it cannot stand in the main capture's
place (linkerd2 ``viz/cmd/edges.go``, ``cli/cmd/check.go``).
"""

from __future__ import annotations

import hashlib
from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from attestor.clock import Span, rfc3339
from attestor.coverage.part import Reason
from attestor.evidence import Defect, ReportFile
from attestor.predicates.linkerd_check import check_report
from attestor.reports import check, edges

CHECK_FILE, EDGES_FILE = "linkerd-check-proxy.json", "linkerd-edges-pod.json"
"""How defects name what the programs print; no such file is written."""

_ANSWERED = (0, 1)
"""With 1, ``check`` says that something is wrong, and still prints everything."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Run:
    """One program that was run beside the capture. ``failure`` is empty, or says why it did not come to its end."""

    argv: tuple[str, ...]
    span: Span
    exit_code: int
    stdout: bytes
    failure: str = ""

    @property
    def source(self) -> str:
        """The run as reasons and sources name it."""
        return " ".join(self.argv)

    def to_dict(self) -> dict[str, object]:
        """Return the run as it stands in the predicate."""
        return {
            "argv": list(self.argv),
            "exit_code": self.exit_code,
            "stdout_sha256": hashlib.sha256(self.stdout).hexdigest(),
            "started": rfc3339(self.span.started),
            "finished": rfc3339(self.span.finished),
        }


def edges_commands(namespaces: Sequence[str]) -> list[tuple[str, ...]]:
    """Return the commands that print the edges between pods: one, or one for each namespace."""
    scopes: list[tuple[str, ...]] = [("-n", namespace) for namespace in namespaces] or [("-A",)]
    return [("linkerd", "viz", "edges", "pod", *scope, "-o", "json") for scope in scopes]


def check_command(wait: str) -> tuple[str, ...]:
    """Return the command that prints the checks of the data plane."""
    return ("linkerd", "check", "--proxy", "-o", "json", *(("--wait", wait) if wait else ()))


def build(
    runs: Sequence[Run], checked: Run | None, namespaces: Sequence[str]
) -> tuple[dict[str, object], tuple[Reason, ...]]:
    """Return the part's body and why it is not whole: ``runs`` printed edges, ``checked`` the checks."""
    reasons = [*_failures(runs, (0,)), *_failures([checked] if checked else [], _ANSWERED)]
    defects: list[Defect] = []
    printed = ReportFile(path=EDGES_FILE, data=b"".join(run.stdout for run in runs), sha256="")
    report = edges.read(printed, namespaces, defects)
    if report is None and not reasons:
        reasons.append(Reason(code="not-understood", source=runs[0].source, detail="it printed no edges report"))
    body: dict[str, object] = {
        "runs": [run.to_dict() for run in (*runs, *([checked] if checked else []))],
        "edges_pod": [edge.to_dict() for edge in report.edges] if report else [],
    }
    if checked is not None:
        found = check.read(ReportFile(path=CHECK_FILE, data=checked.stdout, sha256=""), defects)
        body |= {"check_proxy": check_report(found)} if found else {}
        if found is None and not checked.failure:
            reasons.append(Reason(code="failed", source=checked.source, detail=_SILENT))
    return body | {"defects": [defect.to_dict() for defect in defects]}, tuple(reasons)


_SILENT = (
    "it printed no report: linkerd ends so, without a word, where it may not list endpoints, pods or services of the "
    "whole cluster within a minute"
)


def _failures(runs: Sequence[Run], good: tuple[int, ...]) -> Iterator[Reason]:
    for run in runs:
        if run.failure:
            yield Reason(
                code="timed-out" if "still running" in run.failure else "failed", source=run.source, detail=run.failure
            )
        elif run.exit_code not in good:
            yield Reason(code="failed", source=run.source, detail=f"it ended with exit code {run.exit_code}")
