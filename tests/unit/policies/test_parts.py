"""Every part of a policy by name and digest; the digest of the whole is that of their lines."""

from __future__ import annotations

import errno
import hashlib
import os
from dataclasses import replace
from pathlib import Path

import pytest

from attestor.errors import GateError
from attestor.policies import EMBEDDED, Baseline, OwnModule, Policy, parts
from attestor.policies.embedded import modules, policy_folder
from attestor.policies.parts import Part
from tests.unit.test_report import OPENED

CONFIGURED = Policy(config_sha256="1" * 64, waivers_sha256="2" * 64)


def test_every_embedded_module_is_a_part() -> None:
    """The entry and each rule, by its path, with the digest of its file; no test among them."""
    found = {part.name: part.sha256 for part in parts.parts(EMBEDDED)}
    assert (
        len(found)
        == len(modules(policy_folder()))
        == len(list(policy_folder().rglob("*.rego"))) - len(list(policy_folder().rglob("*_test.rego")))
    )
    entry = policy_folder() / "gate.rego"
    assert found["gate.rego"] == hashlib.sha256(entry.read_bytes()).hexdigest()
    assert "mesh/edges_mtls.rego" in found


def test_what_a_team_gave_is_a_part_and_its_baseline_is_none() -> None:
    """A baseline is another one for each run: the policy is the same."""
    given = set(parts.parts(CONFIGURED)) - set(parts.parts(EMBEDDED))
    assert given == {Part(name="policy-config", sha256="1" * 64), Part(name="waivers", sha256="2" * 64)}
    compared = replace(CONFIGURED, baseline=Baseline(opened=OPENED, sha256="3" * 64))
    assert parts.parts(compared) == parts.parts(CONFIGURED)


def test_the_digest_is_over_sorted_lines() -> None:
    """As `sha256sum` writes them; another digest, name or part is another policy."""
    first, second = Part(name="a", sha256="1" * 64), Part(name="b", sha256="2" * 64)
    text = f"{'1' * 64}  a\n{'2' * 64}  b\n"
    assert parts.digest([second, first]) == hashlib.sha256(text.encode()).hexdigest()
    assert (
        len({parts.digest(found) for found in ([first], [second], [first, second], [], [replace(first, name="b")])})
        == 5
    )


def test_modules_that_cannot_be_read_are_no_parts(monkeypatch: pytest.MonkeyPatch) -> None:
    """An error that the gate knows, rather than one of the system's."""

    def refused(path: Path) -> bytes:
        raise PermissionError(errno.EACCES, os.strerror(errno.EACCES), str(path))

    parts.embedded.cache_clear()
    monkeypatch.setattr(Path, "read_bytes", refused)
    with pytest.raises(GateError, match="the embedded rules cannot be read: Permission denied"):
        parts.parts(EMBEDDED)


def test_an_own_module_is_a_part_by_its_digest_and_its_rego() -> None:
    """Two copies are one, and the same text as another Rego is another part."""
    module = OwnModule(path="a.rego", data=b"package a")
    given = set(parts.parts(Policy(own=(module, replace(module, path="b.rego"))))) - set(parts.parts(EMBEDDED))
    assert given == {Part(name=f"own-v1/{module.sha256}.rego", sha256=module.sha256)}
    older = set(parts.parts(Policy(own=(module,), rego_version="v0"))) - set(parts.parts(EMBEDDED))
    assert older == {Part(name=f"own-v0/{module.sha256}.rego", sha256=module.sha256)}
