"""A page for each rule in `docs/rules`, its index, and the table in `policy/README.md`, all from the catalogue.

A page says what the rule finds and what to do, its level and why, its parameters with an example, and what can be done
about its findings.
"""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import yaml

from tools.catalogue import POLICY, ROOT

FOLDER = ROOT / "docs" / "rules"
TABLE = POLICY / "README.md"
_BEGIN, _END = "<!-- rules, by `make docs` -->\n", "<!-- end of rules -->\n"

Catalogue = dict[str, dict[str, Any]]

_LEVELS = {
    "floor": "It is of the floor: it always denies, and no configuration lowers it.",
    "deny": "It denies. `policy-config` can make it warn, or switch it off.",
    "warn": "It warns. `policy-config` can make it deny, or switch it off.",
    "off": "It is off until `policy-config` gives it a level or a parameter.",
}
_EXAMPLES: dict[str, Any] = {
    "branches": ["main", "release/*"],
    "repository": "OWNER/NAME",
    "categories": ["linkerd-multicluster"],
    "checks": ["certificate config is valid"],
    "anchors": ["l5d-version-cli"],
    "extensions": ["viz"],
    "edges": ["emojivoto/web -> emojivoto/voting"],
    "pairs": ["web.emojivoto -> voting.emojivoto", "*.* -> prometheus.linkerd-viz"],
    "max": 3,
    "days": 14,
    "max_days": 30,
    "parts": ["cluster", "workloads", "identity", "authorization", "links", "linkerd"],
    "uids": ["UID_OF_KUBE_SYSTEM"],
    "allowed": ["4567", "4568", "25"],
    "weakest": "cluster-authenticated",
    "ports": [8443],
    "sha256": ["DIGEST_OF_THE_ANCHOR"],
    "trusted": ["spiffe://root.linkerd.cluster.local/*"],
    "external": True,
}
_NAMESPACES: dict[str, Any] = {"names": ["emojivoto"], "counts": {"emojivoto": 4}, "patterns": ["emojivoto", "shop-*"]}


def pages(catalogue: Catalogue) -> dict[Path, str]:
    """Return every file that is made, with its text."""
    found = {FOLDER / f"{rule['code']}.md": _page(name, rule) for name, rule in catalogue.items()}
    found[FOLDER / "README.md"] = "# The rules\n\n" + _table(catalogue, "")
    before, _, rest = TABLE.read_text(encoding="utf-8").partition(_BEGIN)
    _, _, behind = rest.partition(_END)
    found[TABLE] = before + _BEGIN + _table(catalogue, "../docs/rules/") + _END + behind
    return found


def write(catalogue: Catalogue) -> None:
    """Write every file anew; pages of rules that are gone are removed."""
    FOLDER.mkdir(exist_ok=True)
    for path in FOLDER.glob("*.md"):
        path.unlink()
    for path, text in pages(catalogue).items():
        path.write_text(text, encoding="utf-8")


def _table(catalogue: Catalogue, folder: str) -> str:
    rows = [
        f"| [{rule['code']}]({folder}{rule['code']}.md) | `{name}` | {rule['level']} | {rule['title']} |\n"
        for name, rule in catalogue.items()
    ]
    return "| code | id | level | what must hold |\n| --- | --- | --- | --- |\n" + "".join(rows)


def example(name: str, rule: dict[str, Any]) -> str:
    """Return a configuration of ``rule``, and nothing where it has nothing to configure."""
    settings: dict[str, Any] = {} if rule["level"] == "floor" else {"level": "deny"}
    for parameter, about in rule["parameters"].items():
        settings[parameter] = _NAMESPACES[about["type"]] if parameter == "namespaces" else _EXAMPLES[parameter]
    return yaml.safe_dump({"rules": {name: settings}}, sort_keys=False) if settings else ""


def _page(name: str, rule: dict[str, Any]) -> str:
    parts = [f"# {rule['code']}: {rule['title']}", f"`{name}`, level {rule['level']}", rule["description"]]
    parts += ["## Level", f"{_LEVELS[rule['level']]} {rule['why']}"]
    if rule["parameters"]:
        parts += ["## Parameters", _parameters(rule)]
    configured = example(name, rule)
    if configured:
        parts += ["## In `policy-config`", f"```yaml\n{configured}```"]
    parts += ["## What else", "\n".join(f"* {line}" for line in _rest(name, rule))]
    return "\n\n".join(parts) + "\n"


def _parameters(rule: dict[str, Any]) -> str:
    rows = [
        f"| `{name}` | {about['type']} | `{json.dumps(about['default'])}` | {about['text']} |"
        for name, about in rule["parameters"].items()
    ]
    return "\n".join(["| name | type | default | what it is |", "| --- | --- | --- | --- |", *rows])


def _rest(name: str, rule: dict[str, Any]) -> list[str]:
    floor, exported = rule["level"] == "floor", name.startswith("mesh.")
    if name == "mesh.edges_mtls":
        waived = (
            "An insecure edge can be waived for a while by its two workloads, each with its whole name; nothing else."
        )
    elif floor:
        waived = "Nothing of it can be waived."
    else:
        waived = "What it finds can be waived for a while, by what the finding is about."
    exempt = (
        "Nobody is exempt from it."
        if floor
        else "Exempt namespaces and workloads are told as exempt, and do not count."
    )
    carried = (
        "`policy export` carries it to cilock where it denies."
        if exported
        else "`policy export` cannot carry it to cilock."
    )
    return [waived, exempt, carried]
