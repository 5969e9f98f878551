"""The CLI is the release that was asked for, with a digest that somebody vouches for, or it is not installed."""

from __future__ import annotations

import hashlib
import time
from collections.abc import Iterator, Mapping
from http.server import BaseHTTPRequestHandler
from pathlib import Path

import pytest

from attestor.errors import SettingsError
from attestor.install import download, linkerd
from attestor.install.download import Patience, Unreachable, WrongContent
from attestor.install.linkerd import Installed, Wanted, World
from attestor.install.lock import Asset
from attestor.install.release import Origin
from tests import web
from tests.web import Site, body, document

PROGRAM = b"#!/bin/sh\necho edge-25.5.2\n"
SHA = hashlib.sha256(PROGRAM).hexdigest()
OTHER = "0" * 64
TAG, PLATFORM = "edge-25.5.2", "linux-amd64"
NAME = f"linkerd2-cli-{TAG}-{PLATFORM}"
FILE = f"/files/{TAG}/{NAME}"
DESCRIPTION = f"/tags/{TAG}"
LOCKED = {TAG: {PLATFORM: Asset(url="https://host.example/x", sha256=SHA)}}
UNLOCKED: Mapping[str, Mapping[str, Asset]] = {}


def slow(request: BaseHTTPRequestHandler) -> None:
    """Answer nothing for longer than anybody in these tests waits."""
    time.sleep(0.4)


