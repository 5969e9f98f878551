"""The two secrets of a run, read and tried: the key that signs, and the kubeconfig that opens the cluster."""

from __future__ import annotations

import os
from dataclasses import dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING

from attestor import limits, redaction, signing
from attestor.arguments import looks_secret
from attestor.capture import kubeconfig as kubeconfigs
from attestor.capture import kubeconfig_secrets
from attestor.capture.kubeconfig import Kubeconfig, Source
from attestor.cluster.credentials import SERVICE_ACCOUNT
from attestor.errors import AttestorError, SettingsError
from attestor.given import Given
from attestor.redaction import looks_random
from attestor.settings import Settings
from attestor.signing import Signer

if TYPE_CHECKING:
    from attestor.preflight import ReadStdin


@dataclass(frozen=True, slots=True, kw_only=True)
class Key:
    """The signer, the forms that its secrets may take in text, and the files that they came from."""

    signer: Signer
    secrets: frozenset[str] = field(repr=False)
    files: tuple[Path, ...]


def signing_key(settings: Settings, stdin: ReadStdin, complaints: list[AttestorError]) -> Key | None:
    """Load and try the signing key; ``None`` where there is a complaint."""
    if settings.signing_key is None:
        return None
    try:
        return load_key(settings.signing_key, settings.passphrase, stdin)
    except SettingsError as error:
        complaints.append(error)
        return None


def load_key(given: Given, passphrase: Given | None, stdin: ReadStdin) -> Key:
    """Read the key, opened by the passphrase where it is encrypted; raises ``SettingsError``."""
    opener = _first_line(_read(passphrase, stdin)) if passphrase else None
    pem = _read(given, stdin)
    signer = signing.load(pem, opener, name=_named(given))
    hidden = redaction.spellings(pem) | (redaction.spellings(opener) if opener else set())
    return Key(signer=signer, secrets=frozenset(hidden), files=_files((given, passphrase) if passphrase else (given,)))


def kubeconfig(settings: Settings, stdin: ReadStdin, complaints: list[AttestorError]) -> Kubeconfig | None:
    """Read the kubeconfig and keep the one context that is used; ``None`` where there is none, or a complaint."""
    if not settings.kubeconfig:
        return None
    try:
        return kubeconfigs.load(_sources(settings, stdin), settings.context)
    except SettingsError as error:
        complaints.append(error)
        return None


def of_pod(settings: Settings) -> frozenset[str]:
    """Return the forms of the token that a pod logs in with, where this run does."""
    token = kubeconfig_secrets.content(SERVICE_ACCOUNT / "token") if settings.in_cluster else ""
    return frozenset(redaction.spellings(token.encode("utf-8", "replace"))) if token else frozenset()


def _sources(settings: Settings, stdin: ReadStdin) -> list[Source]:
    """Read every file of the list; one that is not there is left out as client-go does, unless that leaves none."""
    if looks_secret(":".join(given.path for given in settings.kubeconfig)):
        raise SettingsError(
            "$KUBECONFIG holds a kubeconfig itself, where the path of one is expected",
            remedy="write it to a file that only you can read, or give it on standard input with --kubeconfig -",
        )
    found: list[Source] = []
    missing: list[SettingsError] = []
    for given in settings.kubeconfig:
        try:
            found.append(_source(given, settings, stdin))
        except SettingsError as error:
            if not isinstance(error.__cause__, FileNotFoundError):
                raise
            missing.append(error)
    if not found:
        raise missing[0]
    return found


def _source(given: Given, settings: Settings, stdin: ReadStdin) -> Source:
    if given.content is None and given.path != "-":
        path = Path(given.path).expanduser().absolute()
        return kubeconfigs.read_file(path, shown=_is_path(given.path))
    return Source(name=given.name, text=_read(given, stdin), folder=settings.working_directory)


def _read(given: Given, stdin: ReadStdin) -> bytes:
    if given.content is not None:
        return given.content
    if given.path == "-":
        return stdin()
    try:
        with Path(given.path).open("rb") as file:
            data = file.read(limits.SECRET_BYTES + 1)
    except OSError as error:
        raise SettingsError(
            f"{_named(given)} cannot be read: {error.strerror}",
            cause="the file is not there, or belongs to another user",
            remedy="check the path; a key can be made with `mesh-attestor keygen`",
        ) from error
    if len(data) > limits.SECRET_BYTES:
        raise SettingsError(f"{_named(given)} is larger than {limits.SECRET_BYTES} bytes", remedy="check the path")
    return data


def _named(given: Given) -> str:
    path = given.path
    return f"{given.name} {path}" if path and path != "-" and not given.quiet and _is_path(path) else given.name


def _is_path(path: str) -> bool:
    """Tell whether ``path`` may be shown: where nothing is, the secret itself may stand in the path's place."""
    if os.path.lexists(path):
        return True
    return ("/" in path or "." in path) and not looks_random(path) and not looks_secret(path)


def _first_line(text: bytes) -> bytes:
    return text.split(b"\n", 1)[0].rstrip(b"\r")


def _files(sources: tuple[Given, ...]) -> tuple[Path, ...]:
    paths = [Path(given.path) for given in sources if given.path and given.path != "-"]
    return tuple(path.resolve() for path in paths if path.exists())
