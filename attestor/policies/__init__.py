"""What a team owns of the policy: levels and parameters, exemptions, waivers, and rules of its own. Pure.

Taken from a file that a pull request may change, each of them is that pull request's own gate: the digests that the
verdict carries say which file it was.
"""

from __future__ import annotations

import fnmatch
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

from attestor.collection import Opened
from attestor.policies import catalogue


@dataclass(frozen=True, slots=True, kw_only=True)
class Section:
    """What one part of a configuration says: levels and parameters by rule, and who is exempt.

    ``clusters`` is the pattern of cluster names that it is for.
    """

    clusters: str = "*"
    levels: Mapping[str, str] = field(default_factory=dict)
    parameters: Mapping[str, Mapping[str, Any]] = field(default_factory=dict)
    namespaces: tuple[str, ...] = ()
    workloads: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class Waiver:
    """One exception for a while: what is waived, for whom, why, and through which day (UTC)."""

    rule: str
    selector: Mapping[str, str]
    owner: str
    reason: str
    expires: str
    ticket: str = ""
    line: int = 0

    def to_dict(self) -> dict[str, Any]:
        """Return the waiver as rules and verdicts see it."""
        found: dict[str, Any] = {"rule": self.rule, "selector": dict(self.selector), "owner": self.owner}
        found |= {"reason": self.reason, "expires": self.expires}
        return found | ({"ticket": self.ticket} if self.ticket else {})


@dataclass(frozen=True, slots=True, kw_only=True)
class Baseline:
    """An earlier envelope that was verified: its collection, the digest of its file, and what messages call it."""

    opened: Opened = field(repr=False)
    sha256: str
    path: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class Policy:
    """Everything that decides besides the evidence and the embedded rules.

    A digest is that of the file as it was read, and empty where there was none. The text of such a file is kept for
    whoever points at a line of it.
    """

    sections: tuple[Section, ...] = ()
    waivers: tuple[Waiver, ...] = ()
    config_sha256: str = ""
    waivers_sha256: str = ""
    config_path: str = ""
    waivers_path: str = ""
    baseline: Baseline | None = None

    def levels(self, cluster: str) -> dict[str, str]:
        """Return the level of every embedded rule for ``cluster``."""
        found = catalogue.levels()
        for section in self._for(cluster):
            found |= section.levels
        return found

    def off(self, cluster: str) -> frozenset[str]:
        """Return the ids of the embedded rules that are not looked at for ``cluster``."""
        return frozenset(rule for rule, level in self.levels(cluster).items() if level == "off")

    def config(self, cluster: str) -> dict[str, Any]:
        """Return what rules are told for ``cluster``: levels, parameters and exemptions; later sections win."""
        parameters: dict[str, dict[str, Any]] = {}
        exempt: dict[str, list[str]] = {"namespaces": [], "workloads": []}
        levels: dict[str, str] = {}
        for section in self._for(cluster):
            levels |= section.levels
            for rule, given in section.parameters.items():
                parameters[rule] = {**parameters.get(rule, {}), **given}
            exempt["namespaces"] += section.namespaces
            exempt["workloads"] += section.workloads
        return {"levels": levels, "parameters": parameters, "exempt": exempt}

    def _for(self, cluster: str) -> list[Section]:
        return [section for section in self.sections if fnmatch.fnmatchcase(cluster, section.clusters)]


EMBEDDED = Policy()
"""The embedded rules at their own levels, and nothing else."""
