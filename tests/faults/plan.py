"""Which faults are tried at which points of a run, and what must come of each."""

from __future__ import annotations

import errno
import json
import signal
import zlib
from collections.abc import Collection, Iterator, Mapping
from dataclasses import dataclass, field
from functools import cache
from pathlib import Path
from typing import Any

from tests.faults import children
from tests.faults.children import Swap
from tests.faults.probe import CLOSING, Fault, Point
from tests.faults.scenarios import READING, Place
from tests.faults.server import Visit

HERE = Path(__file__).parent
ERRORS = (errno.ENOSPC, errno.EROFS, errno.EACCES, errno.EMFILE)
SIGNALS = (signal.SIGTERM, signal.SIGINT)
PREFLIGHT, CAPTURE, SIGNING, GATE, TELLING = "preflight", "capture", "signing", "gate", "telling"

CODES = {PREFLIGHT: {2}, CAPTURE: {1, 3}, SIGNING: {4}, GATE: {5}, TELLING: {3, 4}}
"""The exit codes of the contract for what goes wrong in a stage; 1 where the evidence says what was not seen."""

JUDGING = frozenset({"opa eval", "opa parse", "opa check", "opa test"})
"""Children whose failure is the gate's, also before the capture: rules of one's own that cannot judge are exit 5."""

RULES = ("policies/own/compiler.py", "policies/embedded.py", "policies/catalogue.py", "policies/parts.py")
"""Modules that read rules, likewise."""

INTERRUPTED, CLEANING = 3, 3
ALLOWED, VERIFIED = 0, {2, 4, 5}

ANSWERS = frozenset({"output in single bytes", "a grandchild that keeps the pipe open"})
"""What spoils nothing that a child says: the run must end as it would have."""


@dataclass(frozen=True)
class Attempt:
    """One fault in one scenario; ``stage`` is where it happens, ``change`` what the run is called with."""

    scenario: str
    name: str
    stage: str
    codes: frozenset[int]
    said: str = ""
    change: Mapping[str, Any] = field(default_factory=dict)
    linkerd: tuple[str, str] = ("", "")
    harmless: str = ""

    @property
    def is_late(self) -> bool:
        """Whether it is to happen at a later visit than the first."""
        fault = self.change.get("fault")
        return isinstance(fault, Fault) and fault.nth > 1

    def arrange(self, place: Place) -> None:
        """Lay into the folder of the attempt what goes wrong outside of the program's own process."""
        call, name = self.linkerd
        if call:
            script = children.linkerd_script(name, place.folder / "pid")
            (place.folder / "linkerd" / f"at-{call}").write_text(script + "\n", encoding="utf-8")


def stages(visits: Mapping[Point, Visit]) -> list[tuple[int, str]]:
    """Return with which visit each stage of a run begins, the latest first."""
    found: dict[str, int] = {}
    for point, visit in sorted(visits.items(), key=lambda item: item[1].first):
        if point.site.startswith("capture/__init__.py _unlink_stale"):
            found.setdefault(CAPTURE, visit.first)
        if point.caller.startswith("pipeline.py _write"):
            found.setdefault(SIGNING, visit.first)
        judges = point.site.startswith("policies/embedded.py") or point.caller.endswith("opa eval")
        if judges and visit.first > found.get(SIGNING, visit.first):
            found.setdefault(GATE, visit.first)
        if GATE in found and point.site.startswith(("rendering/", "commands/run.py", "privacy.py", "github/")):
            found.setdefault(TELLING, visit.first)
    return sorted(((first, stage) for stage, first in found.items()), reverse=True)


def stage_of(visit: int, begins: list[tuple[int, str]]) -> str:
    return next((stage for first, stage in begins if visit >= first), PREFLIGHT)


def at_points(
    scenario: str, visits: Mapping[Point, Visit], among: Collection[Point], *, thorough: bool
) -> Iterator[Attempt]:
    """Yield an attempt for every point of ``among`` with one error, and for some with a signal.

    Where ``thorough``, with every error and both signals, one of them at the last visit.
    """
    begins = stages(visits)
    for point, visit in ((point, visits[point]) for point in among):
        stage = stage_of(visit.first, begins)
        if not point.primitive.endswith(CLOSING) and not _found(point, "spared"):
            for number in ERRORS if thorough else ERRORS[_turn(point) % 4 :][:1]:
                yield _error(scenario, point, 1, stage, number)
        stop, other = SIGNALS if _turn(point) % 2 else reversed(SIGNALS)
        if thorough:
            yield _signal(scenario, point, 1, stage, stop)
            yield _signal(scenario, point, visit.count, stage_of(visit.last, begins), other)
        elif _turn(point) // 4 % 8 == 0:
            yield _signal(scenario, point, 1, stage, stop)
        if point.primitive.endswith("readinto") and "_Walk" in point.caller + point.site:
            yield _changed(scenario, point, stage_of(visit.first, begins), {1})
        if point.primitive.endswith("readinto") and "identify" in point.caller:
            yield _changed(scenario, point, PREFLIGHT, {2})


def _turn(point: Point) -> int:
    return zlib.crc32(str(point).encode())


