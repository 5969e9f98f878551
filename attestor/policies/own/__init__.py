"""Rules of a team's own: Rego files that are read once, compiled against what they will see, and asked with ours."""

from __future__ import annotations

from attestor.policies.own.compiler import compiled, loaded
from attestor.policies.own.files import read, read_all

__all__ = ["compiled", "loaded", "read", "read_all"]
