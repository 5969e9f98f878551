"""What became of each control: met, not met, or not shown, by the verdict and the evidence that it was about. Pure.

A rule that was not looked at says nothing, and neither does a finding that only tells of evidence which is not there.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Iterator, Mapping
from typing import TYPE_CHECKING, Any

from attestor import limits, results
from attestor.compliance import MET, NOT_MET, NOT_SHOWN, Asked, Control, Controls, Entry
from attestor.coverage import told
from attestor.coverage.part import PARTS
from attestor.lenient import mapping, rows
from attestor.policies import COVERAGE, catalogue
from attestor.predicates import linkerd_check, mesh_coverage
from attestor.results import Result
from attestor.statement import COLLECTION_TYPE
from attestor.verdict import Verdict

if TYPE_CHECKING:
    from attestor.report import Report

UNSEEN = "unseen"
"""The result of a rule all of whose findings say that evidence is not there, or not whole."""
OFF, UNJUDGED, PASSED = "off", "unjudged", "passed"
_WORDS = (
    (results.DENIED, "denied"),
    (results.WARNING, "warned"),
    (results.WAIVED, "waived"),
    (results.EXEMPT, "exempt"),
)
"""What a finding is, and what its rule came to by it, the gravest first (docs/verdict.md)."""
_FINDINGS = 10
"""Most findings that are told of one control; the reports have them all."""


def judged(controls: Controls, report: Report) -> tuple[Control, ...]:
    """Return every control with its status; without a verdict nothing is shown."""
    judge = _Judge(report)
    return tuple(judge.control(entry) for entry in controls.entries)


class _Judge:
    """One report, looked at rule by rule."""

    def __init__(self, report: Report) -> None:
        self._verdict, opened = report.verdict, report.opened
        self._covered, self._coverage = opened.covered, opened.body("coverage")
        self._needing = catalogue.needing(COVERAGE)
        self._limits = tuple(_limits(mapping(opened.body("command-run").get("capture"))))
        self._found: dict[str, list[Result]] = defaultdict(list)
        for item in results.of(report.verdict) if report.verdict else []:
            self._found[item.violation.rule].append(item)
        cluster = str(opened.linkerd_check.get("cluster_name", ""))
        policy = report.verdict.policy.config(cluster) if report.verdict else {}
        self._given: Mapping[str, Mapping[str, Any]] = policy.get("parameters", {})

    def control(self, entry: Entry) -> Control:
        found = [item for item in self._findings(entry.rules) if not self._is_of_a_gap(item)]
        missing = list(self._missing(entry))
        against = [_finding(item) for item in found[:_FINDINGS]]
        if len(found) > _FINDINGS:
            against.append(f"{len(found) - _FINDINGS} more findings are in the report")
        status = NOT_MET if found else NOT_SHOWN if missing else MET
        return Control(
            entry=entry,
            status=status,
            reasons=(*against, *missing) if status != MET else tuple(self._shown(entry)),
            rules=tuple(map(self._asked, entry.rules)),
            needs=tuple(map(self._asked, entry.needs)),
            parts={part: self._is_whole(part) for part in entry.parts},
        )

    def _findings(self, rules: Iterable[str]) -> list[Result]:
        return [item for rule in rules for item in self._found.get(rule, ())]

    def _missing(self, entry: Entry) -> Iterator[str]:
        """Yield why it is not known whether ``entry`` holds."""
        if self._verdict is None:
            yield "nothing judged the evidence"
        yield from self._lacking(entry)
        if self._verdict is not None:
            yield from self._unasked(entry, self._verdict)
            yield from self._misasked(entry)
            gaps = [item for item in self._findings(entry.rules) if self._covered and self._is_of_a_gap(item)]
            yield from map(_finding, [*self._findings(entry.needs), *gaps][:_FINDINGS])
        if entry.not_shown:
            yield entry.not_shown
        elif not entry.rules:
            yield "no rule speaks for it"

    def _unasked(self, entry: Entry, verdict: Verdict) -> Iterator[str]:
        """Yield the rules that nobody asked; that coverage was off says it of those that need it."""
        told_of = frozenset[str]() if self._covered else self._needing
        wanted = (*entry.rules, *entry.needs)
        off = [rule for rule in wanted if rule in verdict.off and rule not in told_of]
        if off:
            yield f"{_labels(off)} {'is' if len(off) == 1 else 'are'} off"
        asked = {*verdict.checked, *verdict.off}
        unknown = [rule for rule in wanted if rule not in asked]
        if unknown:
            yield f"{_labels(unknown)} {'was' if len(unknown) == 1 else 'were'} not looked at"

    def _misasked(self, entry: Entry) -> Iterator[str]:
        """Yield the parameters with which a rule was asked for less, or for something else."""
        for rule, wanted in entry.parameters.items():
            for name, value in wanted.items():
                given = self._parameter(rule, name)
                if given != value:
                    yield f"{_label(rule)} was asked with {name} {_said(given)}, and this needs {_said(value)}"

    def _parameter(self, rule: str, name: str) -> Any:
        known = catalogue.rules().get(rule)
        default = known.parameters.get(name, {}).get("default") if known else None
        return self._given.get(rule, {}).get(name, default)

    def _lacking(self, entry: Entry) -> Iterator[str]:
        """Yield the parts that are not whole, each with the first reason."""
        if not self._covered:
            needs = entry.parts or self._needing & {*entry.rules, *entry.needs}
            told_of = f" of {', '.join(entry.parts)}" if entry.parts else ""
            yield from [f"coverage was off: there is no evidence{told_of}"] if needs else []
            return
        for part in entry.parts:
            if not self._is_whole(part):
                yield f"the part {part} is not complete{_why(mapping(self._coverage.get(part)))}"

    def _is_whole(self, part: str) -> bool:
        return told.is_whole(mapping(self._coverage.get(part)))

    def _is_of_a_gap(self, item: Result) -> bool:
        """Tell whether a finding only says that evidence is not there, which is no finding about the mesh.

        Rules over the coverage have such a finding for the whole of it, and for a part, which is then all it is about.
        """
        if item.violation.rule not in self._needing:
            return False
        about = dict(item.violation.about)
        return not self._covered or (about.keys() == {"check"} and about["check"] in PARTS)

    def _asked(self, rule: str) -> Asked:
        return Asked(rule=rule, code=catalogue.code(rule), result=self._result(rule), evidence=_evidence(rule))

    def _result(self, rule: str) -> str:
        if self._verdict is None:
            return UNJUDGED
        found = self._found.get(rule, [])
        states = {item.state for item in found if not self._is_of_a_gap(item)}
        word = next((word for state, word in _WORDS if state in states), "")
        if word or found:
            return word or UNSEEN
        return OFF if rule in self._verdict.off else PASSED if rule in self._verdict.checked else UNJUDGED

    def _shown(self, entry: Entry) -> Iterator[str]:
        """Yield by what a control is met: rules and complete parts; and what a team or the evidence limits that to."""
        count = len((*entry.rules, *entry.needs))
        yield f"{count} rule{'s' if count != 1 else ''} looked, and found nothing"
        if entry.parts:
            yield f"complete: {', '.join(entry.parts)}"
        for rule in (*entry.rules, *entry.needs):
            for name, value in self._given.get(rule, {}).items():
                yield f"{_label(rule)} was asked with {name} {_said(value)}"
        yield from self._limits


def _limits(capture: Mapping[str, Any]) -> Iterator[str]:
    """Yield what all of it is about, where that is not the whole of a mesh."""
    if namespaces := capture.get("namespaces"):
        yield f"only these namespaces were looked at: {_said(namespaces)}"
    if mapping(capture.get("linkerd")).get("replay") is not False:
        yield "linkerd was a replay, and not a mesh"


def _finding(item: Result) -> str:
    message = _cut(item.violation.message)
    if item.state == results.DENIED:
        return f"{item.label} denies: {message}"
    if item.state == results.WARNING:
        return f"{item.label} warns: {message}"
    return f"{item.label} found, {_cut(item.excuse())}: {message}"


def _why(part: Mapping[str, Any]) -> str:
    found = rows(part.get("reasons"))
    if not found:
        return ""
    more = f" (and {len(found) - 1} more reasons)" if len(found) > 1 else ""
    return f": {_cut(str(found[0].get('code')))}: {_cut(str(found[0].get('detail')))}{more}"


def _evidence(rule: str) -> str:
    """Return the type of the evidence that a rule looks at: of one predicate, or of the whole collection."""
    if rule in catalogue.needing(COVERAGE):
        return mesh_coverage.TYPE
    return linkerd_check.TYPE if rule.partition(".")[0] == "mesh" else COLLECTION_TYPE


def _labels(rules: Iterable[str]) -> str:
    return ", ".join(map(_label, rules))


def _label(rule: str) -> str:
    return results.label(rule, catalogue.code(rule))


def _said(value: object) -> str:
    import json

    return _cut(json.dumps(value, ensure_ascii=False, default=str))


def _cut(text: str) -> str:
    limit = limits.DETAIL_CHARACTERS
    return text if len(text) <= limit else f"{text[: limit - 1]}…"
