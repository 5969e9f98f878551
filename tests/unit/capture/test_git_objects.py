"""Commit and tag objects as ``git cat-file --batch`` prints them."""

from __future__ import annotations

import pytest

from attestor.capture.git_objects import Unreadable, read_commit, read_tags
from attestor.evidence import Person

SHA, TREE, PARENT = "1" * 40, "2" * 40, "3" * 40
ADA = "author Ada <ada@example.org> 1700000000 +0200"
GRACE = "committer Grace <grace@example.org> 1700000000 +0000"


def batch(text: str, kind: str = "commit", sha: str = SHA) -> bytes:
    data = text.encode("utf-8", "surrogateescape")
    return f"{sha} {kind} {len(data)}\n".encode() + data + b"\n"


def commit(*headers: str, message: str = "m\n") -> bytes:
    return batch("\n".join([f"tree {TREE}", *headers]) + f"\n\n{message}")


def test_a_commit_is_read() -> None:
    """Parents in their order, both people, the author's date, and the message whole."""
    found = read_commit(commit(f"parent {PARENT}", f"parent {SHA}", ADA, GRACE, message="one\n\ntwo missing\n"))
    assert found is not None
    assert (found.sha, found.tree, found.parents) == (SHA, TREE, (PARENT, SHA))
    assert (found.author, found.committer) == (
        Person(name="Ada", email="ada@example.org"),
        Person(name="Grace", email="grace@example.org"),
    )
    assert found.authored.isoformat() == "2023-11-15T00:13:20+02:00"
    assert (found.message, found.signature) == ("one\n\ntwo missing\n", "")


def test_a_head_that_is_missing_is_no_commit_yet() -> None:
    """The word counts only where git says it, in the first line."""
    assert read_commit(b"HEAD missing\n") is None
    assert read_commit(commit(ADA, GRACE, message="what is missing")) is not None


@pytest.mark.parametrize("message", ["", "\n", "\n\n", "no newline"])
def test_a_message_is_kept_as_it_is_stored(message: str) -> None:
    """Also an empty one."""
    found = read_commit(commit(ADA, GRACE, message=message))
    assert found is not None
    assert found.message == message


@pytest.mark.parametrize(
    ("line", "person", "when"),
    [
        ("author  <> 0 +0000", Person(), "1970-01-01T00:00:00+00:00"),
        ("author <a@b> 0 +0000", Person(email="a@b"), "1970-01-01T00:00:00+00:00"),
        ("author A. <B> <c d> 0 -0130", Person(name="A. <B>", email="c d"), "1969-12-31T22:30:00-01:30"),
        (
            "author \udcff\udce4 <\udcff> 1 +0000",
            Person(name="\ufffd\ufffd", email="\ufffd"),
            "1970-01-01T00:00:01+00:00",
        ),
        ("author Zoë <z> -1 +1400", Person(name="Zoë", email="z"), "1970-01-01T13:59:59+14:00"),
    ],
)
def test_people_are_read_as_git_lets_them_be_called(line: str, person: Person, when: str) -> None:
    """Empty, odd, and not UTF-8."""
    found = read_commit(commit(line, GRACE))
    assert found is not None
    assert (found.author, found.authored.isoformat()) == (person, when)


def test_headers_of_several_lines_are_kept_together() -> None:
    """A signature is the commit's own, not the one of a tag that it merged."""
    mergetag = (
        "mergetag object x\n type commit\n gpgsig of the tag\n \n -----BEGIN PGP SIGNATURE-----\n  blank\n -----END"
    )
    own = "gpgsig -----BEGIN SSH SIGNATURE-----\n U1NI\n \n -----END SSH SIGNATURE-----"
    found = read_commit(commit(ADA, GRACE, mergetag, own, "encoding latin1"))
    assert found is not None
    assert found.signature == "-----BEGIN SSH SIGNATURE-----\nU1NI\n\n-----END SSH SIGNATURE-----\n"


@pytest.mark.parametrize(
    "answer",
    [
        commit(GRACE),
        commit(ADA),
        commit(ADA, ADA, GRACE),
        commit(f"tree {TREE}", ADA, GRACE),
        commit("author Ada ada@example.org 0 +0000", GRACE),
        commit("author Ada <a> soon +0000", GRACE),
        commit("author Ada <a> 0 0000", GRACE),
        commit("author Ada <a> 0 +9900", GRACE),
        commit(f"author Ada <a> {10**30} +0000", GRACE),
        commit("author Ada <a> 253402300799 +1400", GRACE),
        batch("x", kind="tag"),
        b"",
        b"no header",
        b"one two\n",
        b"one two three\n",
    ],
)
def test_what_is_not_of_gits_form_is_refused(answer: bytes) -> None:
    """A missing or doubled line, a date of no calendar, another object, or no answer at all."""
    with pytest.raises(Unreadable):
        read_commit(answer)


def tag(*headers: str, message: str = "m\n") -> bytes:
    return batch("\n".join([f"object {SHA}", "type commit", *headers]) + f"\n\n{message}", kind="tag")


TAGGER = "tagger Ada <ada@example.org> 1700000000 -0330"


def test_tags_are_read_one_by_one() -> None:
    """And objects between them that are none are passed over."""
    answer = tag("tag v1", TAGGER, message="one\n") + commit(ADA, GRACE) + tag("tag v2", TAGGER, message="")
    first, second = read_tags(answer)
    assert (first.name, first.message, first.signature) == ("v1", "one\n", "")
    assert (first.tagger, first.when.isoformat()) == (
        Person(name="Ada", email="ada@example.org"),
        "2023-11-14T18:43:20-03:30",
    )
    assert (second.name, second.message) == ("v2", "")


@pytest.mark.parametrize("kind", ["PGP", "SSH"])
def test_a_tags_signature_is_parted_from_its_message(kind: str) -> None:
    """It stands behind the message, from its first line on; a word about one in the message is none."""
    signature = f"-----BEGIN {kind} SIGNATURE-----\n\nx\n-----END {kind} SIGNATURE-----\n"
    message = "about -----BEGIN PGP SIGNATURE-----\n"
    (found,) = read_tags(tag("tag v1", TAGGER, message=message + signature))
    assert (found.message, found.signature) == (message, signature)


@pytest.mark.parametrize("answer", [tag(TAGGER), tag("tag v1"), b"1234 missing\n", tag("tag v1", "tagger x")])
def test_a_tag_that_cannot_be_read_is_refused(answer: bytes) -> None:
    """Without a name or a tagger, or not there at all."""
    with pytest.raises(Unreadable):
        list(read_tags(answer))
