"""A repository can name programs in its own configuration; reading it runs none of them, and invents nothing."""

from __future__ import annotations

import errno
import os
import shutil
import subprocess
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from attestor import limits
from attestor.capture import git as capture
from attestor.capture.git import GitFailed
from attestor.clock import Clock
from attestor.evidence import Defect, Git
from attestor.identity import User
from tests.conftest import git

ENVIRONMENT = capture.environment(os.environ["PATH"], Path("/nonexistent"))


@pytest.fixture
def planted(tmp_path: Path) -> Iterator[Path]:
    """A program that writes a file when it is run; at the end of the test it must not have been."""
    program, mark = tmp_path / "planted", tmp_path / "was-run"
    program.write_text(f"#!/bin/sh\ntouch '{mark}'\ncat\n", encoding="utf-8")
    program.chmod(0o755)
    yield program
    assert not mark.exists(), "a program of the repository was run"


def observe(directory: Path, clock: Clock) -> tuple[Git, list[str]]:
    defects: list[Defect] = []
    found = capture.observe(directory, ENVIRONMENT, clock, defects)
    assert {defect.code for defect in defects} <= {"git-unreadable"}
    return found, [defect.detail for defect in defects]


def dirty(tree: Path) -> None:
    """Touch a tracked file, so that git has to look at its content again."""
    (tree / "README").write_text("b tree\n", encoding="utf-8")


def test_the_planted_program_does_run_where_nothing_stops_it(tree: Path, tmp_path: Path) -> None:
    """The tests below would pass with a program that never ran: this one shows that plain git runs it."""
    program = tmp_path / "planted"
    program.write_text(f"#!/bin/sh\ntouch '{tmp_path / 'was-run'}'\ncat\n", encoding="utf-8")
    program.chmod(0o755)
    (tree / ".gitattributes").write_text("* filter=evil\n", encoding="utf-8")
    git(tree, "config", "filter.evil.clean", str(program))
    dirty(tree)
    git(tree, "status")
    assert (tmp_path / "was-run").exists()


@pytest.mark.parametrize("driver", ["evil", "e=v=il", "e.v.il", "ä", "a\\b"])
@pytest.mark.parametrize("word", ["clean", "smudge", "process"])
def test_filters_are_not_run(tree: Path, planted: Path, clock: Clock, driver: str, word: str) -> None:
    """Whatever the driver is called, also where the repository says that it is required."""
    (tree / ".gitattributes").write_text(f"* filter={driver}\n", encoding="utf-8")
    git(tree, "config", f"filter.{driver}.{word}", str(planted))
    git(tree, "config", f"filter.{driver}.required", "true")
    dirty(tree)
    found, defects = observe(tree, clock)
    assert defects == []
    assert found.status["README"] == ("unmodified", "modified")


@pytest.mark.parametrize("conditional", [False, True])
def test_filters_of_an_included_file_are_not_run(tree: Path, planted: Path, clock: Clock, conditional: bool) -> None:
    """include.path and includeIf bring configuration of their own."""
    (tree / ".git" / "more").write_text(f'[filter "evil"]\n\tclean = {planted}\n\trequired\n', encoding="utf-8")
    key = f"includeIf.gitdir:{tree}/.git.path" if conditional else "include.path"
    git(tree, "config", key, "more")
    (tree / ".gitattributes").write_text("* filter=evil\n", encoding="utf-8")
    dirty(tree)
    found, defects = observe(tree, clock)
    assert defects == []
    assert found.status["README"] == ("unmodified", "modified")


@pytest.mark.parametrize(
    "key", ["core.fsmonitor", "core.pager", "core.editor", "core.sshCommand", "diff.external", "gpg.program"]
)
def test_programs_of_the_configuration_are_not_run(tree: Path, planted: Path, clock: Clock, key: str) -> None:
    """The monitor that status would ask, and whatever else can be named."""
    git(tree, "config", key, str(planted))
    git(tree, "tag", "-a", "v1", "-m", "x")
    dirty(tree)
    found, defects = observe(tree, clock)
    assert (defects, found.status) == ([], {"README": ("unmodified", "modified")})


