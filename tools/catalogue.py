"""The catalogue of rules, from the policy's own annotations: `policy/catalogue.json`, read at run time.

``python -m tools.catalogue`` writes it anew; a test holds it against what this would write. A rule's title,
description, code and parameters stand in its ``METADATA``, its level in the rule ``level`` beside it.
"""

from __future__ import annotations

import json
import subprocess
import sys
from pathlib import Path
from typing import Any

ROOT = Path(__file__).resolve().parent.parent
POLICY = ROOT / "policy"
TARGET = POLICY / "catalogue.json"


def build(opa: Path) -> dict[str, Any]:
    """Return every rule by its id, in the order of their codes."""
    annotated = _asked(opa, "inspect", "--annotations", "--format", "json", str(POLICY))["annotations"]
    found = {}
    for entry in annotated:
        path = [part["value"] for part in entry["path"][1:]]
        if entry["annotations"]["scope"] == "package" and path[0] in {"mesh", "collection"}:
            found[".".join(path)] = _rule(entry["annotations"], _level(opa, path))
    return dict(sorted(found.items(), key=lambda item: item[1]["code"]))


def _rule(annotations: dict[str, Any], level: str) -> dict[str, Any]:
    custom = annotations["custom"]
    return {
        "code": custom["code"],
        "level": level,
        "title": annotations["title"],
        "description": annotations["description"],
        "parameters": custom.get("parameters", {}),
    }


def _level(opa: Path, path: list[str]) -> str:
    answer = _asked(opa, "eval", "--format", "json", "--data", str(POLICY), f"data.{'.'.join(path)}.level")
    return str(answer["result"][0]["expressions"][0]["value"])


def _asked(opa: Path, *arguments: str) -> dict[str, Any]:
    done = subprocess.run([str(opa), *arguments], check=True, capture_output=True)
    answer: dict[str, Any] = json.loads(done.stdout)
    return answer


def text(catalogue: dict[str, Any]) -> str:
    """Return the file's text."""
    return json.dumps(catalogue, indent=2, ensure_ascii=False) + "\n"


if __name__ == "__main__":
    TARGET.write_text(text(build(Path(sys.prefix) / "bin" / "opa")), encoding="utf-8")
