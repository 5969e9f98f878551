"""Annotations: the verdict first, then the worst findings, never more than a runner shows. Pure."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass

from attestor import limits, results
from attestor.errors import SettingsError
from attestor.github import commands
from attestor.lenient import mapping, rows
from attestor.outcome import Outcome
from attestor.rendering.surroundings import Surroundings
from attestor.report import Report, shown
from attestor.results import Result

TITLE = "Linkerd mesh"


@dataclass(frozen=True, slots=True, kw_only=True)
class Annotation:
    """One annotation; ``file`` is relative to the repository."""

    kind: str
    message: str
    title: str = TITLE
    file: str = ""
    line: int = 0

    def command(self) -> str:
        """Return the workflow command."""
        properties = {"title": shown(self.title), "file": self.file, "line": str(self.line or "")}
        return commands.command(self.kind, _cut(self.message), properties)


def of(outcome: Outcome, surroundings: Surroundings | None = None) -> list[Annotation]:
    """Return what is to be annotated, the verdict first. With ``surroundings``, findings point at lines of files."""
    kind = _kind(outcome)
    besides = f"; {outcome.besides}" if outcome.besides else ""
    verdict = Annotation(kind=kind, message=f"{shown(outcome.sentence())}{_counts(outcome)}{besides}")
    mismatch = _mismatch(outcome)
    room = Counter(dict.fromkeys(commands.ANNOTATIONS, limits.ANNOTATIONS))
    room.subtract(annotation.kind for annotation in mismatch)
    found = []
    for annotation in (verdict, *_complaints(outcome), *_findings(outcome, surroundings)):
        room[annotation.kind] -= 1
        if room[annotation.kind] >= 0:
            found.append(annotation)
    return [*found, *mismatch]


def _kind(outcome: Outcome) -> str:
    if outcome.verdict == "allow":
        return "notice"
    # A denial that fails no job is a warning; a step that gates nothing is an error, also where it does not fail.
    return "warning" if outcome.verdict == "deny" and not outcome.enforces else "error"


def _mismatch(outcome: Outcome) -> list[Annotation]:
    """Return a warning where linkerd itself says that its version and the mesh's differ, with what that costs."""
    body = outcome.report.opened.linkerd_check if outcome.report is not None else {}
    for category in rows(mapping(body.get("check_report")).get("categories")):
        for check in rows(category.get("checks")):
            if check.get("description") == MATCHING and check.get("result") != "success":
                message = f"{shown(check.get('error') or 'the CLI and the mesh differ')}: {COST}"
                return [Annotation(kind="warning", message=message, title="Linkerd CLI")]
    return []


MATCHING = "control plane and cli versions match"
"""The check in which linkerd compares itself to the mesh (linkerd2 ``pkg/healthcheck/healthcheck.go``)."""

COST = (
    "checks that this CLI does not know are missing, and one for CRDs that the mesh does not have ends the report; "
    "linkerd-version: auto takes the CLI that matches"
)


def _counts(outcome: Outcome) -> str:
    if outcome.report is None:
        return ""
    body = outcome.report.opened.linkerd_check
    checks, edges = mapping(body.get("check_summary")), mapping(body.get("edges_summary"))
    said = []
    if checks:
        said.append(", ".join(f"{shown(checks.get(key, '?'))} {word}" for key, word in _CHECKS))
    else:
        said.append("no check report")
    if edges:
        said.append(f"{shown(edges.get('secured', '?'))} of {shown(edges.get('total_edges', '?'))} edges secured")
    else:
        said.append("no edges report")
    return f" ({'; '.join(said)})"


_CHECKS = (("pass", "checks pass"), ("warn", "warn"), ("error", "fail"))


def _complaints(outcome: Outcome) -> list[Annotation]:
    """Return what came instead of a verdict."""
    error = outcome.error
    if error is None:
        return []
    each = error.complaints if isinstance(error, SettingsError) else [error]
    said = ["\n".join(map(shown, complaint.lines())) for complaint in each]
    return [Annotation(kind="error", message=text) for text in (outcome.withheld, *said) if text]


def _findings(outcome: Outcome, surroundings: Surroundings | None) -> Iterator[Annotation]:
    """Return what the gate found: a denial like the verdict, a warning as one, what is let pass as a notice."""
    report = outcome.report
    if report is None or report.verdict is None:
        return
    kinds = {results.DENIED: _kind(outcome), results.WARNING: "warning"}
    for item in results.of(report.verdict):
        place = surroundings.place(item, report.verdict.policy, _cluster(report)) if surroundings else None
        yield Annotation(
            kind=kinds.get(item.state, "notice"),
            message=_message(item),
            title=f"{TITLE}: {item.label}",
            file=place.path if place and not place.ours else "",
            line=place.line if place and not place.ours else 0,
        )


def _cluster(report: Report) -> str:
    return str(report.opened.linkerd_check.get("cluster_name", ""))


def _message(item: Result) -> str:
    said = [shown(item.violation.message), *(item.advice.lines() if item.advice else [])]
    return "\n".join([*said, *([shown(item.remark())] if item.remark() else [])])


def _cut(message: str) -> str:
    return (
        message if len(message) <= limits.ANNOTATION_CHARACTERS else message[: limits.ANNOTATION_CHARACTERS - 1] + "…"
    )
