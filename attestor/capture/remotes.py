"""Remote URLs without what could be a credential, in every form that git takes (git-clone(1), "GIT URLS")."""

from __future__ import annotations

import re

_SCHEME = re.compile(r"(?P<scheme>[A-Za-z][A-Za-z0-9+.-]*(?:::[A-Za-z][A-Za-z0-9+.-]*)?://)(?P<rest>.*)", re.DOTALL)
_HOST = re.compile(r"\[[0-9A-Fa-f:.%]+\](?::\d*)?|[^@:/\s]+(?::\d*)?")


def without_credentials(url: str) -> str:
    """Return ``url`` without user-info, query and fragment.

    The peer keeps an address that does not parse as it stands, credentials included. Here what precedes the last
    ``@`` goes wherever the part before the path is not plainly a host.
    """
    match = _SCHEME.fullmatch(url)
    if match is None:
        return _scp_form(url)
    rest = re.split(r"[?#]", match["rest"], maxsplit=1)[0] if match["scheme"] != "file://" else match["rest"]
    authority, slash, path = rest.partition("/")
    if "@" in authority:
        authority = authority.rpartition("@")[2]
    if authority and not _HOST.fullmatch(authority) and "@" in rest:
        # A password with a slash in it: the "path" still holds the rest of the password and the real host.
        return match["scheme"] + rest.rpartition("@")[2]
    return match["scheme"] + authority + slash + path


def _scp_form(url: str) -> str:
    """Return ``user@host:path`` without its user; a plain path stays as it is."""
    before, colon, path = url.partition(":")
    if not colon or "/" in before.rpartition("@")[2]:
        return url
    if "@" in before:
        return before.rpartition("@")[2] + colon + path
    # `user:password@host:path` is no form that git takes, but it is one that people write.
    return path.rpartition("@")[2] if "@" in path.partition("/")[0] else url
