"""The searcher itself: whatever is planted in whatever disguise is found, and nothing is found where nothing is."""

from __future__ import annotations

import base64
import html
import json
import random
import textwrap
from collections.abc import Callable
from pathlib import Path

import pytest

from tests import canaries
from tests.canaries import Planted, aligned, encodings, plant, search

ENCODINGS = tuple(encodings(b"a secret"))


@pytest.fixture(scope="module")
def planted(tmp_path_factory: pytest.TempPathFactory) -> Planted:
    return plant(tmp_path_factory.mktemp("canaries") / "planted")


def found(text: bytes, planted: Planted) -> set[str]:
    return {leak.canary for leak in search({"text": text}, [], planted)}


@pytest.mark.parametrize("encoding", ENCODINGS)
def test_every_canary_is_found_in_every_encoding(planted: Planted, encoding: str) -> None:
    """In the middle of other text."""
    for name, secret in planted.secrets.items():
        for part in canaries._parts(secret):
            text = b"before " + encodings(part)[encoding] + b" after"
            assert name in found(text, planted), (name, part)


@pytest.mark.parametrize("before", range(12))
@pytest.mark.parametrize("width", [0, 76, 64, 40])
def test_base64_is_found_at_every_offset_and_in_lines(planted: Planted, before: int, width: int) -> None:
    """Whatever was encoded together with it, and wherever the lines are broken."""
    whole = base64.b64encode(b"x" * before + planted.secrets["token"] + b"y" * before).decode()
    text = "\n".join(textwrap.wrap(whole, width)) if width else whole
    assert "token" in found(text.encode(), planted)


BREAKS: dict[str, Callable[[list[str]], str]] = {
    "lines": "\n".join,
    "lines of Windows": "\r\n".join,
    "spaces": " ".join,
    "escaped lines": "\\n".join,
    "lines of a runner's command": "%0A".join,
    "lines of a report": "\n| ".join,
    "last words of linkerd": "\n| linkerd: ".join,
}


@pytest.mark.parametrize("kind", BREAKS)
def test_a_secret_in_pieces_is_found(planted: Planted, kind: str) -> None:
    """Also where each piece stands on a line of its own."""
    for name in ("token", "password", "client key", "GitHub's token"):
        pieces = textwrap.wrap(planted.text(name).replace("\n", " "), 9)
        assert name in found(BREAKS[kind](["words", *pieces, "words"]).encode(), planted)


def test_a_secret_in_a_page_and_in_json_is_found(planted: Planted) -> None:
    """A renderer writes every sign as a reference to its character, an encoder as an escape."""
    secret = planted.text("Azure's secret")
    page = "".join(f"&#{ord(character)};" for character in secret)
    escaped = "".join(f"\\u{ord(character):04x}" for character in secret)
    for text in (page, html.escape(secret), escaped, "".join(f"%{ord(character):02x}" for character in secret)):
        assert "Azure's secret" in found(text.encode(), planted)


def test_a_secret_in_an_envelope_is_found(planted: Planted) -> None:
    """The payload is JSON in base64, and what stands in it may be encoded once more."""
    for data in (planted.secrets["token"], planted.secrets["key"], base64.b64encode(b"a" + planted.secrets["key"])):
        payload = json.dumps({"variables": {"X": data.decode()}}).encode()
        envelope = json.dumps({"payload": base64.b64encode(payload).decode()}).encode()
        assert found(envelope, planted) & {"token", "key"}


def test_files_names_and_links_are_searched(planted: Planted, tmp_path: Path) -> None:
    """At any depth; and the folder of the secrets themselves is not."""
    (tmp_path / "deep" / "er").mkdir(parents=True)
    (tmp_path / "deep" / "er" / "file").write_bytes(b"\0" + planted.secrets["password"])
    (tmp_path / planted.text("refresh token").replace("/", "%2F")).mkdir()
    (tmp_path / "link").symlink_to(planted.text("extra header"))
    leaks = search({}, [tmp_path, planted.folder.parent], planted)
    assert {leak.canary for leak in leaks} == {"password", "refresh token", "extra header"}
    assert {leak.place.rpartition("/")[2] for leak in leaks} >= {"file", "link (its target)"}


def test_a_seed_is_found_in_memory(planted: Planted) -> None:
    """A core file holds the key's bytes, not its text."""
    assert found(random.Random(1).randbytes(4096) + planted.secrets["key's seed"], planted) == {"key's seed"}


def test_nothing_is_found_where_nothing_is(planted: Planted, tmp_path: Path) -> None:
    """Not in this file, in chance, in other people's secrets, nor in a kubeconfig without its secrets."""
    others = plant(tmp_path / "others")
    texts = dict(others.secrets)
    texts |= {"this": Path(__file__).read_bytes(), "chance": random.Random(2).randbytes(1 << 20)}
    texts |= {name: value.encode() for name, value in others.environment.items()}
    assert search(texts, [], planted) == []


def test_the_environment_and_the_files_carry_the_secrets(planted: Planted) -> None:
    """Otherwise a search would look for what nobody was given."""
    carried = {name.encode() + b"=" + value.encode() for name, value in planted.environment.items()}
    carried |= {path.read_bytes() for path in planted.files.values()}
    texts = {str(number): data for number, data in enumerate(carried)}
    missing = set(planted.secrets) - {leak.canary for leak in search(texts, [], planted)}
    assert missing == {"encrypted key's seed", "password of the remote", "extra header"}


def test_the_aligned_part_stands_in_every_encoding_of_what_holds_it() -> None:
    """It is the longest that does: one character more would depend on the neighbours."""
    for offset in range(3):
        part = aligned(b"canary", offset)
        for before in (b"\0" * offset, b"\xff" * offset):
            for behind in (b"", b"\0\0\0", b"\xff\xff\xff"):
                assert part in base64.b64encode(before + b"canary" + behind)
        assert len(part) == {0: 8, 1: 7, 2: 7}[offset]
