"""One campaign for each process that runs tests: its server has loaded the program once."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.faults.campaign import Campaign


@pytest.fixture(scope="session")
def campaign(tmp_path_factory: pytest.TempPathFactory, opa: Path) -> Iterator[Campaign]:
    """The scenarios, ready to be played."""
    found = Campaign(tmp_path_factory.mktemp("faults"))
    yield found
    found.close()
