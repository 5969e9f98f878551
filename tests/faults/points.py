"""The places of the program that a fault can be injected at, read from its source.

A place is a call that touches a file, a descriptor or a process, named by its module, its function, what it calls and,
where one function does that more than once, its number: `capture/tree.py _Walk._read os.fdopen`. No line numbers: moving
a function changes no name.
"""

from __future__ import annotations

import ast
from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass, field
from functools import cache
from pathlib import Path

from tests.conftest import ROOT

PACKAGE = ROOT / "attestor"
ENTRY = ROOT / "entrypoint.py"

MODULES = frozenset({"fcntl", "os", "selectors", "shutil", "signal", "socket", "subprocess", "tempfile"})
"""Modules whose functions touch the system, but for those of `PURE`."""

PURE = frozenset({
    "os.fsencode", "os.fspath", "os.geteuid", "os.path.commonpath", "os.path.join", "os.path.normpath", "os.pathsep.join", "os.strerror",
    "os.uname",
    "signal.getsignal", "signal.raise_signal", "signal.signal", "socket.gethostname",
})  # fmt: skip

FUNCTIONS = frozenset({"child.wait", "hashlib.file_digest", "open", "print", "stdin"})

METHODS = frozenset({
    "chmod", "close", "cwd", "exists", "flush", "get_terminal_size", "glob", "hardlink_to",
    "is_block_device", "is_char_device", "is_dir", "is_fifo", "is_file", "is_mount", "is_socket", "is_symlink",
    "iterdir", "lchmod", "link_to", "lstat", "mkdir", "open", "owner", "read", "read_bytes", "read_text", "readinto",
    "readline", "readlines", "readlink", "register", "rename", "resolve", "rglob", "rmdir", "samefile", "seek",
    "select", "stat", "symlink_to", "touch", "truncate", "unlink", "unregister", "write", "write_bytes",
    "write_text", "writelines",
})  # fmt: skip
"""Methods of paths, directory entries, open files, streams and selectors."""

_RENAMED = 1
"""Arguments of ``Path.replace``; a string's takes two."""


@dataclass(frozen=True, order=True)
class Site:
    """One place; ``starts`` says that a program is started there."""

    module: str
    function: str
    operation: str
    ordinal: int = 1
    starts: bool = field(default=False, compare=False)

    def __str__(self) -> str:
        number = f" #{self.ordinal}" if self.ordinal > 1 else ""
        return f"{self.module} {self.function} {self.operation}{number}"


Span = tuple[int, int, int, int]
"""First line, last line, first column, last column, as code objects have them."""


@dataclass(frozen=True)
class Source:
    """The places of one file, by where they stand in it."""

    sites: tuple[tuple[Span, Site], ...]

    def at(self, span: Span) -> Site | None:
        """Return the place of the call at ``span``, or the one inside of it, as a generator is consumed further out."""
        for found, site in self.sites:
            if found == span:
                return site
        return next((site for found, site in self.sites if _within(found, span)), None)


def _within(inner: Span, outer: Span) -> bool:
    return (inner[0], inner[2]) >= (outer[0], outer[2]) and (inner[1], inner[3]) <= (outer[1], outer[3])


@cache
def sources() -> dict[str, Source]:
    """Return the places of every file of the program, by its path."""
    files = [*sorted(PACKAGE.rglob("*.py")), ENTRY]
    return {str(path): read(path.read_text(encoding="utf-8"), _name(path)) for path in files}


def sites() -> frozenset[Site]:
    """Return every place of the program."""
    return frozenset(site for source in sources().values() for _, site in source.sites)


def _name(path: Path) -> str:
    return path.relative_to(PACKAGE if path.is_relative_to(PACKAGE) else ROOT).as_posix()


def read(text: str, module: str) -> Source:
    """Return the places in the source ``text`` of ``module``."""
    tree = ast.parse(text)
    own = _own_modules(tree)
    counted: Counter[tuple[str, str]] = Counter()
    found = []
    for call, function in _calls(tree, ""):
        operation = _operation(call, own)
        if operation:
            counted[function, operation] += 1
            starts = operation in {"run", ".run", "process.run"}
            site = Site(module, function or "(module)", operation, counted[function, operation], starts)
            span = (call.lineno, call.end_lineno or 0, call.col_offset, call.end_col_offset or 0)
            found.append((span, site))
    return Source(sites=tuple(found))


def _calls(node: ast.AST, function: str) -> Iterator[tuple[ast.Call, str]]:
    for child in ast.iter_child_nodes(node):
        inside = function
        if isinstance(child, ast.FunctionDef | ast.AsyncFunctionDef | ast.ClassDef):
            inside = f"{function}.{child.name}" if function else child.name
        if isinstance(child, ast.Call):
            yield child, function
        yield from _calls(child, inside)


def _own_modules(tree: ast.AST) -> frozenset[str]:
    """Return the names by which a file knows modules of the program: a function of theirs is no method of a file."""
    found = set()
    for node in ast.walk(tree):
        if isinstance(node, ast.ImportFrom) and (node.module or "").startswith("attestor"):
            found |= {alias.asname or alias.name for alias in node.names if (alias.asname or alias.name).islower()}
    return frozenset(found)


def _operation(call: ast.Call, own: frozenset[str]) -> str:
    """Return what a call does to the system, or nothing."""
    name = ast.unparse(call.func)
    base, _, last = name.rpartition(".")
    if name in {"run", "process.run"}:
        return name
    if name in FUNCTIONS or (base.split(".")[0] in MODULES and name not in PURE):
        return name
    if not isinstance(call.func, ast.Attribute) or base in own:
        return ""
    if last == "run" or last in METHODS or (last == "replace" and len(call.args) == _RENAMED and not call.keywords):
        return f".{last}"
    return ""
