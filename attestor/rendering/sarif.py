"""SARIF 2.1.0 for code scanning: every finding under its rule, at the line that somebody can mend. Pure.

The standard is OASIS' (docs.oasis-open.org/sarif/sarif/v2.1.0); what GitHub takes of it, and how much, is in its
documentation ("SARIF support for code scanning"). A finding is followed over runs by its fingerprint, which holds
neither counts nor times; a waived one is suppressed rather than left out.
"""

from __future__ import annotations

import hashlib
import json
import re
from collections import Counter
from collections.abc import Iterable, Sequence
from typing import Any
from urllib.parse import quote

from attestor import __version__, limits, results
from attestor.outcome import Outcome
from attestor.policies import EMBEDDED, Waiver
from attestor.rendering.sarif_rules import NO_VERDICT, described, escaped, rule_id
from attestor.rendering.surroundings import Place, Surroundings, embedded
from attestor.report import Report, shown
from attestor.results import DENIED, EXEMPT, WAIVED, WARNING, Result

SCHEMA = "https://docs.oasis-open.org/sarif/sarif/v2.1.0/errata01/os/schemas/sarif-schema-2.1.0.json"
_BASE = "MESH_ATTESTOR"
_LEVELS = {DENIED: "error", WARNING: "warning", WAIVED: "note", EXEMPT: "note"}
_POSITIONS = frozenset({"waiver"})
"""What names a thing by its position, which the next edit of the file changes."""


def render(outcome: Outcome, surroundings: Surroundings) -> str:
    """Return the report of a run that sealed something."""
    report = outcome.report
    assert report is not None
    verdict = report.verdict
    found = results.of(verdict) if verdict else []
    policy = verdict.policy if verdict else EMBEDDED
    rules = described(
        policy.levels(_cluster(report), covered=report.opened.covered),
        surroundings.home,
        (item.violation.rule for item in found),
    )
    written, left = _fitting(_results(outcome, found, surroundings, rules))
    base = {"uri": surroundings.home} if surroundings.home else {}
    run = {
        "tool": {"driver": {"name": "mesh-attestor", "version": __version__, "rules": rules}},
        "automationDetails": {"id": f"mesh-attestor/{_identifier(_cluster(report))}/"},
        "invocations": [_invocation(outcome, left)],
        "originalUriBaseIds": {_BASE: base | {"description": {"text": "where mesh-attestor's own files are"}}},
        "columnKind": "unicodeCodePoints",
        "properties": _properties(outcome, report),
    }
    head = json.dumps({"$schema": SCHEMA, "version": "2.1.0"})[:-1]
    # The results are text already, as their size had to be known.
    listed = ",\n".join(written)
    return f'{head}, "runs": [{json.dumps(run)[:-1]}, "results": [\n{listed}\n]}}]}}\n'


def _cluster(report: Report) -> str:
    return str(report.opened.linkerd_check.get("cluster_name", ""))


def _identifier(cluster: str) -> str:
    """Return a name for the runs about one cluster, so that those about another one do not replace its alerts."""
    return re.sub(r"[^A-Za-z0-9._-]", "-", cluster) or "unnamed"


def _results(
    outcome: Outcome, found: Sequence[Result], surroundings: Surroundings, rules: Sequence[dict[str, Any]]
) -> Iterable[str]:
    report = outcome.report
    assert report is not None
    indices = {rule["id"]: index for index, rule in enumerate(rules)}
    if outcome.error is not None:
        yield json.dumps(_failure(outcome, indices[NO_VERDICT]))
    cluster, policy = _cluster(report), report.verdict.policy if report.verdict else EMBEDDED
    seen: Counter[str] = Counter()
    for item in found:
        known_by = rule_id(item.violation.rule)
        fingerprint = _fingerprint(item)
        seen[fingerprint] += 1
        written = {"ruleId": known_by, "ruleIndex": indices[known_by], "kind": "fail", "level": _LEVELS[item.state]}
        written |= {"message": {"text": _message(item)}, "locations": [_location(item, surroundings, policy, cluster)]}
        written["partialFingerprints"] = _fingerprints(fingerprint, seen[fingerprint])
        written |= _suppressed(item)
        yield json.dumps(written | {"properties": {"state": item.state, "rule": shown(item.violation.rule)}})


def _message(item: Result) -> str:
    advice = item.advice
    lines = [shown(item.violation.message), *(advice.lines() if advice else [])]
    lines += [shown(item.remark())] if item.remark() else []
    return escaped("\n".join(lines))


def _fingerprint(item: Result) -> str:
    about = [pair for pair in item.violation.about if pair[0] not in _POSITIONS]
    # What is about nothing by name is known by its sentence without its numbers, which are counts and days.
    said = json.dumps(about) if about else re.sub(r"\d+", "0", item.violation.message)
    return hashlib.sha256(f"{item.violation.rule}\n{said}".encode("utf-8", "backslashreplace")).hexdigest()


def _fingerprints(digest: str, number: int) -> dict[str, str]:
    """Return the fingerprint under our name, and under the only one that GitHub looks at."""
    return {"meshAttestorFinding/v1": f"{digest}:{number}", "primaryLocationLineHash": f"{digest[:16]}:{number}"}


