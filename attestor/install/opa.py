"""The policy engine: in the cache, or from the release page, or built by Go, or given; then what policies may do.

cache/opa/1.19.0-linux-amd64/opa                     the program
                             opa.sha256              its digest, where it did not come from the release page
                             opa-capabilities.json   what policies may do with it
                             opa-known.json          its digest and version, and by which marks it is that file
"""

from __future__ import annotations

import shutil
import tempfile
from collections.abc import Callable, Mapping
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Protocol
from urllib.parse import unquote

from attestor import limits, process
from attestor.errors import SettingsError
from attestor.install import cache, capabilities, download, go, known
from attestor.install.lock import Asset, Opa
from attestor.install.runner import Runner

RECORD = "opa.sha256"


class Fetch(Protocol):
    """``download.fetch``, or a stand-in."""

    def __call__(self, url: str, sha256: str, destination: Path, *, executable: bool = False) -> None:
        """Bring ``url`` to ``destination``; raises a ``download.DownloadError``."""
        ...


@dataclass(frozen=True, slots=True, kw_only=True)
class World:
    """What lies outside: the user's environment, the machine, and the functions that reach both."""

    env: Mapping[str, str]
    platform: str
    say: Callable[[str], None]
    run: Runner = process.run
    fetch: Fetch = download.fetch

    @property
    def opa_env(self) -> dict[str, str]:
        """The environment of opa itself: it needs nothing else, and gets nothing else."""
        return {name: self.env[name] for name in ("PATH", "HOME", "TMPDIR") if name in self.env}


def install(lock: Opa, home: Path, world: World, *, given: Path | None = None) -> Path:
    """Have opa of the lock's version in the cache ``home`` and return its path; its capabilities are beside it.

    ``given`` is a program of the user's own that is taken instead of any other. Raises ``SettingsError``:
    ``download.WrongContent`` at once, everything else only after every way was tried.
    """
    place = home / "opa" / f"{lock.version}-{world.platform}"
    program = place / "opa"
    try:
        with cache.alone(place, world.say):
            if given is not None:
                _adopt(given, lock, place, world)
            elif not _is_trusted(program, lock.platforms.get(world.platform)):
                _discard(place)
                _obtain(lock, place, world)
            cache.write(place / capabilities.FILE_NAME, capabilities.derive(program, env=world.opa_env, run=world.run))
            cache.write(place / known.FILE_NAME, known.note(program, lock.version))
    except OSError as error:
        raise SettingsError(
            f"opa could not be put into {place}: {error.strerror or error}",
            cause="The disk is full, or the folder may not be written.",
            remedy="Make room or mend the rights, or set XDG_CACHE_HOME to another folder.",
        ) from error
    return program


def from_mirror(lock: Opa, platform: str, url: str, sha256: str) -> tuple[Opa, Path | None]:
    """Return the lock with ``url`` in the place of the release's, or a file of this machine once its digest is right.

    An empty ``sha256`` means the lock's own. Raises ``SettingsError`` where the file is another, or no digest is known.
    """
    locked = lock.platforms.get(platform)
    expected = sha256 or (locked.sha256 if locked else "")
    if not url and not sha256:
        return lock, None
    path = unquote(url.removeprefix("file://")) if url.startswith("file:///") else ""
    if not path:
        return replace(lock, platforms={**lock.platforms, platform: Asset(url=url, sha256=expected)}), None
    try:
        found = cache.digest(Path(path))
    except OSError as error:
        raise SettingsError(
            f"{path} cannot be read: {error.strerror}", remedy="Name the opa program itself."
        ) from error
    if found != expected:
        raise SettingsError(
            f"the sha256 of {path} is {found}, expected {expected or 'one that nobody gave'}",
            cause="It is another program, or the digest is of another version.",
            remedy="Give the digest of this file, from where the file came from.",
        )
    return lock, Path(path)


def _is_trusted(program: Path, asset: Asset | None) -> bool:
    """Tell whether the cached program is the release's, or the one whose digest was recorded when it was built."""
    if not program.is_file():
        return False
    record = program.with_name(RECORD)
    recorded = record.read_text(encoding="ascii", errors="replace").partition(" ")[0] if record.is_file() else None
    return cache.digest(program) in {recorded, asset.sha256 if asset else None}


