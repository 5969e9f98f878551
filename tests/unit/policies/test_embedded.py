"""Where the embedded rules are: what is not found or not listed could not deny, so it is an error."""

from __future__ import annotations

from pathlib import Path

import pytest

from attestor.errors import GateError
from attestor.policies import embedded


@pytest.fixture
def policy(tmp_path: Path) -> Path:
    """A policy of one rule in each family, with its test."""
    (tmp_path / embedded.ENTRY).touch()
    for family, name in (("mesh", "b"), ("mesh", "a"), ("collection", "c")):
        (tmp_path / family).mkdir(exist_ok=True)
        (tmp_path / family / f"{name}.rego").touch()
        (tmp_path / family / f"{name}_test.rego").touch()
        (tmp_path / family / f"{name}.md").touch()
    return tmp_path


def test_the_policy_of_a_checkout_is_beside_the_package() -> None:
    """With its entry and all families."""
    folder = embedded.policy_folder()
    assert folder == Path(embedded.__file__).resolve().parent.parent.parent / "policy"
    assert embedded.modules(folder)[0] == folder / "gate.rego"


def test_the_policy_of_an_installation_is_in_the_package(
    policy: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """It comes first, whatever stands beside the package."""
    package = tmp_path / "attestor"
    (package / "policies").mkdir(parents=True)
    monkeypatch.setattr(embedded, "__file__", str(package / "policies" / "embedded.py"))
    with pytest.raises(GateError, match="the embedded rules cannot be read: they are not there"):
        embedded.policy_folder()
    (package / "policy").mkdir()
    (package / "policy" / embedded.ENTRY).touch()
    assert embedded.policy_folder() == package / "policy"


def test_modules_are_the_entry_and_every_rule_without_tests(policy: Path) -> None:
    """In an order that is the same everywhere."""
    found = [path.relative_to(policy).as_posix() for path in embedded.modules(policy)]
    assert found == ["gate.rego", "mesh/a.rego", "mesh/b.rego", "collection/c.rego"]


@pytest.mark.parametrize("family", embedded.FAMILIES)
def test_a_family_that_is_empty_or_missing_is_an_error(family: str, policy: Path) -> None:
    """With the reason, and what to do."""
    for path in (policy / family).glob("*.rego"):
        if not path.stem.endswith("_test"):
            path.unlink()
    with pytest.raises(GateError, match=f"the embedded rules cannot be read: there are no rules in {family}") as empty:
        embedded.modules(policy)
    assert empty.value.exit_code == 5
    assert "install it anew" in empty.value.remedy
    assert "not whole" in empty.value.cause
    for path in (policy / family).iterdir():
        path.unlink()
    (policy / family).rmdir()
    with pytest.raises(GateError, match="cannot be read: No such file or directory"):
        embedded.modules(policy)


def test_a_rule_is_called_by_its_path() -> None:
    """Which is its package."""
    assert embedded.rule_id(Path("policy", "mesh", "edges_mtls.rego")) == "mesh.edges_mtls"
