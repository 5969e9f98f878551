"""Keeps secrets out of the evidence: by the name of a variable, and by the value wherever it turns up.

The names are the peer's list (``sensitive_names.json``, with its origin), plus every ``INPUT_*`` and ``ACTIONS_*``.
A few names that the globs catch are evidence rather than secrets and stay readable: see ``HARMLESS``.
"""

from __future__ import annotations

import base64
import html
import json
import re
import shlex
from collections.abc import Iterable, Mapping
from functools import cache, lru_cache
from pathlib import Path
from urllib.parse import quote, quote_plus

from attestor.errors import SettingsError
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

_WORD = 4
"""Shorter secrets stay in a text: they would be cut out of every sentence, and be known by the gaps."""

_IN_PIECES = 10
"""Characters from which a secret is looked for across line breaks and spaces."""

_CERTAIN = 12
"""Characters from which a secret in other bytes is no coincidence: a password may be a word of a report."""

_BREAK = re.compile(r"\\+[nrt]|%0[AaDd]|\s")
_PRIVATE_KEY = re.compile(r"-----BEGIN [A-Z ]*PRIVATE KEY-----[^-]+-----END [A-Z ]*PRIVATE KEY-----")
_LINES = re.compile(r"[\r\n]+|(?:\\r)?\\n")
_RUN = re.compile(r"[A-Za-z0-9+=]{16,}")
_SECRET_TEXT = re.compile(
    r"-----BEGIN [A-Z ]*PRIVATE KEY-----[A-Za-z0-9+/=\s\\]*(?:-----END [A-Z ]*PRIVATE KEY-----)?"
    r"|\beyJ[\w-]{10,}\.[\w-]{10,}\.[\w-]*|\bgh[opsur]_\w{20,}"
)
"""What is a secret wherever it stands: a private key, a web token (RFC 7519), a token of GitHub."""

_RESERVE = 1 << 16
"""Characters beside a cut that are looked at and not shown; longer secrets are known by their parts."""

_SECRET_WORDS = (
    "TOKEN", "SECRET", "PASSWORD", "PASSWD", "PASSPHRASE", "CREDENTIAL", "PRIVATE_KEY", "ACCESS_KEY", "APIKEY",
    "API_KEY", "SIGNING_KEY", "SSH_KEY",
)  # fmt: skip
"""The words by which the peer decides what to cut out of a command's output (wire-format section 7.3)."""

_NAMED_SHORTEST = 8


@cache
def _sensitive() -> tuple[frozenset[str], re.Pattern[str]]:
    try:
        text = Path(__file__).with_name("sensitive_names.json").read_text(encoding="utf-8")
    except OSError as error:
        raise SettingsError(
            f"the list of the names that secrets have cannot be read: {error.strerror}",
            cause="the installation is not whole, or the system is short of descriptors",
            remedy="install it anew, or raise the limits (`ulimit -n`)",
        ) from error
    listed = json.loads(text)
    globs = [*listed["globs"], *_ALWAYS]
    pattern = "|".join(".*".join(map(re.escape, glob.upper().split("*"))) for glob in globs)
    return frozenset(name.upper() for name in listed["exact"]), re.compile(pattern, re.DOTALL)


def prepare() -> None:
    """Read the list of names now rather than in the midst of a capture; raises ``SettingsError``."""
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
    if _URL_PASSWORD.search(value) is not None or _SECRET_TEXT.search(value) is not None:
        return True
    return value in secrets or text(value, secrets) != value


def text(printed: str, secrets: Iterable[str]) -> str:
    """Return what a program printed, with every known secret of more than a few characters cut out.

    A secret of four or five characters is cut out where it is a word of its own, a long one also in pieces.
    """
    known = _longest_first(secrets if isinstance(secrets, tuple | frozenset) else frozenset(secrets))
    for secret, _ in known:
        if secret not in printed:
            continue
        if len(secret) >= _SHORTEST:
            printed = printed.replace(secret, REDACTED)
        else:
            printed = re.sub(rf"(?<!\w){re.escape(secret)}(?!\w)", REDACTED, printed)
    printed = _URL_PASSWORD.sub(lambda found: found[0].replace(found["password"], REDACTED), printed)
    return _SECRET_TEXT.sub(REDACTED, _without_pieces(printed, known))


@lru_cache(maxsize=8)
def _longest_first(secrets: tuple[str, ...] | frozenset[str]) -> tuple[tuple[str, str], ...]:
    """Return what a text is searched for, and what that is without breaks; what holds another secret comes first."""
    chosen = sorted({secret for secret in secrets if len(secret) >= _WORD}, key=len, reverse=True)
    return tuple((secret, _BREAK.sub("", secret)) for secret in chosen)


