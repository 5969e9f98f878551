"""The linkerd CLI: the release that the mesh runs, or that was asked for, and never one without a digest.

cache/linkerd/edge-25.5.2-linux-amd64/linkerd

The digest comes from the lock, else from the user, else from what the release itself publishes. Of the last the
evidence says that it was not pinned: who can replace the file could replace its digest, too.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Protocol

from attestor.errors import SettingsError
from attestor.install import cache, download, release
from attestor.install.download import DownloadError, Unreachable
from attestor.install.lock import Asset, this_platform
from attestor.install.opa import Fetch
from attestor.install.release import Origin

Locked = Mapping[str, Mapping[str, Asset]]
"""The lock's releases: files by platform, by tag."""


class Read(Protocol):
    """``download.read``, or a stand-in."""

    def __call__(self, url: str) -> bytes:
        """Return what is at ``url``; raises a ``download.DownloadError``."""
        ...


@dataclass(frozen=True, slots=True, kw_only=True)
class Wanted:
    """Which release, and what its user knows about it: the digest, and a mirror."""

    version: str
    sha256: str = ""
    url: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class World:
    """What lies outside, for an installation."""

    say: Callable[[str], None]
    platform: str = this_platform()
    origin: Origin = field(default_factory=Origin)
    fetch: Fetch = download.fetch
    read: Read = download.read


@dataclass(frozen=True, slots=True, kw_only=True)
class Installed:
    """A CLI in the cache: where, with which digest, where it and the digest came from, and whether that was pinned."""

    path: Path
    sha256: str
    source: str
    pinned: bool


@dataclass(frozen=True, slots=True, kw_only=True)
class _Expected:
    sha256: str
    by: str
    pinned: bool


def install(wanted: Wanted, locked: Locked, home: Path, world: World) -> Installed:
    """Have ``wanted`` in the cache ``home``; raises ``SettingsError``.

    What is in the cache already is taken if its digest is the right one, without asking anybody for it again.
    """
    expected = _pinned(wanted, locked, world.platform) or _published(wanted, world)
    place = home / "linkerd" / f"{wanted.version}-{world.platform}"
    program = place / "linkerd"
    addresses = release.addresses(wanted.version, world.platform, wanted.url, world.origin)
    try:
        with cache.alone(place, world.say):
            if not program.is_file() or cache.digest(program) != expected.sha256:
                program.unlink(missing_ok=True)
                _download(addresses, expected.sha256, program, world)
            program.chmod(0o755)
    except OSError as error:
        raise SettingsError(
            f"linkerd could not be put into {place}: {error.strerror or error}",
            cause="the disk is full, or the folder may not be written",
            remedy="make room or mend the rights, or name a linkerd that is there with linkerd-path",
        ) from error
    if not expected.pinned:
        world.say(f"linkerd {wanted.version} is not pinned; to pin it, add: linkerd-sha256: {expected.sha256}")
    source = f"release {wanted.version}, digest {expected.by}"
    return Installed(path=program, sha256=expected.sha256, source=source, pinned=expected.pinned)


def _pinned(wanted: Wanted, locked: Locked, platform: str) -> _Expected | None:
    asset = locked.get(wanted.version, {}).get(platform)
    if asset and wanted.sha256 and asset.sha256 != wanted.sha256:
        raise SettingsError(
            f"linkerd-sha256 is not the digest of linkerd {wanted.version} for {platform}, which is {asset.sha256}",
            cause="it is the digest of another version or of another platform",
            remedy="leave linkerd-sha256 out: this version is pinned already",
        )
    if asset:
        return _Expected(sha256=asset.sha256, by="of the lock", pinned=True)
    return _Expected(sha256=wanted.sha256, by="given as linkerd-sha256", pinned=True) if wanted.sha256 else None


def _published(wanted: Wanted, world: World) -> _Expected:
    """Return the digest that the release or the mirror publishes beside the file, or in the release's description."""
    reasons = []
    for page in release.digest_pages(wanted.version, world.platform, wanted.url, world.origin):
        try:
            found = page.digest_in(world.read(page.url))
        except Unreachable as error:
            reasons.append(error.problem)
            continue
        if found:
            return _Expected(sha256=found, by="published by the release, not pinned", pinned=False)
        reasons.append(f"{page.url} names no digest of it")
    raise SettingsError(
        f"no digest is known of linkerd {wanted.version} for {world.platform}, so it is not installed",
        cause="; ".join(reasons),
        remedy="give its digest, from a source that you trust, with linkerd-sha256; or a linkerd with linkerd-path",
    )


def _download(addresses: list[str], sha256: str, program: Path, world: World) -> None:
    """Take the file from the first address that has it; a wrong file ends it, whatever the others would say."""
    missing: list[DownloadError] = []
    for url in addresses:
        world.say(f"linkerd: downloading {release.shown(url)}")
        try:
            world.fetch(url, sha256, program, executable=True)
        except Unreachable as error:
            missing.append(error)
        else:
            return
    raise missing[0]
