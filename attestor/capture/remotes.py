"""Remote URLs without what could be a credential, in every form that git takes (git-clone(1), "GIT URLS")."""

from __future__ import annotations

import re

_HELPER = re.compile(r"(?P<helper>[A-Za-z][A-Za-z0-9+.-]*::)(?P<address>.*)", re.DOTALL)
_SCHEME = re.compile(r"(?P<scheme>[A-Za-z][A-Za-z0-9+.-]*://)(?P<rest>.*)", re.DOTALL)
_IPV6 = r"\[[0-9A-Za-z:.%-]+\]"
_HOST = re.compile(rf"(?:{_IPV6}|[^@:/\s]+)(?::\d*)?")
_CERTAIN_HOST = re.compile(rf"(?:{_IPV6}|localhost|[^@:/\s]+\.[^@:/\s]+)(?::\d*)?")
"""A host that is no user's name with a password of figures; told where no ``@`` stands before the path."""

_HOST_BEHIND = re.compile(r"@[^@:/\s]+:")


def without_credentials(url: str) -> str:
    """Return ``url`` without user-info, query and fragment.

    The peer keeps an address that does not parse as it stands, credentials included. Here what precedes the last
    ``@`` goes wherever the part before the path is not plainly a host.
    """
    if (helper := _HELPER.fullmatch(url)) is not None:
        # `ext::` is followed by a command line, which may hold anything.
        is_command = helper["helper"] == "ext::"
        return helper["helper"] + ("" if is_command else without_credentials(helper["address"]))
    match = _SCHEME.fullmatch(url)
    return _scp_form(url) if match is None else match["scheme"] + _address(match["rest"], match["scheme"].lower())


def _address(rest: str, scheme: str) -> str:
    authority = re.split(r"[/?#]", rest, maxsplit=1)[0]
    host, behind = authority.rpartition("@")[2], rest[len(authority) :]
    pattern = _HOST if "@" in authority else _CERTAIN_HOST
    is_path = scheme == "file://" and not authority
    if "@" in behind and not is_path and not pattern.fullmatch(host):
        # A password with `/`, `?` or `#` in it: the "path" still holds the rest of the password and the real host.
        host, behind = "", rest.rpartition("@")[2]
    return host + (behind if scheme == "file://" else re.split(r"[?#]", behind, maxsplit=1)[0])


def _scp_form(url: str) -> str:
    """Return ``user@host:path`` without its user; a plain path stays as it is."""
    before, colon, path = url.partition(":")
    if not colon or "/" in before.rpartition("@")[2]:
        return url
    # `user:password@host:path` is no form that git takes, but it is one that people write.
    if "@" in path.partition("/")[0][1:] or _HOST_BEHIND.search(path):
        return path.rpartition("@")[2]
    return before.rpartition("@")[2] + colon + path
