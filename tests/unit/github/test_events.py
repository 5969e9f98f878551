"""Why a secret is not there is known from the event, where GitHub withholds it."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from attestor.github import events


def pull_request(tmp_path: Path, head: object, base: object = "me/it", name: str = "pull_request") -> dict[str, str]:
    repos = [{"repo": {"full_name": side} if side else None} for side in (head, base)]
    event = tmp_path / "event.json"
    event.write_text(json.dumps({"pull_request": {"head": repos[0], "base": repos[1]}}), encoding="utf-8")
    return {"GITHUB_EVENT_NAME": name, "GITHUB_EVENT_PATH": str(event)}


@pytest.mark.parametrize("head", ["you/it", None])
def test_a_fork_is_named(tmp_path: Path, head: str | None) -> None:
    """Also one that was deleted since."""
    assert "from a fork" in events.why_withheld(pull_request(tmp_path, head))
    assert "from a fork" in events.why_withheld(pull_request(tmp_path, head, name="pull_request_target"))


def test_ones_own_branch_is_no_fork(tmp_path: Path) -> None:
    """Nor is a push, whatever its event holds."""
    assert events.why_withheld(pull_request(tmp_path, "me/it")) == ""
    assert events.why_withheld(pull_request(tmp_path, "you/it", name="push")) == ""


def test_dependabot_is_named() -> None:
    """It has secrets of its own."""
    assert "Dependabot" in events.why_withheld({"GITHUB_ACTOR": "dependabot[bot]", "GITHUB_EVENT_NAME": "push"})


@pytest.mark.parametrize("text", ["", "[]", "{", '{"pull_request": 1}', "\xff"])
def test_an_event_that_cannot_be_read_says_nothing(tmp_path: Path, text: str) -> None:
    """No reason is made up."""
    event = tmp_path / "event.json"
    event.write_text(text, encoding="latin-1")
    env = {"GITHUB_EVENT_NAME": "pull_request", "GITHUB_EVENT_PATH": str(event)}
    assert events.why_withheld(env) == ""
    assert events.why_withheld(env | {"GITHUB_EVENT_PATH": str(tmp_path / "none")}) == ""
    assert events.why_withheld({"GITHUB_EVENT_NAME": "pull_request"}) == ""