@pytest.mark.parametrize("where", ["default", "core.hooksPath"])
def test_hooks_are_not_run(tree: Path, planted: Path, clock: Clock, where: str) -> None:
    """Neither those of the repository nor those of a folder that it names."""
    hooks = tree / ".git" / "hooks"
    if where != "default":
        hooks = tree / ".git" / "others"
        git(tree, "config", where, str(hooks))
    hooks.mkdir(exist_ok=True)
    for name in ("post-index-change", "fsmonitor-watchman", "reference-transaction", "post-checkout"):
        shutil.copy(planted, hooks / name)
    dirty(tree)
    _, defects = observe(tree, clock)
    assert defects == []


@pytest.mark.parametrize(
    ("url", "settings"),
    [
        ("ext::{}", {"protocol.ext.allow": "always"}),
        ("/nonexistent", {"protocol.file.allow": "always", "remote.origin.uploadpack": "{}"}),
        ("ssh://localhost/x", {"protocol.ssh.allow": "always", "core.sshCommand": "{}"}),
        ("git://localhost/x", {"protocol.git.allow": "always", "core.gitProxy": "{}"}),
    ],
)
@pytest.mark.parametrize("knows_lazy_fetch", [True, False])
def test_missing_objects_are_not_fetched(
    tree: Path, planted: Path, clock: Clock, url: str, settings: dict[str, str], knows_lazy_fetch: bool
) -> None:
    """A partial clone would ask its remote, by programs that it names itself; also with a git that knows no switch."""
    root = git(tree, "rev-parse", "HEAD^{tree}").strip()
    (tree / ".git" / "objects" / root[:2] / root[2:]).unlink()
    promise = {
        "core.repositoryformatversion": "1",
        "extensions.partialClone": "origin",
        "remote.origin.promisor": "true",
    }
    for key, value in (promise | settings | {"remote.origin.url": url}).items():
        git(tree, "config", key, value.format(planted))
    environment = {name: ENVIRONMENT[name] for name in ENVIRONMENT if knows_lazy_fetch or name != "GIT_NO_LAZY_FETCH"}
    defects: list[Defect] = []
    assert capture.observe(tree, environment, clock, defects).root == ""
    assert [defect.detail for defect in defects] == ["git status ended with exit code 128"]


def test_settings_that_hide_changes_are_overruled(tree: Path, clock: Clock) -> None:
    """Untracked files are shown, whatever the repository wants; colours and columns do not get into the answer."""
    for key, value in {"status.showUntrackedFiles": "no", "color.ui": "always", "column.ui": "always"}.items():
        git(tree, "config", key, value)
    git(tree, "config", "core.quotePath", "false")
    for name in ("new", "a\u2028b"):
        (tree / name).write_bytes(b"")
    found, defects = observe(tree, clock)
    assert (defects, found.status) == ([], dict.fromkeys(["new", "a\u2028b"], ("untracked", "untracked")))


def test_another_working_tree_is_not_looked_at(tree: Path, tmp_path: Path, clock: Clock) -> None:
    """core.worktree names one; what lies in it is nobody's business here."""
    (tmp_path / "outside").mkdir()
    (tmp_path / "outside" / "secret").write_text("", encoding="utf-8")
    git(tree, "config", "core.worktree", str(tmp_path / "outside"))
    dirty(tree)
    found, defects = observe(tree, clock)
    assert (defects, found.status) == ([], {"README": ("unmodified", "modified")})


@pytest.mark.parametrize("bare", ["true", "false"])
def test_linked_trees_and_submodules_are_read_as_what_they_are(
    tree: Path, tmp_path: Path, clock: Clock, bare: str
) -> None:
    """Their `.git` is a file, and a submodule's own core.worktree leads back to it."""
    linked, inner = tmp_path / "linked", tmp_path / "inner"
    git(tree, "worktree", "add", "-q", str(linked), "-b", "other")
    inner.mkdir()
    git(inner, "init", "-q", "--separate-git-dir", str(tmp_path / "separate"))
    git(inner, "config", "core.worktree", "../inner")
    git(inner, "commit", "-q", "--allow-empty", "-m", "inner")
    git(tree, "config", "core.bare", bare)
    dirty(linked)
    found, defects = observe(linked, clock)
    assert (defects, found.branch, found.status) == ([], "other", {"README": ("unmodified", "modified")})
    found, defects = observe(inner, clock)
    assert (defects, found.status) == ([], {})
    assert found.commit is not None
    assert found.commit.message.strip() == "inner"


