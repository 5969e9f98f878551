"""The repository around the working directory, read with the real git."""

from __future__ import annotations

import hashlib
import os
import shutil
import subprocess
from pathlib import Path

import pytest

from attestor.capture import git as capture
from attestor.clock import Clock
from attestor.evidence import Defect, Git, Person
from tests.conftest import git


def observe(directory: Path, clock: Clock) -> Git:
    """Observe a repository that can be read."""
    defects: list[Defect] = []
    found = capture.observe(directory, capture.environment(os.environ["PATH"], Path("/nonexistent")), clock, defects)
    assert defects == []
    return found


def head(tree: Path) -> str:
    return git(tree, "rev-parse", "HEAD").strip()


def test_outside_a_repository_there_is_nothing_to_say(tmp_path: Path, clock: Clock) -> None:
    """No repository is no defect: every field is empty."""
    found = observe(tmp_path, clock)
    assert found == Git(span=found.span)
    assert found.span.started < found.span.finished


def test_a_commit_is_read_whole(tree: Path, clock: Clock) -> None:
    """Both people, the author's own date and offset, the message as stored, tree and parents."""
    git(tree, "commit", "-q", "--allow-empty", "-m", "second\n\nwith a body")
    found = observe(tree, clock)
    commit = found.commit
    assert commit is not None
    assert (commit.sha, commit.tree) == (head(tree), git(tree, "rev-parse", "HEAD^{tree}").strip())
    assert commit.parents == (git(tree, "rev-parse", "HEAD~1").strip(),)
    assert commit.author == Person(name="Ada", email="ada@example.org")
    assert commit.committer == Person(name="Grace", email="grace@example.org")
    assert commit.authored.isoformat() == "2026-05-24T00:00:00+02:00"
    assert (commit.message, commit.signature) == ("second\n\nwith a body\n", "")
    assert (found.root, found.branch, found.refs, found.shallow) == (str(tree), "main", ("refs/heads/main",), False)


def test_the_git_binary_is_recorded_with_its_digest(tree: Path, clock: Clock) -> None:
    """What answered is part of the evidence."""
    found = observe(tree, clock)
    assert found.binary == shutil.which("git")
    assert found.binary_sha256 == hashlib.sha256(Path(found.binary).read_bytes()).hexdigest()


def test_a_repository_without_a_commit_says_which_branch_will_be_born(tmp_path: Path, clock: Clock) -> None:
    """Its files are untracked, and there are no refs."""
    git(tmp_path, "init", "-q", "-b", "trunk")
    (tmp_path / "file").write_bytes(b"")
    found = observe(tmp_path, clock)
    assert (found.root, found.branch, found.commit, found.refs) == (str(tmp_path), "trunk", None, ())
    assert found.status == {"file": ("untracked", "untracked")}


def test_a_detached_head_is_called_head(tree: Path, clock: Clock) -> None:
    """HEAD itself is then one of the refs whose value is the commit."""
    git(tree, "checkout", "-q", "--detach")
    found = observe(tree, clock)
    assert (found.branch, found.refs) == ("HEAD", ("refs/heads/main", "HEAD"))


def test_a_shallow_clone_says_so(tree: Path, tmp_path: Path, clock: Clock) -> None:
    """Also in a worktree of it, whose `.git` is a file; the parents are named though they are not there."""
    git(tree, "commit", "-q", "--allow-empty", "-m", "second")
    git(tmp_path, "clone", "-q", "--depth", "1", f"file://{tree}", "clone")
    found = observe(tmp_path / "clone", clock)
    assert found.shallow
    assert found.commit is not None
    assert len(found.commit.parents) == 1
    git(tmp_path / "clone", "worktree", "add", "-q", "../worktree")
    worktree = observe(tmp_path / "worktree", clock)
    assert worktree.shallow
    assert (worktree.branch, worktree.root) == ("worktree", str(tmp_path / "worktree"))


def test_refs_are_those_whose_own_value_is_the_commit(tree: Path, tmp_path: Path, clock: Clock) -> None:
    """Branches, remote branches and lightweight tags; not what points to one of them, and not other commits."""
    git(tree, "tag", "light")
    git(tree, "branch", "other")
    git(tmp_path, "clone", "-q", str(tree), "clone")
    git(tmp_path / "clone", "commit", "-q", "--allow-empty", "-m", "ahead")
    git(tmp_path / "clone", "checkout", "-q", "-b", "back", "HEAD~1")
    found = observe(tmp_path / "clone", clock)
    assert git(tmp_path / "clone", "symbolic-ref", "refs/remotes/origin/HEAD") == "refs/remotes/origin/main\n"
    assert found.refs == (
        "refs/heads/back",
        "refs/remotes/origin/main",
        "refs/remotes/origin/other",
        "refs/tags/light",
    )


def test_annotated_tags_of_the_commit_are_read_and_others_are_not(tree: Path, clock: Clock) -> None:
    """Name, tagger, time and message of each; a tag of another commit is none of this one."""
    git(tree, "tag", "-a", "old", "-m", "of the first commit")
    git(tree, "commit", "-q", "--allow-empty", "-m", "second")
    git(tree, "tag", "-a", "v1", "-m", "one\n\nmore")
    git(tree, "tag", "light")
    found = observe(tree, clock)
    (tag,) = found.tags
    assert (tag.name, tag.message, tag.signature) == ("v1", "one\n\nmore\n", "")
    assert (tag.tagger, tag.when.isoformat()) == (
        Person(name="Grace", email="grace@example.org"),
        "2026-05-25T00:00:00+00:00",
    )
    assert found.refs == ("refs/heads/main", "refs/tags/light")


