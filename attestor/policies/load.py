"""A team's policy from its files: configuration and waivers, with every complaint at once."""

from __future__ import annotations

from pathlib import Path

from attestor.errors import AttestorError
from attestor.policies import EMBEDDED, Policy


def load(config: Path | None, waivers: Path | None, complaints: list[AttestorError]) -> Policy:
    """Return the policy that the files say; what is wrong with them is added to ``complaints``."""
    policy = EMBEDDED
    if config is not None:
        from attestor.policies import configuration

        policy = configuration.load(config, complaints)
    if waivers is not None:
        from attestor.policies import waivers as waivers_file

        policy = waivers_file.load(waivers, policy, complaints)
    return policy
