"""What a runner is asked to hide in its log: the secret values of a run, and nothing that is merely long.

A mask is an exact string and hides it everywhere in the job's log. Masking the lines of a whole kubeconfig would hide
words such as its server's name, so only what is secret in it is masked.
"""

from __future__ import annotations

import contextlib
from collections.abc import Iterator
from pathlib import Path

from attestor import limits, strict_yaml
from attestor.capture import kubeconfig_secrets
from attestor.given import Given
from attestor.settings import Settings

SHORTEST = 8
"""Shorter values would hide ordinary words."""


def find(settings: Settings) -> list[str]:
    """Return what must be masked, line by line, sorted; what cannot be read is complained about elsewhere."""
    found: set[str] = set()
    if settings.signing_key is not None:
        found |= set(_lines(_content(settings.signing_key).decode("utf-8", "replace")))
    if settings.passphrase is not None:
        found |= set(_content(settings.passphrase).decode("utf-8", "replace").splitlines())
    for source in settings.kubeconfig:
        found |= set(_kubeconfig(source))
    return sorted(line for line in (value.strip() for value in found) if len(line) >= SHORTEST)


def _content(given: Given) -> bytes:
    if given.content is not None:
        return given.content
    if given.path == "-":
        return b""
    try:
        with Path(given.path).open("rb") as file:
            return file.read(limits.KUBECONFIG_BYTES)
    except (OSError, ValueError):
        return b""


def _lines(text: str) -> Iterator[str]:
    """Yield the lines of a secret, but for those that frame every PEM: a mask is one line."""
    yield from (line for line in text.splitlines() if "-----" not in line)


def _kubeconfig(given: Given) -> Iterator[str]:
    try:
        parsed = strict_yaml.load(_content(given))
    except strict_yaml.NotYaml:
        return
    folder = Path(given.path).parent if given.path else Path()
    for value in kubeconfig_secrets.values(parsed):
        yield from _lines(value)
    for path in kubeconfig_secrets.files(parsed, folder):
        with contextlib.suppress(OSError):
            yield from _lines(kubeconfig_secrets.content(path))
