"""`mesh-attestor verify` on evidence that somebody with the key has altered, and on what it must accept."""

from __future__ import annotations

import copy
import json
from collections.abc import Callable
from pathlib import Path

import pytest

from attestor import signing
from attestor.envelope import Envelope
from attestor.statement import Statement, encode
from tests import golden
from tests.conftest import ROOT, Done, KeyPair, Program
from tests.forgeries import ACCEPTED, REFUSED, Change, body, hide_edge

CILOCK = ROOT / "tests" / "fixtures" / "cilock-v4.1.0"
NOW = ("--now", "2026-11-21T12:00:00Z")


@pytest.fixture
def forge(key: KeyPair, tmp_path: Path) -> Callable[[Change], Path]:
    """Alter the golden statement, sign it again with the trusted key, and return the envelope's path."""
    signer = signing.load(key.private.read_bytes(), None, name="the key")

    def make(change: Change) -> Path:
        statement = copy.deepcopy(json.loads(golden.statement().payload))
        change(statement)
        path = tmp_path / "attestation.json"
        path.write_bytes(Envelope.seal(Statement(payload=encode(statement)), [signer]).to_bytes())
        return path

    return make


@pytest.fixture
def verify(program: Program, key: KeyPair, opa: Path) -> Callable[..., Done]:
    """Verify an envelope with the trusted key at a fixed time."""

    def call(envelope: Path, *more: str | Path) -> Done:
        return program("verify", envelope, "--key", key.public, "--opa", opa, *NOW, *more)

    return call


@pytest.mark.parametrize("case", sorted(REFUSED))
def test_a_forgery_with_a_good_signature_is_refused(
    case: str, forge: Callable[[Change], Path], verify: Callable[..., Done]
) -> None:
    """Evidence that contradicts itself is refused with exit 4, whoever signed it, and the reason is named."""
    change, said = REFUSED[case]
    done = verify(forge(change))
    assert (done.code, said in done.err) == (4, True), done.said


@pytest.mark.parametrize("case", sorted(ACCEPTED))
def test_what_leaves_the_meaning_alone_is_accepted(
    case: str, forge: Callable[[Change], Path], verify: Callable[..., Done]
) -> None:
    """An order that nobody promised, and more than is asked for, is no forgery."""
    done = verify(forge(ACCEPTED[case]))
    assert done.code == 0, done.said
    assert ("not checkable" in done.out) == (case == "root-not-checkable")


PINS: dict[str, tuple[tuple[str, ...], int]] = {
    "same-cluster": (("--cluster", "golden"), 0),
    "other-cluster": (("--cluster", "prod"), 1),
    "no-cluster": (("--cluster", ""), 1),
    "same-step": (("--step", "linkerd-mesh-check"), 0),
    "other-step": (("--step", "build"), 1),
    "same-commit": (("--commit", "1" * 40), 0),
    "other-commit": (("--commit", "2" * 40), 1),
    "same-version": (("--expect-version", "stable-2.14.10"), 0),
    "other-version": (("--expect-version", "edge-26.8.3"), 1),
    "young": (("--max-age", "3h"), 0),
    "old": (("--max-age", "1h"), 1),
}


@pytest.mark.parametrize("case", sorted(PINS))
def test_good_evidence_about_something_else_is_denied(
    case: str, forge: Callable[[Change], Path], verify: Callable[..., Done]
) -> None:
    """A pin that does not hold is a denial, not a forgery; the verifier's own environment has no part in it."""
    options, code = PINS[case]
    done = verify(forge(ACCEPTED["untouched"]), *options)
    assert done.code == code, done.said
    assert ("is not what was asked about" in done.out) == (code == 1)


def test_the_answer_for_a_program(forge: Callable[[Change], Path], verify: Callable[..., Done]) -> None:
    """`--format json` prints one object with verdict, findings, rules and reasons, also for a forgery."""
    found = json.loads(verify(forge(ACCEPTED["untouched"]), "--format", "json").out)
    assert (found["verdict"], found["exit_code"], found["violations"], found["unknown_types"]) == ("allow", 0, [], [])
    assert {finding["result"] for finding in found["findings"]} == {"ok"}
    assert len(found["rules"]) == 11
    forged = json.loads(verify(forge(hide_edge), "--format", "json").out)
    assert (forged["verdict"], forged["exit_code"]) == ("error", 4)


def test_a_report_on_disk_must_be_the_one_in_the_evidence(
    forge: Callable[[Change], Path], verify: Callable[..., Done], tmp_path: Path
) -> None:
    """`--report` compares the file's digest; another file of that name is refused."""
    report = tmp_path / "linkerd-check.json"
    report.write_bytes(golden.report("stable-2.14", "check").data)
    assert verify(forge(ACCEPTED["untouched"]), "--report", report).code == 0
    report.write_bytes(b"{}")
    assert verify(forge(ACCEPTED["untouched"]), "--report", report).code == 4


def test_a_threshold_counts_distinct_keys(
    forge: Callable[[Change], Path], verify: Callable[..., Done], key: KeyPair
) -> None:
    """One key given twice is one key."""
    done = verify(forge(ACCEPTED["untouched"]), "--key", key.public, "--threshold", "2")
    assert (done.code, "1 trusted keys signed the envelope, and 2 are needed" in done.err) == (4, True)


def test_the_verifiers_cluster_name_does_not_colour_the_evidence(
    forge: Callable[[Change], Path], program: Program, key: KeyPair, opa: Path
) -> None:
    """The peer takes an absent cluster name from the verifier's environment; here it stays absent."""
    path = forge(lambda s: (body(s, "linkerd-check").pop("cluster_name"), s["subject"].pop(-1)))
    done = program(
        "verify",
        path,
        "--key",
        key.public,
        "--opa",
        opa,
        *NOW,
        "--cluster",
        "prod",
        env={"LINKERD_CLUSTER_NAME": "prod"},
    )
    assert done.code in {1, 4}, done.said


@pytest.mark.parametrize(("name", "code"), [("allow", 0), ("deny", 1)])
def test_evidence_of_a_real_cilock(name: str, code: int, program: Program, opa: Path) -> None:
    """Envelopes that cilock v4.1.0 signed are derived again and judged like ours."""
    envelope = CILOCK / name / "attestation.json"
    done = program("verify", envelope, "--key", CILOCK / "key.pub", "--opa", opa)
    assert done.code == code, done.said
    assert "content-only" in done.out


@pytest.mark.parametrize(
    "options",
    [
        ("--threshold", "0"),
        ("--threshold", "x"),
        ("--commit", "HEAD"),
        ("--max-age", "old"),
        ("--format", "xml"),
        ("--report", "/nonexistent"),
    ],
    ids=["zero", "word", "commit", "age", "format", "report"],
)
def test_an_odd_question_is_a_settings_error(
    options: tuple[str, str], forge: Callable[[Change], Path], verify: Callable[..., Done]
) -> None:
    """What cannot be asked ends in 2."""
    assert verify(forge(ACCEPTED["untouched"]), *options).code == 2
