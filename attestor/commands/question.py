"""What ``verify`` was asked: keys and pins from the command line, every complaint at once."""

from __future__ import annotations

import hashlib
import re
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from pathlib import Path

from attestor import trust
from attestor.arguments import BOOLEANS, Arguments
from attestor.clock import parse_rfc3339, system_now
from attestor.errors import AttestorError, SettingsError
from attestor.settings import seconds
from attestor.verification.pins import Pins

_COMMIT = re.compile(r"[0-9a-f]{40}")
_FORMATS = ("text", "json")
_MOST_KEYS = 64


@dataclass(frozen=True, slots=True, kw_only=True)
class Question:
    """Whom to believe, what the evidence must be about, and how to answer."""

    keys: tuple[trust.TrustedKey, ...]
    threshold: int
    pins: Pins
    reports: Mapping[str, str]
    now: datetime
    allow_replay: bool
    opa: Path | None
    as_json: bool


def asked(arguments: Arguments, folder: Path, complaints: list[AttestorError]) -> Question:
    """Return the question; what is wrong with it is appended to ``complaints``, and the caller must raise then."""
    opa = arguments.one("opa")
    return Question(
        keys=_keys(arguments, folder, complaints),
        threshold=_threshold(arguments.one("threshold") or "1", complaints),
        pins=_pins(arguments, complaints),
        reports=_reports(arguments, folder, complaints),
        now=_now(arguments.one("now"), complaints),
        allow_replay=_boolean(arguments.one("allow-replay") or "false", complaints),
        opa=folder / opa if opa else None,
        as_json=_format(arguments.one("format") or "text", complaints) == "json",
    )


def _keys(arguments: Arguments, folder: Path, complaints: list[AttestorError]) -> tuple[trust.TrustedKey, ...]:
    found = []
    for path in arguments.values.get("key", []):
        try:
            found.append(trust.load(folder / path))
        except SettingsError as error:
            complaints.append(error)
    if not arguments.values.get("key"):
        complaints.append(
            SettingsError(
                "there is no trusted key",
                cause="without one, anybody's signature would do",
                remedy="name the public key of the run with --key",
            )
        )
    return tuple(found)


def _threshold(value: str, complaints: list[AttestorError]) -> int:
    if value.isascii() and value.isdigit() and 0 < int(value[:4]) <= _MOST_KEYS:
        return int(value[:4])
    complaints.append(SettingsError(f"threshold is not a number from 1 to {_MOST_KEYS}", remedy="write it like 2"))
    return _MOST_KEYS


def _pins(arguments: Arguments, complaints: list[AttestorError]) -> Pins:
    commit, age = arguments.one("commit") or "", arguments.one("max-age")
    if commit and not _COMMIT.fullmatch(commit):
        complaints.append(SettingsError("commit is not 40 lower-case hex digits", remedy="git rev-parse HEAD"))
    limit = seconds(age) if age else None
    if age and limit is None:
        complaints.append(SettingsError("max-age is not a duration", remedy="write it like 24h or 90m"))
    return Pins(
        step=arguments.one("step") or "",
        cluster=arguments.one("cluster"),
        commit=commit,
        linkerd_version=arguments.one("expect-version") or "",
        max_age=timedelta(seconds=limit) if limit is not None else None,
    )


def _reports(arguments: Arguments, folder: Path, complaints: list[AttestorError]) -> dict[str, str]:
    found = {}
    for path in arguments.values.get("report", []):
        try:
            with (folder / path).open("rb") as file:
                found[Path(path).name] = hashlib.file_digest(file, "sha256").hexdigest()
        except OSError as error:
            complaints.append(SettingsError(f"the report {path} cannot be read: {error.strerror}", remedy="check it"))
    return found


def _now(value: str | None, complaints: list[AttestorError]) -> datetime:
    try:
        return parse_rfc3339(value) if value else system_now()
    except ValueError:
        complaints.append(SettingsError("now is not an RFC 3339 time", remedy="write it like 2026-11-21T10:00:00Z"))
        return system_now()


def _boolean(value: str, complaints: list[AttestorError]) -> bool:
    if value not in BOOLEANS:
        complaints.append(SettingsError("allow-replay is not a boolean", remedy="write true or false"))
    return BOOLEANS.get(value, False)


def _format(value: str, complaints: list[AttestorError]) -> str:
    if value not in _FORMATS:
        complaints.append(SettingsError("format is neither text nor json", remedy="write one of them"))
    return value
