"""The saved corpus: for each target one file, for each input one line of JSON, as text where it is text.

A line with ``why`` is an input that once broke something; it stays whatever it covers.
"""

from __future__ import annotations

import base64
import hashlib
import json
from collections.abc import Iterable
from pathlib import Path

FOLDER = Path(__file__).parent / "corpus"
SHARE = 32 * 1024
"""Most bytes of one target's file."""

LONGEST = 12_000


def load(name: str) -> list[bytes]:
    """Return every saved input of the target ``name``."""
    return [_data(line) for line in _lines(name)]


def save(name: str, inputs: Iterable[bytes]) -> None:
    """Save ``inputs`` behind those with a reason, the smallest first, as far as the target's share goes."""
    reasoned = [line for line in _lines(name) if "why" in line]
    known = {_data(line) for line in reasoned}
    found = [json.dumps(line) for line in reasoned]
    room = SHARE - sum(len(line) + 1 for line in found)
    for data in sorted(set(inputs) - known, key=lambda data: (len(data), data)):
        line = json.dumps(_line(data))
        room -= len(line) + 1
        if room < 0 or len(data) > LONGEST:
            break
        found.append(line)
    if found:
        _file(name).write_text("".join(f"{line}\n" for line in found), encoding="utf-8")
    else:
        _file(name).unlink(missing_ok=True)


def unpack(inputs: Iterable[bytes], folder: Path) -> None:
    """Lay ``inputs`` out as files, as libFuzzer reads them."""
    folder.mkdir(parents=True, exist_ok=True)
    for data in inputs:
        (folder / hashlib.sha1(data).hexdigest()).write_bytes(data)


def _file(name: str) -> Path:
    return FOLDER / f"{name}.jsonl"


def _lines(name: str) -> list[dict[str, str]]:
    file = _file(name)
    return [json.loads(line) for line in file.read_text("utf-8").splitlines()] if file.exists() else []


def _data(line: dict[str, str]) -> bytes:
    return line["text"].encode() if "text" in line else base64.b64decode(line["base64"])


def _line(data: bytes) -> dict[str, str]:
    try:
        return {"text": data.decode("utf-8")}
    except UnicodeDecodeError:
        return {"base64": base64.b64encode(data).decode("ascii")}
