"""The catalogue: every embedded rule with its code, level and parameters."""

from __future__ import annotations

import errno
import os
from pathlib import Path

import pytest

from attestor.errors import GateError
from attestor.policies import catalogue, configuration
from attestor.policies.embedded import modules, policy_folder, rule_id


def test_every_rule_is_in_it() -> None:
    """Exactly those that the gate loads."""
    assert set(catalogue.rules()) == {rule_id(path) for path in modules(policy_folder())[1:]}


def test_levels_are_known_words_and_argued() -> None:
    """The floor, or one that a configuration may give."""
    for rule in catalogue.rules().values():
        assert rule.level in {catalogue.FLOOR, *catalogue.LEVELS}
        assert rule.why
        assert rule.of_the_floor is catalogue.is_of_the_floor(rule.id) is (rule.level == "floor")
    assert catalogue.levels()["mesh.edges_mtls"] == "floor"


def test_parameters_have_a_known_type_and_a_default_of_it() -> None:
    """An empty default is what finds that nothing was named."""
    for rule in catalogue.rules().values():
        for name, about in rule.parameters.items():
            fits, _ = configuration.TYPES[about["type"]]
            assert fits(about["default"]) or about["default"] == "", (rule.id, name)
            assert about["text"]
            assert name != "level"


def test_a_rule_of_ones_own_has_no_code() -> None:
    """And is not of the floor."""
    assert catalogue.code("mesh.checks_pass") == "MESH001"
    assert (catalogue.code("team.own"), catalogue.is_of_the_floor("team.own")) == ("", False)


def test_a_catalogue_that_cannot_be_read_is_an_error_of_the_gate(monkeypatch: pytest.MonkeyPatch) -> None:
    """As the rules that it is about."""

    def refused(path: Path) -> bytes:
        raise PermissionError(errno.EACCES, os.strerror(errno.EACCES), str(path))

    monkeypatch.setattr(Path, "read_bytes", refused)
    with pytest.raises(GateError, match="the embedded rules cannot be read: Permission denied"):
        catalogue.rules.__wrapped__()
