"""The world, observed once and in order: host, git, tree, linkerd, tree again, and the two reports."""

from __future__ import annotations

import contextlib
import hashlib
import os
import stat
from contextlib import AbstractContextManager
from pathlib import Path
from typing import TYPE_CHECKING

from attestor import identity, limits, privacy, redaction
from attestor.capture import git, host, linkerd, tree
from attestor.capture.linkerd import Progress, Surroundings
from attestor.clock import Clock, Span
from attestor.errors import CaptureError
from attestor.evidence import Defect, Evidence, ReportFile, Tree
from attestor.process import NotStarted, Refused
from attestor.settings import Settings

if TYPE_CHECKING:
    from attestor.capture.coverage import Observer
    from attestor.preflight import Prepared


REPORT_MODE = 0o644
"""Rights of a report that linkerd's shell would make."""


def collect(settings: Settings, prepared: Prepared, clock: Clock, progress: Progress) -> Evidence:
    """Run the capture and return everything that was seen.

    What goes wrong with linkerd is part of the evidence; raises ``CaptureError`` only where nothing could be run.
    """
    root, defects = settings.working_directory, list(prepared.defects)
    _unlink_stale(settings)
    observed_host = host.observe(settings.environment, clock)
    repository = git.observe(root, prepared.git_environment, clock, defects, prepared.surroundings.user)
    material = tree.snapshot(root, prepared.left, clock)
    _lay_out(prepared.surroundings)
    argv = linkerd.shell_command(settings.namespaces, settings.wait)
    try:
        with _beside(settings, prepared, clock) as observer:
            command = linkerd.capture(argv, prepared.surroundings, prepared.tracer, clock, progress, defects)
            found = observer.finish() if observer else None
    except NotStarted as error:
        scarce = isinstance(error, Refused)
        cause = (
            "the system is short of descriptors, memory or processes" if scarce else "there is no POSIX shell on PATH"
        )
        raise CaptureError(
            error.problem, cause=cause, remedy="raise its limits" if scarce else "install one"
        ) from error
    product = tree.changes(root, prepared.left, clock, material)
    started = clock()
    check, edges = (
        _without_secrets(_report(root, name, product, defects), prepared.credentials, defects)
        for name in (linkerd.CHECK_FILE, linkerd.EDGES_FILE)
    )
    return Evidence(
        cluster=settings.cluster,
        namespaces=settings.namespaces,
        host=observed_host,
        git=repository,
        material=material,
        linkerd=prepared.linkerd,
        command=command,
        product=product,
        check=check,
        edges=edges,
        reports_span=Span(started=started, finished=clock()),
        coverage=found,
        defects=tuple(dict.fromkeys((*defects, *material.defects, *product.defects))),
        secrets=prepared.secrets,
    )


def _beside(settings: Settings, prepared: Prepared, clock: Clock) -> AbstractContextManager[Observer | None]:
    """Return what gathers the coverage while linkerd works, where that was asked for."""
    if prepared.access is None:
        return contextlib.nullcontext()
    from attestor.capture import coverage

    return coverage.Observer(settings, prepared, prepared.access, clock)


def _unlink_stale(settings: Settings) -> None:
    """Remove an earlier run's files, so that they can be taken neither for this run's nor for material."""
    for path in (
        settings.working_directory / linkerd.CHECK_FILE,
        settings.working_directory / linkerd.EDGES_FILE,
        *settings.written,
    ):
        try:
            path.unlink(missing_ok=True)
        except OSError as error:
            raise CaptureError(
                f"{path.name} of an earlier run cannot be removed: {error.strerror}", remedy="remove it by hand"
            ) from error


def _lay_out(surroundings: Surroundings) -> None:
    """Make both reports, empty, for a user who may not make files here; one that stays empty is a defect as ever."""
    if surroundings.writes:
        return
    for name in (linkerd.CHECK_FILE, linkerd.EDGES_FILE):
        path = surroundings.directory / name
        try:
            os.close(os.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL, REPORT_MODE))
            identity.give(path, surroundings.user)
        except OSError as error:
            raise CaptureError(
                f"{name} cannot be made for linkerd: {error.strerror}",
                cause="the disk is full, or something else made a file of that name just now",
                remedy="make room, and run one of these at a time in a folder",
            ) from error


def _report(root: Path, name: str, product: Tree, defects: list[Defect]) -> ReportFile | None:
    """Return a report if it is a product of this run, and its bytes are those that the product's digest speaks of."""
    listed = next((file.sha256 for file in product.files if file.path == name), "")
    try:
        data = _content(root / name)
        if hashlib.sha256(data).hexdigest() == listed:
            return ReportFile(path=name, data=data, sha256=listed)
        detail = "the report changed after the capture"
    except _NotAReport as error:
        detail = str(error)
    except OSError as error:
        if isinstance(error, FileNotFoundError) and not listed:
            return None
        detail = f"the report cannot be read: {error.strerror}"
    defects.append(Defect(code="report-unreadable", file=name, offset=0, detail=detail))
    return None


def _without_secrets(
    report: ReportFile | None, credentials: tuple[str, ...], defects: list[Defect]
) -> ReportFile | None:
    """Return ``report``, or nothing where it repeats a credential: what is signed is shown to everybody."""
    if report is None or not redaction.holds(report.data, credentials):
        return report
    detail = "the report repeats the signing key or a credential of the kubeconfig, so nothing of it was taken over"
    defects.append(Defect(code="report-holds-secret", file=report.path, offset=0, detail=detail))
    return None


class _NotAReport(Exception):
    """What has a report's name is none."""


def _content(path: Path) -> bytes:
    if not stat.S_ISREG(path.lstat().st_mode):
        message = "the report is not a regular file"
        raise _NotAReport(message)
    with privacy.open_regular(path) as file:
        size = os.fstat(file.fileno()).st_size
        if size > limits.REPORT_BYTES:
            message = f"the report has {size} bytes, more than the {limits.REPORT_BYTES} that are read"
            raise _NotAReport(message)
        return file.read(limits.REPORT_BYTES + 1)
