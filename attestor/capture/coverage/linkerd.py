"""Runs what the main capture leaves out of linkerd, beside it: the same program in the same surroundings."""

from __future__ import annotations

from collections.abc import Callable, Sequence

from attestor import process, redaction
from attestor.capture.linkerd import Surroundings
from attestor.clock import Clock, Span
from attestor.coverage import more
from attestor.coverage.more import Run
from attestor.coverage.part import Part
from attestor.process import ProcessError

KILLED = 137
"""Exit code of what was killed, as a shell has it."""


def observe(
    surroundings: Surroundings,
    namespaces: Sequence[str],
    wait: str,
    credentials: Sequence[str],
    clock: Clock,
    left: Callable[[], float],
) -> Part:
    """Return the edges between pods and the checks of the data plane; ``left`` says how many seconds there are."""
    started = clock()

    def run(argv: tuple[str, ...]) -> Run:
        return _run(argv, surroundings, credentials, clock, left)

    runs = [run(argv) for argv in more.edges_commands(namespaces)]
    checked = run(more.check_command(wait))
    body, reasons = more.build(runs, checked, namespaces)
    sources = tuple(each.source for each in (*runs, checked))
    return Part(span=Span(started=started, finished=clock()), sources=sources, reasons=reasons, body=body)


def _run(
    argv: tuple[str, ...],
    surroundings: Surroundings,
    credentials: Sequence[str],
    clock: Clock,
    left: Callable[[], float],
) -> Run:
    started = clock()
    try:
        done = process.run(
            argv,
            env=surroundings.environment,
            cwd=surroundings.private,
            timeout=max(left(), 0.1),
            on_tick=lambda _: left() <= 0,
            user=surroundings.user,
        )
    except ProcessError as error:
        span = Span(started=started, finished=clock())
        return Run(argv=argv, span=span, exit_code=KILLED, stdout=b"", failure=error.problem)
    span = Span(started=started, finished=clock())
    if redaction.holds(done.stdout, tuple(credentials)):
        failure = "it repeats the signing key or a credential of the kubeconfig, so nothing of it was taken over"
        return Run(argv=argv, span=span, exit_code=done.exit_code, stdout=b"", failure=failure)
    return Run(argv=argv, span=span, exit_code=done.exit_code, stdout=done.stdout)
