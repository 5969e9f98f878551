"""Addresses of files: which may be asked, and how one is shown without its secrets. Pure."""

from __future__ import annotations

from urllib.parse import SplitResult, urlsplit

_LOOPBACK = frozenset({"127.0.0.1", "::1", "localhost"})


def is_https(url: str) -> bool:
    """Tell whether ``url`` names a host that is spoken to through TLS."""
    return _parts(url).scheme == "https"


def is_web(url: str) -> bool:
    """Tell whether ``url`` names a host that is asked over HTTP, with TLS or without, and no user of it."""
    parts = _parts(url)
    return parts.scheme in ("http", "https") and bool(parts.hostname) and "@" not in parts.netloc


def is_loopback(url: str) -> bool:
    """Tell whether ``url`` is this machine's own, in clear: only tests speak to such a one."""
    return _parts(url).scheme == "http" and _parts(url).hostname in _LOOPBACK


def shown(url: str) -> str:
    """Return ``url`` without what may be secret in it: user and password, and the signature in a query."""
    parts = _parts(url)
    return f"{parts.scheme}://{parts.hostname}{parts.path}" if parts.hostname else "what is no address"


def _parts(url: str) -> SplitResult:
    """Take ``url`` apart; what is no address has no parts, and so passes no check."""
    try:
        return urlsplit(url)
    except ValueError:
        return urlsplit("")
