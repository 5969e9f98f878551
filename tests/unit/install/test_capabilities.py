"""A policy gets no clock, no chance, no network and no surroundings."""

from __future__ import annotations

import copy
import json
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

import pytest

from attestor.errors import SettingsError
from attestor.install import capabilities
from attestor.process import Completed, NotStarted


def builtin(name: str, **marks: object) -> dict[str, object]:
    return {"name": name, "decl": {"type": "function"}, **marks}


def document() -> dict[str, Any]:
    return {
        "builtins": [
            builtin("abs"),
            builtin("http.send", nondeterministic=True),
            builtin("time.now_ns", nondeterministic=True),
            builtin("startswith", nondeterministic=False),
        ],
        "features": ["rego_v1"],
        "future_keywords": ["not"],
    }


def names(found: Mapping[str, Any]) -> list[str]:
    return [entry["name"] for entry in found["builtins"]]


def test_marked_builtins_are_taken_away_and_the_others_stay_as_they_are() -> None:
    """What opa marks as non-deterministic goes; the rest keeps its order and its declarations."""
    found = capabilities.restrict(document())
    assert found["builtins"] == [builtin("abs"), builtin("startswith", nondeterministic=False)]


@pytest.mark.parametrize("name", ["http.send", "net.lookup_ip_addr", "opa.runtime"])
def test_named_builtins_are_taken_away_without_their_mark(name: str) -> None:
    """A version of opa that forgets a mark opens nothing."""
    found = capabilities.restrict({"builtins": [builtin("abs"), builtin(name)]})
    assert names(found) == ["abs"]


def test_a_mark_that_is_no_boolean_counts_as_a_mark() -> None:
    """What is not understood is not allowed."""
    found = capabilities.restrict({"builtins": [builtin("abs"), builtin("odd", nondeterministic="no")]})
    assert names(found) == ["abs"]


def test_no_host_may_be_reached() -> None:
    """An empty list means none; a missing one would mean all."""
    assert capabilities.restrict(document())["allow_net"] == []
    assert capabilities.restrict({**document(), "allow_net": ["host.example"]})["allow_net"] == []


def test_everything_else_is_handed_on() -> None:
    """Features and keywords decide how modules are parsed, and stay."""
    found = capabilities.restrict(document())
    assert found["features"] == ["rego_v1"]
    assert found["future_keywords"] == ["not"]


def test_the_argument_is_not_changed() -> None:
    """The function is pure."""
    given = document()
    before = copy.deepcopy(given)
    capabilities.restrict(given)
    assert given == before


@pytest.mark.parametrize("builtins", [None, [], {}, ["abs"], [{"decl": {}}], [{"name": 1}]])
def test_a_document_of_another_form_is_refused(builtins: object) -> None:
    """Restricting what is not understood would restrict nothing."""
    with pytest.raises(SettingsError, match="could not be derived"):
        capabilities.restrict({"builtins": builtins})


class FakeOpa:
    """Answers every call in one way, and keeps what it was asked."""

    def __init__(self, stdout: bytes, exit_code: int = 0) -> None:
        self.answer = Completed(exit_code=exit_code, stdout=stdout, stderr=b"", pid=1)
        self.argv: Sequence[str] = []

    def __call__(
        self, argv: Sequence[str], *, env: Mapping[str, str], timeout: float, cwd: Path | None = None
    ) -> Completed:
        self.argv = argv
        return self.answer


def test_the_installed_opa_is_asked_for_its_own_capabilities() -> None:
    """The bytes are JSON, restricted, and come from `opa capabilities --current`."""
    opa = FakeOpa(json.dumps(document()).encode())
    found = json.loads(capabilities.derive(Path("/some/opa"), env={}, run=opa))
    assert opa.argv == ["/some/opa", "capabilities", "--current"]
    assert names(found) == ["abs", "startswith"]


@pytest.mark.parametrize(
    "opa",
    [FakeOpa(b""), FakeOpa(b"opa 1"), FakeOpa(b"[]"), FakeOpa(b"{}"), FakeOpa(json.dumps(document()).encode(), 1)],
)
def test_an_opa_that_answers_anything_else_is_refused(opa: FakeOpa) -> None:
    """Empty, not JSON, another JSON, a failure: no capabilities come of it."""
    with pytest.raises(SettingsError, match="could not be derived"):
        capabilities.derive(Path("/some/opa"), env={}, run=opa)


def test_an_opa_that_does_not_start_is_an_error_of_the_settings() -> None:
    """The program for another machine is found out here at the latest."""

    def run(argv: Sequence[str], *, env: Mapping[str, str], timeout: float, cwd: Path | None = None) -> Completed:
        raise NotStarted("opa could not be started: Exec format error")

    with pytest.raises(SettingsError, match="Exec format error"):
        capabilities.derive(Path("/some/opa"), env={}, run=run)