def test_a_tree_of_another_user_is_read(tree: Path, tmp_path: Path, clock: Clock) -> None:
    """A container's workspace belongs to another uid; git is told so by its own switch, since giving files away takes root."""
    env = {**capture.environment(os.environ["PATH"], tmp_path), "GIT_TEST_ASSUME_DIFFERENT_OWNER": "1"}
    plain = subprocess.run(["git", "-C", tree, "status"], env=env, check=False, capture_output=True, text=True)
    assert "dubious ownership" in plain.stderr
    defects: list[Defect] = []
    found = capture.observe(tree, env, clock, defects)
    assert (defects, found.branch) == ([], "main")
    assert found.commit is not None


def test_git_is_run_as_the_childrens_user(open_folder: Path, tmp_path: Path, clock: Clock) -> None:
    """Where that user may not read the repository it is a defect; root does not look in its place."""
    if os.geteuid() != 0:
        pytest.skip("only root can become another user")
    tree = open_folder / "tree"
    tree.mkdir()
    git(tree, "init", "-q", "-b", "main")
    git(tree, "commit", "-q", "--allow-empty", "-m", "first")
    env, user, defects = capture.environment(os.defpath, tmp_path), User(uid=1001), list[Defect]()
    assert capture.observe(tree, env, clock, defects, user).branch == "main"
    assert defects == []
    (tree / ".git" / "objects").chmod(0o700)
    assert capture.observe(tree, env, clock, defects, user).root == ""
    assert [defect.code for defect in defects] == ["git-unreadable"]


def test_the_users_and_the_systems_configuration_are_not_read(tree: Path, tmp_path: Path, clock: Clock) -> None:
    """A HOME with a monitor of its own changes nothing."""
    home = tmp_path / "home"
    home.mkdir()
    (home / ".gitconfig").write_text('[remote "x"]\n\turl = https://example.org/home\n', encoding="utf-8")
    defects: list[Defect] = []
    found = capture.observe(tree, capture.environment(os.environ["PATH"], home), clock, defects)
    assert (defects, found.remotes) == ([], ())


def cut_config(tree: Path) -> None:
    (tree / ".git" / "config").write_text("[core\n", encoding="utf-8")


def lose_the_commit(tree: Path) -> None:
    sha = git(tree, "rev-parse", "HEAD").strip()
    (tree / ".git" / "objects" / sha[:2] / sha[2:]).unlink()


def lose_the_objects(tree: Path) -> None:
    shutil.rmtree(tree / ".git" / "objects")


def empty_the_repository(tree: Path) -> None:
    shutil.rmtree(tree / ".git")
    (tree / ".git").mkdir()


def point_nowhere(tree: Path) -> None:
    shutil.rmtree(tree / ".git")
    (tree / ".git").write_text("gitdir: /nonexistent\n", encoding="utf-8")


def break_the_branch(tree: Path) -> None:
    (tree / ".git" / "refs" / "heads" / "main").write_text("not a commit\n", encoding="utf-8")


@pytest.mark.parametrize("parent_is_one", [False, True])
@pytest.mark.parametrize(
    "damage", [cut_config, lose_the_commit, lose_the_objects, empty_the_repository, point_nowhere, break_the_branch]
)
def test_a_repository_that_cannot_be_read_is_a_defect(
    tree: Path, clock: Clock, damage: Callable[[Path], None], parent_is_one: bool
) -> None:
    """Never a guess, never "no commit yet", and never the repository one folder further up."""
    if parent_is_one:
        git(tree.parent, "init", "-q", "-b", "parent")
        git(tree.parent, "commit", "-q", "--allow-empty", "-m", "another repository's")
    damage(tree)
    found, defects = observe(tree, clock)
    assert found == Git(span=found.span)
    assert len(defects) == 1


