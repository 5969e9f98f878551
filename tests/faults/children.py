"""How a child of a run can go wrong, each as the program that is started in its place.

The child's own command line is handed on, so that what it would print can be cut, delayed or followed by something else.
"""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

SCRIPTS = {
    "exit 0 with nothing": "exit 0",
    "exit 1 with valid output": '"$@"; exit 1',
    "exit 2 with nothing": "exit 2",
    "killed by SIGKILL": "kill -KILL $$",
    "killed by SIGSEGV": "kill -SEGV $$",
    "killed by SIGTERM": "kill -TERM $$",
    "killed in its output": '"$@" | head -c 40; kill -KILL $$',
    "output in single bytes": '"$@" | dd bs=1 2>/dev/null',
    "invalid UTF-8": "printf '\\377\\376\\n'; \"$@\"",
    "SIGTERM to the program": "kill -TERM $PPID; exec sleep 300",
    "SIGINT to the program": "kill -INT $PPID; exec sleep 300",
    "a grandchild that keeps the pipe open": 'sleep 300 & "$@"',
    "hang": "exec sleep 300",
    "hang, ignoring SIGTERM": "trap '' TERM INT HUP; while :; do sleep 300; done",
    "hang behind valid output": '"$@"; exec sleep 300',
    "500 MB of output": "head -c 500000000 /dev/zero",
    "500 MB of complaints": 'head -c 500000000 /dev/zero >&2; "$@"',
}
"""Bodies of POSIX shell scripts; ``$@`` is the child that is replaced."""

UNSTARTABLE = {"missing": None, "not executable": (b"#!/bin/sh\n", 0o644), "exec format error": (b"\x7fELF\x02", 0o755)}

LINKERD_UNSTARTABLE = {
    "missing": 'rm -f "$here/linkerd"',
    "not executable": 'chmod 644 "$here/linkerd"',
    "exec format error": "printf '\\177ELF\\002' > \"$here/linkerd\"",
}
"""What linkerd does with itself at the call before the one that then cannot be started."""

NAMES = (*UNSTARTABLE, *SCRIPTS)
ALIKE = ("killed by SIGKILL", "killed by SIGSEGV", "killed by SIGTERM", "exit 2 with nothing")
SLOW = frozenset({name for name in SCRIPTS if name.startswith(("hang", "500 MB", "a grandchild"))})


@dataclass(frozen=True)
class Swap:
    """The ``number``-th child of a run, counted from 0, goes wrong as ``name`` says; ``folder`` holds the programs."""

    number: int
    name: str
    folder: str

    @property
    def hangs(self) -> bool:
        return self.name.startswith("hang")

    def argv(self, argv: list[str]) -> list[str]:
        """Return what is started in the place of ``argv``."""
        if self.name in UNSTARTABLE:
            return [f"{self.folder}/{self.name}", *argv[1:]]
        return [f"{self.folder}/sh", "-c", SCRIPTS[self.name], "sh", *argv]


def linkerd_script(name: str, pid: Path) -> str:
    """Return what linkerd, which the shell starts and not this program, does at a call; ``pid`` holds the program's."""
    if name in UNSTARTABLE:
        return LINKERD_UNSTARTABLE[name]
    return SCRIPTS[name].replace('"$@"', 'answer "$@"').replace("$PPID", f"$(cat '{pid}')")


def prepare(folder: Path) -> None:
    """Write the programs that cannot be started into ``folder``, and a link to the shell."""
    folder.mkdir()
    (folder / "sh").symlink_to("/bin/sh")
    for name, made in UNSTARTABLE.items():
        if made is not None:
            (folder / name).write_bytes(made[0])
            (folder / name).chmod(made[1])
