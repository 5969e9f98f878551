"""Annotations: the verdict first, then the worst findings, never more than a runner shows. Pure."""

from __future__ import annotations

from dataclasses import dataclass

from attestor import limits
from attestor.errors import SettingsError
from attestor.github import commands
from attestor.lenient import mapping, rows
from attestor.outcome import Outcome
from attestor.report import shown

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


def of(outcome: Outcome) -> list[Annotation]:
    """Return what is to be annotated, the verdict first."""
    kind = _kind(outcome)
    verdict = Annotation(kind=kind, message=f"{shown(outcome.sentence())}{_counts(outcome)}")
    details = [Annotation(kind=kind, message=message, title=title) for title, message in _details(outcome)]
    mismatch = _mismatch(outcome)
    room = limits.ANNOTATIONS - 1 - sum(annotation.kind == kind for annotation in mismatch)
    return [verdict, *details[:room], *mismatch]


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


def _details(outcome: Outcome) -> list[tuple[str, str]]:
    """Return the titles and messages below the verdict."""
    found = [(f"{TITLE}: {rule}", shown(message)) for rule, message in outcome.violations]
    error = outcome.error
    if error is None:
        return found
    each = error.complaints if isinstance(error, SettingsError) else [error]
    said = [(TITLE, "\n".join(map(shown, complaint.lines()))) for complaint in each]
    return [*([(TITLE, outcome.withheld)] if outcome.withheld else []), *said, *found]


def _cut(message: str) -> str:
    return (
        message if len(message) <= limits.ANNOTATION_CHARACTERS else message[: limits.ANNOTATION_CHARACTERS - 1] + "…"
    )