@pytest.mark.parametrize("name", [".gitattributes", ".gitignore"])
def test_a_pipe_in_the_place_of_a_file_of_gits_ends_at_the_limit(
    tree: Path, clock: Clock, monkeypatch: pytest.MonkeyPatch, name: str
) -> None:
    """Git would wait for ever for somebody to write into it."""
    monkeypatch.setattr(limits, "GIT_SECONDS", 1.0)
    os.mkfifo(tree / name)
    dirty(tree)
    found, defects = observe(tree, clock)
    assert found.root == ""
    assert [defect.partition("still running")[2] for defect in defects] == [" after 1 s and was killed"]


def test_without_git_a_repository_is_a_defect(tree: Path, tmp_path: Path, clock: Clock) -> None:
    """And a folder that is none needs no git."""
    environment = capture.environment(str(tmp_path), tmp_path)
    defects: list[Defect] = []
    assert capture.observe(tree, environment, clock, defects).root == ""
    assert [defect.detail for defect in defects] == ["there is a repository, but no git on PATH to read it with"]
    assert capture.open_repository(tmp_path, environment) is None


def test_a_git_that_floods_is_a_failure(tree: Path, fake: Callable[..., Path]) -> None:
    """Whatever the program on PATH does."""
    path = fake("exec /usr/bin/yes", name="git")
    repository = capture.open_repository(tree, capture.environment(str(path.parent), tree))
    assert repository is not None
    with pytest.raises(GitFailed, match="printed more than"):
        repository.ask("status")


SILENT = {
    "config": "git config did not list all of the configuration",
    "cat-file": "HEAD is not a commit",
    "rev-parse": "git rev-parse did not answer",
    "for-each-ref": "git for-each-ref did not list refs/heads/main",
    "status": "git status did not answer",
}


@pytest.mark.parametrize("question", sorted(SILENT))
def test_a_git_that_says_nothing_is_a_failure(
    tree: Path, fake: Callable[..., Path], clock: Clock, question: str
) -> None:
    """With exit code 0, as one whose output was lost: nothing said is neither a clean tree nor a small repository."""
    real = shutil.which("git")
    path = fake(f'for word; do [ "$word" != {question} ] || exit 0; done; exec {real} "$@"', name="git")
    defects: list[Defect] = []
    environment = capture.environment(f"{path.parent}:{os.environ['PATH']}", tree)
    assert capture.observe(tree, environment, clock, defects).root == ""
    assert [(defect.code, defect.detail) for defect in defects] == [("git-unreadable", SILENT[question])]


def test_a_git_that_gives_fewer_tags_than_asked_is_a_failure(
    tree: Path, fake: Callable[..., Path], clock: Clock
) -> None:
    """A tag that was not read is not one that is not there."""
    git(tree, "tag", "-a", "-m", "a tag", "v1")
    script = (
        f'case "$*" in *cat-file*) read -r first; [ "$first" = HEAD ] || exit 0; echo HEAD | {shutil.which("git")} "$@"'
    )
    path = fake(f'{script} ;; *) exec {shutil.which("git")} "$@" ;; esac', name="git")
    defects: list[Defect] = []
    environment = capture.environment(f"{path.parent}:{os.environ['PATH']}", tree)
    capture.observe(tree, environment, clock, defects)
    assert [defect.detail for defect in defects] == ["git cat-file gave 0 of 1 tags"]


def test_a_repository_that_the_system_does_not_show_is_a_defect(
    tree: Path, clock: Clock, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Where it cannot even be asked for."""

    def refuse(_: Path) -> bool:
        raise OSError(errno.EMFILE, "Too many open files")

    monkeypatch.setattr(Path, "exists", refuse)
    found, defects = observe(tree, clock)
    assert (found.root, defects) == ("", ["Too many open files"])
