"""Where the runs take place: one tree, one home, one of each folder that a runner has, secrets in all of it."""

from __future__ import annotations

import base64
import fnmatch
import json
import os
import shutil
import subprocess
import sys
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path

from attestor import signing, trust
from tests import runner
from tests.canaries import Leak, Planted, plant, search
from tests.conftest import RECORDINGS, ROOT, Done, git
from tests.secrets.recorder import Programs
from tests.secrets.warm import Either

FOLDERS = ("tree", "home", "tmp", "runner")

ALLOWED = (
    # place, canary, why it may be there
    ("*/tree/.git/config", "password of the remote", "the checkout wrote it there before the run"),
    ("*/tree/.git/config", "extra header", "the checkout wrote it there before the run"),
    ("sh.*.environ", "password of the environment's proxy", "linkerd needs the proxy, and the shell starts linkerd"),
    ("linkerd.*.environ", "password of the environment's proxy", "linkerd needs the proxy"),
    ("strace.*.environ", "password of the environment's proxy", "strace starts the shell"),
    ("login-plugin.*.environ", "password of the environment's proxy", "a login program asks through the proxy, too"),
    ("login-plugin.*.environ", "exec's *", "the kubeconfig says what its login program gets"),
    ("login-plugin.*.cmdline", "exec's *", "the kubeconfig says how its login program is called"),
)
"""Where a secret may be found, and why: everything else is a leak."""


@dataclass
class Count:
    """What was done, for the figures."""

    runs: int = 0
    places: int = 0
    found: int = 0


@dataclass(frozen=True)
class Ground:
    """A place for many runs, one after the other."""

    root: Path
    planted: Planted
    programs: Programs
    server: Either
    public: Path
    count: Count = field(default_factory=Count)

    @property
    def tree(self) -> Path:
        return self.root / "tree"

    @property
    def environment(self) -> dict[str, str]:
        """The environment of every run: all secrets, and nothing of the machine's own."""
        folders = {"HOME": "home", "TMPDIR": "tmp", "RUNNER_TEMP": "runner"}
        found = {name: str(self.root / folder) for name, folder in folders.items()}
        path = f"{self.programs.folder}:{os.environ['PATH']}"
        return {**self.planted.environment, **found, "PATH": path, "NO_PROXY": "127.0.0.1"}

    def clean(self) -> None:
        """Take away what the last run left; what was planted stays."""
        for name in FOLDERS[1:]:
            shutil.rmtree(self.root / name)
            (self.root / name).mkdir()
        for path in self.tree.iterdir():
            if path.name not in {".git", "README"}:
                shutil.rmtree(path) if path.is_dir() else path.unlink()
        self.programs.notes()

    def call(
        self, argv: Sequence[str], env: Mapping[str, str] | None = None, *, stdin: bytes = b"", cold: bool = False
    ) -> Done:
        """Run the command line, or what else ``tests.secrets.warm`` knows, with every secret in the environment."""
        surroundings = self.environment | dict(env or {})
        self.count.runs += 1
        if not cold:
            return self.server(argv, self.tree, surroundings, stdin=stdin)
        words = [str(ROOT / "entrypoint.py")] if argv[0] == "@step" else ["-m", "attestor", *argv]
        surroundings["PYTHONPATH"] = str(ROOT)
        done = subprocess.run(
            [sys.executable, *words], cwd=self.tree, env=surroundings, input=stdin, capture_output=True, check=False
        )
        return Done(code=done.returncode, out=done.stdout.decode(), err=done.stderr.decode())

    def leaks(self, done: Done, *, is_runner: bool = False) -> list[Leak]:
        """Return the secrets that are anywhere where they may not be."""
        out = unmasked(done.out) if is_runner else done.out
        texts = {"stdout": out.encode(), "stderr": done.err.encode(), **self.programs.notes()}
        texts |= {f"the payload of {path.name}": payload(path) for path in self.tree.glob("*attestation*.json")}
        self.count.places += len(texts) + sum(1 for name in FOLDERS for _ in (self.root / name).rglob("*"))
        found = search(texts, [self.root / name for name in FOLDERS], self.planted)
        leaks = [leak for leak in found if not is_allowed(leak)]
        self.count.found += len(leaks)
        return leaks


def is_allowed(leak: Leak) -> bool:
    """Tell whether the table says why this secret may be in this place."""
    return any(
        fnmatch.fnmatchcase(leak.place, place) and fnmatch.fnmatchcase(leak.canary, canary)
        for place, canary, _ in ALLOWED
    )


def unmasked(printed: str) -> str:
    """Return a runner's log without the commands that ask it to hide a secret: it does not show those."""
    commands = [command for command in runner.commands(printed)[0] if command.name == "add-mask"]
    lines = printed.split("\n")
    kept = [line for line in lines if not line.startswith("::add-mask::")]
    assert len(lines) - len(kept) == len(commands), "a mask stands where the runner does not obey it"
    return "\n".join(kept)


def payload(envelope: Path) -> bytes:
    """Return what an envelope holds; what is no envelope holds nothing."""
    try:
        return base64.b64decode(json.loads(envelope.read_bytes())["payload"])
    except (OSError, ValueError, KeyError, TypeError):
        return b""


def prepare(root: Path) -> Ground:
    """Make the ground below ``root``, with a repository that has secrets of its own."""
    planted = plant(root / "planted")
    for name in FOLDERS:
        (root / name).mkdir()
    tree = root / "tree"
    (tree / "README").write_text("a tree\n", encoding="utf-8")
    for words in (["init", "-q", "-b", "main"], ["add", "."], ["commit", "-q", "-m", "first"]):
        git(tree, *words)
    git(tree, "remote", "add", "origin", f"https://ada:{planted.text('password of the remote')}@example.org/it.git")
    header = f"AUTHORIZATION: basic {planted.text('extra header')}"
    git(tree, "config", "http.https://example.org/.extraheader", header)
    signer = signing.load(planted.secrets["encrypted key"], planted.secrets["passphrase"], name="the key")
    public = root / "public.pem"
    public.write_bytes(trust.public_pem(signer.public.key))
    programs = Programs(root / "programs", root / "log")
    return Ground(root=root, planted=planted, programs=programs, server=Either(), public=public)


def report(name: str, recording: str = "healthy") -> str:
    """Return the words of a shell that print a recorded report."""
    return f"/bin/cat '{RECORDINGS}/{recording}/{name}.json'"