def _error(scenario: str, point: Point, nth: int, stage: str, number: int) -> Attempt:
    name = errno.errorcode[number]
    fault = Fault(point, nth, "error", number)
    why = _found(point, "errors", name)
    return Attempt(
        scenario=scenario,
        name=f"{name} at {point}, visit {nth}",
        stage=stage,
        codes=frozenset(_codes(scenario, point, stage) | ({ALLOWED} if why else set())),
        said="" if why else _strerror(number),
        change={"fault": fault},
        harmless=why,
    )


def _codes(scenario: str, point: Point, stage: str) -> set[int]:
    if scenario in READING:
        return set(VERIFIED)
    if covers("privacy.py _remove", point.site):
        return {CLEANING}
    reads_git = "capture/git.py" in str(point) or "credential_names" in point.site
    judges = point.site.startswith(RULES) or any(point.caller.endswith(child) for child in JUDGING)
    return CODES[stage] | (CODES[CAPTURE] if reads_git else set()) | (CODES[GATE] if judges else set())


def _strerror(number: int) -> str:
    import os

    return os.strerror(number)


def _signal(scenario: str, point: Point, nth: int, stage: str, number: int) -> Attempt:
    why = _found(point, "signals")
    return Attempt(
        scenario=scenario,
        name=f"{signal.Signals(number).name} at {point}, visit {nth}",
        stage=stage,
        codes=frozenset({INTERRUPTED, ALLOWED} if why else {INTERRUPTED}),
        said="" if why else "interrupted",
        change={"fault": Fault(point, nth, "signal", number)},
        harmless=why,
    )


def _changed(scenario: str, point: Point, stage: str, codes: set[int]) -> Attempt:
    return Attempt(
        scenario=scenario,
        name=f"a change of the file at {point}",
        stage=stage,
        codes=frozenset(codes),
        said="it changed while it was read",
        change={"fault": Fault(point, 1, "change")},
    )


def at_children(scenario: str, started: tuple[str, ...], fakes: Path, *, thorough: bool) -> Iterator[Attempt]:
    """Yield an attempt for every child with every fault, those that take time only where ``thorough``."""
    before = next((number for number, child in enumerate(started) if child in {"git config", "sh -c"}), 0)
    for number, child in enumerate(started):
        stage = GATE if child == "opa eval" else CAPTURE if number >= before else PREFLIGHT
        codes = (
            set(VERIFIED) if scenario in READING else CODES[stage] | (CODES[CAPTURE] if child[:3] == "git" else set())
        )
        codes |= CODES[GATE] if child in JUDGING else set()
        codes |= {1} if child == "opa test" else set()  # no test passed
        for name in _names(child, thorough=thorough):
            if scenario == "action" and name.startswith("SIG"):
                continue  # another user's child cannot signal the program; here that is done at its own points
            swap = Swap(number, name, str(fakes))
            yield _child(scenario, child, name, stage, codes, change={"swap": swap})


def at_linkerd(scenario: str, *, thorough: bool) -> Iterator[Attempt]:
    """Yield an attempt for each call of linkerd by the shell, with every fault."""
    calls = {"check": "version", "edges": "check"}
    for call, before in calls.items():
        for name in _names(call, thorough=thorough):
            where = before if name in children.UNSTARTABLE else call
            yield _child(scenario, f"linkerd {call}", name, CAPTURE, CODES[CAPTURE], linkerd=(where, name))


def _names(child: str, *, thorough: bool) -> list[str]:
    """Return all ways to go wrong, or those that take no time, and of those that are much alike one in turn."""
    if thorough:
        return list(children.NAMES)
    turn = zlib.crc32(child.encode()) % len(children.ALIKE)
    alike = set(children.ALIKE) - {children.ALIKE[turn]}
    return [name for name in children.NAMES if name not in children.SLOW | alike]


def _child(scenario: str, child: str, name: str, stage: str, codes: set[int], **more: Any) -> Attempt:
    why = "what it says is whole" if name in ANSWERS else _tolerated(scenario, child, name)
    if name.startswith("SIG"):
        why, codes = "", {INTERRUPTED}
    return Attempt(
        scenario=scenario,
        name=f"{child}: {name}",
        stage=stage,
        codes=frozenset(codes | ({ALLOWED} if why else set())),
        harmless=why,
        **more,
    )


@cache
def harmless() -> dict[str, list[dict[str, Any]]]:
    """Return the faults that rightly leave an allow, with their reasons."""
    found: dict[str, list[dict[str, Any]]] = json.loads((HERE / "harmless.json").read_text(encoding="utf-8"))
    return found


def covers(pattern: str, text: str) -> bool:
    """Tell whether ``text`` is what ``pattern`` names, or begins with it and goes on with another word."""
    return text == pattern or text.startswith(f"{pattern} ")


def _found(point: Point, kind: str, error: str = "") -> str:
    """Return why a fault at ``point`` is harmless, or nothing."""
    for entry in harmless()[kind]:
        wanted = entry.get("errors", [error])
        asked = any(covers(caller, point.caller) for caller in entry.get("for", [point.caller]))
        if error in wanted and asked and any(covers(pattern, str(point)) for pattern in entry["at"]):
            return str(entry["why"])
    return ""


def _tolerated(scenario: str, child: str, name: str) -> str:
    for entry in harmless()["children"]:
        if child in entry["children"] and name in entry["faults"] and scenario != entry.get("unless"):
            return str(entry["why"])
    return ""
