"""What the evidence must be about: good evidence about something else is a denial, not a forgery."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime, timedelta

from attestor.clock import rfc3339
from attestor.collection import Opened
from attestor.verification import times
from attestor.verification.finding import Finding, failed, ok


@dataclass(frozen=True, slots=True, kw_only=True)
class Pins:
    """What was asked about. Empty or ``None`` means that it was not."""

    step: str = ""
    cluster: str | None = None
    commit: str = ""
    linkerd_version: str = ""
    max_age: timedelta | None = None


def examine(opened: Opened, pins: Pins, now: datetime, baseline: Opened | None = None) -> Iterator[Finding]:
    """Yield a finding for each thing that was asked about; a ``baseline`` is to be an earlier one of the same mesh."""
    if pins.step:
        yield _same("step", opened.step, pins.step)
    if pins.cluster is not None:
        yield _same("cluster", opened.linkerd_check.get("cluster_name"), pins.cluster)
    if pins.commit:
        yield _same("commit", opened.body("git").get("commithash"), pins.commit)
    if pins.linkerd_version:
        capture = opened.body("command-run").get("capture")
        linkerd = capture.get("linkerd") if isinstance(capture, dict) else None
        version = linkerd.get("version") if isinstance(linkerd, dict) else None
        yield _same("linkerd version", version, pins.linkerd_version)
    if pins.max_age is not None:
        yield _young(opened, pins.max_age, now)
    if baseline is not None:
        yield _earlier(baseline, opened)


def _same(name: str, found: object, wanted: str) -> Finding:
    if found == wanted and found != "":
        return ok(name, wanted)
    stated = f"{found!r}" if isinstance(found, str) and found else "not stated"
    return failed(name, f"it is {stated}, and {wanted!r} was asked for")


def _young(opened: Opened, limit: timedelta, now: datetime) -> Finding:
    finished = times.finished_at(opened)
    if finished is None:
        return failed("age", "the evidence does not say when it was made")
    if now - finished > limit:
        return failed("age", f"it was made at {rfc3339(finished)}, which is more than {limit} ago")
    return ok("age", f"made at {rfc3339(finished)}")


def _earlier(baseline: Opened, opened: Opened) -> Finding:
    cluster, other = (found.linkerd_check.get("cluster_name", "") for found in (opened, baseline))
    if cluster != other:
        return failed("baseline", f"it is of the cluster {other!r}, and the evidence is of {cluster!r}")
    ended, finished = times.finished_at(baseline), times.finished_at(opened)
    if ended is None or finished is None or ended >= finished:
        return failed("baseline", "it is not earlier than the evidence")
    return ok("baseline", f"made at {rfc3339(ended)}")
