"""A team's policy from its files: configuration, waivers and rules of its own, with every complaint at once."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from pathlib import Path

from attestor.errors import AttestorError
from attestor.policies import EMBEDDED, Policy


def load(
    config: Path | None,
    waivers: Path | None,
    complaints: list[AttestorError],
    *,
    rules: Sequence[Path] = (),
    rego_version: str = "v1",
) -> Policy:
    """Return the policy that the files say; what is wrong with them is added to ``complaints``.

    ``rules`` are files or folders of Rego. They are read here; ``own.compiled`` then asks an engine about them.
    """
    policy = EMBEDDED
    if config is not None:
        from attestor.policies import configuration

        policy = configuration.load(config, complaints)
    if rules:
        from attestor.policies.own import files

        policy = replace(policy, own=files.read(rules, complaints), rego_version=rego_version)
    if waivers is not None:
        from attestor.policies import waivers as waivers_file

        policy = waivers_file.load(waivers, policy, complaints)
    return policy
