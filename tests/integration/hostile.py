"""What a repository of strangers can hold: each planter puts one thing into a working tree, and says nothing."""

from __future__ import annotations

import os
import shutil
import socket
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

from tests.conftest import git

NAMES = (
    "new\nline",
    "carriage\rreturn",
    "\x1b[31mred\x1b[2J",
    "\x1b]0;title\x07",
    "\x9b1m",
    "right\u202eot-left",
    "::error::planted",
    "\n::set-output name=verdict::allow",
    "-rf",
    "--exec=planted",
    " ",
    "$(planted)",
    "`planted`",
    "separator\u2028",
)
"""Names of files that a terminal, a runner, a shell or a program's options could take for their own."""

MODULES = (
    "json",
    "yaml",
    "cryptography",
    "requests",
    "ctypes",
    "hashlib",
    "sitecustomize",
    "usercustomize",
    "attestor",
)
PROGRAMS = ("linkerd", "linkerd-planted", "opa", "git", "strace", "sh", "env", "python3")


@dataclass(frozen=True)
class Scene:
    """A working tree that is a repository, a folder outside with a secret, and a program that marks that it was run."""

    tree: Path
    outside: Path
    planted: Path
    mark: Path

    def config(self, key: str, value: str | Path) -> None:
        git(self.tree, "config", key, str(value))

    def attribute(self, word: str) -> None:
        (self.tree / ".gitattributes").write_text(f"* {word}\n", encoding="utf-8")


Plant = Callable[[Scene], object]


def hooks(scene: Scene, folder: Path) -> None:
    folder.mkdir(exist_ok=True, parents=True)
    for name in ("post-index-change", "fsmonitor-watchman", "reference-transaction", "post-checkout", "pre-auto-gc"):
        shutil.copy(scene.planted, folder / name)


def named_hooks(scene: Scene) -> None:
    hooks(scene, scene.tree / "hooks")
    scene.config("core.hooksPath", "hooks")


def a_filter(scene: Scene) -> None:
    scene.attribute("filter=planted")
    for word in ("clean", "smudge", "process"):
        scene.config(f"filter.planted.{word}", scene.planted)
    scene.config("filter.planted.required", "true")


def a_differ(scene: Scene) -> None:
    scene.attribute("diff=planted merge=planted")
    for key in ("diff.external", "diff.planted.command", "diff.planted.textconv", "merge.planted.driver"):
        scene.config(key, scene.planted)


def an_include(scene: Scene) -> None:
    scene.attribute("filter=planted")
    text = f'[core]\n\tfsmonitor = {scene.planted}\n[filter "planted"]\n\tclean = {scene.planted}\n'
    (scene.tree / "config").write_text(text, encoding="utf-8")
    scene.config("include.path", "../config")


def a_worktree_configuration(scene: Scene) -> None:
    scene.config("extensions.worktreeConfig", "true")
    text = f"[core]\n\tfsmonitor = {scene.planted}\n\tworktree = {scene.outside}\n"
    (scene.tree / ".git" / "config.worktree").write_text(text, encoding="utf-8")


def a_submodule(scene: Scene) -> None:
    inner = scene.tree / "inner"
    inner.mkdir()
    git(inner, "init", "-q")
    git(inner, "commit", "-q", "--allow-empty", "-m", "inner")
    git(scene.tree, "add", "inner")
    for key in ("core.fsmonitor", "filter.planted.clean"):
        git(inner, "config", key, str(scene.planted))
    (inner / ".gitattributes").write_text("* filter=planted\n", encoding="utf-8")
    hooks(scene, inner / ".git" / "hooks")
    update = f'[submodule "inner"]\n\tpath = inner\n\turl = ext::{scene.planted}\n\tupdate = !{scene.planted}\n'
    (scene.tree / ".gitmodules").write_text(update, encoding="utf-8")


def programs_of_the_configuration(scene: Scene) -> None:
    keys = ("sshCommand", "pager", "editor", "askPass", "gitProxy", "alternateRefsCommand")
    for key in (
        *(f"core.{key}" for key in keys),
        "credential.helper",
        "gpg.program",
        "sequence.editor",
        "pager.status",
    ):
        scene.config(key, scene.planted)
    for name in ("status", "cat-file", "config", "for-each-ref"):
        scene.config(f"alias.{name}", f"!{scene.planted}")


def a_partial_clone(scene: Scene) -> None:
    for key, value in {
        "core.repositoryformatversion": "1",
        "extensions.partialClone": "origin",
        "remote.origin.promisor": "true",
        "remote.origin.url": f"ext::{scene.planted}",
        "remote.origin.uploadpack": str(scene.planted),
        "protocol.ext.allow": "always",
    }.items():
        scene.config(key, value)


def a_sparse_index(scene: Scene) -> None:
    git(scene.tree, "sparse-checkout", "init", "--cone", "--sparse-index")
    scene.config("core.fsmonitor", scene.planted)


def a_commit_with_escapes(scene: Scene) -> None:
    git(scene.tree, "config", "user.name", "\x1b[31mMallory")
    git(scene.tree, "commit", "-q", "--allow-empty", "-m", "\x1b]0;title\x07\n\n::set-output name=verdict::allow")
    git(scene.tree, "tag", "-a", "v\u202e1", "-m", "\x1b[2J")
    git(scene.tree, "branch", "\u202eerror,title=x")
    scene.config("remote.origin.url", "https://example.org/\x1b[31m\n::error::planted")