def _location(item: Result, surroundings: Surroundings, policy: Any, cluster: str) -> dict[str, Any]:
    found: dict[str, Any] = {"physicalLocation": _physical(surroundings.place(item, policy, cluster))}
    about = dict(item.violation.about)
    ends = [(about.get(f"{end}_namespace"), about.get(end)) for end in ("src", "dst")]
    # A workload may call itself, and the schema wants each place once.
    names = dict.fromkeys(shown(f"{namespace}/{name}") for namespace, name in ends if namespace and name)
    named = [{"fullyQualifiedName": name, "kind": "resource"} for name in names]
    return found | ({"logicalLocations": named} if named else {})


def _physical(place: Place) -> dict[str, Any]:
    artifact = {"uri": quote(place.path)} | ({"uriBaseId": _BASE} if place.ours else {})
    return {"artifactLocation": artifact, "region": {"startLine": place.line}}


def _suppressed(item: Result) -> dict[str, Any]:
    if item.state == EXEMPT:
        return {"suppressions": [{"kind": "external", "status": "accepted", "justification": item.excuse()}]}
    said = [_suppression(waiver) for waiver in item.waivers]
    each = [one for number, one in enumerate(said) if one not in said[:number]]
    return {"suppressions": each} if each else {}


def _suppression(waiver: Waiver) -> dict[str, Any]:
    ticket = f", {waiver.ticket}" if waiver.ticket else ""
    said = f"{waiver.reason} (owner {waiver.owner}, expires {waiver.expires}{ticket})"
    properties = {"owner": shown(waiver.owner), "expires": shown(waiver.expires), "ticket": shown(waiver.ticket)}
    return {"kind": "external", "status": "accepted", "justification": shown(said), "properties": properties}


def _failure(outcome: Outcome, index: int) -> dict[str, Any]:
    """Return the result that says that there is no verdict: code scanning reads results and nothing else."""
    stage = outcome.error.stage if outcome.error else ""
    digest = hashlib.sha256(f"{NO_VERDICT}\n{stage}".encode()).hexdigest()
    return {
        "ruleId": NO_VERDICT,
        "ruleIndex": index,
        "kind": "fail",
        "level": "error",
        "message": {"text": escaped(_cut(shown(outcome.sentence())))},
        "locations": [{"physicalLocation": _physical(embedded("gate"))}],
        "partialFingerprints": _fingerprints(digest, 1),
    }


def _invocation(outcome: Outcome, left: int) -> dict[str, Any]:
    error = outcome.error
    notes = []
    if error is not None:
        text = "\n".join(map(shown, error.lines()))
        notes.append({"level": "error", "message": {"text": escaped(_cut(text))}, "descriptor": {"id": error.stage}})
    if not outcome.enforces:
        said = "mode: report. A denial does not fail the job, and nothing else differs."
        notes.append({"level": "warning", "message": {"text": said}})
    if left:
        said = f"{left} more findings are left out here, as code scanning takes no larger report. The log has them."
        notes.append({"level": "warning", "message": {"text": said}})
    found = {"executionSuccessful": error is None, "exitCode": outcome.exit_code}
    return found | {"exitCodeDescription": outcome.verdict, "toolExecutionNotifications": notes}


def _properties(outcome: Outcome, report: Report) -> dict[str, Any]:
    body, verdict = report.opened.linkerd_check, report.verdict
    found: dict[str, Any] = {"cluster": shown(_cluster(report)), "verdict": outcome.verdict}
    found["mode"] = "enforce" if outcome.enforces else "report"
    found |= {"envelopeSha256": report.envelope_sha256, "signers": list(map(shown, report.signers))}
    found |= {key: _numbers(body.get(name)) for key, name in (("checks", "check_summary"), ("edges", "edges_summary"))}
    if verdict is not None:
        states = Counter(item.state for item in results.of(verdict))
        found["findings"] = {state: states[state] for state in _LEVELS}
        found["rules"] = {"checked": len(verdict.checked), "off": len(verdict.off)}
        found["policyConfigSha256"], found["waiversSha256"] = (
            verdict.policy.config_sha256,
            verdict.policy.waivers_sha256,
        )
    return found


def _numbers(summary: object) -> dict[str, int]:
    items = summary.items() if isinstance(summary, dict) else ()
    return {shown(key): value for key, value in items if isinstance(value, int) and not isinstance(value, bool)}


def _cut(text: str) -> str:
    return text if len(text) <= limits.MESSAGE_CHARACTERS else text[: limits.MESSAGE_CHARACTERS - 1] + "…"


def _fitting(written: Iterable[str]) -> tuple[list[str], int]:
    """Return what a report can hold of the results, the gravest first, and how many it cannot."""
    kept: list[str] = []
    room, left = limits.SARIF_BYTES, 0
    for result in written:
        room -= len(result) + 2
        if left or room < 0 or len(kept) >= limits.SARIF_RESULTS:
            left += 1
        else:
            kept.append(result)
    return kept, left
