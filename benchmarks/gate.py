"""The gate: opa over every embedded rule, for a small, a large and a very large mesh.

Beside it stands opa over the five rules that everybody would write, on the same evidence. They look at the predicate
alone, know no levels and no waivers, and believe the counts that it gives.
"""

from __future__ import annotations

from pathlib import Path

from attestor import gate
from attestor.engine import installed
from benchmarks import evidence
from benchmarks.evidence import Desk
from benchmarks.measure import Command, Row, in_turn
from benchmarks.verification import bare_rules

RUNS = 7
EDGES = (15, 5_000, 50_000)


def rows(folder: Path, env: dict[str, str]) -> list[Row]:
    """Measure each size, and return what stands beside what."""
    desk = Desk.made(folder / "gate")
    found: list[Row] = []
    for count in EDGES:
        name = f"edges-{count}"
        desk.put(name, evidence.with_edges(count))
        ours = _shell(desk, f"every rule, {count:,} edges", f"{_gate()} < {name}.gate.json")
        five = _shell(desk, "five bare rules in opa, its predicate", f"{bare_rules()} < {name}.mesh.json")
        ours_taken, five_taken = in_turn([ours, five], env, RUNS)
        found.append((ours.name, ours_taken, five.name, five_taken))
    return found


def _gate() -> str:
    """Return a command that asks for the decision as the program does, and fails where it is no allow."""
    rules = " ".join(f"-d '{module}'" for module in gate.modules(gate.policy_folder()))
    opa = f"'{installed()}' eval --fail --format json --stdin-input --strict-builtin-errors"
    return f"{opa} {rules} '{gate.QUERY}.allow == true' >/dev/null"


def _shell(desk: Desk, name: str, script: str) -> Command:
    return Command(name=name, argv=["sh", "-c", script], folder=desk.folder)
