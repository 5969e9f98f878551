"""``make bench``: start-up, a whole run, where its time goes, gate, verification; beside what a user would run else.

With ``CILOCK=/path`` in the environment verification stands beside the real `cilock verify`, too.
"""

from __future__ import annotations

import json
import os
import statistics
import subprocess
import sys
import tempfile
from pathlib import Path

from attestor import signing
from attestor.engine import installed
from benchmarks import coverage, gate, stages, verification
from benchmarks.measure import RUNS, Command, Row, Times, in_turn

ROOT = Path(__file__).resolve().parent.parent
PROGRAM = str(Path(sys.prefix) / "bin" / "mesh-attestor")
LINKERD = ROOT / "tests" / "recordings" / "healthy" / "linkerd"
RESULT = ROOT / "build" / "bench.json"
IMPORTS = "import json, hashlib, subprocess, argparse; from cryptography.hazmat.primitives.asymmetric import ed25519"


def main() -> int:
    """Measure, print a table with ratios, write JSON."""
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name).resolve()
        tree = _tree(folder)
        env = {"PATH": os.environ["PATH"], "HOME": name}
        rows = _rows(folder, tree, env)
        inside = _inside(folder, tree, env)
        gated = gate.rows(folder, env)
        covered = coverage.rows(env)
        verified = verification.rows(folder, env, os.environ.get("CILOCK", ""))
    _print(f"whole processes, {RUNS} runs in turn, milliseconds", rows)
    _print(f"the gate's one call of opa, {gate.RUNS} runs in turn, milliseconds", gated)
    _print(f"the coverage of a large mesh, whole processes, {coverage.RUNS} runs in turn, milliseconds", covered)
    _print(f"verification, whole processes, {verification.RUNS} runs in turn, milliseconds", verified)
    print("\nwhere the time of one run goes, in one process, milliseconds (median)\n")
    for stage, milliseconds in inside.items():
        print(f"{stage:<60}{milliseconds:>9.1f}")
    RESULT.parent.mkdir(exist_ok=True)
    found = {
        "processes": _plain(rows),
        "gate": _plain(gated),
        "coverage": _plain(covered),
        "verification": _plain(verified),
        "stages": inside,
    }
    RESULT.write_text(json.dumps(found, indent=1) + "\n", encoding="utf-8")
    print(f"\nwritten to {os.path.relpath(RESULT)}")
    return 0


def _print(title: str, rows: list[Row]) -> None:
    print(f"\n{title}\n")
    print(f"{'':<44}{'median':>9}{'minimum':>9}   {'beside':<46}{'median':>9}{'ratio':>8}")
    for ours, our, theirs, their in rows:
        ratio = our.median / their.median
        print(f"{ours:<44}{our.median:>9.1f}{our.minimum:>9.1f}   {theirs:<46}{their.median:>9.1f}{ratio:>8.2f}")


def _tree(folder: Path) -> Path:
    tree = folder / "tree"
    tree.mkdir()
    for number in range(10):
        (tree / f"file-{number}.txt").write_text(f"{number}\n" * 100, encoding="utf-8")
    pem, _ = signing.generate(None)
    (folder / "key").write_bytes(pem)
    author = ["-c", "user.name=bench", "-c", "user.email=bench@example.org"]
    for command in (["init", "-q"], ["add", "."], [*author, "commit", "-q", "-m", "ten files"]):
        subprocess.run(["git", *command], cwd=tree, check=True)
    return tree


def _options(folder: Path, tree: Path, trace: str) -> dict[str, str]:
    return {
        "working-directory": str(tree),
        "signing-key": str(folder / "key"),
        "linkerd-path": str(LINKERD),
        "allow-replay": "true",
        "trace": trace,
    }


def _argv(folder: Path, tree: Path, trace: str) -> list[str]:
    options = _options(folder, tree, trace)
    return [PROGRAM, "run", *(word for name, value in options.items() for word in (f"--{name}", value))]


def _rows(folder: Path, tree: Path, env: dict[str, str]) -> list[Row]:
    python = [sys.executable, "-c"]
    bare = [
        Command(name="import argparse, json", argv=[*python, "import argparse, json"], folder=tree),
        Command(name="json, hashlib, subprocess, argparse, Ed25519", argv=[*python, IMPORTS], folder=tree),
        Command(name="the children bare: git, replay, opa", argv=["sh", "-c", _children(folder)], folder=tree),
    ]
    ours = [
        Command(name="mesh-attestor --version", argv=[PROGRAM, "--version"], folder=tree),
        Command(name="run, ten files, replay, untraced", argv=_argv(folder, tree, "off"), folder=tree),
        Command(name="run, the same, traced with strace", argv=_argv(folder, tree, "auto"), folder=tree),
    ]
    version, untraced, traced, startup, imports, children = in_turn([*ours, *bare], env)
    together = Times(median=imports.median + children.median, minimum=imports.minimum + children.minimum)
    return [
        (ours[0].name, version, bare[0].name, startup),
        (ours[1].name, untraced, "those imports + the children bare", together),
        (ours[2].name, traced, ours[1].name, untraced),
    ]


def _children(folder: Path) -> str:
    """Return a script that starts what a run starts: git's questions, the replay, and opa over the policy."""
    linkerd = f"'{LINKERD}'"
    rules = " ".join(f"-d '{path}'" for path in sorted((ROOT / "policy").rglob("*.rego")) if "_test" not in path.name)
    output = folder / "bare.json"
    return "; ".join(
        [
            "git ls-files >/dev/null; git config --list >/dev/null; git cat-file commit HEAD >/dev/null",
            "git for-each-ref >/dev/null; git status --porcelain >/dev/null",
            f"{linkerd} version --client --short >/dev/null; {linkerd} check -o json >'{output}'",
            f"{linkerd} viz edges deploy -A -o json >'{output}'",
            f"echo '{{}}' | '{installed()}' eval --format json --stdin-input {rules} data.gate.decision >/dev/null",
        ]
    )


def _inside(folder: Path, tree: Path, env: dict[str, str]) -> dict[str, float]:
    measured = [stages.once(_options(folder, tree, "off"), env, tree) for _ in range(RUNS + 1)][1:]
    return {stage: statistics.median(run[stage] for run in measured) for stage in measured[0]}


def _plain(rows: list[Row]) -> list[dict[str, object]]:
    return [
        {
            "work": ours,
            "median_ms": our.median,
            "minimum_ms": our.minimum,
            "beside": theirs,
            "beside_median_ms": their.median,
            "ratio": our.median / their.median,
        }
        for ours, our, theirs, their in rows
    ]


if __name__ == "__main__":
    sys.exit(main())
