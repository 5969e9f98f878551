"""What is told about evidence and its verdict: plain tables and lines, which the renderers print. Pure.

Names in the evidence come from the cluster and may hold anything, also terminal escapes; ``shown`` takes them out.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import TYPE_CHECKING, Any

from attestor import limits, results
from attestor.clock import rfc3339
from attestor.collection import Opened
from attestor.compliance import Control, Controls
from attestor.drift import Drift
from attestor.lenient import mapping, rows
from attestor.policies import Policy
from attestor.reports.check import Category
from attestor.reports.edges import Edge
from attestor.verdict import Verdict
from attestor.verification.finding import Finding, State
from attestor.verification.reports import check_report, edge_report

if TYPE_CHECKING:
    from attestor.summary.claim import Claim

SECURED_SHOWN = 60
"""Most secured edges that are listed; insecure ones always are, up to their own limit."""

INSECURE_SHOWN = 500


@dataclass(frozen=True, slots=True, kw_only=True)
class Table:
    """Rows under a header; ``marks`` says of each row whether it is good, bad or neither."""

    title: str
    header: tuple[str, ...]
    rows: tuple[tuple[str, ...], ...]
    marks: tuple[bool | None, ...]
    note: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class Lines:
    """A titled list of lines; ``good`` colours it."""

    title: str
    lines: tuple[str, ...]
    good: bool | None = None


Section = Table | Lines


@dataclass(frozen=True, slots=True, kw_only=True)
class Report:
    """Evidence as it was signed, who signed it, and what was decided, where something was.

    ``judged_at`` is the time that the rules were told, ``drift`` what differs from a baseline, and ``claim`` what
    a signed verdict says of it, where there is one. ``controls`` are those whose status is told.
    """

    opened: Opened
    signers: tuple[str, ...]
    strangers: tuple[str, ...] = ()
    verdict: Verdict | None = None
    enforces: bool = True
    envelope: str = ""
    envelope_sha256: str = ""
    findings: tuple[Finding, ...] = ()
    pins: tuple[Finding, ...] = ()
    judged_at: datetime | None = None
    drift: Drift | None = None
    claim: Claim | None = None
    controls: Controls | None = None

    @property
    def allowed(self) -> bool:
        """Whether something judged the evidence, and nothing denies it. What ``mode: report`` does is not asked."""
        return self.verdict is not None and not self.denies

    @property
    def exit_code(self) -> int:
        """0 where nothing denies, nobody was asked, or the run only reports; else 1."""
        return 1 if self.denies and self.enforces else 0

    @property
    def denies(self) -> bool:
        """Whether the gate denied, or the evidence is not about what was asked."""
        denied = self.verdict is not None and not self.verdict.allowed
        return denied or any(pin.state is State.FAILED for pin in self.pins)

    @property
    def categories(self) -> tuple[Category, ...]:
        """The checks of verified evidence, by category."""
        body = self.opened.linkerd_check
        return check_report(body).categories if "check_report" in body else ()

    @property
    def edges(self) -> tuple[Edge, ...]:
        """The edges of verified evidence."""
        return edge_report(self.opened.linkerd_check).edges

    @property
    def compliance(self) -> tuple[Control, ...]:
        """Every control that was asked for, with its status."""
        if self.controls is None:
            return ()
        from attestor.compliance.judging import judged

        return judged(self.controls, self)

    def sections(self) -> list[Section]:
        """Return everything in the order in which a person wants it: the evidence, then the decision."""
        found: list[Section] = [_facts(self), _checks(self.opened)]
        found += [section for section in (_failed(self.opened), _edges(self.opened)) if section is not None]
        found += [
            section for section in (_coverage(self.opened), _printed(self), _unseen(self.opened)) if section is not None
        ]
        found += [drift_table(self.drift)] if self.drift is not None else []
        # A run that has just made its evidence checks nothing of it again.
        looked_at = (*self.findings, *self.pins)
        found += [findings_table(looked_at)] if looked_at else []
        told = (_excepted(self), _compliance(self), _decision(self))
        found += [section for section in told if section is not None]
        return found


def shown(value: object) -> str:
    """Return ``value`` as text that a terminal prints and does not obey."""
    text = value if isinstance(value, str) else str(value)
    return "".join(character if character.isprintable() else repr(character)[1:-1] for character in text)


def _facts(report: Report) -> Lines:
    opened = report.opened
    git, command = opened.body("git"), opened.body("command-run")
    capture = mapping(command.get("capture"))
    linkerd, trace = mapping(capture.get("linkerd")), mapping(capture.get("trace"))
    times = opened.times.get("command-run", (None, None))
    facts = [
        ("cluster", shown(opened.linkerd_check.get("cluster_name", "")) or "(no name given)"),
        ("step", shown(opened.step)),
        ("captured", " to ".join(rfc3339(moment) if moment else "(no time given)" for moment in times)),
        ("namespaces", _namespaces(capture.get("namespaces"))),
        ("linkerd", _linkerd(linkerd)),
        ("commit", _commit(git)),
        ("processes", _traced(trace, command)),
        ("signed by", ", ".join(map(shown, report.signers)) or "(not verified)"),
    ]
    facts += [("own rules", _own(report.verdict.policy))] if report.verdict and report.verdict.policy.own else []
    return Lines(title="Evidence", lines=tuple(f"{name:<11}{value}" for name, value in facts))


def _own(policy: Policy) -> str:
    count = len(policy.own)
    modules = f"{count} module{'s' if count != 1 else ''} of Rego {policy.rego_version}, sha256 {policy.own_sha256}"
    return f"{modules}: {', '.join(shown(module.path) for module in policy.own)}"


def _namespaces(listed: object) -> str:
    if not listed:
        return "all"
    return ", ".join(map(shown, listed)) if isinstance(listed, list) else shown(listed)


def _linkerd(linkerd: Mapping[str, Any]) -> str:
    version = shown(linkerd.get("version") or "of a version that it did not tell")
    return f"{version}, A REPLAY AND NOT A MESH" if linkerd.get("replay") is not False and linkerd else version


def _commit(git: Mapping[str, Any]) -> str:
    if not git.get("gittool"):
        return "(not a git repository)"
    if not git.get("commithash"):
        return f"(no commit yet on {shown(git.get('branch', '?'))})"
    branch = git.get("branch", "")
    where = "a detached HEAD" if branch == "HEAD" else shown(branch)
    changed = len(mapping(git.get("status")))
    return f"{shown(git['commithash'])} on {where}, " + (f"{changed} changed paths" if changed else "clean")


def _traced(trace: Mapping[str, Any], command: Mapping[str, Any]) -> str:
    if trace.get("state") == "on":
        return f"{len(rows(command.get('processes')))} programs traced"
    return f"not traced: {shown(trace.get('reason', 'the evidence does not say why'))}"


def _checks(opened: Opened) -> Table:
    summary = mapping(opened.linkerd_check.get("check_summary"))
    categories = rows(summary.get("categories"))
    cells = [tuple(shown(row.get(key, "?")) for key in ("category", "pass", "warn", "error")) for row in categories]
    note = ", ".join(f"{shown(summary.get(key, '?'))} {word}" for key, word in _WORDS) if summary else "no check report"
    return Table(
        title="Checks",
        header=("CATEGORY", "PASS", "WARN", "ERROR"),
        rows=tuple(cells),
        marks=tuple(False if row.get("error") else None for row in categories),
        note=note,
    )


_WORDS = (("pass", "pass"), ("warn", "warnings"), ("error", "errors"))


def _failed(opened: Opened) -> Lines | None:
    lines = []
    for category in rows(mapping(opened.linkerd_check.get("check_report")).get("categories")):
        for check in rows(category.get("checks")):
            if check.get("result") != "success":
                lines.append(f"{shown(check.get('result')):<8}{shown(check.get('description'))}")
                lines += [f"        {shown(check[key])}" for key in ("error", "hint") if check.get(key)]
    return Lines(title="Checks that did not succeed", lines=tuple(lines)) if lines else None


def _edges(opened: Opened) -> Table | None:
    summary = mapping(opened.linkerd_check.get("edges_summary"))
    if not summary:
        return None
    edges = rows(opened.linkerd_check.get("edge_report"))
    good = [edge for edge in edges if is_secured(edge)]
    bad = [edge for edge in edges if not is_secured(edge)]
    listed = bad[:INSECURE_SHOWN] + good[:SECURED_SHOWN]
    left = len(edges) - len(listed)
    note = f"{shown(summary.get('secured'))} of {shown(summary.get('total_edges'))} edges secured"
    return Table(
        title="Edges",
        header=("SRC", "DST", "CLIENT_ID", "SERVER_ID", "SECURED"),
        rows=tuple(_edge_cells(edge) for edge in listed),
        marks=tuple(is_secured(edge) for edge in listed),
        note=note + (f"; {left} more are in the envelope" if left else ""),
    )


def is_secured(edge: Mapping[str, Any]) -> bool:
    """Tell whether a row of signed evidence is secured: both identities, and no reason for missing TLS."""
    return bool(edge.get("client_id") and edge.get("server_id") and not edge.get("no_tls_reason"))


def _edge_cells(edge: Mapping[str, Any]) -> tuple[str, ...]:
    ends = [f"{shown(edge.get(f'{end}_namespace') or '?')}/{shown(edge.get(end) or '?')}" for end in ("src", "dst")]
    identities = [shown(edge.get(key) or "-") for key in ("client_id", "server_id")]
    secured = "√" if is_secured(edge) else f"no: {shown(edge.get('no_tls_reason') or 'no identity')}"
    return (*ends, *identities, secured)


def _printed(report: Report) -> Lines | None:
    """Return what linkerd printed to stderr: noise on success, and the only word on the cause of what is missing."""
    stderr = report.opened.body("command-run").get("stderr")
    if report.verdict is None or report.verdict.allowed or not isinstance(stderr, str):
        return None
    return Lines(
        title="What linkerd printed to stderr", lines=tuple(map(shown, stderr.splitlines()[-limits.STDERR_LINES :]))
    )


def _unseen(opened: Opened) -> Lines:
    capture = mapping(opened.body("command-run").get("capture"))
    lines = [
        f"left out of the trees: {shown(item.get('path'))} ({shown(item.get('reason'))})"
        for item in rows(capture.get("excluded"))
    ]
    lines += [f"defect: {shown(item.get('code'))} {shown(item.get('detail'))}" for item in rows(capture.get("defects"))]
    lines += _blind(opened)
    return Lines(title="What was not looked at", lines=tuple(lines))


def _blind(opened: Opened) -> list[str]:
    """Return what edges cannot show, and whether anything looked for it."""
    edges = "edges show open connections of meshed clients at one time: unmeshed pods, idle pairs, skipped ports and"
    if not opened.covered:
        return [
            edges,
            "addresses outside the cluster are not in them, and nothing here looked for those: coverage was off",
        ]
    from attestor.coverage import told

    return [shown(reason) for reason in told.reasons(opened.body("coverage"))]


def _coverage(opened: Opened) -> Table | None:
    """Return what was found out beside the edges, where that was asked for."""
    if not opened.covered:
        return None
    from attestor.coverage import told

    listed = list(told.parts(opened.body("coverage")))
    whole = sum(row[1] == "yes" for row in listed)
    return Table(
        title="Coverage",
        header=("PART", "COMPLETE", "WHAT WAS SEEN"),
        rows=tuple(tuple(map(shown, row)) for row in listed),
        marks=tuple(None if row[1] == "yes" else False for row in listed),
        note=f"{whole} of {len(listed)} parts complete",
    )


_MARKS = {State.OK: True, State.FAILED: False, State.UNCHECKED: None}


def findings_table(findings: Sequence[Finding]) -> Table:
    """Return what a verifier looked at, one row for each finding."""
    return Table(
        title="Verification",
        header=("CHECK", "DETAIL", "RESULT"),
        rows=tuple((finding.check, shown(finding.detail), finding.state.value) for finding in findings),
        marks=tuple(_MARKS[finding.state] for finding in findings),
    )


def _excepted(report: Report) -> Lines | None:
    """Return what was found and does not deny, each with why."""
    lines = []
    for item in results.excepted(report.verdict) if report.verdict else []:
        lines.append(f"{item.state:<8}{_sentence(item)}  ({shown(item.violation.rule)})")
        lines += [f"        {shown(line)}" for line in _beside(item)]
    return Lines(title="Findings that do not deny", lines=tuple(lines)) if lines else None


def _compliance(report: Report) -> Table | None:
    """Return the status of each control, a line each, where something judged the evidence."""
    if report.verdict is None or report.controls is None:
        return None
    from attestor.compliance import MET, NOT_MET, told

    controls = report.compliance
    return Table(
        title="Compliance",
        header=told.HEADER,
        rows=tuple(tuple(map(shown, told.row(control))) for control in controls),
        marks=tuple({MET: True, NOT_MET: False}.get(control.status) for control in controls),
        note=f"{told.counted(controls)}; this decides nothing",
    )


def _sentence(item: results.Result) -> str:
    """Return a finding behind its rule's code, where it has one. The rule in brackets behind it is a denial's alone."""
    code = f"{item.violation.code} " if item.violation.code else ""
    return f"{code}{shown(item.violation.message)}"


def _beside(item: results.Result) -> list[str]:
    """Return what is told below a finding: why it does not count, what it usually means, and what shows it."""
    advice = item.advice.lines() if item.advice else []
    return [item.remark(), *advice] if item.remark() else advice


def drift_table(drift: Drift, title: str = "Since the baseline") -> Table:
    """Return what is different, one row for each difference."""
    listed = list(drift.rows())
    left = len(listed) - limits.DIFFERENCES
    cells = tuple(tuple(map(shown, row[:4])) for row in listed[: limits.DIFFERENCES])
    return Table(
        title=title,
        header=("WHAT", "WHICH", "WAS", "IS"),
        rows=cells,
        marks=tuple(row[4] for row in listed[: limits.DIFFERENCES]),
        note=f"{len(listed)} difference{'' if len(listed) == 1 else 's'}"
        + (f"; {left} of them are not listed" if left > 0 else ""),
    )


def _decision(report: Report) -> Lines | None:
    verdict = report.verdict
    if verdict is None:
        return None
    wrong = [
        f"the {pin.check} is not what was asked about: {shown(pin.detail)}"
        for pin in report.pins
        if pin.state is State.FAILED
    ]
    if not report.denies:
        word = f"ALLOW: {len(verdict.checked)} rules were looked at and none of them denies"
        return Lines(title="Verdict", lines=(word, *_besides(verdict)), good=True)
    count = len(verdict.violations) + len(wrong)
    word = f"DENY: {count} reason{'s' if count != 1 else ''} by {len(verdict.checked)} rules"
    if not report.enforces:
        word += " (mode: report, so this does not fail the job)"
    reasons = list(wrong)
    for item in results.denials(verdict):
        reasons.append(f"{_sentence(item)}  [{shown(item.violation.rule)}]")
        reasons += [f"    {shown(line)}" for line in _beside(item)]
    return Lines(title="Verdict", lines=(word, *reasons, *_besides(verdict)), good=False)


def _besides(verdict: Verdict) -> list[str]:
    counted = results.counts(verdict)
    return [f"besides: {counted}"] if counted else []
