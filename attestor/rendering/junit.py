"""JUnit XML: one test case for each rule, so that whatever shows test results shows the gate. Pure.

There is no standard; this keeps to what Jenkins' schema and every reader of it take: suites of cases, at most one
failure, error or skip in each. A character that XML 1.0 has not (section 2.2) goes out as its escape.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Mapping, Sequence
from xml.etree import ElementTree as ET

from attestor import limits, results
from attestor.lenient import mapping
from attestor.outcome import Outcome
from attestor.policies import catalogue
from attestor.rendering.surroundings import Surroundings
from attestor.report import Report, shown
from attestor.results import DENIED, Result
from attestor.verdict import Verdict

_DECLARATION = '<?xml version="1.0" encoding="UTF-8"?>\n'


def render(outcome: Outcome, surroundings: Surroundings) -> str:  # noqa: ARG001 - every format is asked alike
    """Return the report of a run that sealed something."""
    assert outcome.report is not None
    suites = [_run(outcome, outcome.report)]
    if outcome.report.verdict is not None:
        suites += _families(outcome.report.verdict)
    root = ET.Element("testsuites", {"name": "mesh-attestor", **_totals(suites)})
    root.extend(suites)
    ET.indent(root, " ")
    return f"{_DECLARATION}{ET.tostring(root, encoding='unicode')}\n"


def _run(outcome: Outcome, report: Report) -> ET.Element:
    """Return the suite of the run itself: an error where it came to no verdict."""
    case = ET.Element("testcase", {"classname": "run", "name": "The gate came to a verdict", "time": "0"})
    if outcome.error is not None:
        error = ET.SubElement(case, "error", {"message": _line(outcome.sentence()), "type": outcome.error.stage})
        error.text = _text(list(map(shown, outcome.error.lines())))
    suite = _suite("run", [case])
    properties = ET.Element("properties")
    for name, value in _facts(outcome, report).items():
        ET.SubElement(properties, "property", {"name": name, "value": _line(value)})
    suite.insert(0, properties)
    return suite


def _facts(outcome: Outcome, report: Report) -> dict[str, str]:
    body = report.opened.linkerd_check
    mode = "enforce" if outcome.enforces else "report (a denial does not fail the job)"
    found = {"verdict": outcome.verdict, "mode": mode, "cluster": str(body.get("cluster_name", ""))}
    found |= {"sentence": outcome.sentence(), "besides": outcome.besides}
    found |= {"envelope-sha256": report.envelope_sha256, "keyid": ",".join(report.signers)}
    for key, name in (("checks", "check_summary"), ("edges", "edges_summary")):
        found |= {f"{key}-{word}": str(count) for word, count in mapping(body.get(name)).items() if _is_number(count)}
    return {name: value for name, value in found.items() if value}


def _is_number(value: object) -> bool:
    return isinstance(value, int) and not isinstance(value, bool)


def _families(verdict: Verdict) -> list[ET.Element]:
    found: dict[str, list[Result]] = defaultdict(list)
    for item in results.of(verdict):
        found[item.violation.rule].append(item)
    families: dict[str, list[ET.Element]] = defaultdict(list)
    for rule in sorted({*verdict.checked, *verdict.off, *found}, key=lambda rule: (catalogue.code(rule) or "~", rule)):
        off = rule in verdict.off
        families[_family(rule)].append(_case(rule, found[rule], off=off))
    return [_suite(family, cases) for family, cases in families.items()]


def _family(rule: str) -> str:
    return shown(rule.partition(".")[0]) if rule in catalogue.rules() else "own"


def _case(rule: str, found: Sequence[Result], *, off: bool) -> ET.Element:
    known = catalogue.rules().get(rule)
    name = f"{known.code} {known.title}" if known else rule
    case = ET.Element("testcase", {"classname": _line(rule), "name": _line(name), "time": "0"})
    denials = [item for item in found if item.state == DENIED]
    if off:
        why = "off by default" if known and known.level == "off" else "off by the policy configuration"
        ET.SubElement(case, "skipped", {"message": why})
    elif denials:
        more = f" (and {len(denials) - 1} more)" if len(denials) > 1 else ""
        said = _line(shown(denials[0].violation.message) + more)
        kind = known.code if known else "own rule"
        ET.SubElement(case, "failure", {"message": said, "type": kind}).text = _text(_told(denials))
    if excepted := [item for item in found if item.state != DENIED]:
        ET.SubElement(case, "system-out").text = _text(_told(excepted))
    return case


def _told(found: Sequence[Result]) -> list[str]:
    lines = []
    for item in found:
        state = "" if item.state == DENIED else f"{item.state}: "
        lines.append(f"{state}{shown(item.violation.message)}")
        lines += [f"  {line}" for line in (item.advice.lines() if item.advice else [])]
        lines += [f"  {shown(item.remark())}"] if item.remark() else []
    return lines


def _suite(name: str, cases: Sequence[ET.Element]) -> ET.Element:
    counted = {kind: sum(case.find(kind) is not None for case in cases) for kind in ("failure", "error", "skipped")}
    suite = ET.Element("testsuite", {"name": name, **_counts(len(cases), counted)})
    suite.extend(cases)
    return suite


def _counts(tests: int, counted: Mapping[str, int]) -> dict[str, str]:
    numbers = (tests, counted["failure"], counted["error"], counted["skipped"])
    return dict(zip(_NAMES, map(str, numbers), strict=True)) | {"time": "0"}


_NAMES = ("tests", "failures", "errors", "skipped")


def _totals(suites: Sequence[ET.Element]) -> dict[str, str]:
    return {name: str(sum(int(suite.attrib[name]) for suite in suites)) for name in (*_NAMES, "time")}


def _line(value: str) -> str:
    line = shown(value)
    return line if len(line) <= limits.LINE_CHARACTERS else line[: limits.LINE_CHARACTERS - 1] + "…"


def _text(lines: Sequence[str]) -> str:
    """Return ``lines``, which are printable, as a text of bounded length that says how many it leaves out."""
    kept, room = 0, limits.JUNIT_CHARACTERS
    for line in lines:
        room -= len(line) + 1
        if room < 0:
            break
        kept += 1
    left = len(lines) - kept
    return "\n".join([*lines[:kept], *([f"… and {left} more lines, which are in the log"] if left else [])])