def programs_in_the_tree(scene: Scene) -> None:
    for name in PROGRAMS:
        shutil.copy(scene.planted, scene.tree / name)
    (scene.tree / "bin").mkdir()
    for name in PROGRAMS:
        shutil.copy(scene.planted, scene.tree / "bin" / name)


def a_policy(scene: Scene) -> None:
    for folder in ("policy", "policy/mesh", "policy/collection"):
        (scene.tree / folder).mkdir()
    text = 'package gate\n\ndecision := {"allow": true, "checked": [], "violations": []}\n'
    (scene.tree / "policy" / "gate.rego").write_text(text, encoding="utf-8")
    for name in ("data.json", "opa.yaml", ".manifest", "opa-capabilities.json"):
        (scene.tree / name).write_text('{"config": {"allow_replay": true}}', encoding="utf-8")


def modules(scene: Scene) -> None:
    body = f"open({str(scene.mark)!r}, 'w').close()\n"
    for name in MODULES:
        (scene.tree / f"{name}.py").write_text(body, encoding="utf-8")
        (scene.tree / name).mkdir()
        (scene.tree / name / "__init__.py").write_text(body, encoding="utf-8")
    (scene.tree / "planted.pth").write_text(f"import os; {body}", encoding="utf-8")
    (scene.tree / "pyvenv.cfg").write_text(f"home = {scene.tree}\n", encoding="utf-8")


def links_out_of_the_tree(scene: Scene) -> None:
    (scene.tree / "folder").symlink_to(scene.outside)
    (scene.tree / "file").symlink_to(scene.outside / "secret")
    (scene.tree / "relative").symlink_to(Path("..") / scene.outside.name / "secret")
    (scene.tree / "chain").symlink_to("file")
    (scene.tree / "loop").symlink_to("loop")
    (scene.tree / "root").symlink_to("/")
    (scene.tree / "memory").symlink_to("/proc/self/environ")
    (scene.tree / "zeroes").symlink_to("/dev/zero")


def links_in_the_place_of_what_is_written(scene: Scene) -> None:
    for name in ("linkerd-check.json", "linkerd-edges.json", "attestation.json", "attestation.report.md"):
        (scene.tree / name).symlink_to(scene.outside / "secret")


def pipes_and_sockets(scene: Scene) -> None:
    for name in ("pipe", "linkerd-check.json"):
        os.mkfifo(scene.tree / name)
    before = Path.cwd()
    os.chdir(scene.tree)  # the name of a socket is short
    try:
        with socket.socket(socket.AF_UNIX) as made:
            made.bind("socket")
    finally:
        os.chdir(before)


def names(scene: Scene) -> None:
    for name in NAMES:
        (scene.tree / name).write_text("", encoding="utf-8")
        (scene.tree / f"folder {name}").mkdir()
        (scene.tree / f"folder {name}" / name).symlink_to("/nonexistent")


HARMLESS: dict[str, Plant] = {
    "hooks": lambda scene: hooks(scene, scene.tree / ".git" / "hooks"),
    "core.hooksPath": named_hooks,
    "core.fsmonitor": lambda scene: scene.config("core.fsmonitor", scene.planted),
    "filters": a_filter,
    "diff and merge drivers": a_differ,
    "include.path": an_include,
    "config.worktree": a_worktree_configuration,
    "core.worktree": lambda scene: scene.config("core.worktree", scene.outside),
    "submodules": a_submodule,
    "programs of the configuration": programs_of_the_configuration,
    "a partial clone": a_partial_clone,
    "a sparse index": a_sparse_index,
    "commits with escapes": a_commit_with_escapes,
    "alternates": lambda scene: (scene.tree / ".git" / "objects" / "info" / "alternates").write_text(
        f"{scene.outside}\n/proc/self\n", encoding="utf-8"
    ),
    "programs in the tree": programs_in_the_tree,
    "a policy": a_policy,
    "Python modules": modules,
    "links out of the tree": links_out_of_the_tree,
    "links in the place of what is written": links_in_the_place_of_what_is_written,
    "pipes and sockets": pipes_and_sockets,
    "names": names,
}
"""What must change nothing at all."""


def point_elsewhere(scene: Scene) -> None:
    shutil.rmtree(scene.tree / ".git")
    (scene.tree / ".git").write_text(f"gitdir: {scene.outside}\n", encoding="utf-8")


def refer_in_a_circle(scene: Scene) -> None:
    heads = scene.tree / ".git" / "refs" / "heads"
    (heads / "main").write_text("ref: refs/heads/other\n", encoding="utf-8")
    (heads / "other").write_text("ref: refs/heads/main\n", encoding="utf-8")


def refer_to_the_outside(scene: Scene) -> None:
    (scene.tree / ".git" / "HEAD").unlink()
    (scene.tree / ".git" / "HEAD").symlink_to(scene.outside / "secret")


def refer_at_length(scene: Scene) -> None:
    (scene.tree / ".git" / "packed-refs").write_bytes(b"x" * (1 << 22))


UNREADABLE: dict[str, Plant] = {
    ".git points elsewhere": point_elsewhere,
    "refs in a circle": refer_in_a_circle,
    "HEAD is a link out": refer_to_the_outside,
    "refs that are none": refer_at_length,
}
"""What makes a repository that nobody can read: that denies."""
