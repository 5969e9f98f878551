"""The action's outputs: every one on every exit, empty where there is nothing to say. Pure."""

from __future__ import annotations

import json
import os
from collections.abc import Mapping, Sequence
from pathlib import Path

from attestor import limits
from attestor.lenient import mapping
from attestor.outcome import Outcome
from attestor.policies import catalogue
from attestor.report import shown

NAMES = (
    "verdict",
    "attestation",
    "verdict-attestation",
    "report",
    "sarif",
    "junit",
    "compliance",
    "attestation-sha256",
    "keyid",
    "violations",
    "checks-pass",
    "checks-warn",
    "checks-error",
    "edges-total",
    "edges-secured",
    "edges-insecure",
)

_COUNTS = {
    "checks-pass": ("check_summary", "pass"),
    "checks-warn": ("check_summary", "warn"),
    "checks-error": ("check_summary", "error"),
    "edges-total": ("edges_summary", "total_edges"),
    "edges-secured": ("edges_summary", "secured"),
    "edges-insecure": ("edges_summary", "insecure"),
}


def of(outcome: Outcome, workspace: Path, reports: Mapping[str, Path]) -> dict[str, str]:
    """Return every output; paths are relative to ``workspace``. What was not observed is empty, never 0.

    ``reports`` are the files by the outputs that name them; one that is not there is not named.
    """
    found = dict.fromkeys(NAMES, "")
    found |= {"verdict": outcome.verdict, "violations": violations(outcome.violations)}
    report = outcome.report
    if report is None:
        return found
    found |= {
        "attestation": relative(Path(report.envelope), workspace),
        "attestation-sha256": report.envelope_sha256,
        "keyid": ",".join(report.signers),
    }
    found |= {name: _if_there(path, workspace) for name, path in reports.items()}
    return found | {name: _count(report.opened.linkerd_check, *where) for name, where in _COUNTS.items()}


def _if_there(path: Path, workspace: Path) -> str:
    try:
        return relative(path, workspace) if path.is_file() else ""
    except OSError:
        return ""


def failed() -> dict[str, str]:
    """Return the outputs of a step of which nothing is known but that it failed."""
    return {**dict.fromkeys(NAMES, ""), "verdict": "error", "violations": "[]"}


def _count(body: Mapping[str, object], summary: str, key: str) -> str:
    value = mapping(body.get(summary)).get(key)
    return str(value) if isinstance(value, int) and not isinstance(value, bool) else ""


def relative(path: Path, workspace: Path) -> str:
    """Return ``path`` from ``workspace`` on, or whole where it lies outside."""
    try:
        return path.resolve().relative_to(workspace.resolve()).as_posix()
    except ValueError:
        return os.fspath(path)


def violations(found: Sequence[tuple[str, str]], limit: int = limits.VIOLATIONS_BYTES) -> str:
    """Return the reasons as a JSON array of at most ``limit`` bytes; where some are left out, the last entry says so.

    ``code`` is empty for a rule of one's own.
    """
    entries = [_entry(rule, shown(message)) for rule, message in found]
    whole = f"[{','.join(entries)}]"
    if len(whole) <= limit:
        return whole
    kept: list[str] = []
    room = limit - len(_more(len(entries))) - 3
    for entry in entries:
        room -= len(entry) + 1
        if room < 0:
            break
        kept.append(entry)
    return f"[{','.join([*kept, _more(len(entries) - len(kept))])}]"


def _entry(rule: str, message: str) -> str:
    # ASCII, so that a character is a byte.
    return json.dumps({"rule": rule, "code": catalogue.code(rule), "message": message})


def _more(count: int) -> str:
    return _entry("", f"{count} more violations are in the report")
