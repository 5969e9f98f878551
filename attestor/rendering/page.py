"""The page that a release manager reads: a step's summary, and the report beside the envelope. Pure."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from typing import Any

from attestor import limits, results
from attestor.lenient import mapping, rows
from attestor.outcome import Outcome
from attestor.rendering import graph, markdown
from attestor.rendering.markdown import Part, code, fenced, link, table, text
from attestor.rendering.surroundings import Surroundings
from attestor.report import Lines, Report, is_secured, shown
from attestor.results import Result

_REASONS_SHOWN = 200
_MARKS = {"success": "✅", "warning": "⚠️"}
_SIGNS = {"allow": "✅", "deny": "❌", "error": "⛔"}


def render(outcome: Outcome, surroundings: Surroundings) -> str:  # noqa: ARG001 - every format is asked alike
    """Return the report for people of a run that sealed something."""
    return markdown.page(parts(outcome), limits.PAGE_FILE_BYTES)


def parts(outcome: Outcome) -> list[Part]:
    """Return the page in the order in which it is read: the verdict, why, what was seen, and how to check it."""
    found = [_verdict(outcome), _reasons(outcome)]
    if outcome.report is None:
        return found
    report = outcome.report
    found += _excepted(report)
    found += [*_facts(report), *_checks(report), *_edges(report), *_drift(report)]
    found += [*_compliance(outcome), _unseen(report), _proof(report)]
    return found


def _verdict(outcome: Outcome) -> Part:
    head = f"## {_SIGNS[outcome.verdict]} Linkerd mesh: {text(_shown(outcome.sentence()))}\n\n"
    if outcome.error is None:
        return Part(head=head, essential=True)
    lines = [*map(_shown, outcome.error.lines()), *([outcome.withheld] if outcome.withheld else [])]
    tail = "\nNothing was allowed. Gate on `steps.….outputs.verdict == 'allow'`, never on success.\n\n"
    return Part(head=head, rows=tuple(f"* {text(line)}\n" for line in lines), tail=tail, essential=True)


def _reasons(outcome: Outcome) -> Part:
    """Return every reason of a denial, up to a limit, and how much there is besides."""
    verdict = outcome.report.verdict if outcome.report is not None else None
    denials = results.denials(verdict) if verdict else []
    left = len(denials) - _REASONS_SHOWN
    tail = f"* … and {left} more reasons, which are in the log\n" if left > 0 else ""
    tail += f"\nBesides: {text(outcome.besides)}.\n" if outcome.besides else ""
    return Part(rows=tuple(map(_reason, denials[:_REASONS_SHOWN])), tail=f"{tail}\n", head="", essential=True)


def _reason(item: Result) -> str:
    """Return one reason with its rule, and below it what it usually means and what shows it."""
    said = f"* {text(_shown(item.violation.message))} — {code(shown(item.label))}"
    advice = item.advice
    if advice is None:
        return f"{said}<br>{text(_shown(item.remark()))}\n" if item.remark() else f"{said}\n"
    meaning = f"Usually {text(advice.meaning)}. " if advice.meaning else ""
    return f"{said}<br>{meaning}Shown by {code(advice.command)}\n"


def _excepted(report: Report) -> Iterator[Part]:
    """Return what was found and does not deny: warnings, what is waived by whom, and what is exempt."""
    found = results.excepted(report.verdict) if report.verdict else []
    if found:
        cells = [
            (item.state, text(_shown(item.violation.message)), code(_shown(item.label)), text(_shown(item.remark())))
            for item in found
        ]
        yield table(("", "finding", "rule", "why it does not deny"), cells, before="### Findings that do not deny\n\n")


def _shown(value: object) -> str:
    """Return one line of bounded length: a check's error may hold a whole page."""
    line = shown(value)
    return line if len(line) <= limits.LINE_CHARACTERS else line[: limits.LINE_CHARACTERS - 1] + "…"


def _facts(report: Report) -> Iterator[Part]:
    facts = report.sections()[0]
    if isinstance(facts, Lines):
        cells = [(line[:11].strip(), _shown(line[11:])) for line in facts.lines]
        yield table(("", ""), [(f"**{text(name)}**", text(value)) for name, value in cells])


def _checks(report: Report) -> Iterator[Part]:
    body = report.opened.linkerd_check
    summary = mapping(body.get("check_summary"))
    categories = rows(mapping(body.get("check_report")).get("categories"))
    if not categories:
        yield Part(head="### Checks\n\n**There is no check report.**\n\n", essential=True)
        return
    counted = ", ".join(f"{_shown(summary.get(key, '?'))} {word}" for key, word in _COUNTED)
    cells = [
        (text(_shown(category.get("categoryName", "?"))), *_counts(category), _failed(category))
        for category in sorted(categories, key=_is_well)
    ]
    before = f"### Checks: {text(counted)}\n\n"
    header = ("", "category", "pass", "warn", "error", "what did not succeed")
    # Where everything succeeded, an empty column would only make the reader look for something.
    width = len(header) if any(row[-1] for row in cells) else len(header) - 1
    yield table(header[:width], (_with_sign(row)[:width] for row in cells), before=before)


_COUNTED = (("pass", "pass"), ("warn", "warnings"), ("error", "errors"))


def _is_well(category: Mapping[str, Any]) -> int:
    results = {check.get("result") for check in rows(category.get("checks"))}
    return 0 if results - {"success", "warning"} else 1 if "warning" in results else 2


def _counts(category: Mapping[str, Any]) -> tuple[str, str, str]:
    results = [check.get("result") for check in rows(category.get("checks"))]
    good, odd = results.count("success"), results.count("warning")
    return str(good), str(odd), str(len(results) - good - odd)


