"""The command line many times over: each call is a process of its own, forked from one that has loaded the program.

Starting Python and loading the program takes ten times as long as a refusal. Nothing else is saved: every call has its
own folder, environment and streams, goes through `attestor.cli.main`, and ends with its exit code.
"""

from __future__ import annotations

import json
import os
import subprocess
import sys
from collections.abc import Mapping, Sequence
from pathlib import Path
from types import TracebackType
from typing import NoReturn, Self

from tests.conftest import ROOT, Done


class Warm:
    """A server of calls; use it as a context."""

    def __enter__(self) -> Self:
        self._server = subprocess.Popen(
            [sys.executable, "-m", "tests.warm"],
            cwd=ROOT,
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            text=True,
            env={"PATH": os.environ["PATH"], "HOME": "/nonexistent", "PYTHONPATH": str(ROOT)},
        )
        return self

    def __exit__(self, kind: type[BaseException] | None, error: BaseException | None, _: TracebackType | None) -> None:
        self._server.communicate()

    def __call__(self, argv: Sequence[str], folder: Path, env: Mapping[str, str]) -> Done:
        """Run ``mesh-attestor`` with ``argv`` in ``folder``, where what it prints is kept as well."""
        assert self._server.stdin is not None
        assert self._server.stdout is not None
        print(json.dumps({"argv": list(argv), "folder": str(folder), "env": dict(env)}), file=self._server.stdin)
        self._server.stdin.flush()
        code = int(self._server.stdout.readline())
        out, err = ((folder / name).read_text(encoding="utf-8") for name in ("out", "err"))
        return Done(code=code, out=out, err=err)


def _serve() -> None:
    import attestor.commands.verify
    import attestor.rendering.log
    import attestor.rendering.terminal  # noqa: F401 - loaded before the first call, like the one above

    for line in sys.stdin:
        call = json.loads(line)
        if (child := os.fork()) == 0:
            _call(call["argv"], Path(call["folder"]), call["env"])
        _, status = os.waitpid(child, 0)
        print(os.waitstatus_to_exitcode(status), flush=True)


def _call(argv: list[str], folder: Path, env: dict[str, str]) -> NoReturn:
    from attestor import cli

    code: object = 70
    try:
        for number, (name, flags) in enumerate(
            [(os.devnull, os.O_RDONLY), (str(folder / "out"), os.O_WRONLY), (str(folder / "err"), os.O_WRONLY)]
        ):
            os.dup2(os.open(name, flags | os.O_CREAT, 0o600), number)
        os.chdir(folder)
        os.environ.update(env)
        sys.argv = ["mesh-attestor", *argv]
        cli.main()
    except SystemExit as end:
        code = end.code
    finally:
        os._exit(code if isinstance(code, int) else 70)


if __name__ == "__main__":
    _serve()
