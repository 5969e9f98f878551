"""The signed verdict that a run leaves: for every end behind its envelope, and never one that says more than is so."""

from __future__ import annotations

import base64
import hashlib
import json
import signal
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from attestor import summary
from attestor.engine import installed
from tests.conftest import RECORDINGS, Done, KeyPair, Program, Run
from tests.integration.conftest import EDGES, Attempt, Fake
from tests.integration.test_interruption import start, wait_for
from tests.integration.test_step import Made
from tests.integration.test_step import step as step  # noqa: PLC0414 - a fixture

VERDICT = "attestation.verdict.json"


def statement(tree: Path) -> dict[str, Any]:
    """What the run's verdict says, unverified."""
    found: dict[str, Any] = json.loads(base64.b64decode(json.loads((tree / VERDICT).read_bytes())["payload"]))
    return found


def result(tree: Path) -> str:
    return str(statement(tree)["predicate"]["verificationResult"])


def details(tree: Path) -> dict[str, Any]:
    found: dict[str, Any] = statement(tree)["predicate"][summary.EXTENSION]
    return found


@pytest.fixture
def verify(program: Program, key: KeyPair, tree: Path) -> Callable[..., Done]:
    """Verify the envelope of the tree with its own verdict."""

    def call(*more: str | Path) -> Done:
        argv = ("attestation.json", "--key", key.public, "--verdict", VERDICT, "--allow-replay", *more)
        return program("verify", *argv, cwd=tree)

    return call


@pytest.fixture
def opa_that(fake: Fake) -> Callable[[str], Path]:
    """The real engine, behind something that happens just before it judges."""
    return lambda first: fake(f'case "$1" in eval) {first} ;; esac\nexec {installed()} "$@"', "opa")


def test_an_allow_is_signed_about_the_envelope_file(run: Run, tree: Path, verify: Callable[..., Done]) -> None:
    """One subject, which is the file; the policy, the engine and every rule are named; judging again agrees."""
    assert run("healthy", "--cluster-name", "prod/1").code == 0
    found = statement(tree)
    sha256 = hashlib.sha256((tree / "attestation.json").read_bytes()).hexdigest()
    assert found["subject"] == [{"name": "attestation.json", "digest": {"sha256": sha256}}]
    assert found["predicate"]["verificationResult"] == "PASSED"
    assert found["predicate"]["resourceUri"] == "pkg:generic/linkerd-mesh?cluster=prod%2F1"
    assert details(tree)["engine"]["sha256"] == hashlib.sha256(installed().read_bytes()).hexdigest()
    assert details(tree)["engine"]["version"]
    assert {rule["result"] for rule in details(tree)["rules"]} == {"passed", "warned", "off"}
    assert (tree / VERDICT).stat().st_mode & 0o777 == 0o644
    assert verify().code == 0


@pytest.mark.parametrize(("mode", "code"), [("enforce", 1), ("report", 0)])
def test_a_denial_is_failed_whatever_the_mode(
    mode: str, code: int, run: Run, tree: Path, verify: Callable[..., Done]
) -> None:
    """The mode changes the exit code of the job, and no verdict; whoever verifies gets 1."""
    assert run("insecure-edge", "--mode", mode).code == code
    assert (result(tree), details(tree)["verdict"], details(tree)["mode"]) == ("FAILED", "deny", mode)
    assert {finding["code"] for finding in details(tree)["violations"]} == {"MESH005"}
    done = verify()
    assert done.code == 1
    assert "FAILED, with the reasons that it names" in done.out


def test_a_capture_that_failed_is_failed(attempt: Attempt, linkerd: Fake, verify: Callable[..., Done]) -> None:
    """Without a check report nothing was judged; the evidence is sealed, and so is that."""
    assert attempt(linkerd_path=linkerd(check="exit 1")).code == 3
    assert result(attempt.tree) == "FAILED"
    error = details(attempt.tree)["error"]
    assert (error["stage"], error["exit_code"]) == ("capture", 3)
    assert {rule["result"] for rule in details(attempt.tree)["rules"]} == {"unjudged", "off"}
    assert "FAILED (capture): linkerd left no check report" in verify().out


def test_an_engine_that_failed_is_failed(attempt: Attempt, opa_that: Callable[[str], Path]) -> None:
    """No certain answer is no verdict, and PASSED least of all."""
    assert attempt(opa=opa_that("echo nonsense; exit 0")).code == 5
    assert (result(attempt.tree), details(attempt.tree)["error"]["stage"]) == ("FAILED", "gate")
    assert details(attempt.tree)["engine"]["version"] == ""


def test_an_allow_whose_report_cannot_be_written_is_failed(attempt: Attempt, opa_that: Callable[[str], Path]) -> None:
    """The run ends with 4; a PASSED beside it would say otherwise."""
    assert attempt(opa=opa_that(f"mkdir '{attempt.tree}/attestation.report.md'")).code == 4
    assert (result(attempt.tree), details(attempt.tree)["error"]["exit_code"]) == ("FAILED", 4)