def _with_sign(cells: tuple[str, ...]) -> tuple[str, ...]:
    sign = "❌" if cells[3] != "0" else "⚠️" if cells[2] != "0" else "✅"
    return (sign, *cells)


def _failed(category: Mapping[str, Any]) -> str:
    """Return what did not succeed in a category, each with linkerd's own word on it and its link."""
    found = []
    for check in rows(category.get("checks")):
        if check.get("result") == "success":
            continue
        said = [f"{_MARKS.get(str(check.get('result')), '❌')} {text(_shown(check.get('description', '?')))}"]
        said += [code(_shown(check["error"]))] if check.get("error") else []
        said += [link("what to do", shown(check["hint"]))] if check.get("hint") else []
        found.append("<br>".join(said))
    return "<br>".join(found)


def _edges(report: Report) -> Iterator[Part]:
    body = report.opened.linkerd_check
    summary = mapping(body.get("edges_summary"))
    if not summary:
        yield Part(head="### Edges\n\n**There is no edges report: nothing is known about mTLS.**\n\n", essential=True)
        return
    edges = sorted(rows(body.get("edge_report")), key=is_secured)
    counted = f"{_shown(summary.get('secured', '?'))} of {_shown(summary.get('total_edges', '?'))} secured"
    yield Part(head=f"### Edges: {text(counted)}\n\n{_graph(edges)}\n", essential=True)
    yield table(("source", "destination", "client", "server", "SECURED"), map(_edge_cells, edges))


def _graph(edges: Sequence[Mapping[str, Any]]) -> str:
    if not edges:
        return ""
    drawn, left = graph.lines(edges)
    note = f"\n*{left} more pairs of workloads are not drawn.*\n" if left else ""
    return fenced("mermaid", drawn) + note


def _edge_cells(edge: Mapping[str, Any]) -> tuple[str, ...]:
    ends = [code(f"{_shown(edge.get(f'{end}_namespace') or '?')}/{_shown(edge.get(end) or '?')}") for end in _ENDS]
    identities = [code(_shown(edge.get(key) or "-")) for key in ("client_id", "server_id")]
    if is_secured(edge):
        return (*ends, *identities, "√")
    return (*ends, *identities, f"❌ {text(_shown(edge.get('no_tls_reason') or 'no identity'))}")


_ENDS = ("src", "dst")


def _drift(report: Report) -> Iterator[Part]:
    """Yield what differs from the baseline, where there is one; that nothing does is worth a line."""
    if report.drift is None:
        return
    listed = list(report.drift.rows())
    if not listed:
        yield Part(head="### Since the baseline\n\nNothing changed.\n\n", essential=True)
        return
    left = len(listed) - limits.DIFFERENCES
    more = f"{left} of them are not listed\n\n" if left > 0 else ""
    cells = [
        (kind, code(_shown(name)), text(_shown(old)), text(_shown(new)))
        for kind, name, old, new, _ in listed[: limits.DIFFERENCES]
    ]
    before = f"### Since the baseline: {len(listed)} difference{'' if len(listed) == 1 else 's'}\n\n{more}"
    yield table(("", "which", "was", "is"), cells, before=before)


def _compliance(outcome: Outcome) -> Iterator[Part]:
    """Yield the status of each control, a line each, where something judged the evidence."""
    report = outcome.report
    if outcome.verdict == "error" or report is None or report.controls is None:
        return
    from attestor.compliance import told

    controls = outcome.controls
    cells = [(_STATUS[control.status], *(text(_shown(cell)) for cell in told.row(control))) for control in controls]
    before = f"### Compliance: {text(told.counted(controls))}\n\n"
    yield table(("", "control", "status", "why"), cells, before=before)


_STATUS = {"met": "✅", "not met": "❌", "not shown": "❔"}


def _unseen(report: Report) -> Part:
    capture = mapping(report.opened.bodies["command-run"].get("capture"))
    trace = mapping(capture.get("trace"))
    left, defects = rows(capture.get("excluded")), rows(capture.get("defects"))
    said = []
    if "coverage" not in report.opened.bodies:
        said.append(
            "coverage is off: workloads outside the mesh, pods without a proxy and idle pairs were not looked for"
        )
    if namespaces := capture.get("namespaces"):
        listed = ", ".join(map(shown, namespaces)) if isinstance(namespaces, list) else shown(namespaces)
        said.append(f"only edges of these namespaces were asked for: {listed}")
    if trace.get("state") != "on":
        said.append(f"the capture's processes were not traced: {_shown(trace.get('reason', 'no reason is given'))}")
    said += [
        f"left out of the trees: {_shown(item.get('path'))} ({_shown(item.get('reason'))})" for item in left[:_LEFT]
    ]
    said += [f"and {len(left) - _LEFT} more paths, which the envelope lists"] if len(left) > _LEFT else []
    said += [f"defect {_shown(item.get('code'))}: {_shown(item.get('detail'))}" for item in defects]
    said.append("edges are connections that were open at that moment, as meshed clients reported them")
    return Part(head="### What was not looked at\n\n", rows=tuple(f"* {text(line)}\n" for line in said), tail="\n")


_LEFT = 10
"""Most paths that are listed as left out of the trees."""


def _proof(report: Report) -> Part:
    name = report.envelope.rpartition("/")[2]
    cells = [("key id", ", ".join(report.signers)), ("sha256 of the envelope", report.envelope_sha256)]
    lines = ["### Check it yourself\n\n", *(f"* {title}: {code(shown(value))}\n" for title, value in cells), "\n"]
    command = f"mesh-attestor verify {_quoted(shown(name))} --key PUBLIC_KEY.pem"
    return Part(head="".join(lines) + fenced("sh", [command]), essential=True)


def _quoted(name: str) -> str:
    import shlex

    return shlex.quote(name)
