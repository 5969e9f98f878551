"""The named cases of ``tests/cases/run``: what a linkerd prints, made from a recorded one by the edits of a file."""

from __future__ import annotations

import json
import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from tests import edits
from tests.conftest import RECORDINGS, ROOT

FOLDER = ROOT / "tests" / "cases" / "run"
_OWN = ("check", "edges")
_KUBECONFIG = """\
apiVersion: v1
kind: Config
current-context: mesh
contexts: [{name: mesh, context: {cluster: mesh, user: mesh}}]
clusters: [{name: mesh, cluster: {server: "https://127.0.0.1:1"}}]
users: [{name: mesh, user: {}}]
"""
_TOKEN = re.compile(r'"(?:[^"\\]|\\.)*"|[\[\]{},:]')


@dataclass(frozen=True, slots=True, kw_only=True)
class Case:
    """A case as its file has it."""

    name: str
    data: Mapping[str, Any]

    @property
    def about(self) -> str:
        """What is wrong, or why nothing is."""
        return str(self.data["about"])

    @property
    def exit(self) -> int:
        """The exit code that the run must have."""
        return int(self.data["exit"])

    @property
    def rules(self) -> set[str]:
        """The rules that must deny: these, and no others."""
        return set(self.data.get("rules", []))

    @property
    def allows_replay(self) -> bool:
        """Whether the run may accept a linkerd that calls itself a replay, as every one of these does."""
        return bool(self.data.get("replay_allowed", True))

    @property
    def says(self) -> list[str]:
        """Parts of what must be printed."""
        return list(self.data.get("says", []))


def names(folder: str) -> list[str]:
    """Return the names of the cases in ``denied`` or ``allowed``."""
    return sorted(path.stem for path in (FOLDER / folder).glob("*.json"))


def load(folder: str, name: str) -> Case:
    """Return the case of this name."""
    return Case(name=name, data=json.loads((FOLDER / folder / f"{name}.json").read_bytes()))


def laid_out(case: Case, folder: Path) -> list[str]:
    """Make the recording that the case is about in ``folder``, and return the case's part of the command line."""
    mesh = case.data.get("mesh", "healthy")
    folder.mkdir()
    (folder / "linkerd").symlink_to(RECORDINGS / "linkerd")
    (folder / "meta.json").write_bytes((RECORDINGS / mesh / "meta.json").read_bytes())
    for call in {*_OWN, *(key for key in case.data if key.startswith("edges-n-"))}:
        part = case.data.get(call, {})
        source = part.get("recorded", f"{mesh}/{'check' if call == 'check' else 'edges'}")
        (folder / f"{call}.json").write_bytes(_printed(source, part))
        (folder / f"{call}.stderr").write_text(part.get("stderr", ""), encoding="utf-8")
        (folder / f"{call}.exit").write_text(f"{part.get('exit', 0)}\n", encoding="ascii")
    allowed = ["--allow-replay", "true"] if case.allows_replay else ["--kubeconfig", _kubeconfig(folder / "config")]
    chosen = ["--trace", case.data.get("trace", "off"), *case.data.get("options", [])]
    return ["--linkerd-path", str(folder / "linkerd"), *allowed, *chosen]


def _kubeconfig(path: Path) -> str:
    """Write a kubeconfig to ``path``: where no replay is allowed there must be one, though the replay asks nobody."""
    path.write_text(_KUBECONFIG, encoding="utf-8")
    path.chmod(0o600)
    return str(path)


def _printed(source: str, part: Mapping[str, Any]) -> bytes:
    """Return what the call prints: the recorded bytes, unless their documents or their text are edited."""
    data = (RECORDINGS / f"{source}.json").read_bytes()
    found = documents(data) if {"json", "rows"} & part.keys() else []
    if "json" in part:
        found = edits.of_json(found, part["json"], {})
    if "rows" in part:
        found[0] += _many(found[0][0], part["rows"])
    if found or "json" in part:
        data = "".join(json.dumps(document, indent=2) + "\n" for document in found).encode()
    return edits.of_text(data, part.get("text", []), {})


def _many(row: Mapping[str, str], count: int) -> list[dict[str, str]]:
    """Return ``count`` rows like ``row``, each of a client of its own."""
    return [{**row, "src": f"{row['src']}-{number}"} for number in range(count)]


def documents(data: bytes) -> list[Any]:
    """Return the documents of a recorded stream."""
    text, found = data.decode(), []
    while text := text.lstrip():
        document, end = json.JSONDecoder().raw_decode(text)
        found.append(document)
        text = text[end:]
    return found


def structural_points(recording: str) -> dict[str, int]:
    """Return where a recorded report can be cut, by the kind of the place: the first and the last of each kind.

    A place is behind a bracket, a comma, a colon or a text, or in the middle of a text; how it is nested, and in or
    behind which key, is part of its kind. The whole report is not among them.
    """
    text = (RECORDINGS / f"{recording}.json").read_bytes().decode()
    found: dict[str, int] = {}
    for kind, at in _points(text):
        found.setdefault(f"first {kind}", at)
        found[f"last {kind}"] = at
    return {kind: at for kind, at in found.items() if text[at:].strip()}


def _points(text: str) -> Iterator[tuple[str, int]]:
    nesting = ""
    for token in _TOKEN.finditer(text):
        word = token[0]
        if word[0] == '"':
            what = word.strip('"') if text[token.end()] == ":" else "a text"
            yield f"{nesting} within {what}", sum(token.span()) // 2
            yield f"{nesting} behind {what}", token.end()
            continue
        nesting = nesting + word if word in "[{" else nesting[:-1] if word in "]}" else nesting
        yield f"{nesting} behind {word}", token.end()
