"""No value of any type, in any place of a signed verdict, makes it pass, or makes the program stumble."""

from __future__ import annotations

import copy
import json
from collections.abc import Iterator
from dataclasses import replace
from datetime import datetime, timedelta
from typing import Any

import pytest

from attestor import signing, summary
from attestor.clock import rfc3339
from attestor.envelope import PAYLOAD_TYPE, Envelope
from attestor.errors import EvidenceError, GateError
from attestor.policies import Policy
from attestor.statement import encode
from attestor.summary import Decision, claim, comparison
from attestor.verification import Contradiction
from attestor.verification.finding import State
from tests.unit.summary.test_summary import ALLOWED, BAD, DENIED, POLICY, decision

_, SIGNER = signing.generate(None)
_, STRANGER = signing.generate(None)
ODD: list[Any] = [None, True, 0, "x", [], [None], {}]
HONEST = decision()
NOW = HONEST.moment + timedelta(hours=1)
UNCOMPARED = (
    ("subject", 0, "name"),
    ("predicate", "verifier", "version"),
    ("predicate", "policy", "uri"),
    ("predicate", "slsaVersion"),
    ("predicate", summary.EXTENSION, "mode"),
    ("predicate", summary.EXTENSION, "engine"),
    ("predicate", summary.EXTENSION, "policy", "version"),
)
"""What is told and decides nothing; likewise the addresses of what was looked at, and the format's optional fields."""

Place = tuple[str | int, ...]


def sealed(statement: object) -> bytes:
    return Envelope.sign(PAYLOAD_TYPE, encode(statement), [SIGNER]).to_bytes()


def statement(found: Decision = HONEST) -> dict[str, Any]:
    read: dict[str, Any] = json.loads(summary.statement(found).payload)
    return read


def wrong(
    document: object, found: Decision = HONEST, policy: Policy = POLICY, *, now: datetime = NOW, replay: bool = False
) -> str:
    """Return what is wrong with a signed verdict on ``found``, empty where nothing is."""
    try:
        opened = claim.opened(sealed(document), [SIGNER.public])
    except EvidenceError as error:
        return error.problem
    findings = [
        *comparison.examine(opened, found.report, now),
        *comparison.pinned(opened, policy, allow_replay=replay),
        comparison.judged_again(opened, found.report, policy, allow_replay=replay),
    ]
    return "; ".join(f"{finding.check}: {finding.detail}" for finding in findings if finding.state is State.FAILED)


def places(value: object, before: Place = ()) -> Iterator[Place]:
    """Yield every place of a JSON value, its holders first."""
    inside: Any = value.items() if isinstance(value, dict) else enumerate(value) if isinstance(value, list) else ()
    for key, item in inside:
        yield (*before, key)
        yield from places(item, (*before, key))


def put(place: Place, value: object) -> dict[str, Any]:
    document = copy.deepcopy(statement())
    holder: Any = document
    for key in place[:-1]:
        holder = holder[key]
    holder[place[-1]] = value
    return document


def taken(place: Place) -> dict[str, Any]:
    document = put(place, None)
    holder: Any = document
    for key in place[:-1]:
        holder = holder[key]
    del holder[place[-1]]
    return document


def decides(place: Place) -> bool:
    address = place[:2] == ("predicate", "inputAttestations") and place[3:4] == ("uri",)
    return not address and not any(place[: len(free)] == free for free in UNCOMPARED)


PLACES = sorted({place for place in places(statement()) if not any(key in range(2, 99) for key in place)}, key=str)
"""Of each list, the first two items: the others are of the same form."""


def test_the_honest_one_passes() -> None:
    """There is nothing wrong with it, and that is seen for every place below."""
    assert wrong(statement()) == ""
    assert len(PLACES) > 60


@pytest.mark.parametrize("odd", ODD, ids=repr)
def test_no_other_value_passes(odd: object) -> None:
    """In any place that decides, whatever its type; an answer is always a reason, and never a fault."""
    for place in PLACES:
        document = put(place, odd)
        found = wrong(document)
        if document != statement() and decides(place):
            assert found, place


def test_nothing_that_decides_may_be_missing() -> None:
    """Each key and each item, taken away one by one."""
    for place in PLACES:
        assert wrong(taken(place)) or not decides(place), place


@pytest.mark.parametrize("odd", [None, True, 0, "x", [], ["x"], {}, {"predicate": {}}], ids=repr)
def test_another_document_is_refused(odd: object) -> None:
    """Whatever was signed."""
    assert "not a statement of type" in wrong(odd)


def test_a_part_that_is_told_twice_is_another_list() -> None:
    """Two readers would see two policies: the first entry, and the last."""
    document = statement()
    listed = document["predicate"][summary.EXTENSION]["policy"]["parts"]
    listed.insert(0, {"name": listed[0]["name"], "sha256": "0" * 64})
    assert "policy.parts is not what judging" in wrong(document)


def test_an_allow_is_no_verdict_on_what_is_denied_here() -> None:
    """Judged again, the rules deny."""
    assert "verdict is not what judging" in wrong(statement(), decision(DENIED))


