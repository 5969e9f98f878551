"""What the tests of the preflight share: settings that can be read, and nothing on standard input."""

from __future__ import annotations

import os
from collections.abc import Callable
from pathlib import Path

import pytest

from attestor import settings
from attestor.errors import AttestorError
from attestor.settings import Settings
from tests.conftest import KeyPair

Ask = Callable[..., Settings]


@pytest.fixture
def ask(tree: Path, key: KeyPair) -> Ask:
    """Settings for the tree: options with ``_`` for ``-``, and variables beside PATH under ``env``."""

    def call(env: dict[str, str] | None = None, **given: str | Path) -> Settings:
        complaints: list[AttestorError] = []
        options = {"signing-key": str(key.private), "working-directory": str(tree)}
        options |= {name.replace("_", "-"): str(value) for name, value in given.items()}
        found = settings.parse(options, {"PATH": os.environ["PATH"]} | (env or {}), tree, complaints)
        assert complaints == []
        return found

    return call


@pytest.fixture
def private(tmp_path: Path) -> Path:
    """The private folder of a run, empty."""
    folder = tmp_path / "private"
    folder.mkdir(mode=0o700)
    return folder


@pytest.fixture
def named(ask: Ask, fake: Callable[..., Path], opa: Path) -> Callable[..., Settings]:
    """Settings with a linkerd and an opa."""

    def call(env: dict[str, str] | None = None, **given: str | Path) -> Settings:
        return ask(env, **({"linkerd_path": fake("echo edge-1"), "opa": opa, "trace": "off"} | given))

    return call


def problems(complaints: list[AttestorError]) -> list[str]:
    return [error.problem for error in complaints]
