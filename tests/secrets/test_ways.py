"""No secret anywhere, whichever way a command goes: its words, its files, its folders and its children."""

from __future__ import annotations

from collections.abc import Iterator

import pytest

from tests.secrets import runs  # noqa: F401 - enters its ways
from tests.secrets.ground import Ground, prepare
from tests.secrets.ways import WAYS


@pytest.fixture(scope="module")
def ground(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Ground]:
    made = prepare(tmp_path_factory.mktemp("ground"))
    yield made
    made.server.close()


@pytest.mark.parametrize("name", WAYS)
def test_no_secret_is_left_or_shown(ground: Ground, name: str) -> None:
    """The way ends as it must, and a search finds nothing."""
    ground.clean()
    way = WAYS[name]
    done = way.act(ground)
    leaks = ground.leaks(done, is_runner=way.steps)
    assert done.code in way.codes, done.said
    assert leaks == []
    assert list((ground.root / "tmp").iterdir()) == [], "a temporary folder was left"