def _discard(place: Path) -> None:
    """Clear the folder, also of the drafts that a killed set-up left: whoever holds the lock is alone in it."""
    for name in ("opa", RECORD, capabilities.FILE_NAME, known.FILE_NAME):
        (place / name).unlink(missing_ok=True)
    for draft in place.glob(".*-*"):
        shutil.rmtree(draft) if draft.is_dir() else draft.unlink()


def _obtain(lock: Opa, place: Path, world: World) -> None:
    """Bring opa from the release page; where that cannot be reached, let Go build it."""
    try:
        _download(lock, place, world)
    except download.Unreachable as unreachable:
        try:
            _build(lock, place, world)
        except SettingsError as unbuilt:
            raise _neither(lock, unreachable, unbuilt) from unbuilt


def _download(lock: Opa, place: Path, world: World) -> None:
    asset = lock.platforms.get(world.platform)
    if asset is None:
        raise download.Unreachable(f"the lock names no release file of opa for {world.platform}")
    world.say(f"opa {lock.version}: downloading it from its release page")
    world.fetch(asset.url, asset.sha256, place / "opa", executable=True)


def _build(lock: Opa, place: Path, world: World) -> None:
    program = go.find(world.env)
    if program is None:
        raise SettingsError("there is no `go` on PATH")
    world.say(f"opa {lock.version}: the release page is out of reach; building it with Go, about a minute")
    with tempfile.TemporaryDirectory(dir=place, prefix=".go-") as workshop:
        package = f"{lock.module}@v{lock.version}"
        go.install(package, Path(workshop), go=program, env=world.env, run=world.run)
        _admit(Path(workshop) / "opa", lock, place, world)


def _adopt(given: Path, lock: Opa, place: Path, world: World) -> None:
    with tempfile.TemporaryDirectory(dir=place, prefix=".given-") as workshop:
        copy = Path(workshop) / "opa"
        try:
            shutil.copyfile(given, copy)
        except OSError as error:
            raise SettingsError(
                f"{given} cannot be read: {error.strerror}",
                cause="The path is mistyped, or a folder.",
                remedy="Name the opa program itself.",
            ) from error
        copy.chmod(0o755)
        _admit(copy, lock, place, world)


def _admit(candidate: Path, lock: Opa, place: Path, world: World) -> None:
    """Let a program without a digest in the lock into the cache, if it says that it is the wanted version."""
    try:
        answer = world.run([str(candidate), "version"], env=world.opa_env, timeout=limits.VERSION_SECONDS)
    except process.ProcessError as error:
        raise _another(lock, error.problem) from error
    if f"Version: {lock.version}".encode() not in answer.stdout.splitlines():
        said = answer.stdout.decode(errors="replace").partition("\n")[0].strip()
        raise _another(lock, f"it says {said!r}")
    # The record comes first: a set-up that dies in between leaves a record without a program, which is no program.
    cache.write(place / RECORD, f"{cache.digest(candidate)}  opa\n".encode())
    candidate.replace(place / "opa")


def _another(lock: Opa, reason: str) -> SettingsError:
    return SettingsError(
        f"the program is not opa {lock.version}: {reason}",
        cause="It is another version, or made for another machine.",
        remedy=f"Use opa {lock.version}, the version that the policies are tested with.",
    )


def _neither(lock: Opa, unreachable: SettingsError, unbuilt: SettingsError) -> SettingsError:
    hint = f" For Go: {unbuilt.remedy}" if unbuilt.remedy else ""
    return SettingsError(
        f"opa {lock.version}, the policy engine, could be had in neither of two ways",
        cause=f"Release page: {unreachable.problem}. Go module: {unbuilt.problem}.",
        remedy=f"Let this machine reach the release page; or install Go and let it reach a registry for {lock.module}; "
        f"or bring opa {lock.version} by hand: `make setup OPA=PATH`, or `--opa PATH` for one run.{hint}",
    )
