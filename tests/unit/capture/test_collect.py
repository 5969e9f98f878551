"""The whole look at the world, in order, and the reports that are evidence of it."""

from __future__ import annotations

import errno
import hashlib
import json
import os
from collections.abc import Callable
from itertools import pairwise
from pathlib import Path

import pytest

from attestor import capture, limits
from attestor.capture import git as git_capture
from attestor.capture import linkerd as cli
from attestor.capture import tree as tree_capture
from attestor.capture.linkerd import Surroundings
from attestor.capture.strace import Tracer
from attestor.capture.tree import Left
from attestor.clock import Clock
from attestor.compliance import mapping
from attestor.engine import Engine
from attestor.errors import AttestorError, CaptureError
from attestor.evidence import Defect, Evidence, Linkerd
from attestor.policies import EMBEDDED
from attestor.preflight import Prepared
from attestor.settings import parse
from attestor.signing import generate

LINKERD = Linkerd(version="edge-1", sha256="00", source="test", pinned=False, replay=True)


@pytest.fixture
def collect(tree: Path, tmp_path: Path, clock: Clock, fake: Callable[[str], Path]) -> Callable[..., Evidence]:
    """Capture the tree with a ``linkerd`` made of a shell script."""

    def call(body: str, path: str = os.defpath, *, writes: bool = True) -> Evidence:
        private = tmp_path / "private"
        private.mkdir(exist_ok=True)
        complaints: list[AttestorError] = []
        settings = parse({"signing-key": "k", "working-directory": str(tree)}, {"HOME": "/root"}, tree, complaints)
        assert complaints == []
        environment = {"PATH": f"{fake(body).parent}:{path}"}
        prepared = Prepared(
            signer=generate(None)[1],
            engine=Engine(binary=tmp_path, capabilities=tmp_path, folder=tmp_path),
            tracer=Tracer(wanted=False, reason="off"),
            linkerd=LINKERD,
            surroundings=Surroundings(
                directory=tree, private=private, environment=environment, timeout=60, writes=writes
            ),
            left=Left(paths={str(tree / ".git"): "git speaks for it"}),
            policy=EMBEDDED,
            controls=mapping.embedded(),
            git_environment=git_capture.environment(os.defpath, tmp_path),
            secrets=("hunter2",),
        )
        return capture.collect(settings, prepared, clock, lambda _: None)

    return call


def test_reports_that_the_command_wrote_are_evidence(collect: Callable[..., Evidence]) -> None:
    """Their bytes, with the digest that the product has for them."""
    found = collect('echo "{\\"$1\\": 1}"')
    assert found.check is not None
    assert found.edges is not None
    assert (found.check.path, json.loads(found.check.data)) == ("linkerd-check.json", {"check": 1})
    assert (found.edges.path, json.loads(found.edges.data)) == ("linkerd-edges.json", {"viz": 1})
    products = {file.path: file.sha256 for file in found.product.files}
    assert products == {report.path: report.sha256 for report in (found.check, found.edges)}
    assert found.check.sha256 == hashlib.sha256(found.check.data).hexdigest()
    assert found.defects == ()


def test_reports_that_were_laid_out_are_products_and_no_material(collect: Callable[..., Evidence], tree: Path) -> None:
    """For a linkerd that may make no files: they are there after the tree was looked at, and before the command."""
    found = collect(f"ls -l '{tree}' >&2; echo '{{}}'", writes=False)
    assert {"linkerd-check.json", "linkerd-edges.json"} <= set(found.command.stderr.decode().split())
    assert [file.path for file in found.product.files] == ["linkerd-check.json", "linkerd-edges.json"]
    assert [file.path for file in found.material.files] == ["README"]
    assert found.defects == ()


