"""The reports that a run leaves beside its envelope; each appears whole or not at all."""

from __future__ import annotations

from attestor import limits, privacy
from attestor.errors import SigningError
from attestor.outcome import Outcome
from attestor.rendering import markdown, page
from attestor.settings import Settings


def write(outcome: Outcome, settings: Settings) -> None:
    """Write the report for people; raises ``SigningError`` where it cannot be written."""
    text = markdown.page(page.parts(outcome), limits.PAGE_FILE_BYTES)
    try:
        privacy.write_whole(settings.page, text.encode("utf-8", "replace"))
    except OSError as error:
        raise SigningError(
            f"the report {settings.page} cannot be written: {error.strerror}",
            cause="the disk is full, or the folder became read-only during the capture",
            remedy="make room and run again; the envelope is on disk, and `mesh-attestor verify` judges it",
        ) from error
