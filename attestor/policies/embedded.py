"""Where the embedded rules are, and what each is called."""

from __future__ import annotations

from pathlib import Path

ENTRY = "gate.rego"
FAMILIES = ("mesh", "collection")
"""Rules of ``mesh`` see the bare linkerd-check predicate, those of ``collection`` the gate's whole input."""


def policy_folder() -> Path:
    """Return the embedded policy: inside the installed package, or beside it in a checkout."""
    package = Path(__file__).resolve().parent.parent
    return next(folder for folder in (package / "policy", package.parent / "policy") if (folder / ENTRY).is_file())


def modules(policy: Path) -> list[Path]:
    """Return the policy's modules, the entry first, without their tests."""
    rules = [path for family in FAMILIES for path in sorted((policy / family).glob("*.rego"))]
    return [policy / ENTRY, *(path for path in rules if not path.stem.endswith("_test"))]


def rule_id(module: Path) -> str:
    """Return a rule's id, which is its package and its path."""
    return f"{module.parent.name}.{module.stem}"
