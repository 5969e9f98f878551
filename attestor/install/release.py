"""Where a release of the linkerd CLI is, and where its digest is published. Pure.

Releases are files of GitHub (linkerd2 ``.github/workflows/release.yml``). Up to edge-25.9.3 a bare hex digest stands
beside each; since then it is only in the release's description, as GitHub's API gives it (``assets[].digest``).
"""

from __future__ import annotations

import re
from collections.abc import Callable
from dataclasses import dataclass

from attestor import strict_json
from attestor.install import address
from attestor.lenient import mapping, rows

shown = address.shown

_HEX = re.compile(r"[0-9a-f]{64}")


@dataclass(frozen=True, slots=True, kw_only=True)
class Origin:
    """The project's own release pages."""

    files: str = "https://github.com/linkerd/linkerd2/releases/download"
    descriptions: str = "https://api.github.com/repos/linkerd/linkerd2/releases/tags"


@dataclass(frozen=True, slots=True, kw_only=True)
class Page:
    """A page that may name the digest, and how it is read: an empty string where it does not."""

    url: str
    digest_in: Callable[[bytes], str]


def file_name(version: str, platform: str) -> str:
    """Return what a release calls the CLI for ``platform``, such as ``linux-amd64``."""
    return f"linkerd2-cli-{version}-{platform}"


def addresses(version: str, platform: str, mirror: str, origin: Origin) -> list[str]:
    """Return where the CLI may be, in order. A mirror is the file itself, or stands for the folder of all releases."""
    path = f"{version}/{file_name(version, platform)}"
    if not mirror:
        return [f"{origin.files}/{path}"]
    return [f"{mirror}{path}"] if mirror.endswith("/") else [mirror, f"{mirror}/{path}"]


def digest_pages(version: str, platform: str, mirror: str, origin: Origin) -> list[Page]:
    """Return where the digest may be published: beside the file, and for the project's own pages in the description."""
    name = file_name(version, platform)
    found = [Page(url=f"{url}.sha256", digest_in=_bare) for url in addresses(version, platform, mirror, origin)]
    if not mirror:
        described = Page(url=f"{origin.descriptions}/{version}", digest_in=lambda text: _described(text, name))
        found.append(described)
    return found


def _bare(text: bytes) -> str:
    """Return the digest of a page that holds nothing else, or the digest and a name."""
    word = text.decode("ascii", "replace").strip().partition(" ")[0]
    return word if _HEX.fullmatch(word) else ""


def _described(text: bytes, name: str) -> str:
    try:
        assets = rows(mapping(strict_json.loads(text)).get("assets"))
    except strict_json.NotJson:
        return ""
    digests = [str(asset.get("digest", "")) for asset in assets if asset.get("name") == name]
    digest = digests[0].removeprefix("sha256:") if len(digests) == 1 else ""
    return digest if _HEX.fullmatch(digest) else ""
