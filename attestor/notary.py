"""Whoever signs what became of a run: the last file that a run writes, and never one that says more than is so."""

from __future__ import annotations

import contextlib
from dataclasses import dataclass
from pathlib import Path

from attestor import limits, privacy, summary
from attestor.capture import hashing
from attestor.clock import Now
from attestor.envelope import Envelope
from attestor.errors import AttestorError, GateError, SigningError
from attestor.install import known
from attestor.policies import Policy
from attestor.report import Report
from attestor.signing import Signer
from attestor.summary import Decision, Judge


@dataclass(frozen=True, slots=True, kw_only=True)
class Notary:
    """Signs the end of one run with the key that signed its evidence, and writes that to ``path``."""

    signer: Signer
    path: Path
    policy: Policy
    allow_replay: bool
    judge: Judge
    clock: Now

    def testify(self, report: Report, error: AttestorError | None = None) -> None:
        """Write the verdict on ``report``, or the ``error`` that came instead; raises ``SigningError``.

        An earlier word of the same run is replaced. Where that fails it is taken away: none is better than a wrong one.
        """
        try:
            self._write(self._sealed(report, error))
        except SigningError:
            with contextlib.suppress(OSError):
                self.path.unlink(missing_ok=True)
            raise

    def _sealed(self, report: Report, error: AttestorError | None) -> bytes:
        decision = Decision(
            report=report,
            moment=report.judged_at or self.clock(),
            policy=self.policy,
            allow_replay=self.allow_replay,
            judge=self.judge,
            error=error,
        )
        try:
            statement = summary.statement(decision)
        except GateError as failed:
            raise SigningError(
                f"no verdict can be signed: {failed.problem}", cause=failed.cause, remedy=failed.remedy
            ) from failed
        sealed = Envelope.seal(statement, [self.signer]).to_bytes()
        if len(sealed) > limits.ENVELOPE_BYTES:
            raise SigningError(f"the signed verdict has {len(sealed)} bytes, more than a verifier reads")
        return sealed

    def _write(self, sealed: bytes) -> None:
        try:
            privacy.write_whole(self.path, sealed)
        except OSError as error:
            raise SigningError(
                f"the signed verdict {self.path} cannot be written: {error.strerror}",
                cause="the disk is full, or the folder became read-only during the capture",
                remedy="make room and run again; the envelope is on disk, and `mesh-attestor verify` judges it",
            ) from error


def judge_by(program: Path) -> Judge:
    """Return who judges: the digest of ``program``, and its version where the set-up noted it.

    The digest is empty where the program cannot be read any more.
    """
    found = known.of(program)
    if found.sha256:
        return Judge(sha256=found.sha256, version=found.version)
    try:
        with program.open("rb") as file:
            return Judge(sha256=hashing.sha256(file))
    except OSError:
        return Judge(sha256="")