def test_reports_that_cannot_be_laid_out_end_the_capture(
    collect: Callable[..., Evidence], tree: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """By name, before linkerd is run."""
    opened = os.open

    def full(path: Path, *more: int) -> int:
        if str(path).endswith("linkerd-check.json"):
            raise OSError(errno.ENOSPC, os.strerror(errno.ENOSPC))
        return opened(path, *more)

    monkeypatch.setattr(os, "open", full)
    with pytest.raises(CaptureError, match=r"linkerd-check.json cannot be made for linkerd: No space left"):
        collect("touch ran", writes=False)
    assert not (tree / "ran").exists()


def test_the_world_is_looked_at_in_order(collect: Callable[..., Evidence]) -> None:
    """Host, git, material, command, product, reports: each begins where the one before has ended."""
    found = collect("echo")
    spans = [found.host.span, found.git.span, found.material.span, found.command.span, found.product.span]
    spans.append(found.reports_span)
    assert all(earlier.finished < later.started for earlier, later in pairwise(spans))
    assert [file.path for file in found.material.files] == ["README"]
    assert found.git.status == {}
    assert (found.linkerd, found.secrets) == (LINKERD, ("hunter2",))


def test_an_earlier_runs_files_are_gone_before_anything_is_looked_at(
    tree: Path, collect: Callable[..., Evidence]
) -> None:
    """They are neither material, nor a change in git, nor evidence."""
    for name in ("linkerd-check.json", "linkerd-edges.json", "attestation.json"):
        (tree / name).write_text("old", encoding="utf-8")
    found = collect("rm -f linkerd-check.json linkerd-edges.json")
    assert [file.path for file in found.material.files] == ["README"]
    assert (found.git.status, found.check, found.edges, found.product.files) == ({}, None, None, ())
    assert not (tree / "attestation.json").exists()


def test_an_earlier_runs_file_that_stays_stops_the_run(tree: Path, collect: Callable[..., Evidence]) -> None:
    """Nothing was run; the file is named."""
    (tree / "attestation.json").mkdir()
    with pytest.raises(CaptureError, match=r"attestation\.json of an earlier run cannot be removed"):
        collect("echo")


@pytest.mark.parametrize(
    ("body", "reason"),
    [
        ("rm -f linkerd-check.json; ln -s README linkerd-check.json", "not a regular file"),
        ("rm -f linkerd-check.json; mkdir linkerd-check.json", "not a regular file"),
        ("rm -f linkerd-check.json; mkfifo linkerd-check.json", "not a regular file"),
        ("head -c 200000 /dev/zero > linkerd-check.json", "more than the 100000 that are read"),
    ],
)
def test_what_is_no_report_is_a_defect(
    collect: Callable[..., Evidence], monkeypatch: pytest.MonkeyPatch, body: str, reason: str
) -> None:
    """A link, a folder, a pipe, or a file beyond any size is not read."""
    monkeypatch.setattr(cli, "_refuse_floods", lambda _: None)
    monkeypatch.setattr(limits, "REPORT_BYTES", 100_000)
    found = collect(f'[ "$1" = viz ] && {{ {body}; }}')
    assert found.check is None
    assert [(defect.code, defect.file) for defect in found.defects] == [("report-unreadable", "linkerd-check.json")]
    assert reason in found.defects[0].detail


def test_a_report_that_is_not_the_product_that_was_hashed_is_a_defect(tree: Path, clock: Clock) -> None:
    """It changed between the hashing and the reading."""
    material = tree_capture.snapshot(tree, Left(), clock)
    (tree / "linkerd-check.json").write_text("{}", encoding="utf-8")
    product = tree_capture.changes(tree, Left(), clock, material)
    (tree / "linkerd-check.json").write_text("[]", encoding="utf-8")
    defects: list[Defect] = []
    assert capture._report(tree, "linkerd-check.json", product, defects) is None
    assert [(defect.code, defect.detail) for defect in defects] == [
        ("report-unreadable", "the report changed after the capture")
    ]


def test_without_a_shell_there_is_no_capture(collect: Callable[..., Evidence]) -> None:
    """The remedy is to install one."""
    with pytest.raises(CaptureError, match="could not be started") as caught:
        collect("echo", path="/nonexistent")
    assert caught.value.cause == "there is no POSIX shell on PATH"


def test_a_report_that_is_gone_is_a_defect_where_it_was_a_product(tree: Path, clock: Clock) -> None:
    """And none where it never was one: then there is no report."""
    nothing = tree_capture.snapshot(tree, Left(), clock)
    (tree / "linkerd-check.json").write_text("{}", encoding="utf-8")
    product = tree_capture.changes(tree, Left(), clock, nothing)
    (tree / "linkerd-check.json").unlink()
    defects: list[Defect] = []
    assert capture._report(tree, "linkerd-check.json", product, defects) is None
    assert [defect.detail for defect in defects] == ["the report cannot be read: No such file or directory"]
    assert capture._report(tree, "linkerd-edges.json", product, defects) is None
    assert len(defects) == 1


def test_what_could_not_be_read_of_the_tree_is_a_defect_once(
    collect: Callable[..., Evidence], tree: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Though both looks at the tree find it, and in the evidence where it denies."""
    lstat = os.lstat

    def refuse(path: str) -> os.stat_result:
        if str(path).endswith("README"):
            raise OSError(errno.EIO, "Input/output error")
        return lstat(path)

    monkeypatch.setattr(tree_capture.os, "lstat", refuse)  # type: ignore[attr-defined]
    found = collect("exit 0")
    expected = Defect(code="tree-unreadable", file="README", offset=0, detail="Input/output error")
    assert found.defects == (expected,)
    assert "README" not in [file.path for file in found.material.files]
