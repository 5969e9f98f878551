"""What is secret in a kubeconfig: the values that must show up nowhere else. Pure, but for the files that it names.

The fields are client-go's (``tools/clientcmd/api/types.go``); an auth provider's and an exec plugin's settings are
whatever the plugin likes, so that those go by their names and by their looks.
"""

from __future__ import annotations

import base64
import binascii
import re
from collections.abc import Iterator, Mapping
from pathlib import Path
from urllib.parse import unquote, urlsplit

from attestor import limits
from attestor.lenient import mapping, rows
from attestor.redaction import looks_random

_WORDS = re.compile(r"token|passw|passphrase|secret|credential|private-?key|api-?key|access-?key|bearer|jwt|key-data")
_NO_SECRET = re.compile(r"(file|path|-url|-name|-id)$|^token-key$")
"""Names with such a word that speak of a place, or of where in an answer the secret stands."""


_UNREADABLE = (FileNotFoundError, NotADirectoryError, IsADirectoryError, PermissionError)
"""What linkerd meets, too, which runs with no more rights than this program."""


def values(document: object) -> set[str]:
    """Return every secret of ``document``, a kubeconfig as YAML has it, whichever context is used."""
    found = set(_named(document, ""))
    for user in rows(mapping(document).get("users")):
        found |= set(_of_plugin(mapping(mapping(user.get("user")).get("exec"))))
    for cluster in rows(mapping(document).get("clusters")):
        entry = mapping(cluster.get("cluster"))
        found |= {password for name in ("server", "proxy-url") for password in _of_address(entry.get(name))}
    return {value for value in found if value.strip()}


def files(document: object, folder: Path) -> tuple[Path, ...]:
    """Return the files with secrets that ``document`` names, relative to ``folder``."""
    users = [mapping(user.get("user")) for user in rows(mapping(document).get("users"))]
    named = [user[name] for user in users for name in ("tokenFile", "client-key") if user.get(name)]
    return tuple(folder / str(name) for name in named)


def content(path: Path) -> str:
    """Return what a file holds that a kubeconfig names, empty where linkerd cannot read it either: that is its to say.

    Raises ``OSError`` where it is this process that lacks something: linkerd would get a secret that nobody hides.
    """
    try:
        with path.open("rb") as file:
            return file.read(limits.SECRET_BYTES).decode("utf-8", "replace")
    except (*_UNREADABLE, ValueError):
        return ""


def is_there(path: Path) -> bool:
    """Tell whether ``path`` is a file, as far as linkerd could see it; raises ``OSError`` as ``content`` does."""
    try:
        return path.is_file()
    except _UNREADABLE:
        return False


def _named(value: object, key: str) -> Iterator[str]:
    if isinstance(value, Mapping):
        for name, item in value.items():
            yield from _named(item, str(name))
    elif isinstance(value, list):
        for item in value:
            yield from _named(item, "")
    elif isinstance(value, str | int) and not isinstance(value, bool) and is_secret_name(key):
        yield str(value)
        yield from _decoded(str(value)) if key.endswith("-data") else ()


def is_secret_name(name: str) -> bool:
    """Tell whether the value of a field or an option of this name is a secret."""
    plain = name.lower().replace("_", "-").lstrip("-")
    return _WORDS.search(plain) is not None and _NO_SECRET.search(plain) is None


def _decoded(value: str) -> Iterator[str]:
    try:
        yield base64.b64decode("".join(value.split()), validate=True).decode("utf-8", "replace")
    except (binascii.Error, ValueError):
        return


def _of_plugin(plugin: Mapping[str, object]) -> Iterator[str]:
    """Yield the variables and arguments of a login program that are called, or look like, secrets."""
    for item in rows(plugin.get("env")):
        value = str(item.get("value", ""))
        if is_secret_name(str(item.get("name", ""))) or looks_random(value):
            yield value
    listed = plugin.get("args")
    before = ""
    for word in map(str, listed if isinstance(listed, list) else []):
        option, equals, value = word.partition("=") if word.startswith("-") else (before, "=", word)
        if equals and (is_secret_name(option) or looks_random(value)):
            yield value
        before = word if word.startswith("-") else ""


def _of_address(address: object) -> Iterator[str]:
    try:
        password = urlsplit(str(address or "")).password or ""
    except ValueError:
        return
    yield from {password, unquote(password)}
