"""What linkerd says besides, read as strictly as the main capture."""

from __future__ import annotations

from datetime import UTC, datetime

import pytest

from attestor.clock import Span
from attestor.coverage import more
from attestor.coverage.more import Run
from tests.conftest import RECORDINGS

NOW = datetime(2026, 11, 21, tzinfo=UTC)
EDGES = (RECORDINGS / "healthy" / "edges-pod.json").read_bytes()
CHECKS = (RECORDINGS / "healthy-proxy" / "check-proxy.json").read_bytes()


def run(argv: tuple[str, ...], stdout: bytes, code: int = 0, failure: str = "") -> Run:
    return Run(argv=argv, span=Span(started=NOW, finished=NOW), exit_code=code, stdout=stdout, failure=failure)


def edges(stdout: bytes = EDGES, code: int = 0, failure: str = "") -> Run:
    return run(more.edges_commands(())[0], stdout, code, failure)


def checks(stdout: bytes = CHECKS, code: int = 0, failure: str = "") -> Run:
    return run(more.check_command(""), stdout, code, failure)


def test_the_commands() -> None:
    """One for each namespace, and linkerd's own --wait where it was asked for."""
    assert more.edges_commands(()) == [("linkerd", "viz", "edges", "pod", "-A", "-o", "json")]
    assert [argv[4:6] for argv in more.edges_commands(("a", "b"))] == [("-n", "a"), ("-n", "b")]
    assert more.check_command("30s") == ("linkerd", "check", "--proxy", "-o", "json", "--wait", "30s")


def test_a_healthy_mesh() -> None:
    """Every row and every check, with the digest of what was printed."""
    body, reasons = more.build([edges()], checks(), ())
    assert reasons == ()
    assert len(body["edges_pod"]) > 10  # type: ignore[arg-type]
    assert body["check_proxy"]["success"] is True  # type: ignore[index]
    assert body["defects"] == []
    assert [found["exit_code"] for found in body["runs"]] == [0, 0]  # type: ignore[attr-defined]


@pytest.mark.parametrize(
    ("printed", "checked", "code", "words"),
    [
        (edges(b"", 1), checks(), "failed", "exit code 1"),
        (edges(b""), checks(), "not-understood", "no edges report"),
        (edges(), checks(b"", 1), "failed", "may not list endpoints"),
        (edges(), checks(CHECKS, 2), "failed", "exit code 2"),
        (edges(b"", 137, "linkerd was still running after 5 s and was killed"), checks(), "timed-out", "killed"),
        (edges(), checks(b"", 137, "linkerd could not be started: Permission denied"), "failed", "Permission"),
    ],
    ids=["edges-failed", "edges-silent", "check-silent", "check-panicked", "edges-late", "check-not-started"],
)
def test_what_has_no_answer_is_a_reason(printed: Run, checked: Run, code: str, words: str) -> None:
    """And what was answered is kept."""
    body, reasons = more.build([printed], checked, ())
    assert [reason.code for reason in reasons][:1] == [code]
    assert any(words in reason.detail for reason in reasons)
    assert bool(body["edges_pod"]) is (printed.stdout != b"")


def test_failed_checks_are_an_answer() -> None:
    """Linkerd ends with 1 then, and says which."""
    failing = (RECORDINGS / "data-plane-not-ready" / "check-proxy.json").read_bytes()
    body, reasons = more.build([edges()], checks(failing, 1), ())
    assert reasons == ()
    assert body["check_proxy"]["success"] is False  # type: ignore[index]


def test_what_cannot_be_read_is_a_defect() -> None:
    """As in the main capture: text behind a report, a row of another shape."""
    body, _ = more.build([edges(EDGES + b"oops")], checks(CHECKS + b"x"), ())
    assert [defect["code"] for defect in body["defects"]] == ["edges-not-json", "check-not-json"]  # type: ignore[attr-defined]
