"""Keeps secrets out of the evidence: by the name of a variable, and by the value wherever it turns up.

The names are the peer's list (``sensitive_names.json``, with its origin), plus every ``INPUT_*`` and ``ACTIONS_*``.
A few names that the globs catch are evidence rather than secrets and stay readable: see ``HARMLESS``.
"""

from __future__ import annotations

import base64
import json
import re
from collections.abc import Iterable, Mapping
from functools import cache
from pathlib import Path

from attestor.statement import encoded

_URL_PASSWORD = re.compile(r"://[^/\s:@]*:(?P<password>[^/\s@]+)@")
"""A password in an address, as proxy variables have it (RFC 3986, section 3.2.1)."""

MASK = "******"
REDACTED = "[REDACTED]"

HARMLESS = frozenset({
    # `*PAT*` catches every search path, `*PWD*` the working directories, `*AUTH*` git's author.
    "PATH", "PWD", "OLDPWD", "CDPATH", "MANPATH", "INFOPATH", "GOPATH", "PYTHONPATH", "NODE_PATH", "CLASSPATH",
    "LD_LIBRARY_PATH", "LIBRARY_PATH", "PKG_CONFIG_PATH", "GITHUB_PATH", "GITHUB_ACTION_PATH", "GITHUB_EVENT_PATH",
    "GIT_AUTHOR_NAME", "GIT_AUTHOR_EMAIL", "GIT_AUTHOR_DATE",
})  # fmt: skip
"""Names that the globs would mask though they hold no secret. Their values are still searched for known secrets."""

_ALWAYS = ("INPUT_*", "ACTIONS_*")
_SHORTEST = 6
"""Shorter secrets are matched as whole values only: as parts of other values they would mask everything."""

_SECRET_WORDS = (
    "TOKEN", "SECRET", "PASSWORD", "PASSWD", "PASSPHRASE", "CREDENTIAL", "PRIVATE_KEY", "ACCESS_KEY", "APIKEY",
    "API_KEY", "SIGNING_KEY", "SSH_KEY",
)  # fmt: skip
"""The words by which the peer decides what to cut out of a command's output (wire-format section 7.3)."""

_NAMED_SHORTEST = 8


@cache
def _sensitive() -> tuple[frozenset[str], re.Pattern[str]]:
    listed = json.loads(Path(__file__).with_name("sensitive_names.json").read_text(encoding="utf-8"))
    globs = [*listed["globs"], *_ALWAYS]
    pattern = "|".join(".*".join(map(re.escape, glob.upper().split("*"))) for glob in globs)
    return frozenset(name.upper() for name in listed["exact"]), re.compile(pattern, re.DOTALL)


def prepare() -> None:
    """Read the list of names now rather than in the midst of a capture; raises ``OSError``."""
    _sensitive()


def is_sensitive(name: str) -> bool:
    """Tell whether a variable of this name is masked whatever it holds."""
    if name in HARMLESS:
        return False
    exact, globs = _sensitive()
    return name.upper() in exact or globs.fullmatch(name.upper()) is not None


def variables(environment: Mapping[str, str], secrets: Iterable[str]) -> dict[str, str]:
    """Return ``environment`` by name, with each sensitive value replaced by six asterisks, the name kept."""
    known = tuple(secrets)
    return {
        # Two names that are not UTF-8 may become one; two equal keys could not be read back.
        encoded(name).decode("utf-8"): MASK if is_sensitive(name) or _is_secret(value, known) else value
        for name, value in sorted(environment.items())
    }


def _is_secret(value: str, secrets: tuple[str, ...]) -> bool:
    if _URL_PASSWORD.search(value) is not None:
        return True
    return any(value == secret or (len(secret) >= _SHORTEST and secret in value) for secret in secrets)


def text(printed: str, secrets: Iterable[str]) -> str:
    """Return what a program printed, with every known secret of more than a few characters cut out."""
    for secret in sorted({secret for secret in secrets if len(secret) >= _SHORTEST}, key=len, reverse=True):
        printed = printed.replace(secret, REDACTED)
    return printed


def named_secrets(environment: Mapping[str, str]) -> set[str]:
    """Return the values of variables that are named as secrets, and passwords in addresses, to be hidden everywhere."""
    named = {
        value
        for name, value in environment.items()
        if len(value) >= _NAMED_SHORTEST and any(word in name.upper() for word in _SECRET_WORDS)
    }
    addresses = (_URL_PASSWORD.search(value) for value in environment.values())
    return named | {found["password"] for found in addresses if found is not None}


def spellings(secret: bytes) -> set[str]:
    """Return the forms under which ``secret`` may turn up: as it is, by its longer lines, and as base64."""
    plain = secret.decode("utf-8", "replace").strip()
    lines = {line.strip() for line in plain.splitlines() if "-----" not in line}
    encoded = {base64.b64encode(part).decode("ascii") for part in (secret, secret.strip(), secret.strip() + b"\n")}
    return {form for form in {plain, *lines, *encoded} if form}
