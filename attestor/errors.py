"""The error family: what went wrong, why it usually happens, and what to do about it.

A denial is not an error: it is a value, the ``Verdict``. Everything here means that the job could not be
done, and each class carries the exit code that the contract gives its stage.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import ClassVar

from attestor import limits


class AttestorError(Exception):
    """Base of the family; caught in exactly one place, which turns it into an exit code.

    ``problem`` says what happened, ``cause`` why that usually happens, ``remedy`` what to do. The text never
    holds a secret: callers pass names and paths, not values.
    """

    exit_code: ClassVar[int] = 3
    stage: ClassVar[str] = "run"

    def __init__(self, problem: str, *, cause: str = "", remedy: str = "") -> None:
        super().__init__(problem)
        self.problem = problem
        self.cause = cause
        self.remedy = remedy

    def lines(self) -> list[str]:
        """Return the error as the lines a person reads, the problem first."""
        found = [self.problem]
        if self.cause:
            found.append(f"why: {self.cause}")
        if self.remedy:
            found.append(f"do:  {self.remedy}")
        return found

    def reword(self, change: Callable[[str], str]) -> None:
        """Put every text of the error through ``change``: whoever catches it may know secrets that it repeats."""
        self.problem, self.cause, self.remedy = map(change, (self.problem, self.cause, self.remedy))


class SettingsError(AttestorError):
    """Something known before the capture is wrong: an option, the key, the kubeconfig, a tool. Nothing was run."""

    exit_code = 2
    stage = "settings"

    def __init__(
        self, complaints: list[AttestorError] | AttestorError | str, *, cause: str = "", remedy: str = ""
    ) -> None:
        """Hold one complaint, or every complaint of a run at once."""
        if isinstance(complaints, str):
            super().__init__(complaints, cause=cause, remedy=remedy)
            self.complaints: list[AttestorError] = [self]
            return
        self.complaints = complaints if isinstance(complaints, list) else [complaints]
        super().__init__("; ".join(complaint.problem for complaint in self.complaints))

    def lines(self) -> list[str]:
        """Return the lines of every complaint, in the order found."""
        if self.complaints == [self]:
            return super().lines()
        return [line for complaint in self.complaints for line in complaint.lines()]

    def reword(self, change: Callable[[str], str]) -> None:
        """Put the texts of every complaint through ``change``."""
        super().reword(change)
        for complaint in self.complaints:
            if complaint is not self:
                complaint.reword(change)


class MissingSecret(SettingsError):
    """A secret was not given: the signing key or the kubeconfig. All else may be well, as in a fork's pull request."""


class CaptureError(AttestorError):
    """The program could not observe: linkerd is gone, timed out, or left no check report.

    ``output`` is what linkerd printed to stderr, without secrets.
    """

    exit_code = 3
    stage = "capture"

    def __init__(self, problem: str, *, cause: str = "", remedy: str = "", output: str = "") -> None:
        super().__init__(problem, cause=cause, remedy=remedy)
        self.output = output

    def lines(self) -> list[str]:
        """Return linkerd's last words behind the error's own."""
        return [*super().lines(), *(f"linkerd: {line}" for line in self.output.splitlines()[-limits.STDERR_LINES :])]

    def reword(self, change: Callable[[str], str]) -> None:
        """Put linkerd's last words through ``change``, too."""
        super().reword(change)
        self.output = change(self.output)


class SigningError(AttestorError):
    """The evidence could not be sealed or written after the capture."""

    exit_code = 4
    stage = "signing"


class EvidenceError(AttestorError):
    """An envelope is not what it claims: signature, structure, roots, or a summary its report does not support."""

    exit_code = 4
    stage = "verification"


class GateError(AttestorError):
    """The policy engine failed, timed out, or answered anything but the expected shape."""

    exit_code = 5
    stage = "gate"
