"""``mesh-attestor run``: capture, build the collection, sign, write, judge, report."""

from __future__ import annotations

import contextlib

from attestor import pipeline, rendering, settings
from attestor.arguments import Arguments
from attestor.clock import Clock
from attestor.commands import World
from attestor.errors import AttestorError, SettingsError
from attestor.options import RUN as OPTIONS
from attestor.progress import Watch

SUMMARY = "Capture a Linkerd mesh, sign what was seen, and judge what was signed."
POSITIONALS = ""

__all__ = ["OPTIONS", "POSITIONALS", "SUMMARY", "execute"]


def execute(arguments: Arguments, complaints: list[AttestorError], world: World) -> int:
    """Run the whole pipeline and print its report to stdout; raises ``AttestorError``."""
    if arguments.positionals:
        complaints.append(SettingsError("run takes options only", remedy="see `mesh-attestor run --help`"))
    given = {name: values[-1] for name, values in arguments.values.items()}
    asked = settings.parse(given, world.env, world.directory, complaints)
    watch = Watch(world.stderr)
    try:
        report = pipeline.run(asked, complaints, stdin=world.stdin.read, progress=watch, clock=Clock())
    finally:
        watch.done()
    rendering.write(report.sections(), world.stdout, world.env)
    with contextlib.suppress(OSError):
        world.stdout.write(_next_step(report.envelope))
    return report.exit_code


def _next_step(envelope: str) -> str:
    return f"| the envelope is {envelope}; verify it: mesh-attestor verify {envelope} --key PUBLIC_KEY.pem\n"
