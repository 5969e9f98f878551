"""The lock: which programs are used, at which version, from where, and with which sha256.

One file, ``attestor/toolchain.lock.json``, is the only place where these stand. It is read strictly: an entry
that is not exactly of the expected form is an error, because a typing mistake here is a hole in the supply chain.
"""

from __future__ import annotations

import platform
import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path

from attestor import strict_json
from attestor.errors import SettingsError
from attestor.strict_json import Json

LOCK_FILE = Path(__file__).resolve().parent.parent / "toolchain.lock.json"

_SHA256 = re.compile(r"[0-9a-f]{64}")
_VERSION = re.compile(r"[0-9]+\.[0-9]+\.[0-9]+")
_PLATFORM = re.compile(r"[a-z]+-[a-z0-9]+")
_MODULE = re.compile(r"[a-z0-9.-]+(/[A-Za-z0-9._-]+)+")
_GO_NAMES = {"x86_64": "amd64", "aarch64": "arm64"}
"""Releases name processors as Go does, the kernel in its own way."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Asset:
    """One file of a release: where it is and the sha256 (lower-case hex) that it must have."""

    url: str
    sha256: str

    def __post_init__(self) -> None:
        """Refuse a digest that cannot be one and an address that is not https."""
        if not _SHA256.fullmatch(self.sha256):
            raise _bad(f"{self.sha256!r} is not a sha256")
        if not self.url.startswith("https://"):
            raise _bad(f"{self.url!r} is not an https address")


@dataclass(frozen=True, slots=True, kw_only=True)
class Opa:
    """The policy engine: its version, the Go module that builds the same program, its files by platform."""

    version: str
    module: str
    platforms: Mapping[str, Asset]

    def __post_init__(self) -> None:
        """Refuse a version or a module path that could become anything else on a command line or in a path."""
        if not _VERSION.fullmatch(self.version):
            raise _bad(f"{self.version!r} is not a version of opa")
        if not _MODULE.fullmatch(self.module):
            raise _bad(f"{self.module!r} is not the path of a Go module")


@dataclass(frozen=True, slots=True, kw_only=True)
class Lock:
    """The whole lock. ``linkerd`` leads from a release's tag to its files by platform."""

    opa: Opa
    linkerd: Mapping[str, Mapping[str, Asset]]


def this_platform(system: str = platform.system(), machine: str = platform.machine()) -> str:
    """Return this machine's key in the lock, such as ``linux-amd64``; a machine the lock does not know has one too."""
    return f"{system.lower()}-{_GO_NAMES.get(machine.lower(), machine.lower())}"


def load(path: Path = LOCK_FILE) -> Lock:
    """Read the lock; raises ``SettingsError`` where it is missing or not of the expected form."""
    try:
        text = path.read_bytes()
    except OSError as error:
        raise _bad(f"it cannot be read ({error.strerror})") from error
    return parse(text)


def parse(text: bytes) -> Lock:
    """Return the lock that ``text`` holds; raises ``SettingsError`` for anything unexpected in it."""
    try:
        document = strict_json.loads(text)
    except strict_json.NotJson as error:
        raise _bad(f"it is not JSON: {error.reason} at byte {error.offset}") from error
    fields = _members(document, "the lock", {"opa", "linkerd"})
    opa = _members(fields["opa"], "opa", {"version", "module", "platforms"})
    return Lock(
        opa=Opa(
            version=_text(opa["version"], "opa.version"),
            module=_text(opa["module"], "opa.module"),
            platforms=_assets(opa["platforms"], "opa.platforms"),
        ),
        linkerd={tag: _assets(assets, f"linkerd.{tag}") for tag, assets in _entries(fields["linkerd"], "linkerd")},
    )


def _assets(value: Json, where: str) -> dict[str, Asset]:
    return dict(_asset(platform, entry, where) for platform, entry in _entries(value, where))


def _asset(platform: str, entry: Json, where: str) -> tuple[str, Asset]:
    if not _PLATFORM.fullmatch(platform):
        raise _bad(f"{platform!r} under {where} is not a platform such as linux-amd64")
    fields = _members(entry, f"{where}.{platform}", {"url", "sha256"})
    return platform, Asset(
        url=_text(fields["url"], f"{where}.{platform}.url"),
        sha256=_text(fields["sha256"], f"{where}.{platform}.sha256"),
    )


def _members(value: Json, where: str, expected: set[str]) -> dict[str, Json]:
    found = dict(_entries(value, where))
    if found.keys() != expected:
        raise _bad(f"{where} must have exactly the members {', '.join(sorted(expected))}")
    return found


def _entries(value: Json, where: str) -> Iterator[tuple[str, Json]]:
    if not isinstance(value, dict) or not value:
        raise _bad(f"{where} must be a JSON object with something in it")
    yield from value.items()


def _text(value: Json, where: str) -> str:
    if not isinstance(value, str):
        raise _bad(f"{where} must be a string")
    return value


def _bad(what: str) -> SettingsError:
    return SettingsError(
        f"attestor/toolchain.lock.json cannot be used: {what}",
        cause="The file was edited by hand, or a merge left both sides in it.",
        remedy="Restore it from the repository; a new version needs the digests of its release, never made-up ones.",
    )
