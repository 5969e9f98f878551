"""What every test can use: no network but loopback, an opa, a key, a working tree, and the program itself."""

from __future__ import annotations

import os
import shutil
import socket
import subprocess
import sys
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING

import pytest

from attestor import engine, signing, trust
from tests import thinned

if TYPE_CHECKING:
    from tests.warm import Warm

ROOT = Path(__file__).resolve().parent.parent
RECORDINGS = ROOT / "tests" / "recordings"


@pytest.hookimpl(tryfirst=True)
def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """Mark what the quick tests leave out of the long tables, before they are chosen by their marks."""
    thinned.mark(items)


@pytest.fixture(autouse=True)
def _loopback_only(monkeypatch: pytest.MonkeyPatch) -> None:
    """A test that reaches for another machine fails, rather than passing where there is a network."""
    connect = socket.socket.connect

    def guarded(self: socket.socket, address: object) -> None:
        host = address[0] if isinstance(address, tuple) else "localhost"
        if host not in {"localhost", "127.0.0.1", "::1"}:
            pytest.fail(f"a test tried to reach {host}")
        connect(self, address)  # type: ignore[arg-type]

    monkeypatch.setattr(socket.socket, "connect", guarded)


@pytest.fixture(scope="session")
def opa() -> Path:
    """The set-up's opa; a machine without it cannot run these tests, and must not pass them."""
    binary = engine.installed()
    if not binary.exists():
        pytest.fail(f"there is no {binary}: run `make setup`")
    return binary


@dataclass(frozen=True)
class KeyPair:
    """A key pair on disk."""

    private: Path
    public: Path
    keyid: str


@pytest.fixture(scope="session")
def key(tmp_path_factory: pytest.TempPathFactory) -> KeyPair:
    """An Ed25519 pair outside every working tree."""
    folder = tmp_path_factory.mktemp("keys")
    pem, signer = signing.generate(None)
    private, public = folder / "signing.key", folder / "signing.pub"
    private.write_bytes(pem)
    private.chmod(0o600)
    public.write_bytes(trust.public_pem(signer.public.key))
    return KeyPair(private=private, public=public, keyid=signer.keyid)


@pytest.fixture
def tree(tmp_path: Path) -> Path:
    """A small working tree that is a git repository with one commit."""
    root = tmp_path / "tree"
    root.mkdir()
    (root / "README").write_text("a tree\n", encoding="utf-8")
    git(root, "init", "-q", "-b", "main")
    git(root, "add", ".")
    git(root, "commit", "-q", "-m", "first")
    return root


def git(root: Path, *arguments: str) -> str:
    """Run git in ``root`` with an author of its own."""
    env = {
        "PATH": os.environ["PATH"],
        "HOME": str(root),
        "GIT_CONFIG_NOSYSTEM": "1",
        "GIT_AUTHOR_NAME": "Ada",
        "GIT_AUTHOR_EMAIL": "ada@example.org",
        "GIT_AUTHOR_DATE": "2026-05-24T00:00:00+02:00",
        "GIT_COMMITTER_NAME": "Grace",
        "GIT_COMMITTER_EMAIL": "grace@example.org",
        "GIT_COMMITTER_DATE": "2026-05-25T00:00:00+00:00",
    }
    done = subprocess.run(["git", *arguments], cwd=root, env=env, check=True, capture_output=True, text=True)
    return done.stdout


@dataclass(frozen=True)
class Done:
    """How the program ended."""

    code: int
    out: str
    err: str

    @property
    def said(self) -> str:
        """Everything that it printed."""
        return self.out + self.err


@dataclass(frozen=True)
class Program:
    """The command line as a user has it: a process of its own, but that Python has loaded the program already.

    ``cold`` starts Python anew, as a user's shell does.
    """

    warm: Warm
    env: dict[str, str] = field(default_factory=dict)

    def __call__(
        self,
        *arguments: str | Path,
        cwd: Path | None = None,
        stdin: bytes = b"",
        env: dict[str, str] | None = None,
        timeout: float = 60,
    ) -> Done:
        """Run ``mesh-attestor`` with ``arguments`` and exactly the environment given beside PATH and HOME."""
        return self.warm(list(map(str, arguments)), cwd, self.surroundings(env), stdin=stdin, timeout=timeout)

    def cold(self, *arguments: str | Path, cwd: Path | None = None, env: dict[str, str] | None = None) -> Done:
        """Do the same in a Python of its own."""
        argv = [sys.executable, "-m", "attestor", *map(str, arguments)]
        done = subprocess.run(argv, cwd=cwd, env=self.surroundings(env), capture_output=True, timeout=60, check=False)
        return Done(code=done.returncode, out=done.stdout.decode(), err=done.stderr.decode())

    def surroundings(self, env: dict[str, str] | None) -> dict[str, str]:
        """Return the whole environment of a call."""
        common = {"PATH": os.environ["PATH"], "HOME": "/nonexistent", "PYTHONPATH": str(ROOT)}
        return common | self.env | (env or {})


@pytest.fixture(scope="session")
def warm() -> Iterator[Warm]:
    """The program, loaded once."""
    from tests.warm import Warm

    server = Warm()
    yield server
    server.close()


@pytest.fixture
def program(warm: Warm) -> Program:
    """The program, to be called with its arguments."""
    return Program(warm=warm)


Run = Callable[..., Done]


@pytest.fixture
def run(program: Program, key: KeyPair, opa: Path, tree: Path) -> Run:
    """``mesh-attestor run`` over a replayed mesh: give it a recording's name, and further options."""

    def call(recording: str | Path, *arguments: str | Path, **more: object) -> Done:
        linkerd = recording if isinstance(recording, Path) else RECORDINGS / recording / "linkerd"
        options = ["--signing-key", key.private, "--opa", opa, "--linkerd-path", linkerd, "--allow-replay"]
        return program("run", "--working-directory", tree, *options, *arguments, cwd=tree, **more)  # type: ignore[arg-type]

    return call


@pytest.fixture
def replay(tmp_path: Path) -> Callable[..., Path]:
    """Make a recording of one's own from files of others: ``replay(check="healthy/check", edges=b"[]")``."""

    def make(**files: str | bytes) -> Path:
        folder = tmp_path / "replay"
        folder.mkdir(exist_ok=True)
        (folder / "linkerd").symlink_to(RECORDINGS / "linkerd")
        shutil.copy(RECORDINGS / "healthy" / "meta.json", folder / "meta.json")
        for name, source in files.items():
            target = name.replace("_", "-")
            if isinstance(source, bytes):
                (folder / f"{target}.json").write_bytes(source)
                (folder / f"{target}.stderr").write_bytes(b"")
                (folder / f"{target}.exit").write_bytes(b"0\n")
                continue
            for kind in ("json", "stderr", "exit"):
                shutil.copy(RECORDINGS / f"{source}.{kind}", folder / f"{target}.{kind}")
        return folder / "linkerd"

    return make


@pytest.fixture
def fake(tmp_path: Path) -> Callable[..., Path]:
    """Make a program called ``linkerd`` (or another name) from the body of a POSIX shell script."""

    def make(body: str, name: str = "linkerd") -> Path:
        folder = tmp_path / "fake"
        folder.mkdir(exist_ok=True)
        path = folder / name
        path.write_text(f"#!/bin/sh\n{body}\n", encoding="utf-8")
        path.chmod(0o755)
        return path

    return make
