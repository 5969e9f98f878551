"""The catalogue of rules, from the policy's own annotations: `policy/catalogue.json`, which is read at run time.

``make docs`` writes it anew, and from it the pages of `docs/rules` and the table in `policy/README.md`; tests hold all
of them against what this would write. It also puts the coverage predicate into the schema of the gate's input. A rule's
title, description, code and parameters stand in its ``METADATA``, its level and why in the rule ``level`` beside it.
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
    told = {".".join(str(part["value"]) for part in entry["path"][1:]): entry["annotations"] for entry in annotated}
    levels = _levels(opa)
    found = {
        name: _rule(annotations, levels[name], told[f"{name}.level"]["description"])
        for name, annotations in told.items()
        if annotations["scope"] == "package" and name.split(".")[0] in {"mesh", "collection"}
    }
    return dict(sorted(found.items(), key=lambda item: item[1]["code"]))


def _rule(annotations: dict[str, Any], level: str, why: str) -> dict[str, Any]:
    custom = annotations["custom"]
    return {
        "code": custom["code"],
        "level": level,
        "why": why,
        "title": annotations["title"],
        "description": annotations["description"],
        "parameters": custom.get("parameters", {}),
        **({"needs": custom["needs"]} if "needs" in custom else {}),
    }


def _levels(opa: Path) -> dict[str, str]:
    families = ", ".join(
        f'"{family}": {{name: level | level := data.{family}[name].level}}' for family in ("mesh", "collection")
    )
    answer = _asked(opa, "eval", "--format", "json", "--data", str(POLICY), f"{{{families}}}")
    found = answer["result"][0]["expressions"][0]["value"]
    return {f"{family}.{name}": level for family, levels in found.items() for name, level in levels.items()}


def _asked(opa: Path, *arguments: str) -> dict[str, Any]:
    done = subprocess.run([str(opa), *arguments], check=True, capture_output=True)
    answer: dict[str, Any] = json.loads(done.stdout)
    return answer


def text(catalogue: dict[str, Any]) -> str:
    """Return the file's text."""
    return json.dumps(catalogue, indent=2, ensure_ascii=False) + "\n"


if __name__ == "__main__":
    from tools import coverage_schema, predicate_page, rule_pages

    listed = build(Path(sys.prefix) / "bin" / "opa")
    TARGET.write_text(text(listed), encoding="utf-8")
    rule_pages.write(listed)
    coverage_schema.write()
    predicate_page.write()
