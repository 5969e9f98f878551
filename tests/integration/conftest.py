"""A run in which one thing is wrong: all the rest is well, and what the program leaves behind can be looked at."""

from __future__ import annotations

import os
import signal
import time
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path

import pytest

from attestor import cli
from tests.conftest import RECORDINGS, Done, KeyPair, Program

HEALTHY = RECORDINGS / "healthy"
CHECK, EDGES = f"cat '{HEALTHY}/check.json'", f"cat '{HEALTHY}/edges.json'"
REPLAY = "echo replay of edge-25.5.2"

Fake = Callable[..., Path]


@dataclass(frozen=True)
class Attempt:
    """``mesh-attestor run`` with good options; keywords replace them, ``None`` takes one away."""

    program: Program
    options: dict[str, str | Path]
    tree: Path
    scratch: Path
    calls: Path

    def __call__(
        self,
        *more: str | Path,
        stdin: bytes = b"",
        env: dict[str, str] | None = None,
        **options: str | Path | None,
    ) -> Done:
        done = self.program(
            "run", *self.argv(options), *more, cwd=self.tree, stdin=stdin, env=self.surroundings(env or {})
        )
        assert list(self.scratch.iterdir()) == [], "a temporary folder was left"
        return done

    def argv(self, options: dict[str, str | Path | None]) -> list[str]:
        chosen = self.options | {name.replace("_", "-"): value for name, value in options.items()}
        return [word for name, value in chosen.items() if value is not None for word in (f"--{name}", str(value))]

    def surroundings(self, env: dict[str, str]) -> dict[str, str]:
        return {"TMPDIR": str(self.scratch)} | env

    def refused(
        self,
        *more: str | Path,
        stdin: bytes = b"",
        env: dict[str, str] | None = None,
        **options: str | Path | None,
    ) -> str:
        """Return the complaints of a run that must end in 2, with nothing run and nothing written."""
        done = self(*more, stdin=stdin, env=env, **options)
        assert done.code == 2, done.said
        assert done.out == ""
        assert not self.calls.exists(), "linkerd was run"
        assert not (self.tree / "attestation.json").exists()
        assert "a fault of this program" not in done.err
        return done.err

    def asked(self) -> list[str]:
        """Return what linkerd was asked, call by call."""
        return self.calls.read_text(encoding="utf-8").splitlines() if self.calls.exists() else []


@pytest.fixture
def linkerd(tmp_path: Path, fake: Fake) -> Fake:
    """Make a linkerd from what it does at each of its three calls; it notes each of them."""

    def make(check: str = CHECK, edges: str = EDGES, version: str = REPLAY) -> Path:
        return fake(
            f"""echo "$*" >> '{tmp_path}/calls'
            case "$*" in
            version*) {version} ;;
            check*) {check} ;;
            *) {edges} ;;
            esac"""
        )

    return make


@pytest.fixture
def attempt(program: Program, key: KeyPair, opa: Path, tree: Path, tmp_path: Path, linkerd: Fake) -> Attempt:
    """A run over a healthy mesh, untraced."""
    scratch = tmp_path / "scratch"
    scratch.mkdir()
    options: dict[str, str | Path] = {
        "working-directory": tree,
        "signing-key": key.private,
        "opa": opa,
        "linkerd-path": linkerd(),
        "allow-replay": "true",
        "trace": "off",
    }
    return Attempt(program=program, options=options, tree=tree, scratch=scratch, calls=tmp_path / "calls")


Ask = Callable[..., Done]


@pytest.fixture
def ask(monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]) -> Iterator[Ask]:
    """The command line within this process, for hundreds of cases: the same but for the start of a process."""
    handlers = {number: signal.getsignal(number) for number in (signal.SIGINT, signal.SIGTERM, signal.SIGHUP)}

    def call(*arguments: str | Path, cwd: Path, env: dict[str, str] | None = None) -> Done:
        monkeypatch.chdir(cwd)
        for name in [name for name in os.environ if name.startswith(("LINKERD", "MESH", "KUBE"))]:
            monkeypatch.delenv(name)
        for name, value in (env or {}).items():
            monkeypatch.setenv(name, value)
        capsys.readouterr()
        code = cli.execute([str(argument) for argument in arguments])
        said = capsys.readouterr()
        return Done(code=code, out=said.out, err=said.err)

    yield call
    for number, handler in handlers.items():
        signal.signal(number, handler)


@pytest.fixture
def gone() -> Callable[[Path], bool]:
    """Tell whether the process whose id a file holds has ended; a zombie, which a container's init left, has."""

    def look(file: Path) -> bool:
        status = Path("/proc") / file.read_text(encoding="utf-8").strip() / "stat"
        for _ in range(100):
            try:
                state = status.read_text(encoding="utf-8").rpartition(")")[2].split()[0]
            except OSError:
                return True
            if state == "Z":
                return True
            time.sleep(0.01)
        return False

    return look