@pytest.fixture(autouse=True)
def _no_proxy(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("NO_PROXY", "127.0.0.1")
    monkeypatch.setenv("no_proxy", "127.0.0.1")


@pytest.fixture
def site() -> Iterator[Site]:
    with web.served() as found:
        yield found


class Release:
    """The project's release pages on loopback, and a cache."""

    def __init__(self, site: Site, home: Path) -> None:
        self.site, self.home, self.said = site, home, list[str]()
        self.pauses: list[float] = []
        patience = Patience(attempts=3, silence=0.2, total=0.3, sleep=self.pauses.append)

        def fetch(url: str, sha256: str, destination: Path, *, executable: bool = False) -> None:
            download.fetch(url, sha256, destination, executable=executable, patience=patience)

        self.world = World(
            say=self.said.append,
            platform=PLATFORM,
            origin=Origin(files=f"{site.url}/files", descriptions=f"{site.url}/tags"),
            fetch=fetch,
            read=lambda url: download.read(url, patience=patience),
        )

    def install(self, locked: Mapping[str, Mapping[str, Asset]] = LOCKED, **wanted: str) -> Installed:
        return linkerd.install(Wanted(version=TAG, **wanted), locked, self.home, self.world)

    def names(self) -> list[str]:
        place = self.home / "linkerd" / f"{TAG}-{PLATFORM}"
        return sorted(path.name for path in place.iterdir() if path.name != ".lock")


@pytest.fixture
def release(site: Site, tmp_path: Path) -> Release:
    return Release(site, tmp_path / "cache")


def test_a_locked_release_is_installed(release: Release) -> None:
    """Whole, executable, pinned, and with where it came from."""
    release.site.put(FILE, body(PROGRAM))
    found = release.install()
    assert (found.path.read_bytes(), found.path.stat().st_mode & 0o777) == (PROGRAM, 0o755)
    assert (found.sha256, found.pinned, found.source) == (SHA, True, f"release {TAG}, digest of the lock")
    assert release.names() == ["linkerd"]
    assert release.site.asked == [FILE]
    assert not any("not pinned" in line for line in release.said)


def test_the_cache_answers_without_the_network(release: Release) -> None:
    """As long as what it holds has the right digest."""
    release.site.put(FILE, body(PROGRAM))
    release.install()
    release.site.put(FILE, body(b"", status=500))
    assert release.install().path.read_bytes() == PROGRAM
    assert release.site.asked == [FILE]


def test_a_changed_cache_is_not_believed(release: Release) -> None:
    """A step of the same job could have written there."""
    release.site.put(FILE, body(PROGRAM))
    release.install().path.write_bytes(b"#!/bin/sh\nsteal\n")
    assert release.install().path.read_bytes() == PROGRAM
    assert release.site.asked == [FILE, FILE]


@pytest.mark.parametrize("content", [b"another", PROGRAM[:-1], PROGRAM + b"\n", b""])
def test_a_wrong_file_is_thrown_away(release: Release, content: bytes) -> None:
    """And not asked for again: somebody may be at work."""
    release.site.put(FILE, body(content))
    with pytest.raises(WrongContent):
        release.install()
    assert release.names() == []
    assert release.site.asked == [FILE]


def test_a_truncated_answer_is_tried_again(release: Release) -> None:
    """Then given up; nothing is left."""
    release.site.put(FILE, body(PROGRAM[:5], claimed=len(PROGRAM)), body(PROGRAM))
    assert release.install().sha256 == SHA
    release.site.put(FILE, body(PROGRAM[:5], claimed=len(PROGRAM)))
    (release.home / "linkerd" / f"{TAG}-{PLATFORM}" / "linkerd").unlink()
    with pytest.raises(Unreachable):
        release.install()
    assert release.names() == []


def test_a_redirect_is_followed(release: Release) -> None:
    """Release files of GitHub are one."""
    release.site.put(FILE, body(b"", status=302, Location="/elsewhere"))
    release.site.put("/elsewhere", body(PROGRAM))
    assert release.install().sha256 == SHA


def test_a_release_that_is_not_there_is_named(release: Release) -> None:
    """Once: a 404 does not pass."""
    with pytest.raises(Unreachable, match="404"):
        release.install()
    assert release.site.asked == [FILE]


def test_a_busy_server_is_asked_again_after_a_pause(release: Release) -> None:
    """429, then the file."""
    release.site.put(FILE, body(b"", status=429, Retry_After="7"), body(PROGRAM))
    assert release.install().sha256 == SHA
    assert release.pauses == [7.0]


def test_a_silent_server_is_given_up(release: Release) -> None:
    """After three attempts with growing pauses."""
    release.site.put(FILE, slow)
    with pytest.raises(Unreachable, match="3 attempts"):
        release.install()
    assert release.pauses == [1.0, 2.0]


def test_nobody_there_is_said_plainly(release: Release, tmp_path: Path) -> None:
    """Offline, and nothing in the cache."""
    offline = Release(Site(url="http://127.0.0.1:1"), tmp_path / "empty")
    with pytest.raises(Unreachable, match="no connection"):
        offline.install()


def test_the_users_digest_pins_what_the_lock_does_not_know(release: Release) -> None:
    """And the right one only."""
    release.site.put(FILE, body(PROGRAM))
    found = release.install(UNLOCKED, sha256=SHA)
    assert (found.pinned, found.source) == (True, f"release {TAG}, digest given as linkerd-sha256")
    with pytest.raises(WrongContent):
        release.install(UNLOCKED, sha256=OTHER)


def test_two_digests_that_differ_are_a_question(release: Release) -> None:
    """The lock is not overruled, and nothing is downloaded."""
    with pytest.raises(SettingsError, match="linkerd-sha256 is not the digest"):
        release.install(sha256=OTHER)
    assert release.site.asked == []


@pytest.mark.parametrize("text", [SHA, f"{SHA}\n", f"{SHA}  {NAME}\n"])
def test_a_digest_beside_the_file_is_not_a_pin(release: Release, text: str) -> None:
    """It is taken, and the log says what to add."""
    release.site.put(FILE, body(PROGRAM))
    release.site.put(f"{FILE}.sha256", body(text.encode()))
    found = release.install(UNLOCKED)
    assert not found.pinned
    assert found.source.endswith("published by the release, not pinned")
    assert release.said[-1].endswith(f"is not pinned; to pin it, add: linkerd-sha256: {SHA}")


def test_a_digest_of_the_description_is_taken_where_none_stands_beside_the_file(release: Release) -> None:
    """As for every release since edge-25.9.4."""
    release.site.put(FILE, body(PROGRAM))
    assets = [{"name": "other", "digest": f"sha256:{OTHER}"}, {"name": NAME, "digest": f"sha256:{SHA}"}]
    release.site.put(DESCRIPTION, document({"assets": assets}))
    assert release.install(UNLOCKED).sha256 == SHA
    assert release.site.asked == [f"{FILE}.sha256", DESCRIPTION, FILE]


@pytest.mark.parametrize(
    "description",
    [
        {"assets": []},
        {"assets": [{"name": NAME}]},
        {"assets": [{"name": NAME, "digest": f"sha512:{SHA}"}]},
        {"assets": [{"name": NAME, "digest": f"sha256:{SHA}"}] * 2},
        {"assets": {"name": NAME, "digest": f"sha256:{SHA}"}},
        [],
    ],
)
def test_without_any_digest_nothing_is_installed(release: Release, description: object) -> None:
    """The option that gives one is named, and so is every place that was asked."""
    release.site.put(FILE, body(PROGRAM))
    release.site.put(f"{FILE}.sha256", body(b"<html>not a digest</html>"))
    release.site.put(DESCRIPTION, document(description))
    with pytest.raises(SettingsError, match="no digest is known") as caught:
        release.install(UNLOCKED)
    assert "linkerd-sha256" in caught.value.remedy
    assert DESCRIPTION in caught.value.cause
    assert FILE not in release.site.asked


def test_a_mirror_may_be_the_file_or_the_folder(release: Release) -> None:
    """Whichever answers; the project's own pages are not asked."""
    release.site.put("/mirror/linkerd", body(PROGRAM))
    assert release.install(url=f"{release.site.url}/mirror/linkerd").sha256 == SHA
    (release.home / "linkerd" / f"{TAG}-{PLATFORM}" / "linkerd").unlink()
    release.site.put(f"/all/{TAG}/{NAME}", body(PROGRAM))
    for url in (f"{release.site.url}/all/", f"{release.site.url}/all"):
        assert release.install(url=url).sha256 == SHA
        (release.home / "linkerd" / f"{TAG}-{PLATFORM}" / "linkerd").unlink()
    assert not any(path.startswith(("/files", "/tags")) for path in release.site.asked)


def test_a_mirror_is_not_believed_about_a_locked_release(release: Release) -> None:
    """Its file must have the lock's digest."""
    release.site.put("/mirror/linkerd", body(b"another"))
    with pytest.raises(WrongContent):
        release.install(url=f"{release.site.url}/mirror/linkerd")


def test_a_cache_that_cannot_be_written_is_named(release: Release, tmp_path: Path) -> None:
    """With the way out."""
    release.home.write_bytes(b"a file")
    with pytest.raises(SettingsError, match="could not be put into") as caught:
        release.install()
    assert "linkerd-path" in caught.value.remedy
