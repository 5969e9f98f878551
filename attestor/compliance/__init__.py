"""Controls, such as an RFC's invariants: which rules and which evidence show whether each of them holds. Pure.

Nothing here decides: a verdict is the same with other controls, and a control is met only by what was looked at.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

MET, NOT_MET, NOT_SHOWN = "met", "not met", "not shown"


@dataclass(frozen=True, slots=True, kw_only=True)
class Entry:
    """One control as a mapping has it: what must hold, and what shows that.

    ``rules`` are ids whose findings speak against it, ``needs`` those of rules on the evidence itself, whose findings
    leave it unknown. ``parts`` are those of the coverage that must be complete, ``parameters`` what a rule must have
    been asked with. ``not_shown`` says what no evidence of ours can show.
    """

    framework: str
    id: str
    title: str
    statement: str
    rules: tuple[str, ...] = ()
    needs: tuple[str, ...] = ()
    parts: tuple[str, ...] = ()
    parameters: Mapping[str, Mapping[str, Any]] = field(default_factory=dict)
    not_shown: str = ""
    line: int = 0


@dataclass(frozen=True, slots=True, kw_only=True)
class Controls:
    """A whole mapping: the embedded one, and behind it a team's own where there is one.

    ``frameworks`` has their titles by id, and ``own`` the ids of the team's. A digest is that of the file as it was
    read; ``path`` and ``file_sha256`` are those of the team's, and empty without it.
    """

    entries: tuple[Entry, ...]
    frameworks: Mapping[str, str]
    own: frozenset[str] = frozenset()
    embedded_sha256: str = ""
    file_sha256: str = ""
    path: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class Asked:
    """A rule of a control: what it came to, in the words of the signed verdict, and the evidence that it looks at."""

    rule: str
    code: str
    result: str
    evidence: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Control:
    """A control with its status, one of ``MET``, ``NOT_MET`` and ``NOT_SHOWN``, and why, a sentence for each reason.

    ``parts`` says of each part that it needs whether it is complete.
    """

    entry: Entry
    status: str
    reasons: tuple[str, ...]
    rules: tuple[Asked, ...]
    needs: tuple[Asked, ...]
    parts: Mapping[str, bool]
