"""The story of a run, one stage a line."""

from __future__ import annotations

import hashlib
from dataclasses import replace
from pathlib import Path

from attestor import (
    capture,
    collection,
    drift,
    engine,
    gate,
    limits,
    predicates,
    preflight,
    privacy,
    redaction,
    reports,
)
from attestor.capture.linkerd import CHECK_FILE
from attestor.clock import Clock
from attestor.collection import Opened
from attestor.envelope import Envelope
from attestor.errors import AttestorError, CaptureError, SettingsError, SigningError
from attestor.evidence import Evidence
from attestor.notary import Notary, judge_by
from attestor.outcome import Audience
from attestor.preflight import Prepared, ReadStdin
from attestor.preflight.installation import Say
from attestor.report import Report
from attestor.reports import Reports
from attestor.settings import Settings
from attestor.statement import Collection, Statement

_LAST_WORDS = 32 * 1024
"""Most characters of linkerd's stderr that an error repeats; a secret that it knows is shorter."""


def run(
    settings: Settings,
    complaints: list[AttestorError],
    *,
    stdin: ReadStdin,
    audience: Audience,
    clock: Clock,
) -> Report:
    """Capture the mesh, sign what was seen, and judge what was signed."""
    with privacy.private_folder() as private:
        prepared = _prepare(settings, private, stdin, complaints, audience.say)
        evidence = capture.collect(settings, prepared, clock, audience.progress)
        understood = reports.read(evidence)
        statement = Statement.of(Collection(step=settings.step, predicates=predicates.build(evidence, understood)))
        envelope = Envelope.seal(statement, [prepared.signer])
        sealed = envelope.to_bytes()
        _write(sealed, settings.outfile)  # before the gate: a denial leaves its evidence
        opened = collection.opened(envelope.verified([prepared.signer.public]))
        report = _unjudged(opened, sealed, prepared, settings)
        notary = _notary(prepared, settings, clock)
        audience.notary(notary)
        audience.sealed(report)
        _require_observation(evidence, understood)
        now = clock()
        verdict = gate.judge(
            opened, prepared.engine, now=now, allow_replay=settings.allow_replay, policy=prepared.policy
        )
        if not notary.judge.version:
            version = engine.version(prepared.engine)
            audience.notary(replace(notary, judge=replace(notary.judge, version=version)))
        return replace(report, verdict=verdict, judged_at=now)


def _notary(prepared: Prepared, settings: Settings, clock: Clock) -> Notary:
    return Notary(
        signer=prepared.signer,
        path=settings.verdict,
        policy=prepared.policy,
        allow_replay=settings.allow_replay,
        judge=judge_by(prepared.engine.binary),
        clock=clock,
    )


def _unjudged(opened: Opened, sealed: bytes, prepared: Prepared, settings: Settings) -> Report:
    return Report(
        opened=opened,
        signers=(prepared.signer.keyid,),
        enforces=settings.enforces,
        envelope=str(settings.outfile),
        envelope_sha256=hashlib.sha256(sealed).hexdigest(),
        drift=drift.between(baseline.opened, opened) if (baseline := prepared.policy.baseline) else None,
        controls=prepared.controls,
    )


def _prepare(
    settings: Settings, private: Path, stdin: ReadStdin, complaints: list[AttestorError], say: Say
) -> Prepared:
    try:
        return preflight.prepare(settings, private, stdin, complaints, say)
    except OSError as error:
        complaint = SettingsError(
            f"{error.filename or private} cannot be used: {error.strerror}",
            cause="the disk is full or mounted read-only",
            remedy="make room, or set $TMPDIR to a folder of yours",
        )
        raise SettingsError([*complaints, complaint]) from error


def _write(sealed: bytes, outfile: Path) -> None:
    if len(sealed) > limits.ENVELOPE_BYTES:
        raise SigningError(
            f"the envelope has {len(sealed)} bytes, more than the {limits.ENVELOPE_BYTES} that a verifier reads",
            cause="the mesh or the tree is larger than any that this was made for",
            remedy="name fewer namespaces, or another working directory",
        )
    try:
        privacy.write_whole(outfile, sealed)
    except OSError as error:
        raise SigningError(
            f"the envelope {outfile} cannot be written: {error.strerror}",
            cause="the disk is full, or the folder became read-only during the capture",
            remedy="make room and run again: without its envelope nothing was judged",
        ) from error


def _require_observation(evidence: Evidence, understood: Reports) -> None:
    """Raise ``CaptureError`` where the capture did not come to its end or left no check report: that is no verdict."""
    signed = "; what was seen is signed, and on disk"
    printed = evidence.command.stderr.decode("utf-8", "replace")
    output = redaction.end(printed, evidence.secrets, limits.STDERR_CHARACTERS)
    if evidence.command.failure:
        raise CaptureError(
            evidence.command.failure + signed,
            cause="linkerd retries for up to five minutes for each process, or hangs on an unreachable API server; "
            "or the system is short of descriptors",
            remedy="look at its output below; allow more with --timeout, or less retrying with --wait 30s",
            output=output,
        )
    if understood.check is None:
        code = evidence.command.exit_code
        raise CaptureError(
            f"linkerd left no check report that could be read (exit code {code}): {_missing(understood)}{signed}",
            cause="linkerd could not be run, was killed, or stopped before it printed its first document",
            remedy="look at its output below, and run `linkerd check -o json` by hand with the same kubeconfig",
            output=output,
        )


def _missing(understood: Reports) -> str:
    """Say what is wrong with the check report, as the evidence has it."""
    wrong = [defect for defect in understood.defects if defect.file == CHECK_FILE]
    if not wrong:
        return f"nothing was written into {CHECK_FILE}"
    return "; ".join(f"{defect.file} at byte {defect.offset}: {defect.detail}" for defect in wrong)