def test_a_rule_that_waived_then_and_does_not_now_is_a_difference() -> None:
    """The same decision but for one result."""
    assert "waivers is not what judging" in wrong(statement(), decision(replace(ALLOWED, waived=())))


def test_another_policy_is_named_and_nothing_is_compared() -> None:
    """The results would be other ones; so it is a pin that does not hold, and no contradiction."""
    found = wrong(statement(), decision(DENIED), replace(POLICY, waivers_sha256="9" * 64))
    assert found == f"verdict's policy: waivers is {'2' * 64}, and {'9' * 64} was asked about"
    assert wrong(statement(), replay=True) == "verdict's policy: allow-replay was off"


def test_its_time_is_between_the_evidence_and_now() -> None:
    """Give or take what clocks may differ."""
    assert "lies in the future" in wrong(statement(), now=HONEST.moment - timedelta(minutes=6))
    assert wrong(statement(), now=HONEST.moment - timedelta(minutes=4)) == ""


def test_only_a_trusted_signature_opens_it() -> None:
    """As many as are asked for."""
    data = sealed(statement())
    with pytest.raises(EvidenceError, match=r"^the verdict: no signature of the envelope is by a trusted key"):
        claim.opened(data, [STRANGER.public])
    with pytest.raises(EvidenceError, match=r"^the verdict: 1 trusted keys signed"):
        claim.opened(data, [SIGNER.public, STRANGER.public], threshold=2)


def test_an_error_is_opened_with_what_it_says() -> None:
    """And there is none where a decision was made."""
    failed = decision(None, error=GateError("opa is gone"))
    opened = claim.opened(sealed(statement(failed)), [SIGNER.public])
    assert opened.error["problem"] == "opa is gone"
    assert claim.opened(sealed(statement()), [SIGNER.public]).error == {}


DENIED_HONESTLY = "verdict: FAILED, with the reasons that it names"


def test_a_field_in_another_case_is_ambiguous() -> None:
    """Two readers would take two values; what is data, such as what a finding is about, may be named anyhow."""
    document = statement()
    document["predicate"]["VerificationResult"] = "FAILED"
    assert wrong(document).startswith("the verdict: the payload is ambiguous: ")
    about = replace(BAD, about=(("Rule", "x"), ("rule", "y")))
    told = decision(replace(DENIED, violations=(about,)))
    assert wrong(statement(told), told) == DENIED_HONESTLY


def test_a_denial_has_the_levels_of_one() -> None:
    """FAILED, and not those of a verdict that passed; nor does it tell a failure, which an error has to."""
    denied = decision(DENIED)
    assert wrong(statement(denied), denied) == DENIED_HONESTLY
    document = statement(denied)
    document["predicate"]["verifiedLevels"] = statement()["predicate"]["verifiedLevels"]
    assert wrong(document, denied) == "the verdict: its levels are not those of FAILED"
    document = statement(denied)
    document["predicate"][summary.EXTENSION]["verdict"] = "error"
    assert wrong(document, denied) == "the verdict: it tells an error and no failure, or a failure and no error"
    document = statement(denied)
    document["predicate"][summary.EXTENSION]["error"] = {"problem": "x"}
    assert wrong(document, denied) == "the verdict: it tells an error and no failure, or a failure and no error"


def test_what_was_looked_at_is_told_with_its_value() -> None:
    """What holds, and what does not; and only the latter is a contradiction."""
    opened = claim.opened(sealed(statement()), [SIGNER.public])
    good = tuple(comparison.examine(opened, HONEST.report, NOW))
    told = {finding.check: (finding.state, finding.detail) for finding in good}
    assert told == {
        "verdict's subject": (State.OK, "c" * 64),
        "verdict's time": (State.OK, rfc3339(HONEST.moment)),
    }
    comparison.require(good)
    other = replace(HONEST.report, envelope_sha256="d" * 64)
    bad = tuple(comparison.examine(opened, other, HONEST.moment - timedelta(days=1)))
    reasons = [
        f"verdict's subject: it is the file {'c' * 64}, and this one is {'d' * 64}",
        f"verdict's time: {rfc3339(HONEST.moment)}, which lies in the future",
    ]
    assert [f"{finding.check}: {finding.detail}" for finding in bad] == reasons
    with pytest.raises(Contradiction, match=r"^the verdict contradicts the evidence: ") as raised:
        comparison.require((*good, *bad))
    assert raised.value.problem == "the verdict contradicts the evidence: " + "; ".join(reasons)
    assert raised.value.findings == (*good, *bad)


def test_a_verdict_from_before_the_evidence_is_about_another() -> None:
    """Evidence cannot be judged before it is there."""
    opened = replace(claim.opened(sealed(statement()), [SIGNER.public]), moment=HONEST.moment - timedelta(days=9999))
    (_, time) = comparison.examine(opened, HONEST.report, NOW)
    assert (time.check, time.state) == ("verdict's time", State.FAILED)
    assert time.detail == f"{rfc3339(opened.moment)}, before the evidence was complete"
