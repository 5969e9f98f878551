"""A signed verdict beside the evidence that it is about: the same file, the same policy, and the same results. Pure.

What the verdict says of itself is believed only where judging again gives it. Another policy than the verifier's is no
contradiction: it is the answer to another question, and a pin that does not hold.
"""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping
from dataclasses import replace
from datetime import datetime
from typing import Any

from attestor.clock import rfc3339
from attestor.lenient import mapping
from attestor.policies import Policy, parts
from attestor.report import Report
from attestor.summary import EXTENSION, Decision, Judge, predicate
from attestor.summary.claim import Claim
from attestor.verification import Contradiction
from attestor.verification.finding import Finding, State, failed, ok, unchecked
from attestor.verification.times import SKEW, finished_at

_OF_THE_EVIDENCE = ("cluster", "step", "config", "checks", "edges")
_JUDGED = ("verdict", "waivers", "rules", "violations", "warnings", "waived", "exempt")
"""What judging again must give, key for key; a run that failed has told none of it."""

POLICY = "verdict's policy"


def examine(claim: Claim, report: Report, now: datetime) -> Iterator[Finding]:
    """Yield what is found out about the verdict before anything is judged again."""
    if claim.sha256 == report.envelope_sha256:
        yield ok("verdict's subject", claim.sha256)
    else:
        yield failed("verdict's subject", f"it is the file {claim.sha256}, and this one is {report.envelope_sha256}")
    yield _time(claim.moment, finished_at(report.opened), now)


def require(findings: tuple[Finding, ...]) -> None:
    """Raise ``Contradiction`` where a finding about the verdict failed; those about the evidence hold by then."""
    wrong = [f"{finding.check}: {finding.detail}" for finding in findings if finding.state is State.FAILED]
    if wrong:
        raise Contradiction(
            "the verdict contradicts the evidence: " + "; ".join(wrong),
            findings,
            remedy="give the verdict that the run wrote beside this envelope, or verify without one",
        )


def _time(moment: datetime, finished: datetime | None, now: datetime) -> Finding:
    check = "verdict's time"
    if finished is not None and finished - moment > SKEW:
        return failed(check, f"{rfc3339(moment)}, before the evidence was complete")
    if moment - now > SKEW:
        return failed(check, f"{rfc3339(moment)}, which lies in the future")
    return ok(check, rfc3339(moment))


def pinned(claim: Claim, policy: Policy, *, allow_replay: bool) -> Iterator[Finding]:
    """Yield whether the verdict is PASSED, and by what the verifier judges by."""
    differences = list(_differences(claim, policy, allow_replay=allow_replay))
    yield failed(POLICY, "; ".join(differences)) if differences else ok(POLICY, "the one that is asked about")
    if claim.passed:
        yield ok("verdict", "PASSED")
    elif claim.error:
        yield failed("verdict", f"FAILED ({claim.error.get('stage')}): {claim.error.get('problem')}")
    else:
        yield failed("verdict", "FAILED, with the reasons that it names")


def _differences(claim: Claim, policy: Policy, *, allow_replay: bool) -> Iterator[str]:
    theirs, ours = claim.parts(), {part.name: part.sha256 for part in parts.parts(policy)}
    for name in sorted(theirs.keys() | ours.keys()):
        if theirs.get(name) != ours.get(name):
            yield f"{name} is {theirs.get(name, 'not part of it')}, and {ours.get(name, 'none')} was asked about"
    baseline = policy.baseline.sha256 if policy.baseline is not None else ""
    if mapping(claim.details.get("baseline")).get("sha256", "") != baseline:
        yield "its baseline is another" if baseline else "it was judged with a baseline, and none was given"
    if claim.details.get("allow_replay") is not allow_replay:
        yield f"allow-replay was {'off' if allow_replay else 'on'}"


def judged_again(claim: Claim, report: Report, policy: Policy, *, allow_replay: bool) -> Finding:
    """Return whether the verdict is what ``report``, judged again at the verdict's time, gives."""
    check = "verdict's results"
    if any(_differences(claim, policy, allow_replay=allow_replay)):
        return unchecked(check, "they are by another policy than the one that judges here")
    decision = Decision(
        report=replace(report, pins=()),
        moment=claim.moment,
        policy=policy,
        allow_replay=allow_replay,
        judge=Judge(sha256=""),
    )
    if wrong := _mismatch(claim, predicate(decision)):
        return failed(check, f"{wrong} is not what judging the evidence again gives")
    if claim.error:
        return unchecked(check, "the run failed before it had any, or could not tell them")
    return ok(check, f"{len(claim.details['rules'])} rules, each with the result that it has here")


def _mismatch(claim: Claim, again: Mapping[str, Any]) -> str:
    """Return the first part of the claim that is another than ``again``."""
    details = again[EXTENSION]
    if claim.inputs() != [item["digest"] for item in again["inputAttestations"]]:
        return "inputAttestations"
    for key in ("resourceUri", "policy"):
        if not _same(_comparable(claim.predicate.get(key)), _comparable(again[key])):
            return key
    for key in _OF_THE_EVIDENCE if claim.error else (*_OF_THE_EVIDENCE, *_JUDGED):
        if not _same(claim.details.get(key), details[key]):
            return key
    return ""


def _comparable(value: object) -> object:
    """Return what must be the same in a part of the predicate: of a policy its digest, as its URI has a version."""
    return value["digest"] if isinstance(value, dict) and "digest" in value else value


def _same(left: object, right: object) -> bool:
    """Tell whether two JSON values are the same, also in type."""
    return json.dumps(left, sort_keys=True) == json.dumps(right, sort_keys=True)
