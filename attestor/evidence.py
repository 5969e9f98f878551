"""What was observed, as frozen records: raw bytes, digests, names and times, and no opinion about them."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime

from attestor.clock import Span
from attestor.coverage.part import Coverage


@dataclass(frozen=True, slots=True, kw_only=True)
class Defect:
    """Something in a report, or in how it came to be, that could not be taken as it stood. Every defect denies.

    ``offset`` counts bytes from the start of ``file``. ``code`` is a stable kebab-case word.
    """

    code: str
    file: str
    offset: int
    detail: str

    def to_dict(self) -> dict[str, object]:
        """Return the defect as it stands in ``command-run.capture.defects``."""
        return {"code": self.code, "file": self.file, "offset": self.offset, "detail": self.detail}


@dataclass(frozen=True, slots=True, kw_only=True)
class Host:
    """The machine and the environment, as the process sees them; values are still in clear."""

    span: Span
    os: str
    kernel: str
    hostname: str
    username: str
    variables: Mapping[str, str]


@dataclass(frozen=True, slots=True, kw_only=True)
class Person:
    """A name and an address, as git stores them."""

    name: str = ""
    email: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class Commit:
    """A commit object. ``authored`` is the author date with its own offset."""

    sha: str
    tree: str
    parents: tuple[str, ...]
    author: Person
    committer: Person
    authored: datetime
    message: str
    signature: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Tag:
    """An annotated tag object whose target is HEAD."""

    name: str
    tagger: Person
    when: datetime
    message: str
    signature: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Git:
    """The repository around the working directory; ``root`` is empty where there is none."""

    span: Span
    root: str = ""
    binary: str = ""
    binary_sha256: str = ""
    commit: Commit | None = None
    branch: str = ""
    shallow: bool = False
    refs: tuple[str, ...] = ()
    remotes: tuple[str, ...] = ()
    tags: tuple[Tag, ...] = ()
    status: Mapping[str, tuple[str, str]] = field(default_factory=dict)


@dataclass(frozen=True, slots=True, kw_only=True)
class File:
    """A regular file of the tree: its relative path, hex sha256, and the stat values that would change with it."""

    path: str
    sha256: str
    stamp: tuple[int, ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class Exclusion:
    """A path of the tree that was left out, and why."""

    path: str
    reason: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Tree:
    """The files of the working directory at one time, sorted by path.

    ``defects`` are what should have been seen and could not be read; it is among ``excluded`` too.
    """

    span: Span
    files: tuple[File, ...]
    excluded: tuple[Exclusion, ...] = ()
    defects: tuple[Defect, ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class Linkerd:
    """The CLI that was run. ``version`` is what it says of itself, empty where it said nothing usable."""

    version: str
    sha256: str
    source: str
    pinned: bool
    replay: bool

    def to_dict(self) -> dict[str, object]:
        """Return the record as it stands in ``command-run.capture.linkerd``."""
        return {
            "version": self.version,
            "sha256": self.sha256,
            "source": self.source,
            "pinned": self.pinned,
            "replay": self.replay,
        }


@dataclass(frozen=True, slots=True, kw_only=True, order=True)
class Connection:
    """An address that a process connected to; ``port`` is 0 for a Unix socket."""

    syscall: str
    family: str
    address: str
    port: int


@dataclass(frozen=True, slots=True, kw_only=True)
class Process:
    """One program that the capture executed. ``exit_code`` is 128 + n where signal n ended it."""

    program: str
    pid: int
    parent: int
    comm: str
    argv: tuple[str, ...]
    program_sha256: str
    exe_sha256: str
    exit_code: int
    connections: tuple[Connection, ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class Trace:
    """Whether the capture was traced: ``on``, ``off`` or ``unavailable``, and why."""

    state: str
    reason: str
    processes: tuple[Process, ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class Command:
    """The recorded shell command. ``failure`` is empty, or says why it was stopped before its end."""

    span: Span
    argv: tuple[str, ...]
    exit_code: int
    stdout: bytes
    stderr: bytes
    trace: Trace
    failure: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class ReportFile:
    """A report as linkerd wrote it: its path in the working directory, its bytes and their hex sha256."""

    path: str
    data: bytes
    sha256: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Evidence:
    """Everything one run observed, in the order in which it was observed."""

    cluster: str
    namespaces: tuple[str, ...]
    host: Host
    git: Git
    material: Tree
    linkerd: Linkerd
    command: Command
    product: Tree
    check: ReportFile | None
    edges: ReportFile | None
    reports_span: Span
    coverage: Coverage | None = None
    defects: tuple[Defect, ...] = ()
    secrets: tuple[str, ...] = field(default=(), repr=False)
