"""What a runner is asked to hide in its log: the secret values of a run, and nothing that is merely long.

A mask is an exact string and hides it everywhere in the job's log. Masking the lines of a whole kubeconfig would hide
words such as its server's name, so only what is secret in it is masked.
"""

from __future__ import annotations

import base64
import binascii
from collections.abc import Iterator, Mapping
from pathlib import Path

from attestor import limits, strict_yaml
from attestor.given import Given
from attestor.settings import Settings

SHORTEST = 8
"""Shorter values would hide ordinary words."""

_KEYS = ("token", "password", "passphrase", "client-key-data", "id-token", "refresh-token", "client-secret")
"""The secret values of a kubeconfig's users, exec entries and auth providers included."""


def find(settings: Settings) -> list[str]:
    """Return what must be masked, line by line, sorted; what cannot be read is complained about elsewhere."""
    found: set[str] = set()
    if settings.signing_key is not None:
        found |= set(_pem_lines(_content(settings.signing_key)))
    if settings.passphrase is not None:
        found |= set(_content(settings.passphrase).decode("utf-8", "replace").splitlines())
    for source in settings.kubeconfig:
        found |= set(_kubeconfig(_content(source)))
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


def _pem_lines(data: bytes) -> Iterator[str]:
    for line in data.decode("utf-8", "replace").splitlines():
        if "-----" not in line:
            yield line


def _kubeconfig(data: bytes) -> Iterator[str]:
    try:
        parsed = strict_yaml.load(data)
    except strict_yaml.NotYaml:
        return
    users = parsed.get("users") if isinstance(parsed, dict) else None
    yield from _secrets(users, "")


def _secrets(value: object, key: str) -> Iterator[str]:
    if isinstance(value, Mapping):
        for name, item in value.items():
            yield from _secrets(item, str(name))
    elif isinstance(value, list):
        for item in value:
            yield from _secrets(item, "")
    elif isinstance(value, str) and key in _KEYS:
        yield from value.splitlines()
        yield from _pem_lines(_decoded(value)) if key == "client-key-data" else ()


def _decoded(value: str) -> bytes:
    try:
        return base64.b64decode("".join(value.split()), validate=True)
    except (binascii.Error, ValueError):
        return b""
