"""The page about the coverage predicate, field by field, from its schema; and the schema's copy in the package.

``make docs`` writes both anew, and tests hold them against what this would write.
"""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any

from tools.catalogue import ROOT

NAME = "mesh-coverage-v0.1"
SOURCE = ROOT / "docs" / "predicates" / f"{NAME}.schema.json"
COPY = ROOT / "attestor" / "coverage" / SOURCE.name
PAGE = ROOT / "docs" / "predicates" / f"{NAME}.md"
_HEAD = """\
# The predicate mesh-coverage, version 0.1

Type `urn:mesh-attestor:mesh-coverage:v0.1`, the seventh entry of the collection where `coverage` was asked for. {about}

Its JSON schema is [{schema}]({schema}); `mesh-attestor verify` holds every envelope against it, and derives again what
follows from the rest: the namespaces' counts, the identities, what each port lets in, the policies that cannot match.
What each blind spot of the edges is shown by, and which rule finds it, is in [coverage.md](../coverage.md).

Its subject is `cluster-uid:UID` with the SHA-256 of the UID, so that evidence about one cluster can be looked up.

`?` behind a name means that the field is absent where it was not seen. Times are RFC 3339 in UTC, digests lower-case
hex.
"""


def files() -> dict[Path, str]:
    """Return every file that is made, with its text."""
    text = SOURCE.read_text(encoding="utf-8")
    return {COPY: text, PAGE: page(json.loads(text))}


def write() -> None:
    """Write every file anew."""
    for path, text in files().items():
        path.write_text(text, encoding="utf-8")


def page(schema: Mapping[str, Any]) -> str:
    """Return the page about ``schema``."""
    lines = [_HEAD.format(about=schema["description"], schema=SOURCE.name)]
    for name, part in schema["properties"].items():
        lines += ["", f"## `{name}`", "", part["description"], "", "| field | type | meaning |", "| --- | --- | --- |"]
        lines += _rows(part, "", schema["$defs"])
    for name, part in schema["$defs"].items():
        lines += [
            "",
            f"## {_article(name)}",
            "",
            part["description"],
            "",
            "| field | type | meaning |",
            "| --- | --- | --- |",
        ]
        lines += _rows(part, "", schema["$defs"])
    return "\n".join(lines) + "\n"


def _article(name: str) -> str:
    return f"A{'n' if name[0] in 'aeiou' else ''} {name}"


def _rows(node: Mapping[str, Any], prefix: str, named: Mapping[str, Any]) -> Iterator[str]:
    """Yield a row for each field below ``node``; what has a definition of its own is named, not repeated."""
    for key, field in node.get("properties", {}).items():
        optional = "" if key in node.get("required", ()) else "?"
        told = named[_reference(field)]["description"] if _reference(field) else field.get("description", "")
        yield f"| `{prefix}{key}`{optional} | {_type(field)} | {told.replace('|', chr(92) + '|')} |"
        inner = field.get("items", field)
        if not _reference(inner):
            yield from _rows(inner, f"{prefix}{key}{'[]' if 'items' in field else ''}.", named)


def _reference(field: Mapping[str, Any]) -> str:
    return str(field.get("$ref", "")).removeprefix("#/$defs/")


def _type(field: Mapping[str, Any]) -> str:
    if name := _reference(field):
        return f"[{name}](#{_article(name).lower().replace(' ', '-')})"
    if "enum" in field:
        return "one of " + ", ".join(f"`{word}`" if word else "empty" for word in field["enum"])
    if "items" in field:
        return f"list of {_type(field['items'])}"
    extra = field.get("additionalProperties")
    return "object of strings" if field["type"] == "object" and isinstance(extra, dict) else str(field["type"])
