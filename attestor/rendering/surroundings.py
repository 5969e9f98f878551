"""Where a report will be read: the folder that its paths start from, and where the rules have their pages. Pure."""

from __future__ import annotations

import functools
import re
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

from attestor.policies import Policy, catalogue
from attestor.results import Result
from attestor.settings import Settings

_REPOSITORY = re.compile(r"[A-Za-z0-9_.-]{1,100}/[A-Za-z0-9_.-]{1,100}")
_REF = re.compile(r"[A-Za-z0-9_.][A-Za-z0-9_./-]{0,200}")
_SERVER = re.compile(r"https://[A-Za-z0-9.-]{1,253}(?::\d{1,5})?")


@dataclass(frozen=True, slots=True, kw_only=True)
class Place:
    """A line of a file; ``ours`` says that the file is one of this program and not of the repository."""

    path: str
    line: int = 1
    ours: bool = False


@dataclass(frozen=True, slots=True, kw_only=True)
class Surroundings:
    """``root`` is the folder that paths are relative to, ``home`` the address of this program's files, or empty."""

    root: Path
    home: str = ""

    def place(self, result: Result, policy: Policy, cluster: str) -> Place:
        """Return where whoever mends ``result`` should look: a waiver, a line of the configuration, or the rule."""
        rule = result.violation.rule
        waivers = result.waivers or ((result.subject,) if result.subject else ())
        line = waivers[0].line if waivers else 0
        if line and (path := self.relative(policy.waivers_path)):
            return Place(path=path, line=line)
        line = policy.line(rule, cluster)
        if line and (path := self.relative(policy.config_path)):
            return Place(path=path, line=line)
        return embedded(rule)

    def relative(self, path: str) -> str:
        """Return ``path`` from the root on, or nothing where it lies outside."""
        return _relative(path, self.root) if path else ""


@functools.lru_cache(maxsize=8)
def _relative(path: str, root: Path) -> str:
    try:
        return Path(path).resolve().relative_to(root.resolve()).as_posix()
    except (OSError, ValueError):
        return ""


def embedded(rule: str) -> Place:
    """Return the file of an embedded rule; a rule of one's own is known to the gate only."""
    known = rule in catalogue.rules()
    return Place(path=f"policy/{rule.replace('.', '/')}.rego" if known else "policy/gate.rego", ours=True)


def of(settings: Settings) -> Surroundings:
    """Return the surroundings of a run: a runner's workspace and the action's own repository, where there are any."""
    env = settings.environment
    workspace = env.get("GITHUB_WORKSPACE", "")
    root = Path(workspace) if workspace.startswith("/") else settings.working_directory
    return Surroundings(root=root, home=_home(env))


def _home(env: Mapping[str, str]) -> str:
    server = env.get("GITHUB_SERVER_URL", "https://github.com")
    repository, ref = env.get("GITHUB_ACTION_REPOSITORY", ""), env.get("GITHUB_ACTION_REF") or "HEAD"
    if _SERVER.fullmatch(server) and _REPOSITORY.fullmatch(repository) and _REF.fullmatch(ref):
        return f"{server}/{repository}/blob/{ref}/"
    return ""
