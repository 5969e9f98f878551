"""What a runner hands over: inputs as ``INPUT_…`` variables, and a PATH that is not this container's own. Pure."""

from __future__ import annotations

import os
import re
from collections.abc import Mapping
from pathlib import Path

from attestor.capture import search_path
from attestor.errors import AttestorError, SettingsError
from attestor.options import INPUTS

_PREFIX = "INPUT_"


def given(env: Mapping[str, str]) -> dict[str, str]:
    """Return the inputs by option name, the empty ones left out: a runner does not tell unset from empty.

    A runner upper-cases a name and keeps its hyphens, so ``signing-key`` is ``INPUT_SIGNING-KEY``.
    """
    found = {option.name: env.get(f"INPUT_{option.name.upper()}", "") for option in INPUTS}
    return {name: _trimmed(value) for name, value in found.items() if value.strip()}


def complaints(env: Mapping[str, str]) -> list[AttestorError]:
    """Return a complaint for each input that is none of this action's.

    A runner only warns of those. A misspelt ``namespaces``, or a rule that this version does not know, must not be
    passed over, and ``args`` and ``entrypoint`` would have a container run something else.
    """
    known = {option.name for option in INPUTS}
    given = sorted(name[len(_PREFIX) :].lower() for name, value in env.items() if name.startswith(_PREFIX) and value)
    return [_unknown(name, known) for name in given if name not in known]


def _unknown(name: str, known: set[str]) -> AttestorError:
    import difflib

    shown = name if re.fullmatch(r"[a-z][a-z0-9_-]{0,39}", name) else "something"
    near = difflib.get_close_matches(name.replace("_", "-"), sorted(known), n=1)
    remedy = f"did you mean {near[0]}?" if near else "the README lists the inputs; take this one out"
    return SettingsError(f"{shown} is not an input of this action", remedy=remedy)


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
