"""Why a secret may not be there: the event that started the workflow, as the runner's file describes it."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path

from attestor import limits, strict_json
from attestor.lenient import mapping


def why_withheld(env: Mapping[str, str]) -> str:
    """Return why GitHub withholds secrets from this run, or an empty string where it does not."""
    if env.get("GITHUB_ACTOR") == "dependabot[bot]":
        return "Dependabot started this run, and GitHub gives it only secrets that are stored for Dependabot"
    if env.get("GITHUB_EVENT_NAME", "").startswith("pull_request") and _is_from_a_fork(env):
        return "this is a pull request from a fork, and GitHub hands no secrets to such a run"
    return ""


def _is_from_a_fork(env: Mapping[str, str]) -> bool:
    pull_request = mapping(_event(env.get("GITHUB_EVENT_PATH", "")).get("pull_request"))
    sides = [mapping(mapping(pull_request.get(side)).get("repo")).get("full_name") for side in ("head", "base")]
    # The repository of a head that was deleted is null, and so another one than the base.
    return bool(pull_request) and sides[0] != sides[1]


def _event(path: str) -> Mapping[str, object]:
    try:
        with Path(path).open("rb") as file:
            data = file.read(limits.EVENT_BYTES + 1)
        return mapping(strict_json.loads(data)) if len(data) <= limits.EVENT_BYTES else {}
    except (OSError, ValueError, strict_json.NotJson):
        return {}
