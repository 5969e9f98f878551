"""Verification as one value and one call: what is trusted and asked for, and an envelope's report by it.

The command line is a thin layer over this; ``import attestor`` offers it to programs. Nothing of the environment has a
part in it but the clock, and that only where ``now`` is not given.
"""

from __future__ import annotations

import hashlib
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field, replace
from datetime import datetime
from pathlib import Path

from attestor import clock, collection, drift, engine, gate, privacy, verification
from attestor.collection import Opened
from attestor.compliance import Controls
from attestor.engine import Engine
from attestor.envelope import Envelope
from attestor.errors import AttestorError, EvidenceError, GateError, SettingsError
from attestor.policies import EMBEDDED, Policy, own
from attestor.report import Report
from attestor.summary import claim as claims
from attestor.summary import comparison
from attestor.trust import TrustedKey
from attestor.verdict import Verdict
from attestor.verification import pins, signatures
from attestor.verification.pins import Pins
from attestor.witness import Document
from attestor.witness import judge as judge_by_document

BATCH_BYTES = 16 * 1024 * 1024
BATCH_LENGTH = 256
"""Most payload bytes, and most envelopes, that go into one call of opa."""

Answer = Report | AttestorError
"""A report, or the error for which there is none."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Verifier:
    """Whom to believe and what to ask. ``keys`` and the embedded rules, or a policy ``document`` with keys and rules.

    ``reports`` holds name and hex SHA-256 of report files that must be those of the evidence, ``now`` the time at which
    it is verified, ``opa`` the engine's path where it is not the set-up's, ``policy`` a team's own configuration, and
    ``verdict`` a signed verdict that must be what judging again at its time gives; it is about one envelope only.
    ``controls`` are those whose status a report tells.
    """

    keys: tuple[TrustedKey, ...] = ()
    threshold: int = 1
    pins: Pins = field(default_factory=Pins)
    reports: tuple[tuple[str, str], ...] = ()
    now: datetime | None = None
    allow_replay: bool = False
    document: Document | None = None
    opa: Path | None = None
    policy: Policy = EMBEDDED
    verdict: bytes | None = field(default=None, repr=False)
    controls: Controls | None = None

    @property
    def trusted(self) -> tuple[TrustedKey, ...]:
        """The keys of which ``threshold`` must have signed."""
        return self.document.keys if self.document else self.keys

    def verify(self, data: bytes) -> Report:
        """Return the report on the envelope file ``data``: derived again, judged, and compared with the pins.

        Raises ``EvidenceError`` where it is not what it claims, ``GateError`` where nothing can judge it, and
        ``SettingsError`` where nobody is trusted, or opa is not there.
        """
        (answer,) = self.verify_all([data])
        if isinstance(answer, AttestorError):
            raise answer
        return answer

    def verify_all(self, files: Iterable[bytes]) -> Iterator[Answer]:
        """Yield for each envelope file its report, or the error that ``verify`` would raise, in their order."""
        if not self.trusted:
            raise SettingsError("there is no trusted key", remedy="give at least one key, or a policy document")
        with privacy.private_folder() as private:
            yield from self.answers((("", data) for data in files), engine.find(self.opa, private))

    def answers(self, files: Iterable[tuple[str, bytes | AttestorError]], opa: Engine) -> Iterator[Answer]:
        """Do as ``verify_all`` for files with names, with an engine that is known to be there.

        A file that could not be read stands as its error, and is its own answer.
        """
        try:
            policy = self._compiled(opa)
        except GateError as error:
            yield from (error for _ in files)
            return
        yield from replace(self, policy=policy).compiled_answers(files, opa)

    def _compiled(self, opa: Engine) -> Policy:
        """Return the policy with rules of one's own compiled, and no waiver of a rule that is none."""
        policy, complaints = own.compiled(self.policy, opa), list[AttestorError]()
        if policy.waivers:
            from attestor.policies import waivers

            waivers.require_known(policy, complaints)
        if self.controls is not None and self.controls.path:
            from attestor.compliance import mapping

            mapping.require_known(self.controls, policy, complaints)
        if complaints:
            raise SettingsError(complaints)
        return policy

    def compiled_answers(self, files: Iterable[tuple[str, bytes | AttestorError]], opa: Engine) -> Iterator[Answer]:
        """Do as ``answers`` by a policy that is compiled."""
        batch: list[Answer] = []
        size = 0
        now = self.now or clock.system_now()
        for name, data in files:
            batch.append(data if isinstance(data, AttestorError) else self._examined(name, data, now))
            size += 0 if isinstance(data, AttestorError) else len(data)
            if size > BATCH_BYTES or len(batch) >= BATCH_LENGTH:
                yield from self._judged(batch, opa, now)
                batch, size = [], 0
        yield from self._judged(batch, opa, now)

    def _examined(self, name: str, data: bytes, now: datetime) -> Answer:
        """Return the report on an envelope before anything judged it, or the error for which nothing needs to."""
        try:
            envelope = Envelope.parse(data)
            endorsed = envelope.endorsed(self.trusted, threshold=self.threshold)
            opened = collection.opened(endorsed.payload)
            required = () if self.document else collection.REQUIRED
            found = verification.examine(opened, self.reports, now, required=required)
            findings = (*signatures.examine(envelope, endorsed, opened), *found)
            verification.require(findings)
            baseline = self.policy.baseline
            report = Report(
                opened=opened,
                signers=tuple(key.keyid for key in endorsed.signers),
                strangers=endorsed.strangers,
                envelope=name,
                envelope_sha256=hashlib.sha256(data).hexdigest(),
                findings=findings,
                pins=tuple(pins.examine(opened, self.pins, now, baseline.opened if baseline else None)),
                drift=drift.between(baseline.opened, opened) if baseline else None,
                controls=self.controls,
            )
            return report if self.verdict is None else self._claimed(report, self.verdict, now)
        except EvidenceError as error:
            return error

    def _claimed(self, report: Report, data: bytes, now: datetime) -> Report:
        """Return the report with the signed verdict on it, before it is judged again; raises ``EvidenceError``."""
        claim = claims.opened(data, self.trusted, threshold=self.threshold)
        findings = (*report.findings, *comparison.examine(claim, report, now))
        comparison.require(findings)
        asked = comparison.pinned(claim, self.policy, allow_replay=self.allow_replay)
        return replace(report, findings=findings, pins=(*report.pins, *asked), claim=claim)

    def _judged(self, batch: list[Answer], opa: Engine, now: datetime) -> Iterator[Answer]:
        judged = self._verdicts([answer for answer in batch if isinstance(answer, Report)], opa, now)
        yield from (next(judged) if isinstance(answer, Report) else answer for answer in batch)

    def _verdicts(self, reports: list[Report], opa: Engine, now: datetime) -> Iterator[Answer]:
        """Judge many by one call; where that gives no certain answer, one by one, so that one spoils no other."""
        opened = [report.opened for report in reports]
        batched = len(opened) > 1 and self.document is None and self.verdict is None
        try:
            verdicts = self._together(opened, opa, now) if batched else []
        except GateError:
            verdicts = []
        for number, report in enumerate(reports):
            try:
                moment = report.claim.moment if report.claim else now
                verdict = verdicts[number] if verdicts else self._alone(report, opa, moment)
                yield self._settled(replace(report, verdict=verdict, judged_at=moment))
            except (GateError, EvidenceError) as error:
                yield error

    def _settled(self, report: Report) -> Report:
        """Return the report if a signed verdict on it is what judging again gave; raises ``EvidenceError``."""
        if report.claim is None:
            return report
        found = comparison.judged_again(report.claim, report, self.policy, allow_replay=self.allow_replay)
        findings = (*report.findings, found)
        comparison.require(findings)
        return replace(report, findings=findings)

    def _together(self, opened: list[Opened], opa: Engine, now: datetime) -> list[Verdict]:
        return gate.judge_all(opened, opa, now=now, allow_replay=self.allow_replay, policy=self.policy)

    def _alone(self, report: Report, opa: Engine, now: datetime) -> Verdict:
        if self.document:
            return judge_by_document(self.document, report.opened, opa, now=now, allow_replay=self.allow_replay)
        return gate.judge(report.opened, opa, now=now, allow_replay=self.allow_replay, policy=self.policy)
