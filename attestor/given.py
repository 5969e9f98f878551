"""Where a secret comes from: an option's path, standard input, or a variable; and where it must not be. Pure."""

from __future__ import annotations

import base64
import binascii
from collections.abc import Mapping
from dataclasses import dataclass, field

from attestor import redaction
from attestor.errors import AttestorError, SettingsError


@dataclass(frozen=True, slots=True, kw_only=True)
class Given:
    """Where a secret comes from: a file, standard input (``-``), or a value that the environment carried.

    ``quiet`` marks a path that nobody may be shown: it was taken from a variable that is meant to hold a secret.
    """

    name: str
    path: str = ""
    content: bytes | None = field(default=None, repr=False)
    quiet: bool = False


def signing_key(given: Mapping[str, str], env: Mapping[str, str], *, inline: bool = False) -> Given | None:
    """Return where the signing key comes from: the option, or its variable."""
    if value := given.get("signing-key"):
        return from_value("the signing key", value) if inline else Given(name="the signing key", path=value)
    value = env.get("MESH_ATTESTOR_SIGNING_KEY", "")
    return from_value("the signing key ($MESH_ATTESTOR_SIGNING_KEY)", value) if value else None


def passphrase(given: Mapping[str, str], env: Mapping[str, str]) -> Given | None:
    """Return where the key's passphrase comes from: a file, or an input or a variable that holds the passphrase."""
    if path := given.get("signing-key-passphrase-file"):
        return Given(name="the passphrase file", path=path)
    value = given.get("signing-key-passphrase") or env.get("MESH_ATTESTOR_SIGNING_KEY_PASSPHRASE", "")
    return Given(name="the passphrase", content=value.encode("utf-8", "surrogateescape")) if value else None


def kubeconfig(
    given: Mapping[str, str], env: Mapping[str, str], *, in_cluster: bool, inline: bool = False
) -> tuple[Given, ...]:
    """Return where the kubeconfig comes from: the option, or the files that ``$KUBECONFIG`` lists."""
    if value := given.get("kubeconfig"):
        found = from_value("the kubeconfig", value) if inline else Given(name="the kubeconfig", path=value)
        return (found,)
    if in_cluster:
        return ()
    paths = [path for path in env.get("KUBECONFIG", "").split(":") if path]
    return tuple(Given(name="the kubeconfig ($KUBECONFIG)", path=path) for path in paths)


def from_value(name: str, value: str) -> Given:
    """Return where a secret of the environment comes from: its content, plain or base64, or the path it names."""
    data = value.encode("utf-8", "surrogateescape")
    if b"-----BEGIN" in data or b"apiVersion" in data:
        return Given(name=name, content=data)
    try:
        decoded = base64.b64decode("".join(value.split()), validate=True)
    except (binascii.Error, ValueError):
        decoded = b""
    if b"-----BEGIN" in decoded or b"apiVersion" in decoded:
        return Given(name=name, content=decoded)
    if b"\n" in data.strip():
        return Given(name=name, content=data)
    return Given(name=name, path=value, quiet=True)


_OWN = frozenset({"MESH_ATTESTOR_SIGNING_KEY_PASSPHRASE", "INPUT_SIGNING-KEY-PASSPHRASE"})
"""Variables that hold a secret, whatever it looks like."""

_SECRET = 8
"""Characters of the shortest value of those that is looked for in others."""

_MAY_HOLD_SECRETS = frozenset({"signing-key", "signing-key-passphrase", "kubeconfig", "linkerd-url", "linkerd-sha256"})
"""Options that take a secret, an address with its password, or a digest, which a cache's key often is."""


def without_secrets(
    given: Mapping[str, str], env: Mapping[str, str], complaints: list[AttestorError]
) -> Mapping[str, str]:
    """Return ``given`` without the names and paths that hold a secret of the environment, and complain of those.

    Names and paths are shown, recorded and handed to children.
    """
    known = {value for name, value in env.items() if name in _OWN and len(value) >= _SECRET}
    others = {name: value for name, value in env.items() if not name.startswith("INPUT_")}
    known |= {secret for secret in redaction.named_secrets(others) if redaction.looks_random(secret)}
    wrong = [
        name
        for name, value in given.items()
        if name not in _MAY_HOLD_SECRETS and any(secret in value for secret in known)
    ]
    complaints.extend(
        SettingsError(
            f"the value of {name} holds a secret of the environment",
            cause="a variable was put into the wrong option; what is given here is recorded and shown",
            remedy="give a name or a path; a secret goes into a file, or on standard input",
        )
        for name in wrong
    )
    return {name: value for name, value in given.items() if name not in wrong}
