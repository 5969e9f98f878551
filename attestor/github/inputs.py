"""What a runner hands over: inputs as ``INPUT_…`` variables, and a PATH that is not this container's own. Pure."""

from __future__ import annotations

import os
from collections.abc import Mapping
from pathlib import Path

from attestor.capture import search_path
from attestor.options import INPUTS


def given(env: Mapping[str, str]) -> dict[str, str]:
    """Return the inputs by option name, the empty ones left out: a runner does not tell unset from empty.

    A runner upper-cases a name and keeps its hyphens, so ``signing-key`` is ``INPUT_SIGNING-KEY``.
    """
    found = {option.name: env.get(f"INPUT_{option.name.upper()}", "") for option in INPUTS}
    return {name: _trimmed(value) for name, value in found.items() if value.strip()}


def _trimmed(value: str) -> str:
    """Return ``value`` as GitHub's own toolkit reads it: without the white space that YAML leaves around it."""
    return value.strip()


def surroundings(env: Mapping[str, str]) -> dict[str, str]:
    """Return the environment of the run: the runner's, with the PATH of this container instead of its host's.

    A runner hands its own PATH into the container, where it leads to nothing, or into the workspace.
    """
    return {**env, "PATH": os.pathsep.join(search_path.SYSTEM)}


def is_runner(env: Mapping[str, str]) -> bool:
    """Tell whether a real runner is listening: elsewhere a mask would print the secret that it is to hide."""
    return env.get("GITHUB_ACTIONS") == "true" and bool(env.get("GITHUB_OUTPUT"))


def workspace(env: Mapping[str, str], directory: Path) -> Path:
    """Return the job's workspace, or ``directory`` where none is named."""
    named = env.get("GITHUB_WORKSPACE", "")
    return Path(named) if named.startswith("/") else directory
