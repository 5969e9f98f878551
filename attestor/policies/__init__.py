"""What a team owns of the policy: levels and parameters, exemptions, waivers, and rules of its own. Pure.

Taken from a file that a pull request may change, each of them is that pull request's own gate: the digests that the
verdict carries say which file it was.
"""

from __future__ import annotations

import fnmatch
import hashlib
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

from attestor.collection import Opened
from attestor.policies import catalogue

COVERAGE = "coverage"
"""What a collection has beside the six predicates where it was asked for."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Section:
    """What one part of a configuration says: levels and parameters by rule, and who is exempt.

    ``clusters`` is the pattern of cluster names that it is for, ``lines`` where in the file each rule stands.
    """

    clusters: str = "*"
    levels: Mapping[str, str] = field(default_factory=dict)
    parameters: Mapping[str, Mapping[str, Any]] = field(default_factory=dict)
    namespaces: tuple[str, ...] = ()
    workloads: tuple[str, ...] = ()
    lines: Mapping[str, int] = field(default_factory=dict)


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
class OwnModule:
    """One Rego module of a team's own, as it was read: what was hashed is what is judged."""

    path: str
    data: bytes = field(repr=False)

    @property
    def sha256(self) -> str:
        """The digest of its bytes."""
        return hashlib.sha256(self.data).hexdigest()


@dataclass(frozen=True, slots=True, kw_only=True, order=True)
class OwnRule:
    """One package of a team's own that decides: the parts of its name, and which of the known rules it has."""

    package: tuple[str, ...]
    names: tuple[str, ...]

    @property
    def id(self) -> str:
        """The rule's id, which is its package."""
        return ".".join(self.package)


@dataclass(frozen=True, slots=True, kw_only=True)
class Baseline:
    """An earlier envelope that was verified: its collection, the digest of its file, and what messages call it."""

    opened: Opened = field(repr=False)
    sha256: str
    path: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class Policy:
    """Everything that decides besides the evidence and the embedded rules.

    A digest is that of the file as it was read, and empty where there was none. Paths and lines are kept for whoever
    points at them. ``own`` are a team's own modules, read as Rego of ``rego_version``, and ``own_rules`` what they
    decide by, known once an engine has compiled them.
    """

    sections: tuple[Section, ...] = ()
    waivers: tuple[Waiver, ...] = ()
    config_sha256: str = ""
    waivers_sha256: str = ""
    config_path: str = ""
    waivers_path: str = ""
    own: tuple[OwnModule, ...] = ()
    own_rules: tuple[OwnRule, ...] = ()
    rego_version: str = "v1"
    baseline: Baseline | None = None

    @property
    def own_sha256(self) -> str:
        """The digest over all modules of one's own: of their digests in hex, sorted, a line each; or nothing."""
        lines = sorted(f"{module.sha256}\n" for module in self.own)
        return hashlib.sha256("".join(lines).encode("ascii")).hexdigest() if lines else ""

    @property
    def own_ids(self) -> frozenset[str]:
        """The ids of a team's own rules."""
        return frozenset(rule.id for rule in self.own_rules)

    def levels(self, cluster: str, *, covered: bool = True) -> dict[str, str]:
        """Return the level of every embedded rule for ``cluster``, and for evidence that has coverage, or has none."""
        found = catalogue.levels()
        for section in self._for(cluster):
            found |= section.levels
        return found | ({} if covered else dict.fromkeys(self.unasked(cluster), "off"))

    def off(self, cluster: str, *, covered: bool = True) -> frozenset[str]:
        """Return the ids of the embedded rules that are not looked at for ``cluster``."""
        return frozenset(rule for rule, level in self.levels(cluster, covered=covered).items() if level == "off")

    def unasked(self, cluster: str) -> frozenset[str]:
        """Return the rules about coverage that nobody configured: a run that gathered none is not judged by them.

        A rule that a team configured is asked all the same, and denies: it speaks of what was not looked at.
        """
        sections = self._for(cluster)
        named = {rule for section in sections for rule in (*section.levels, *section.parameters)}
        return catalogue.needing(COVERAGE) - named

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

    def line(self, rule: str, cluster: str) -> int:
        """Return the line of the configuration that speaks last of ``rule`` for ``cluster``, or 0 where none does."""
        return next((section.lines[rule] for section in self._for(cluster)[::-1] if rule in section.lines), 0)

    def _for(self, cluster: str) -> list[Section]:
        return [section for section in self.sections if fnmatch.fnmatchcase(cluster, section.clusters)]


EMBEDDED = Policy()
"""The embedded rules at their own levels, and nothing else."""
