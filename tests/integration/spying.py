"""A shell script's look at the processes above it, and a place that every user can reach, as an image is."""

from __future__ import annotations

import os
import shutil
import subprocess
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from tests.conftest import RECORDINGS, ROOT

SPY = f"""p=$PPID
while [ "$p" -gt 1 ] && [ "$p" != {os.getpid()} ]; do
  if tr '\\0' ' ' <"/proc/$p/cmdline" | grep -q -e ' -m attestor ' -e '/entrypoint.py'; then
    for name in environ maps; do
      if cat "/proc/$p/$name" >/dev/null 2>&1; then echo "$name open"; else echo "$name closed"; fi
    done
    if (exec 3<"/proc/$p/mem") 2>/dev/null; then echo "mem open"; else echo "mem closed"; fi
    if readlink "/proc/$p/fd/0" >/dev/null; then echo "fd open"; else echo "fd closed"; fi
  fi
  p=$(sed 's/.*) . //; s/ .*//' "/proc/$p/stat")
done"""
"""Says of each process of the program above the shell what of it can be read, and stops at the test's own."""

CLOSED = {f"{name} closed" for name in ("environ", "maps", "mem", "fd")}


def powerless(argv: list[str]) -> list[str]:
    """Return ``argv`` without the capabilities by which root reads every process, and otherwise as whoever this is."""
    return ["setpriv", "--bounding-set=-all", "--inh-caps=-all", *argv] if os.geteuid() == 0 else argv


@contextmanager
def reachable() -> Iterator[Path]:
    """Make a folder that every user may enter; pytest's own are for one."""
    folder = Path(tempfile.mkdtemp()).resolve()
    folder.chmod(0o755)
    try:
        yield folder
    finally:
        subprocess.run(["rm", "-rf", folder], check=True)


def install(folder: Path, opa: Path) -> None:
    """Put the program, its policy, opa and a recording into ``folder``, for every user to read."""
    for name in ("attestor", "policy"):
        shutil.copytree(ROOT / name, folder / name, ignore=shutil.ignore_patterns("__pycache__"))
    shutil.copy(ROOT / "entrypoint.py", folder)
    for path in (opa.resolve(), opa.resolve().with_name("opa-capabilities.json")):
        shutil.copy(path, folder)
    shutil.copytree(RECORDINGS / "healthy", folder / "healthy", symlinks=True)
    shutil.copy(RECORDINGS / "linkerd", folder)
    subprocess.run(["chmod", "-R", "go=u-w", folder], check=True)
