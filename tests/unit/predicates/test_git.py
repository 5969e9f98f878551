"""``git/v0.1``: the commit, the branch, the tree, and the names that others look the evidence up by."""

from __future__ import annotations

import hashlib
from dataclasses import replace
from datetime import UTC, datetime, timedelta, timezone
from typing import Any

import pytest

from attestor.evidence import Git, Person, Tag
from attestor.predicates import git as predicate
from attestor.reports import Reports
from attestor.statement import Predicate
from tests import golden

EVIDENCE = golden.evidence()
NONE = Reports(check=None, edges=None, defects=())
SHA, PARENT = "1" * 40, "3" * 40


def build(git: Git) -> Predicate:
    return predicate.build(replace(EVIDENCE, git=git), NONE)


def body(git: Git) -> dict[str, Any]:
    return dict(build(git).body)


def with_commit(**changes: object) -> Git:
    commit = EVIDENCE.git.commit
    assert commit is not None
    return replace(EVIDENCE.git, commit=replace(commit, **changes))  # type: ignore[arg-type]


def sha256(text: str) -> dict[str, str]:
    return {"sha256": hashlib.sha256(text.encode()).hexdigest()}


EMPTY = ["commithash", "author", "authoremail", "committername", "committeremail", "commitdate", "commitmessage"]


def test_outside_a_repository_the_same_keys_are_empty() -> None:
    """As the peer writes a repository without a commit; nothing is a subject that anybody's would match."""
    found = build(Git(span=EVIDENCE.git.span))
    assert found.body == {"gittool": "", **dict.fromkeys(EMPTY, "")}
    assert (found.subjects, found.back_references) == ([], [])


def test_a_repository_without_a_commit_says_which_branch_it_is_on() -> None:
    """And which tool was asked."""
    git = replace(EVIDENCE.git, commit=None, refs=(), remotes=(), status={})
    found = build(git)
    assert found.body == {
        "gittool": "git-bin",
        "gitbinpath": "/usr/bin/git",
        "gitbinhash": {"sha256": "0" * 64},
        **dict.fromkeys(EMPTY, ""),
        "branch": "main",
    }
    assert [subject.name for subject in found.subjects] == ["refnameshort:main"]


def test_a_commits_subjects_are_the_peers() -> None:
    """The commit and its parents by their own hashes, names by the digest of their text."""
    found = build(EVIDENCE.git)
    subjects = {subject.name: dict(subject.digest) for subject in found.subjects}
    assert subjects == {
        f"commithash:{SHA}": {"sha1": SHA},
        f"parenthash:{PARENT}": {"sha1": PARENT},
        "refnameshort:main": sha256("main"),
        "remote:https://example.org/golden.git": sha256("https://example.org/golden.git"),
        "authoremail:ada@example.org": sha256("ada@example.org"),
        "committeremail:grace@example.org": sha256("grace@example.org"),
    }
    assert [reference.name for reference in found.back_references] == [f"commithash:{SHA}", f"parenthash:{PARENT}"]


def test_an_empty_address_is_no_subject() -> None:
    """The digest of nothing matches everybody's."""
    names = [subject.name for subject in build(with_commit(author=Person(), committer=Person(name="x"))).subjects]
    assert not [name for name in names if "email" in name]


def test_keys_stand_in_the_peers_order() -> None:
    """With what is empty left out behind the message."""
    assert list(body(EVIDENCE.git)) == [
        "gittool", "gitbinpath", "gitbinhash", *EMPTY, "status", "commitdigest", "parenthashes", "treehash", "refs",
        "remotes", "branch",
    ]  # fmt: skip


@pytest.mark.parametrize(
    ("offset", "date"),
    [
        (timedelta(0), "2026-05-24 12:00:00 +0000 +0000"),
        (timedelta(hours=2), "2026-05-24 12:00:00 +0200 +0200"),
        (-timedelta(hours=3, minutes=30), "2026-05-24 12:00:00 -0330 -0330"),
    ],
)
def test_the_commits_date_is_the_authors_as_go_prints_it(offset: timedelta, date: str) -> None:
    """With the offset twice, as for a zone without a name."""
    authored = datetime(2026, 5, 24, 12, tzinfo=timezone(offset))
    assert body(with_commit(authored=authored))["commitdate"] == date


@pytest.mark.parametrize(
    ("offset", "when"),
    [(timedelta(0), "2026-05-24T12:00:00Z"), (-timedelta(hours=3, minutes=30), "2026-05-24T12:00:00-03:30")],
)
def test_tags_are_the_peers(offset: timedelta, when: str) -> None:
    """Their time in RFC 3339, and a signature that is always there."""
    moment = datetime(2026, 5, 24, 12, tzinfo=timezone(offset))
    tag = Tag(name="v1", tagger=Person(name="Ada", email="a@b"), when=moment, message="one\n", signature="")
    assert body(replace(EVIDENCE.git, tags=(tag,)))["tags"] == [
        {"name": "v1", "taggername": "Ada", "taggeremail": "a@b", "when": when, "pgpsignature": "", "message": "one\n"}
    ]


def test_signature_status_and_refs_are_written_where_there_are_any() -> None:
    """Paths sorted, each with its two words."""
    git = replace(with_commit(signature="sig\n", parents=()), status={"b": ("added", "modified"), "a": ("x", "y")})
    found = body(git)
    assert found["signature"] == "sig\n"
    assert list(found["status"].items()) == [
        ("a", {"staging": "x", "worktree": "y"}),
        ("b", {"staging": "added", "worktree": "modified"}),
    ]
    assert "parenthashes" not in found


def test_a_time_in_utc_is_still_the_authors_own() -> None:
    """The evidence's own times are UTC; a commit keeps its author's."""
    assert body(with_commit(authored=datetime(2026, 1, 2, tzinfo=UTC)))["commitdate"].endswith("+0000 +0000")


def test_a_year_has_four_digits() -> None:
    """Git takes seconds before 1970, and a time with fewer digits in its year is none for Go and for RFC 3339."""
    moment = datetime(12, 1, 2, tzinfo=UTC)
    tag = Tag(name="v1", tagger=Person(name="Ada", email="a@b"), when=moment, message="", signature="")
    assert body(with_commit(authored=moment))["commitdate"] == "0012-01-02 00:00:00 +0000 +0000"
    (written,) = body(replace(EVIDENCE.git, tags=(tag,)))["tags"]
    assert written["when"] == "0012-01-02T00:00:00Z"
