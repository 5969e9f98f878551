"""The repository around the working directory, read with the git binary and nothing that the repository could run.

A repository's own configuration can name programs: hooks, a file-system monitor, filters. Git runs here with all of
them off, without the user's and the system's configuration, and with one ``safe.directory`` for a tree that belongs to
another user, as a container's workspace does.
"""

from __future__ import annotations

import re
import shutil
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from pathlib import Path

from attestor import limits, process
from attestor.capture import git_objects, hashing
from attestor.capture.remotes import without_credentials
from attestor.clock import Clock, Span
from attestor.evidence import Commit, Defect, Git, Tag
from attestor.identity import User
from attestor.process import ProcessError

_WORDS = {" ": "unmodified", "?": "untracked", "M": "modified", "A": "added", "D": "deleted", "R": "renamed"}
_WORDS |= {"C": "copied", "U": "updated"}
_REFS = "%(objectname)%1f%(objecttype)%1f%(*objectname)%1f%(HEAD)%1f%(symref)%1f%(refname)"
_KEY = re.compile(r"[A-Za-z0-9-]+\.")
"""How every key of git's configuration begins (git-config(1), "Syntax")."""

_STATUS_WIDTH = 3
"""Two letters and a space stand before each path of ``git status --porcelain``."""

_SAFE = (("core.fsmonitor", "false"), ("core.hooksPath", "/dev/null"))

Settings = tuple[tuple[str, str], ...]
"""Configuration as key and value; handed over by environment, since ``-c`` cannot carry a key that has a ``=``."""


