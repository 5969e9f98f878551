"""Programs that write down what they were handed before they do their work: environment, argv, descriptors, input."""

from __future__ import annotations

import shutil
from pathlib import Path

from attestor.engine import installed
from attestor.install import capabilities

_NOTE = """#!/bin/sh
note='{log}'/{name}.$$
/bin/cat /proc/$$/environ > "$note.environ"
/bin/cat /proc/$$/cmdline > "$note.cmdline"
/bin/ls -l /proc/$$/fd > "$note.fd" 2>&1
/bin/cat > "$note.stdin"
"""


class Programs:
    """A folder of recording programs, which stands first on PATH, and the folder that they write their notes into."""

    def __init__(self, folder: Path, log: Path) -> None:
        self.folder, self.log = folder, log
        for path in (folder, log):
            path.mkdir()
        for name in ("sh", "git", "strace"):
            if found := shutil.which(name):
                self.make(name, f'exec {found} "$@" < "$note.stdin"')
        self.make("opa", f'exec {installed()} "$@" < "$note.stdin"')
        shutil.copy(installed().resolve().with_name(capabilities.FILE_NAME), folder)

    def make(self, name: str, body: str, folder: str = "") -> Path:
        """Make the program ``name`` that does ``body`` after its note; in a folder of its own, if one is named."""
        path = self.folder / folder / name
        path.parent.mkdir(exist_ok=True)
        path.write_text(_NOTE.format(log=self.log, name=name) + body + "\n", encoding="utf-8")
        path.chmod(0o755)
        if name == "opa" and folder:
            shutil.copy(self.folder / capabilities.FILE_NAME, path.parent)
        return path

    def notes(self) -> dict[str, bytes]:
        """Return what was noted since the last call, by program and kind, and forget it."""
        found = {path.name: path.read_bytes() for path in self.log.iterdir()}
        for path in self.log.iterdir():
            path.unlink()
        return found
