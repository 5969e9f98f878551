"""The form of the one function that starts programs, so that an installation can be tested without any."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Protocol

from attestor.process import Completed


class Runner(Protocol):
    """``attestor.process.run``, or a stand-in: runs ``argv`` to its end within ``timeout`` seconds."""

    def __call__(
        self, argv: Sequence[str], *, env: Mapping[str, str], timeout: float, cwd: Path | None = None
    ) -> Completed:
        """Return what the program printed; raises a ``process.ProcessError`` where it did not run to its end."""
        ...
