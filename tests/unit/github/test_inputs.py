"""Inputs arrive as variables whose names keep their hyphens; PATH is the container's own."""

from __future__ import annotations

from pathlib import Path

import pytest

from attestor.capture import search_path
from attestor.github import inputs
from attestor.options import INPUTS


def test_every_option_of_the_action_is_an_input() -> None:
    """By its own name in upper case, hyphens kept."""
    env = {f"INPUT_{option.name.upper()}": f"v-{option.name}" for option in INPUTS}
    assert inputs.given(env) == {option.name: f"v-{option.name}" for option in INPUTS}
    assert "signing-key" in inputs.given(env)
    assert "signing-key-passphrase-file" not in inputs.given({"INPUT_SIGNING-KEY-PASSPHRASE-FILE": "/etc/passwd"})


def test_an_empty_input_is_none() -> None:
    """A runner does not tell unset from empty, nor from what YAML leaves around a value."""
    assert inputs.given({"INPUT_STEP": "", "INPUT_MODE": " \n", "INPUT_TRACE": " off\n"}) == {"trace": "off"}


def test_an_underscore_is_another_name() -> None:
    """Nothing is guessed."""
    assert inputs.given({"INPUT_SIGNING_KEY": "x", "SIGNING-KEY": "y"}) == {}


@pytest.mark.parametrize(
    ("name", "said"),
    [
        ("INPUT_SIGNING_KEY", "did you mean signing-key?"),
        ("INPUT_NAMESPACE", "did you mean namespaces?"),
        ("INPUT_POLICIES", "did you mean policy?"),
        ("INPUT_ARGS", "args is not an input"),
        ("INPUT_SIGNING-KEY-PASSPHRASE-FILE", "did you mean signing-key-passphrase?"),
        ("INPUT_\n::x::", "something is not an input"),
    ],
)
def test_an_input_that_is_none_is_a_complaint(name: str, said: str) -> None:
    """A runner only warns of it, and what was meant by it would not be done."""
    (complaint,) = inputs.complaints({name: "x", "INPUT_STEP": "s", "INPUT_OTHER": "", "HOME": "/"})
    assert said in " ".join(complaint.lines())


def test_the_hosts_path_is_not_used() -> None:
    """It leads to nothing in a container, or into the workspace; everything else stays."""
    found = inputs.surroundings({"PATH": "utter-nonsense:/github/workspace/bin", "HOME": "/github/home"})
    assert found == {"PATH": ":".join(search_path.SYSTEM), "HOME": "/github/home"}


def test_a_real_runner_is_known_by_two_variables() -> None:
    """Elsewhere a mask would print what it is to hide."""
    assert inputs.is_runner({"GITHUB_ACTIONS": "true", "GITHUB_OUTPUT": "/o"})
    for env in ({"GITHUB_ACTIONS": "true"}, {"GITHUB_OUTPUT": "/o"}, {"GITHUB_ACTIONS": "1", "GITHUB_OUTPUT": "/o"}):
        assert not inputs.is_runner(env)


def test_the_workspace_is_the_runners_or_here() -> None:
    """A relative one is none."""
    assert inputs.workspace({"GITHUB_WORKSPACE": "/github/workspace"}, Path("/x")) == Path("/github/workspace")
    assert inputs.workspace({"GITHUB_WORKSPACE": "w"}, Path("/x")) == Path("/x")