def test_an_allow_whose_verdict_cannot_be_written_does_not_stand(
    attempt: Attempt, opa_that: Callable[[str], Path]
) -> None:
    """Exit 4, and the report says that there is no verdict."""
    done = attempt(opa=opa_that(f"mkdir '{attempt.tree}/{VERDICT}'"))
    assert done.code == 4
    assert "the signed verdict" in done.err
    page = (attempt.tree / "attestation.report.md").read_text(encoding="utf-8")
    assert "NO VERDICT" in page
    assert "ALLOW" not in page


def test_a_denial_stands_without_its_file(attempt: Attempt, opa_that: Callable[[str], Path]) -> None:
    """It is no less a denial."""
    linkerd = RECORDINGS / "insecure-edge" / "linkerd"
    assert attempt(opa=opa_that(f"mkdir '{attempt.tree}/{VERDICT}'"), linkerd_path=linkerd).code == 1


def test_without_an_envelope_there_is_none(attempt: Attempt) -> None:
    """What is wrong before the capture has nothing to be a verdict on."""
    attempt.refused(mode="nonsense")
    assert not (attempt.tree / VERDICT).exists()


def test_a_folder_in_its_place_is_a_complaint(attempt: Attempt) -> None:
    """Known before the capture, so that nothing is run."""
    (attempt.tree / VERDICT).mkdir()
    assert f"{VERDICT} is a folder, and the signed verdict goes there" in attempt.refused()


def test_a_verdict_of_an_earlier_run_is_removed_first(attempt: Attempt, linkerd: Fake) -> None:
    """While linkerd runs there is none that could pass for this run's."""
    (attempt.tree / VERDICT).write_text("PASSED", encoding="utf-8")
    seen = attempt.tree.parent / "seen"
    edges = f"ls '{attempt.tree}' > '{seen}'; {EDGES}"
    assert attempt(linkerd_path=linkerd(edges=edges)).code == 0
    assert VERDICT not in seen.read_text(encoding="utf-8").split()


def test_an_interrupted_run_is_failed(attempt: Attempt, fake: Fake, tmp_path: Path) -> None:
    """Behind its envelope, a run that is cancelled has failed like any other."""
    marker = tmp_path / "judging"
    opa = fake(f"case $1 in eval) echo > '{marker}'; sleep 60 ;; esac; exec {installed()} \"$@\"", "opa")
    running = start(attempt, opa=opa)
    wait_for(marker)
    running.send_signal(signal.SIGTERM)
    running.communicate(timeout=30)
    assert running.returncode == 3
    assert (result(attempt.tree), details(attempt.tree)["verdict"]) == ("FAILED", "error")
    assert "interrupted" in details(attempt.tree)["error"]["problem"]


def test_waivers_count_as_they_did_at_the_time(
    run: Run, tree: Path, tmp_path: Path, verify: Callable[..., Done]
) -> None:
    """The finding is in the verdict as waived, with its owner; a year later the verdict is still right."""
    day = time.strftime("%Y-%m-%d", time.gmtime(time.time() + 7 * 86400))
    waivers = tmp_path / "waivers.yaml"
    waivers.write_text(
        "- {rule: mesh.edges_mtls, owner: team-web, reason: it moves, ticket: OPS-1, "
        f"selector: {{source: emojivoto/web, destination: legacy/billing}}, expires: {day}}}\n",
        encoding="utf-8",
    )
    done = run("insecure-edge", "--waivers", waivers)
    assert done.code == 0, done.said
    waived = details(tree)["waived"]
    assert {finding["rule"] for finding in waived} == {"mesh.edges_mtls"}
    assert all(finding["by"][0]["owner"] == "team-web" for finding in waived)
    assert [entry["ticket"] for entry in details(tree)["waivers"]["applied"]] == ["OPS-1"]
    later = time.strftime("%Y-%m-%dT%H:%M:%SZ", time.gmtime(time.time() + 365 * 86400))
    assert verify("--waivers", waivers, "--now", later).code == 0
    without = verify()
    assert without.code == 1
    assert "waivers is " in without.out


def test_the_step_names_it(step: Made, tree: Path) -> None:
    """As an output, from the workspace on."""
    assert step().outputs["verdict-attestation"] == VERDICT
    assert result(tree) == "PASSED"


@pytest.mark.parametrize("variable", ["GITHUB_OUTPUT", "GITHUB_STEP_SUMMARY"])
def test_a_step_that_cannot_tell_its_runner_is_failed(variable: str, step: Made, tree: Path) -> None:
    """Its exit code says so; a PASSED beside it would say otherwise."""
    ended = step(env={variable: str(tree / "nowhere" / "file")})
    assert ended.code == 3
    assert (result(tree), details(tree)["error"]["exit_code"]) == ("FAILED", 3)
