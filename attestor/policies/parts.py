"""What a verdict was decided by, part for part, each with its digest: whoever lacks one of them decides otherwise.

The lines are those of ``sha256sum``, so that anybody can make the digest of the whole again (docs/verdict.md).
"""

from __future__ import annotations

import functools
import hashlib
from collections.abc import Iterable, Iterator
from dataclasses import dataclass

from attestor.policies import Policy
from attestor.policies.embedded import modules, no_rules, policy_folder

CONFIG, WAIVERS = "policy-config", "waivers"


@dataclass(frozen=True, slots=True, kw_only=True, order=True)
class Part:
    """A part of a policy: what it is called, and the hex SHA-256 of its bytes."""

    name: str
    sha256: str

    def line(self) -> str:
        """Return the part as ``sha256sum`` writes it."""
        return f"{self.sha256}  {self.name}\n"


def parts(policy: Policy) -> tuple[Part, ...]:
    """Return every part of ``policy`` by name: the embedded modules, and the files that a team gave.

    A baseline is none of them: it is evidence, and another one for each run.
    """
    return tuple(sorted((*embedded(), *_given(policy))))


def _given(policy: Policy) -> Iterator[Part]:
    found = {CONFIG: policy.config_sha256, WAIVERS: policy.waivers_sha256}
    yield from (Part(name=name, sha256=sha256) for name, sha256 in found.items() if sha256)
    # Named by their digest: whoever verifies may keep them under another path. Which Rego they are read as is a part of
    # what they say.
    for sha256 in sorted({module.sha256 for module in policy.own}):
        yield Part(name=f"own-{policy.rego_version}/{sha256}.rego", sha256=sha256)


@functools.cache
def embedded() -> tuple[Part, ...]:
    """Return the embedded modules, named by their path from ``policy/`` on; raises ``GateError``."""
    folder = policy_folder()
    try:
        return tuple(
            Part(name=path.relative_to(folder).as_posix(), sha256=hashlib.sha256(path.read_bytes()).hexdigest())
            for path in modules(folder)
        )
    except OSError as error:
        raise no_rules(error) from error


def digest(found: Iterable[Part]) -> str:
    """Return the hex SHA-256 over the lines of the parts, sorted by name."""
    return hashlib.sha256("".join(part.line() for part in sorted(found)).encode()).hexdigest()