SIGNED = "tree {tree}\nauthor Ada <ada@example.org> 1700000000 -0330\ncommitter Grace <grace@example.org> 1700000000 +0000\ngpgsig -----BEGIN PGP SIGNATURE-----\n \n iHUEABYKAB0=\n -----END PGP SIGNATURE-----\n\nsigned\n"  # fmt: skip


def test_a_commits_signature_is_kept(tree: Path, clock: Clock) -> None:
    """Its text as the signer wrote it, without the blanks that git puts before each line."""
    text = SIGNED.format(tree=git(tree, "rev-parse", "HEAD^{tree}").strip())
    made = subprocess.run(
        ["git", "hash-object", "-t", "commit", "-w", "--stdin"],
        cwd=tree,
        input=text.encode(),
        capture_output=True,
        check=True,
    )
    git(tree, "reset", "-q", "--soft", made.stdout.decode().strip())
    commit = observe(tree, clock).commit
    assert commit is not None
    assert commit.signature == "-----BEGIN PGP SIGNATURE-----\n\niHUEABYKAB0=\n-----END PGP SIGNATURE-----\n"
    assert (commit.message, commit.authored.isoformat()) == ("signed\n", "2023-11-14T18:43:20-03:30")


@pytest.mark.parametrize("message", ["what is missing", "x missing", "missing", "\x1f\x1e", "\u2028 and \x85", "Zähle"])
def test_no_message_is_taken_for_an_answer(tree: Path, clock: Clock, message: str) -> None:
    """A commit about what is missing is there all the same."""
    git(tree, "commit", "-q", "--allow-empty", "-m", message)
    commit = observe(tree, clock).commit
    assert commit is not None
    assert commit.message == f"{message}\n"


@pytest.mark.parametrize("name", ["feature/x", "a\u2028b", "a\x85b", "ä", "100%", "a'b\"c"])
def test_a_branch_may_have_any_name(tree: Path, clock: Clock, name: str) -> None:
    """Whatever git lets a ref be called, also what other readers take for the end of a line."""
    git(tree, "checkout", "-q", "-b", name)
    found = observe(tree, clock)
    assert found.branch == name
    assert f"refs/heads/{name}" in found.refs


def test_status_is_gits_own_word_for_each_path(tree: Path, clock: Clock) -> None:
    """Staged and not, renamed, deleted, quoted names as git quotes them, and an untracked folder as one."""
    for name in ("kept", "gone", "moved", "both"):
        (tree / name).write_text(f"{name}\n" * 20, encoding="utf-8")
    git(tree, "add", ".")
    git(tree, "commit", "-q", "-m", "files")
    git(tree, "mv", "moved", "new name")
    git(tree, "rm", "-q", "gone")
    (tree / "both").write_text("staged\n", encoding="utf-8")
    (tree / "added").write_bytes(b"x")
    git(tree, "add", "both", "added")
    (tree / "both").write_text("and changed again\n", encoding="utf-8")
    (tree / "kept").write_text("changed\n", encoding="utf-8")
    (tree / "ä\n").write_bytes(b"")
    (tree / "folder").mkdir()
    (tree / "folder" / "file").write_bytes(b"")
    assert observe(tree, clock).status == {
        "added": ("added", "unmodified"),
        "both": ("modified", "modified"),
        "gone": ("deleted", "unmodified"),
        "kept": ("unmodified", "modified"),
        'moved -> "new name"': ("renamed", "unmodified"),
        '"\\303\\244\\n"': ("untracked", "untracked"),
        "folder/": ("untracked", "untracked"),
    }


def test_a_conflict_is_called_updated(tree: Path, clock: Clock) -> None:
    """Both letters of a path that was changed on both sides."""
    for branch, text in (("left", "l\n"), ("right", "r\n")):
        git(tree, "checkout", "-q", "-b", branch, "main")
        (tree / "README").write_text(text, encoding="utf-8")
        git(tree, "commit", "-q", "-a", "-m", branch)
    with pytest.raises(subprocess.CalledProcessError):
        git(tree, "merge", "-q", "left")
    assert observe(tree, clock).status == {"README": ("updated", "updated")}


def test_a_folder_below_the_root_is_its_repositorys(tree: Path, clock: Clock) -> None:
    """The whole repository is spoken of, with paths from its root."""
    (tree / "a" / "b").mkdir(parents=True)
    (tree / "a" / "b" / "file").write_bytes(b"")
    found = observe(tree / "a" / "b", clock)
    assert (found.root, found.status) == (str(tree), {"a/": ("untracked", "untracked")})


def test_remotes_are_listed_without_credentials(tree: Path, clock: Clock) -> None:
    """Every URL of every remote, sorted, each once."""
    git(tree, "remote", "add", "origin", "https://user:hunter2@example.org/a.git")
    git(tree, "remote", "set-url", "--add", "origin", "ssh://git@example.org/a.git")
    git(tree, "remote", "add", "with.a=dot", "https://token@example.org/a.git")
    assert observe(tree, clock).remotes == ("https://example.org/a.git", "ssh://example.org/a.git")


def test_tracked_names_are_told_from_others(tree: Path) -> None:
    """Of the asked ones, also below the root, and whatever a pattern would make of them."""
    (tree / "below").mkdir()
    for name in ("README", "*.json", ":(top)x", "linkerd-check.json"):
        (tree / "below" / name).write_bytes(b"")
    git(tree, "add", "--", *(f":(literal)below/{name}" for name in ("README", "*.json", ":(top)x")))
    repository = capture.open_repository(tree / "below", capture.environment(os.environ["PATH"], tree))
    assert repository is not None
    names = ["README", "*.json", ":(top)x", "linkerd-check.json", "missing"]
    assert capture.tracked(repository, tree / "below", names) == {"README", "*.json", ":(top)x"}
    assert capture.tracked(repository, tree / "below", []) == frozenset()
