"""Commit and tag objects as ``git cat-file --batch`` prints them (git's documentation: gitformat, cat-file)."""

from __future__ import annotations

import re
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta, timezone

from attestor.evidence import Commit, Person, Tag

_PERSON = re.compile(
    r"(?P<name>.*?) ?<(?P<email>[^>]*)> (?P<seconds>-?\d+) (?P<sign>[+-])(?P<hours>\d\d)(?P<minutes>\d\d)"
)
_SIGNATURE = re.compile(r"^-----BEGIN (?:PGP|SSH) SIGNATURE-----$", re.MULTILINE)

_HEADER_WORDS = 3
"""Object id, type and size stand before each object of a batch."""


class Unreadable(Exception):
    """An object is not of the form that git documents."""


def read_commit(batch: bytes) -> Commit | None:
    """Return the commit of a one-object batch, or ``None`` where HEAD has none yet; raises ``Unreadable``."""
    if batch.partition(b"\n")[0].endswith(b" missing"):
        return None
    for kind, sha, text in _objects(batch):
        if kind == "commit":
            return _commit(sha, text)
    message = "HEAD is not a commit"
    raise Unreadable(message)


def read_tags(batch: bytes) -> Iterator[Tag]:
    """Yield each annotated tag of a batch; raises ``Unreadable``."""
    for kind, _, text in _objects(batch):
        if kind != "tag":
            continue
        headers, message = _split(text)
        who, when = _person(_only(headers, "tagger"))
        signed = _SIGNATURE.search(message)
        cut = signed.start() if signed else len(message)
        yield Tag(name=_only(headers, "tag"), tagger=who, when=when, message=message[:cut], signature=message[cut:])


def _objects(batch: bytes) -> Iterator[tuple[str, str, str]]:
    position = 0
    while position < len(batch):
        end = batch.find(b"\n", position)
        parts = batch[position:end].split()
        if end < 0 or len(parts) != _HEADER_WORDS or not parts[2].isdigit():
            message = "git cat-file answered in an unknown form"
            raise Unreadable(message)
        start, size = end + 1, int(parts[2])
        yield parts[1].decode("ascii"), parts[0].decode("ascii"), batch[start : start + size].decode("utf-8", "replace")
        position = start + size + 1


def _split(text: str) -> tuple[list[tuple[str, str]], str]:
    """Return an object's headers, continuation lines joined, and its message."""
    head, _, message = text.partition("\n\n")
    headers: list[tuple[str, str]] = []
    for line in head.split("\n"):
        if line.startswith(" ") and headers:
            name, value = headers[-1]
            headers[-1] = (name, f"{value}\n{line[1:]}")
        else:
            name, _, value = line.partition(" ")
            headers.append((name, value))
    return headers, message


def _only(headers: list[tuple[str, str]], name: str) -> str:
    found = [value for key, value in headers if key == name]
    if len(found) != 1:
        message = f"an object has {len(found)} {name} lines"
        raise Unreadable(message)
    return found[0]


def _person(line: str) -> tuple[Person, datetime]:
    match = _PERSON.fullmatch(line)
    if match is None:
        message = "a person's line is not of git's form"
        raise Unreadable(message)
    offset = timedelta(hours=int(match["hours"]), minutes=int(match["minutes"]))
    try:
        zone = timezone(-offset if match["sign"] == "-" else offset)
        when = datetime.fromtimestamp(int(match["seconds"]), UTC).astimezone(zone)
    except (ValueError, OverflowError, OSError) as error:
        message = "a date is out of range"
        raise Unreadable(message) from error
    return Person(name=match["name"], email=match["email"]), when


def _commit(sha: str, text: str) -> Commit:
    headers, message = _split(text)
    author, authored = _person(_only(headers, "author"))
    committer, _ = _person(_only(headers, "committer"))
    signature = "".join(f"{value}\n" for name, value in headers if name == "gpgsig")
    return Commit(
        sha=sha,
        tree=_only(headers, "tree"),
        parents=tuple(value for name, value in headers if name == "parent"),
        author=author,
        committer=committer,
        authored=authored,
        message=message,
        signature=signature,
    )
