"""What must hold after every attempt, whatever went wrong in it."""

from __future__ import annotations

import hashlib
import json
import os
import re
import time
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from xml.etree import ElementTree as ET

from attestor import collection, trust
from attestor.envelope import Envelope
from attestor.errors import AttestorError
from attestor.summary import claim as summary_claim
from tests import runner
from tests.faults.planted import leaks
from tests.faults.scenarios import LEFT, OLD, Place
from tests.faults.server import Ended

INTERRUPTED = 3
PARSERS: dict[str, Callable[[bytes], object]] = {
    "attestation.sarif": json.loads,
    "attestation.junit.xml": ET.fromstring,
}
_PATIENCE = 2.0
_FAULTS = ("a fault of this program", "Traceback (most recent call last)")


@dataclass(frozen=True)
class Expected:
    """The exit codes that are right, a text that must be among what was said, and whether nothing was captured yet."""

    codes: frozenset[int]
    said: str = ""
    early: bool = False


def wrong(place: Place, ended: Ended, expected: Expected) -> list[str]:
    """Return what is not as it must be, in sentences."""
    found = []
    if ended.code not in expected.codes:
        found.append(f"exit code {ended.code}, not {sorted(expected.codes)}")
    found += [f"it said {text!r}" for text in _FAULTS if text in ended.said]
    if ended.code and not (ended.said + place.told).strip():
        found.append("it said nothing")
    if expected.said and expected.said not in ended.said + place.told + _denial(place):
        found.append(f"it did not say {expected.said!r}")
    found += _left(place)
    found += _outputs(place, ended)
    shown = leaks(place.folder / "keys", [place.tree, *place.temporary], ended.said + place.told)
    return found + _envelope(place, ended, expected) + _told(place, ended, expected) + shown


def is_allowed(place: Place, ended: Ended) -> bool:
    """Tell whether a deployment could go on after this."""
    return ended.code == 0 or "allow" in _verdicts(place)[-1:]


def _verdicts(place: Place) -> list[str]:
    output = place.folder / "output"
    if not output.is_file():
        return []
    return re.findall(r"^verdict<<\S+\n(\w+)$", output.read_text(encoding="utf-8"), re.MULTILINE)


def _outputs(place: Place, ended: Ended) -> list[str]:
    output = place.folder / "output"
    if not output.is_file() or not output.read_text(encoding="utf-8"):
        return []
    try:
        told = runner.outputs(output.read_text(encoding="utf-8"))
    except runner.NotAFile as error:
        return [f"the file of outputs is none: {error}"]
    wanted = {0: "allow", 1: "deny"}.get(ended.code, "error")
    return [] if told["verdict"] == wanted else [f"the output is verdict={told['verdict']}, not {wanted}"]


def _left(place: Place) -> list[str]:
    """Return what was left behind: temporary files, drafts, processes."""
    found = [f"left behind: {path}" for folder in place.temporary for path in folder.iterdir() if path.name != LEFT]
    drafts = (".attestation", ".mesh-attestor", ".linkerd")
    found += [f"left behind: {path}" for path in place.tree.rglob("*") if path.name.startswith(drafts)]
    return found + _orphans(str(place.folder))


def _orphans(mark: str) -> list[str]:
    """Return the processes whose environment speaks of the attempt's folder; a killed one gets time to be gone."""
    end = time.monotonic() + _PATIENCE
    while (alive := _alive(mark.encode())) and time.monotonic() < end:
        time.sleep(0.01)
    return [f"still running: {line}" for line in alive]


def _alive(mark: bytes) -> list[str]:
    found = []
    for process in Path("/proc").iterdir():
        if process.name.isdigit() and int(process.name) != os.getpid():
            try:
                if mark in (process / "environ").read_bytes():
                    found.append((process / "cmdline").read_bytes().replace(b"\0", b" ").decode("utf-8", "replace"))
            except OSError:
                continue
    return found


def _envelope(place: Place, ended: Ended, expected: Expected) -> list[str]:
    """Return what is wrong with the envelope on disk: it is absent, an earlier run's where nothing ran, or whole."""
    try:
        data = place.envelope.read_bytes()
    except FileNotFoundError:
        return ["there is no envelope"] if ended.code in {0, 1} else []
    if data == OLD:
        return [] if expected.early or ended.code in {2, INTERRUPTED} else ["the envelope is that of an earlier run"]
    return [] if isinstance(opened(place), collection.Opened) else [f"the envelope is none: {opened(place)}"]


def _told(place: Place, ended: Ended, expected: Expected) -> list[str]:
    """Return what is wrong with the files beside the envelope: each is absent, or whole and of this end."""
    found = [f"it is not whole: {name}" for name, parse in PARSERS.items() if not _is_whole(place.tree / name, parse)]
    try:
        claim = summary_claim.opened(place.signed_verdict.read_bytes(), [trust.load(place.public_key)])
    except FileNotFoundError:
        return [*found, "there is no signed verdict"] if ended.code in {0, 1} and place.envelope.is_file() else found
    except AttestorError as error:
        return [*found, f"the signed verdict is none: {error}"]
    if claim.sha256 != hashlib.sha256(place.envelope.read_bytes()).hexdigest():
        found.append("the signed verdict is of another envelope")
    # Where an allow would be right, too, it may have been all said and done before the fault.
    if claim.passed and ended.code and 0 not in expected.codes and not place.is_read_only:
        found.append(f"the signed verdict says PASSED, and the exit code is {ended.code}")
    return found


def _is_whole(path: Path, parse: Callable[[bytes], object]) -> bool:
    try:
        parse(path.read_bytes())
    except FileNotFoundError:
        return True
    except (ValueError, ET.ParseError):
        return False
    return True


def opened(place: Place) -> collection.Opened | str:
    """Return the evidence on disk, its signature checked, or why it cannot be read."""
    try:
        key = trust.load(place.public_key)
        return collection.opened(Envelope.parse(place.envelope.read_bytes()).verified([key]))
    except (AttestorError, OSError) as error:
        return str(error)


def _denial(place: Place) -> str:
    """Return the defects of the evidence, which name what was not seen."""
    evidence = opened(place) if place.envelope.is_file() else ""
    if isinstance(evidence, str):
        return ""
    return json.dumps(evidence.body("command-run").get("capture", {}).get("defects", []), ensure_ascii=False)
