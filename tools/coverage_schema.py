"""What rules may read of the coverage predicate: its schema, put into the one of the gate's input.

``docs/predicates/mesh-coverage-v0.1.schema.json`` is the format, with words that opa's compiler does not know. Here
references are put in, patterns, limits and lists of words are left out, and so is what must be there, as a rule must
say what it does without. ``make docs`` writes it anew, and a test holds both together.
"""

from __future__ import annotations

import json
from collections.abc import Mapping
from typing import Any

from tools.catalogue import POLICY, ROOT

SOURCE = ROOT / "docs" / "predicates" / "mesh-coverage-v0.1.schema.json"
TARGET = POLICY / "schemas" / "collection" / "input.json"
_REFERENCE = "#/$defs/"


def build(source: Mapping[str, Any]) -> dict[str, Any]:
    """Return what is left of the schema ``source``; raises ``KeyError`` for a reference to what is not in it."""
    return _plain(source, source["$defs"])


def _plain(node: Mapping[str, Any], named: Mapping[str, Any]) -> dict[str, Any]:
    if "$ref" in node:
        return _plain(named[node["$ref"].removeprefix(_REFERENCE)], named)
    found: dict[str, Any] = {"type": "string" if "enum" in node else node["type"]}
    if "additionalProperties" in node:
        more = node["additionalProperties"]
        found["additionalProperties"] = more if isinstance(more, bool) else _plain(more, named)
    if "properties" in node:
        found["properties"] = {name: _plain(part, named) for name, part in node["properties"].items()}
    if "items" in node:
        found["items"] = _plain(node["items"], named)
    return found


def text() -> str:
    """Return the gate's input schema with today's coverage in it."""
    schema = json.loads(TARGET.read_bytes())
    properties = schema["properties"]
    properties["coverage"] = build(json.loads(SOURCE.read_bytes()))
    properties["baseline"]["properties"]["coverage"] = properties["coverage"]
    return json.dumps(schema, indent=1, ensure_ascii=False) + "\n"


def write() -> None:
    """Write the gate's input schema anew."""
    TARGET.write_text(text(), encoding="utf-8")