def _without_pieces(printed: str, known: Iterable[tuple[str, str]]) -> str:
    """Cut out the secrets that line breaks or spaces stand in, whether as themselves or escaped."""
    joined = _BREAK.sub("", printed)
    if len(joined) == len(printed):
        return printed
    for _, bare in known:
        if len(bare) >= _IN_PIECES and bare in joined:
            pattern = f"(?:{_BREAK.pattern})*".join(map(re.escape, bare))
            printed = re.sub(pattern, REDACTED, printed)
            joined = _BREAK.sub("", printed)
    return printed


def beginning(printed: str, secrets: Iterable[str], limit: int) -> str:
    """Return about the first ``limit`` characters of ``text``, without looking at many more."""
    if len(printed) <= limit + _RESERVE:
        return text(printed, secrets)[:limit]
    # A secret that the cut goes through is not recognised any more: it lies in what is taken off again.
    return text(printed[: limit + _RESERVE], secrets)[:-_RESERVE]


def end(printed: str, secrets: Iterable[str], limit: int) -> str:
    """Return about the last ``limit`` characters of ``text``, without looking at many more."""
    if len(printed) <= limit + _RESERVE:
        return text(printed, secrets)[-limit:]
    return text(printed[-limit - _RESERVE :], secrets)[_RESERVE:]


def holds(data: bytes, secrets: Iterable[str]) -> bool:
    """Tell whether one of ``secrets`` that no other text has by chance stands in ``data``."""
    known = {encoded(secret) for secret in secrets if len(secret) >= _CERTAIN}
    return any(secret in data for secret in known)


def named_secrets(environment: Mapping[str, str]) -> set[str]:
    """Return the values of variables that are named as secrets, and passwords in addresses, to be hidden everywhere."""
    named = {
        value for name, value in environment.items() if len(value) >= _NAMED_SHORTEST and _names_a_secret(name, value)
    }
    addresses = (_URL_PASSWORD.search(value) for value in environment.values())
    return named | {found["password"] for found in addresses if found is not None}


def _names_a_secret(name: str, value: str) -> bool:
    if any(word in name.upper() for word in _SECRET_WORDS):
        return True
    return is_sensitive(name) and looks_random(value)


def looks_random(value: str) -> bool:
    """Tell whether letters and figures are mixed in ``value`` as in no name that a person gave."""
    return any(
        any(map(str.isdigit, run)) and any(map(str.isalpha, run)) for run in _RUN.findall(value) if not run.isdigit()
    )


def named_forms(environment: Mapping[str, str]) -> frozenset[str]:
    """Return the forms of ``named_secrets``; of a text of several lines, only those that are certainly data."""
    found = set[str]()
    for value in named_secrets(environment):
        lines = [line.strip() for line in _LINES.split(value) if looks_random(line) and "-----" not in line]
        found |= {form for part in (value, *lines) for form in _forms(part)}
        # A cloud's credentials are JSON with a key in it.
        for key in _PRIVATE_KEY.findall(value.replace("\\n", "\n")):
            found |= spellings(key.encode("utf-8", "replace"))
    return frozenset(found)


def spellings(secret: bytes) -> set[str]:
    """Return the forms under which ``secret`` may turn up: whole and by its lines, each also encoded."""
    plain = secret.decode("utf-8", "replace").strip()
    lines = {line.strip() for line in _LINES.split(plain) if "-----" not in line}
    whole = {base64.b64encode(part).decode("ascii") for part in (secret, secret.strip(), secret.strip() + b"\n")}
    return {form for form in (*whole, *(form for part in (plain, *lines) for form in _forms(part))) if form}


def _forms(part: str) -> set[str]:
    return {part} | (_encoded(part) if _SHORTEST <= len(part) <= _RESERVE else set())


def _encoded(part: str) -> set[str]:
    """Return ``part`` as the encoders of logs, addresses, shells and pages write it."""
    data = part.encode("utf-8", "replace")
    escaped = json.dumps(part)[1:-1]
    found = {escaped, json.dumps(escaped)[1:-1], _as_go(escaped), repr(part)[1:-1], html.escape(part)}
    found |= {quote(data, safe=safe) for safe in ("", "/", "!'()*")} | {quote_plus(data), shlex.quote(part).strip("'")}
    found |= {re.sub("%..", lambda match: match[0].lower(), form) for form in tuple(found)}
    found |= {data.hex(), data.hex().upper()}
    for inner in (data, base64.b64encode(data)):
        for offset in range(3):
            aligned = _aligned(inner, offset)
            found |= {aligned, aligned.replace("+", "-").replace("/", "_")}
    return {form for form in found if len(form) > _SHORTEST}


def _as_go(escaped: str) -> str:
    return escaped.replace("<", "\\u003c").replace(">", "\\u003e").replace("&", "\\u0026")


def _aligned(data: bytes, offset: int) -> str:
    """Return the part of base64 that is the same whatever stands ``offset`` bytes before ``data`` and behind it."""
    whole = base64.b64encode(bytes(offset) + data).decode("ascii")
    return whole[-(-offset * 8 // 6) : (offset + len(data)) * 8 // 6]
