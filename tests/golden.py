"""One fixed capture: every value written down, so that its bytes can be compared for ever.

The reports are those of a recorded stable-2.14 mesh; host, repository and processes are made up and say so.
"""

from __future__ import annotations

import hashlib
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta, timezone

from attestor import predicates, reports
from attestor.clock import Span
from attestor.evidence import (
    Command,
    Commit,
    Connection,
    Evidence,
    Exclusion,
    File,
    Git,
    Host,
    Linkerd,
    Person,
    Process,
    ReportFile,
    Trace,
    Tree,
)
from attestor.statement import Collection, Statement
from tests.conftest import RECORDINGS

STEP = "linkerd-mesh-check"
BEGUN = datetime(2026, 11, 21, 10, 0, 0, tzinfo=UTC)
_ZERO = "0" * 64


def sha256(data: bytes) -> str:
    return hashlib.sha256(data).hexdigest()


def _spans() -> Iterator[Span]:
    moment = BEGUN
    while True:
        later = moment + timedelta(microseconds=1500)
        yield Span(started=moment, finished=later)
        moment = later


def report(recording: str, name: str) -> ReportFile:
    data = (RECORDINGS / recording / f"{name}.json").read_bytes()
    return ReportFile(path=f"linkerd-{name}.json", data=data, sha256=sha256(data))


def evidence(recording: str = "stable-2.14") -> Evidence:
    """Return the fixed capture over a recording's reports."""
    spans = _spans()
    check, edges = report(recording, "check"), report(recording, "edges")
    readme = File(path="README.md", sha256=sha256(b"a tree\n"))
    copy = File(path="docs/<copy> & more.md", sha256=readme.sha256)
    return Evidence(
        cluster="golden",
        namespaces=(),
        host=Host(
            span=next(spans),
            os="linux",
            kernel="6.1.0-golden",
            hostname="golden-host",
            username="golden",
            variables={"PATH": "/usr/bin:/bin", "GITHUB_TOKEN": "ghs_never-in-clear", "LANG": "C.UTF-8"},
        ),
        git=_git(next(spans)),
        material=Tree(
            span=next(spans),
            files=(readme, copy),
            excluded=(Exclusion(path=".git", reason="the git predicate speaks for it"),),
        ),
        linkerd=Linkerd(version="stable-2.14.10", sha256=_ZERO, source="golden", pinned=True, replay=False),
        command=_command(next(spans)),
        product=Tree(
            span=next(spans),
            files=(File(path=check.path, sha256=check.sha256), File(path=edges.path, sha256=edges.sha256)),
        ),
        check=check,
        edges=edges,
        reports_span=next(spans),
    )


def _git(span: Span) -> Git:
    return Git(
        span=span,
        root="/golden",
        binary="/usr/bin/git",
        binary_sha256=_ZERO,
        commit=Commit(
            sha="1" * 40,
            tree="2" * 40,
            parents=("3" * 40,),
            author=Person(name="Ada Lovelace", email="ada@example.org"),
            committer=Person(name="Grace Hopper", email="grace@example.org"),
            authored=datetime(2026, 5, 24, 12, 0, 0, tzinfo=timezone(timedelta(hours=2))),
            message="Zähle: a < b && c > d\n",
            signature="",
        ),
        branch="main",
        refs=("refs/heads/main",),
        remotes=("https://example.org/golden.git",),
        status={"notes.txt": ("untracked", "untracked")},
    )


def _command(span: Span) -> Command:
    script = "linkerd check -o json > linkerd-check.json; linkerd viz edges deploy -A -o json > linkerd-edges.json"
    shell = Process(
        program="/usr/bin/dash",
        pid=100,
        parent=99,
        comm="sh",
        argv=("sh", "-c", script),
        program_sha256=_ZERO,
        exe_sha256=_ZERO,
        exit_code=0,
    )
    check = Process(
        program="/usr/local/bin/linkerd",
        pid=101,
        parent=100,
        comm="linkerd",
        argv=("linkerd", "check", "-o", "json"),
        program_sha256=_ZERO,
        exe_sha256=_ZERO,
        exit_code=0,
        connections=(Connection(syscall="connect", family="AF_INET", address="10.0.0.1", port=443),),
    )
    edges = Process(
        program="/usr/local/bin/linkerd",
        pid=102,
        parent=100,
        comm="linkerd",
        argv=("linkerd", "viz", "edges", "deploy", "-A", "-o", "json"),
        program_sha256=_ZERO,
        exe_sha256=_ZERO,
        exit_code=0,
        connections=(Connection(syscall="connect", family="AF_UNIX", address="/run/x", port=0),),
    )
    return Command(
        span=span,
        argv=("sh", "-c", script),
        exit_code=0,
        stdout=b"",
        stderr=b"W1121 v1 Endpoints is deprecated\n",
        trace=Trace(state="on", reason="", processes=(shell, check, edges)),
    )


def statement(recording: str = "stable-2.14") -> Statement:
    """Return the statement over the fixed capture."""
    seen = evidence(recording)
    return Statement.of(Collection(step=STEP, predicates=predicates.build(seen, reports.read(seen))))
