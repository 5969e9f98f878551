"""What the model calls bad, given to the real policy: many in one call of opa, and none of them may be allowed."""

from __future__ import annotations

import functools
import zlib
from dataclasses import dataclass, field

from attestor import engine, gate, privacy
from attestor.collection import Opened
from attestor.envelope import Envelope
from attestor.errors import AttestorError, GateError
from attestor.reports import read
from attestor.statement import Statement
from attestor.verdict import Verdict
from attestor.verifier import Verifier
from tests.fuzz import bases, model

BATCH = 200
_SAMPLED = 64
"""One in so many of the reports with a defect goes to opa: a single rule denies them all."""


class Wrong(AssertionError):
    """The program allowed what is bad; ``origins`` are the inputs that did it."""

    def __init__(self, origins: list[bytes], reasons: list[str]) -> None:
        super().__init__(f"allowed, and bad: {'; '.join(reasons)}")
        self.origins = origins


@dataclass(slots=True)
class Judge:
    """Evidence that is bad and that no reader refused, waiting for opa."""

    waiting: list[tuple[bytes, Opened, str]] = field(default_factory=list)
    judged: int = 0
    wrong: int = 0

    def flush(self) -> None:
        """Judge what waits, behind evidence that is good; raises ``Wrong``."""
        if not self.waiting:
            return
        cases, self.waiting = self.waiting, []
        first, *verdicts = _verdicts([healthy(), *(opened for _, opened, _ in cases)])
        assert first is not None
        assert first.allowed, first.violations
        allowed = [
            case for case, verdict in zip(cases, verdicts, strict=True) if verdict is not None and verdict.allowed
        ]
        self.judged += len(cases)
        self.wrong += len(allowed)
        if allowed:
            raise Wrong([origin for origin, _, _ in allowed], [why for _, _, why in allowed])

    def add(self, origin: bytes, opened: Opened, why: str) -> None:
        """Have evidence judged, now or with the next ones."""
        self.waiting.append((origin, opened, why))
        if len(self.waiting) >= BATCH:
            self.flush()


JUDGE = Judge()


@functools.cache
def healthy() -> Opened:
    """Return evidence that the verifier and the policy have nothing against."""
    opened = examined(bases.payload())
    assert opened is not None
    return opened


def _verdicts(collections: list[Opened]) -> list[Verdict | None]:
    with privacy.private_folder() as folder:
        opa = engine.find(None, folder)
        try:
            return list(gate.judge_all(collections, opa, now=bases.NOW, allow_replay=False))
        except GateError:
            return [_alone(opened, opa) for opened in collections]


def _alone(opened: Opened, opa: engine.Engine) -> Verdict | None:
    try:
        return gate.judge(opened, opa, now=bases.NOW, allow_replay=False)
    except GateError:
        return None


def examined(payload: bytes) -> Opened | None:
    """Return signed evidence that the verifier has nothing against, or ``None`` where it refuses it."""
    signer = bases.signer()
    sealed = Envelope.seal(Statement(payload=payload), [signer]).to_bytes()
    answer = Verifier(keys=(signer.public,))._examined("", sealed, bases.NOW)
    return None if isinstance(answer, AttestorError) else answer.opened


def reports(origin: bytes, check: bytes, edges: bytes) -> None:
    """A run over these two reports: it seals what the verifier opens, and what the model calls bad is judged."""
    seen = bases.evidence(check, edges)
    found = read(seen)
    why = _why(check, edges)
    if not why or (found.defects and zlib.crc32(origin) % _SAMPLED):
        return
    opened = examined(bases.statement(seen).payload)
    assert opened is not None, "the verifier refuses what the run has just sealed"
    JUDGE.add(origin, opened, why)


def _why(check: bytes, edges: bytes) -> str:
    try:
        model.check_stream(check)
        model.edges_stream(edges)
    except model.Bad as bad:
        return str(bad)
    return ""


def evidence(origin: bytes, payload: bytes) -> Opened | None:
    """A signed payload: the verifier refuses it, or what the model calls bad is judged."""
    opened = examined(payload)
    if opened is None:
        return None
    try:
        model.statement(payload)
    except model.Bad as bad:
        JUDGE.add(origin, opened, str(bad))
    return opened
