"""``make demo``: the whole program, three times, over recorded reports of a real mesh.

Everything is left in ``build/demo`` so that it can be looked at and verified again by hand.
"""

from __future__ import annotations

import os
import shutil
import subprocess
import sys
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent
FOLDER = ROOT / "build" / "demo"
PROGRAM = Path(sys.prefix) / "bin" / "mesh-attestor"

SCENES = (
    ("healthy", "a healthy mesh: 15 of 15 edges are mTLS", 0),
    ("insecure-edge", "the same mesh with one edge more, to a pod that is not meshed", 1),
    ("no-viz", "a mesh without the viz extension: nobody can say anything about its edges", 1),
)


def call(*arguments: str | Path) -> int:
    """Run the program as a user does and return its exit code; the command is shown first."""
    shown = " ".join(os.path.relpath(a) if isinstance(a, Path) else a for a in arguments)
    print(f"$ mesh-attestor {shown}", flush=True)
    # The demonstration must not depend on, or reach, whatever cluster this shell is set up for.
    env = {key: value for key, value in os.environ.items() if key in {"PATH", "HOME", "TERM", "LANG", "COLUMNS"}}
    return subprocess.run([PROGRAM, *arguments], env=env, check=False).returncode


def play(recording: str, story: str, expected: int) -> bool:
    """Run one scene, verify its envelope again, and tell whether both ended as they must."""
    print(f"\n######## {story}\n", flush=True)
    tree = FOLDER / recording
    tree.mkdir()
    linkerd = ROOT / "tests" / "recordings" / recording / "linkerd"
    ran = call(
        "run", "--working-directory", tree, "--signing-key", FOLDER / "demo.key", "--linkerd-path", linkerd,
        "--cluster-name", f"demo-{recording}", "--allow-replay",
    )  # fmt: skip
    print(f"-> exit code {ran}, {'as it must be' if ran == expected else f'and it should be {expected}'}\n", flush=True)
    return ran == expected and verify(tree / "attestation.json", expected)


def verify(envelope: Path, expected: int) -> bool:
    """Verify an envelope with the public key alone."""
    arguments = ("verify", envelope, "--key", FOLDER / "demo.pub", "--allow-replay")
    env = {"PATH": os.environ["PATH"]}
    done = subprocess.run([PROGRAM, *arguments], env=env, check=False, capture_output=True, text=True)
    print("$ mesh-attestor " + " ".join(os.path.relpath(a) if isinstance(a, Path) else a for a in arguments))
    kept = [line for line in done.stdout.splitlines() if line.startswith(("| signed by", "| ALLOW", "| DENY"))]
    print("\n".join(kept) or done.stderr)
    return done.returncode == expected


def main() -> int:
    """Play every scene and return 0 if all of them ended as they must."""
    shutil.rmtree(FOLDER, ignore_errors=True)
    FOLDER.mkdir(parents=True)
    if call("keygen", "--out", FOLDER / "demo.key"):
        return 1
    results = [play(*scene) for scene in SCENES]
    print("\n######## what is there now\n")
    for path in sorted(FOLDER.rglob("*.*")):
        print(f"{path.stat().st_size:>8}  {os.path.relpath(path)}")
    print("\nLook into one: .venv/bin/mesh-attestor show build/demo/insecure-edge/attestation.json")
    if not all(results):
        print("\nThe demonstration did not go as it must.", file=sys.stderr)
        return 1
    print("The demonstration went as it must: allow, deny, deny; each signed, each verified.")
    return 0


if __name__ == "__main__":
    sys.exit(main())
