"""Controls for whoever reads of them: a table of a line each, and values for a program. Pure."""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from typing import Any

from attestor import __version__, limits
from attestor.compliance import MET, NOT_MET, NOT_SHOWN, Asked, Control, Controls

HEADER = ("CONTROL", "STATUS", "WHY")


def row(control: Control) -> tuple[str, str, str]:
    """Return a control in a line: by what it is met, or else the first reason and how many more there are."""
    is_met, more = control.status == MET, len(control.reasons) - 1
    first = "; ".join(control.reasons) if is_met else control.reasons[0]
    behind = f" (and {more} more reason{'s' if more != 1 else ''})" if more and not is_met else ""
    room = limits.DETAIL_CHARACTERS
    why = first if len(first) <= room else f"{first[: room - 1]}…"
    return f"{control.entry.id} {control.entry.title}", control.status, f"{why}{behind}"


def counted(controls: Sequence[Control]) -> str:
    """Return how many there are of each status, and that none of them decides."""
    counts = Counter(control.status for control in controls)
    return ", ".join(f"{counts[status]} {status}" for status in (MET, NOT_MET, NOT_SHOWN))


def values(mapping: Controls, controls: Sequence[Control]) -> dict[str, Any]:
    """Return controls as JSON values, with the mapping that they are of."""
    return {
        "mapping": {
            "version": __version__,
            "embedded_sha256": mapping.embedded_sha256,
            "file_sha256": mapping.file_sha256,
            "frameworks": dict(mapping.frameworks),
        },
        "controls": [_control(control) for control in controls],
    }


def _asked(asked: Asked) -> dict[str, str]:
    return {"rule": asked.rule, "code": asked.code, "result": asked.result, "evidence": asked.evidence}


def _control(control: Control) -> dict[str, Any]:
    entry = control.entry
    return {
        "framework": entry.framework,
        "id": entry.id,
        "title": entry.title,
        "statement": entry.statement,
        "status": control.status,
        "reasons": list(control.reasons),
        "rules": list(map(_asked, control.rules)),
        "needs": list(map(_asked, control.needs)),
        "parts": [{"part": name, "complete": whole} for name, whole in control.parts.items()],
        "not_shown": entry.not_shown,
    }
