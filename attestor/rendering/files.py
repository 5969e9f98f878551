"""The reports that a run leaves beside its envelope; each appears whole or not at all."""

from __future__ import annotations

import contextlib
import importlib
from pathlib import Path
from typing import Protocol, cast

from attestor import privacy
from attestor.errors import SigningError
from attestor.formats import FORMATS
from attestor.outcome import Outcome
from attestor.rendering import surroundings
from attestor.rendering.surroundings import Surroundings
from attestor.settings import Settings


class Renderer(Protocol):
    """What a module for one format has."""

    def render(self, outcome: Outcome, surroundings: Surroundings) -> str:
        """Return the report of a run that sealed something."""


def renderer(name: str) -> Renderer:
    """Return the module of the format that is called ``name``."""
    return cast("Renderer", importlib.import_module(f"attestor.rendering.{FORMATS[name].module}"))


def write(outcome: Outcome, settings: Settings) -> None:
    """Write every report; raises ``SigningError`` where one cannot be written, after all others were."""
    found = surroundings.of(settings)
    failed: list[tuple[Path, OSError]] = []
    for name, path in settings.reports.items():
        text = renderer(name).render(outcome, found)
        try:
            privacy.write_whole(path, text.encode("utf-8", "replace"))
        except OSError as error:
            # What an earlier attempt wrote there would say something else than the others.
            with contextlib.suppress(OSError):
                path.unlink(missing_ok=True)
            failed.append((path, error))
    if failed:
        path, first = failed[0]
        raise SigningError(
            f"the report {path} cannot be written: {first.strerror}",
            cause="the disk is full, or the folder became read-only during the capture",
            remedy="make room and run again; the envelope is on disk, and `mesh-attestor verify` judges it",
        ) from first
