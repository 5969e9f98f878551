"""One campaign for each process that runs tests: its server has loaded the program once."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.faults.campaign import Campaign, ready


@pytest.fixture(scope="session")
def campaign(opa: Path) -> Iterator[Campaign]:
    """The scenarios, ready to be played."""
    with ready() as found:
        yield found
