"""Collections that are changed in one place, for what a verifier finds out about them."""

from __future__ import annotations

import copy
from collections.abc import Callable
from dataclasses import replace
from typing import Any

import pytest

from attestor import collection
from attestor.collection import Opened
from tests import golden

Bodies = dict[str, Any]
Changed = Callable[..., Opened]


@pytest.fixture(scope="session")
def golden_collection() -> Opened:
    """The golden capture, opened again."""
    return collection.opened(golden.statement().payload)


@pytest.fixture
def changed(golden_collection: Opened) -> Changed:
    """The golden capture with its bodies changed, and with other fields where they are given."""

    def change(edit: Callable[[Bodies], object] = lambda _: None, **fields: Any) -> Opened:
        bodies: Bodies = copy.deepcopy(dict(golden_collection.bodies))
        edit(bodies)
        return replace(golden_collection, bodies=bodies, **fields)

    return change