class GitFailed(Exception):
    """Git did not answer a question that every repository answers."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Repository:
    """A working tree and the git binary to ask about it. ``overrides`` are settings for each call."""

    root: Path
    binary: str
    environment: Mapping[str, str]
    overrides: Settings = ()
    user: User | None = None

    def ask(self, *arguments: str, stdin: bytes = b"", codes: Sequence[int] = (0,)) -> bytes:
        """Run git in the tree and return its stdout; raises ``GitFailed`` for an exit code outside ``codes``."""
        argv = [self.binary, "-C", str(self.root), *arguments]
        env = {
            **self.environment,
            **self._configuration(),
            # Where the tree's own `.git` is no repository, one further up must not answer in its place; and a
            # `core.worktree` must not have git look at another folder than this.
            "GIT_CEILING_DIRECTORIES": str(self.root.parent),
            "GIT_WORK_TREE": str(self.root),
        }
        try:
            done = process.run(argv, env=env, timeout=limits.GIT_SECONDS, stdin=stdin, user=self.user)
        except ProcessError as error:
            raise GitFailed(error.problem) from error
        if done.exit_code not in codes:
            message = f"git {arguments[0]} ended with exit code {done.exit_code}"
            raise GitFailed(message)
        return done.stdout

    def _configuration(self) -> dict[str, str]:
        """Return settings as git reads them from its environment (git-config(1), GIT_CONFIG_COUNT)."""
        settings = (("safe.directory", str(self.root)), *_SAFE, *self.overrides)
        found = {"GIT_CONFIG_COUNT": str(len(settings))}
        for number, (key, value) in enumerate(settings):
            found |= {f"GIT_CONFIG_KEY_{number}": key, f"GIT_CONFIG_VALUE_{number}": value}
        return found


def environment(path: str, home: Path) -> dict[str, str]:
    """Return the whole environment that git gets."""
    return {
        "PATH": path,
        "HOME": str(home),
        "LANG": "C",
        "GIT_CONFIG_NOSYSTEM": "1",
        "GIT_CONFIG_GLOBAL": "/dev/null",
        "GIT_TERMINAL_PROMPT": "0",
        "GIT_OPTIONAL_LOCKS": "0",
        "GIT_NO_LAZY_FETCH": "1",
        # No transport at all, whatever the repository allows: git before 2.45 does not know the line above.
        "GIT_ALLOW_PROTOCOL": "",
    }


def find_root(directory: Path) -> Path | None:
    """Return the nearest folder at or above ``directory`` that holds a ``.git``, or ``None``."""
    return next((folder for folder in (directory, *directory.parents) if (folder / ".git").exists()), None)


def open_repository(directory: Path, env: Mapping[str, str], user: User | None = None) -> Repository | None:
    """Return the repository around ``directory``, to be read as ``user``, or ``None``.

    Raises ``GitFailed`` where there is no git.
    """
    root = find_root(directory)
    if root is None:
        return None
    binary = shutil.which("git", path=env["PATH"])
    if binary is None:
        message = "there is a repository, but no git on PATH to read it with"
        raise GitFailed(message)
    return Repository(root=root, binary=binary, environment=env, user=user)


def tracked(repository: Repository, directory: Path, names: Sequence[str]) -> frozenset[str]:
    """Return those of ``names``, files directly in ``directory``, that the repository tracks."""
    if not names:
        return frozenset()
    prefix = directory.relative_to(repository.root)
    specs = {(prefix / name).as_posix(): name for name in names}
    listed = repository.ask("ls-files", "-z", "--", *(f":(top,literal){spec}" for spec in specs))
    return frozenset(specs[path] for path in listed.decode("utf-8", "replace").split("\0") if path in specs)


def observe(
    directory: Path, env: Mapping[str, str], clock: Clock, defects: list[Defect], user: User | None = None
) -> Git:
    """Return what git says about ``directory``; a repository that cannot be read becomes a defect, never a guess."""
    started = clock()
    try:
        repository = open_repository(directory, env, user)
        if repository is None:
            return Git(span=Span(started=started, finished=clock()))
        return _read(repository, clock, started)
    except UNREADABLE as error:
        defects.append(unreadable(error))
        return Git(span=Span(started=started, finished=clock()))


UNREADABLE = (GitFailed, git_objects.Unreadable, OSError)
"""What asking about a repository may raise."""


def unreadable(error: Exception) -> Defect:
    """Return the defect of a repository that could not be read for ``error``, one of ``UNREADABLE``."""
    detail = error.strerror if isinstance(error, OSError) and error.strerror else str(error)
    return Defect(code="git-unreadable", file=".git", offset=0, detail=detail)


def _read(repository: Repository, clock: Clock, started: datetime) -> Git:
    settings = _settings(repository)
    safe = replace(repository, overrides=_without_filters(settings))
    commit = git_objects.read_commit(safe.ask("cat-file", "--batch", stdin=b"HEAD\n"))
    if commit is None and safe.ask("rev-parse", "-q", "--verify", "HEAD", codes=(0, 1)):
        message = "HEAD names a commit that is not there"
        raise GitFailed(message)
    shallow, head = _head(safe, commit)
    refs, branch, tag_objects = _refs(safe, commit.sha if commit else "")
    if commit and not branch and head != "HEAD":
        message = f"git for-each-ref did not list {head}"
        raise GitFailed(message)
    return Git(
        root=str(safe.root),
        binary=safe.binary,
        binary_sha256=_digest(Path(safe.binary)),
        commit=commit,
        branch=branch or _head_branch(safe, commit),
        shallow=shallow,
        refs=refs,
        remotes=_remotes(settings),
        tags=_tags(safe, tag_objects),
        status=_status(safe),
        span=Span(started=started, finished=clock()),
    )


def _digest(binary: Path) -> str:
    with binary.open("rb") as file:
        return hashing.sha256(file)


def _settings(repository: Repository) -> Settings:
    listed = repository.ask("config", "--list", "-z", "--includes").decode("utf-8", "surrogateescape")
    found = tuple((key, value) for key, _, value in (entry.partition("\n") for entry in listed.split("\0")) if key)
    given, value = _SAFE[-1]
    if not all(_KEY.match(key) for key, _ in found) or not found or found[-1] != (given.lower(), value):
        # What the environment sets comes last: a list without it was cut, and what is missing could name programs.
        message = "git config did not list all of the configuration"
        raise GitFailed(message)
    return found


def _without_filters(settings: Settings) -> Settings:
    """Return overrides that leave every configured filter without a program: status would run them."""
    drivers = {key.rpartition(".")[0] for key, _ in settings if key.startswith("filter.")}
    return tuple(
        (f"{driver}.{word}", "false" if word == "required" else "")
        for driver in sorted(drivers)
        for word in ("clean", "smudge", "process", "required")
    )


def _remotes(settings: Settings) -> tuple[str, ...]:
    found = {without_credentials(url) for key, url in settings if key.startswith("remote.") and key.endswith(".url")}
    return tuple(sorted(found))


def _refs(repository: Repository, head: str) -> tuple[tuple[str, ...], str, tuple[tuple[str, str], ...]]:
    """Return the refs whose value is HEAD's commit, the branch that HEAD names, and annotated tags of that commit."""
    refs, branch, tags = [], "", []
    if not head:
        return (), "", ()
    for line in _lines(repository.ask("for-each-ref", f"--format={_REFS}")):
        sha, kind, target, marker, symbolic, name = _columns(line)
        if marker == "*":
            branch = name.removeprefix("refs/heads/")
        if sha == head and not symbolic:
            refs.append(name)
        elif kind == "tag" and target == head:
            tags.append((sha, name))
    return tuple(refs if branch else [*refs, "HEAD"]), branch, tuple(tags)


