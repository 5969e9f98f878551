"""The command line many times over: each call is a process of its own, forked from one that has loaded the program.

Starting Python and loading the program takes ten times as long as a refusal. Nothing else is saved: every call has its
own folder, environment and streams, goes through `attestor.cli.main`, and ends with its exit code.
"""

from __future__ import annotations

import json
import os
import select
import signal
import subprocess
import sys
import tempfile
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import NoReturn

from tests.conftest import ROOT, Done

STREAMS = ("in", "out", "err")


class Warm:
    """A server of calls, started with the first of them."""

    module = "tests.warm"

    def __init__(self) -> None:
        self._server: subprocess.Popen[bytes] | None = None

    def close(self) -> None:
        """End the server."""
        if self._server is not None:
            self._server.communicate()
            self._server = None

    def __call__(
        self,
        argv: Sequence[str],
        folder: Path | None,
        env: Mapping[str, str],
        *,
        stdin: bytes = b"",
        timeout: float = 60,
    ) -> Done:
        """Run ``mesh-attestor`` with ``argv`` in ``folder`` and with exactly ``env``."""
        server = self._started()
        assert server.stdin is not None
        assert server.stdout is not None
        with tempfile.TemporaryDirectory() as streams:
            (Path(streams) / "in").write_bytes(stdin)
            call = {"argv": list(argv), "folder": str(folder or Path.cwd()), "env": dict(env), "streams": streams}
            server.stdin.write(json.dumps(call).encode() + b"\n")
            child = int(server.stdout.readline())
            if not select.select([server.stdout], [], [], timeout)[0]:
                os.kill(child, signal.SIGKILL)
                server.stdout.readline()
                raise subprocess.TimeoutExpired(list(argv), timeout)
            code = int(server.stdout.readline())
            out, err = ((Path(streams) / name).read_bytes().decode() for name in STREAMS[1:])
        return Done(code=code, out=out, err=err)

    def _started(self) -> subprocess.Popen[bytes]:
        if self._server is None:
            self._server = subprocess.Popen(
                [sys.executable, "-u", "-m", self.module],
                cwd=ROOT,
                stdin=subprocess.PIPE,
                stdout=subprocess.PIPE,
                bufsize=0,  # read ahead, an answer would be where `select` does not see it
                env={"PATH": os.environ["PATH"], "HOME": "/nonexistent", "PYTHONPATH": str(ROOT)},
            )
        return self._server


def _serve() -> None:
    import attestor.commands.run
    import attestor.commands.verify
    import attestor.rendering.log
    import attestor.rendering.terminal  # noqa: F401 - loaded before the first call, like those above

    for line in iter(sys.stdin.readline, ""):
        call = json.loads(line)
        if (child := os.fork()) == 0:
            _call(call)
        print(child, flush=True)
        _, status = os.waitpid(child, 0)
        print(os.waitstatus_to_exitcode(status), flush=True)


def _call(call: Mapping[str, object]) -> NoReturn:
    from attestor import cli

    code: object = 70
    try:
        _open_streams(Path(str(call["streams"])))
        os.chdir(str(call["folder"]))
        env, argv = call["env"], call["argv"]
        assert isinstance(env, dict)
        assert isinstance(argv, list)
        os.environ.clear()
        os.environ.update(env)
        sys.argv = ["mesh-attestor", *argv]
        cli.main()
    except SystemExit as end:
        code = end.code
    finally:
        os._exit(code if isinstance(code, int) else 70)


def _open_streams(folder: Path) -> None:
    """Put files in the place of the server's own streams, and of what Python has read ahead of them."""
    for number, name in enumerate(STREAMS):
        flags = os.O_RDONLY if name == "in" else os.O_WRONLY | os.O_CREAT | os.O_APPEND
        os.dup2(os.open(folder / name, flags, 0o600), number)
    sys.stdin = open(0, encoding="utf-8", closefd=False)  # noqa: SIM115 - open until the process ends
    sys.stdout = open(1, "w", encoding="utf-8", closefd=False)  # noqa: SIM115 - as above
    sys.stderr = open(2, "w", encoding="utf-8", closefd=False)  # noqa: SIM115 - as above


if __name__ == "__main__":
    _serve()
