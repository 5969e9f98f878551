"""Where the time of one run goes: each stage of the pipeline, called in its order in one process."""

from __future__ import annotations

import time
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path

from attestor import capture, collection, gate, predicates, preflight, privacy, reports, settings
from attestor.clock import Clock
from attestor.envelope import Envelope
from attestor.errors import AttestorError
from attestor.statement import Collection, Statement


def once(options: Mapping[str, str], env: Mapping[str, str], folder: Path) -> dict[str, float]:
    """Return the milliseconds that each stage took, imports not counted."""
    taken: dict[str, float] = {}

    @contextmanager
    def stage(name: str) -> Iterator[None]:
        begun = time.perf_counter()
        yield
        taken[name] = (time.perf_counter() - begun) * 1000

    complaints: list[AttestorError] = []
    clock, nothing = Clock(), _ignore
    asked = settings.parse(options, env, folder, complaints)
    with privacy.private_folder() as private:
        with stage("preflight (key, tools, linkerd version, git ls-files)"):
            prepared = preflight.prepare(asked, private, bytes, complaints)
        with stage("capture (git, tree, linkerd, tree again)"):
            evidence = capture.collect(asked, prepared, clock, nothing)
        with stage("reports and six predicates"):
            understood = reports.read(evidence)
            built = predicates.build(evidence, understood)
        with stage("statement, signature, envelope"):
            statement = Statement.of(Collection(step=asked.step, predicates=built))
            envelope = Envelope.seal(statement, [prepared.signer])
            privacy.write_whole(asked.outfile, envelope.to_bytes())
        with stage("verification and gate (one opa call)"):
            opened = collection.opened(envelope.verified([prepared.signer.public]))
            verdict = gate.judge(opened, prepared.engine, now=clock(), allow_replay=True)
    if not verdict.allowed:
        message = "the benchmark's mesh was denied"
        raise RuntimeError(message)
    return taken


def _ignore(_elapsed: float) -> None:
    """Take the progress of the capture, and show it to nobody."""