def _columns(line: str) -> list[str]:
    found = line.split("\x1f")
    if len(found) != _REFS.count("%1f") + 1:
        message = "git for-each-ref answered in an unknown form"
        raise GitFailed(message)
    return found


def _head(repository: Repository, commit: Commit | None) -> tuple[bool, str]:
    """Return whether the clone is shallow, and the ref that HEAD names, ``HEAD`` where it names a commit."""
    wanted = ("--symbolic-full-name", "HEAD") if commit else ()
    answer = _lines(repository.ask("rev-parse", "--is-shallow-repository", *wanted))
    if len(answer) != 1 + len(wanted) // 2 or answer[0] not in {"true", "false"}:
        message = "git rev-parse did not answer"
        raise GitFailed(message)
    return answer[0] == "true", answer[-1]


def _head_branch(repository: Repository, commit: Commit | None) -> str:
    """Return the branch that will be born with the first commit, or the peer's word for a detached HEAD."""
    if commit is not None:
        return "HEAD"
    name = repository.ask("symbolic-ref", "--short", "-q", "HEAD", codes=(0, 1)).decode("utf-8", "replace")
    return name.strip()


def _tags(repository: Repository, objects: Sequence[tuple[str, str]]) -> tuple[Tag, ...]:
    if not objects:
        return ()
    answer = repository.ask("cat-file", "--batch", stdin="".join(f"{sha}\n" for sha, _ in objects).encode("ascii"))
    found = tuple(git_objects.read_tags(answer))
    if len(found) != len(objects):
        message = f"git cat-file gave {len(found)} of {len(objects)} tags"
        raise GitFailed(message)
    return found


def _status(repository: Repository) -> dict[str, tuple[str, str]]:
    # The line about the branch tells a clean tree from a git that said nothing.
    asked = ("--porcelain", "--branch", "--no-ahead-behind", "--untracked-files=normal", "--ignore-submodules=dirty")
    listed = _lines(repository.ask("status", *asked))
    if not listed or not listed[0].startswith("## "):
        message = "git status did not answer"
        raise GitFailed(message)
    return {
        path.strip(): (_WORDS.get(line[0], line[0]), _WORDS.get(line[1], line[1]))
        for line in listed[1:]
        if (path := line[_STATUS_WIDTH:])
    }


def _lines(listed: bytes) -> list[str]:
    """Return git's lines; ``str.splitlines`` would also split at the odder characters that a name may hold."""
    return listed.decode("utf-8", "replace").removesuffix("\n").split("\n") if listed else []
