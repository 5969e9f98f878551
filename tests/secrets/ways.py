"""Every way for a command to go, well or badly: what is done, and the exit codes that it may end with."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from pathlib import Path

from tests.canaries import encodings
from tests.conftest import Done
from tests.secrets.ground import Ground, report

Act = Callable[[Ground], Done]


@dataclass(frozen=True)
class Way:
    """One way. ``steps`` tells that a runner reads what is printed."""

    act: Act
    codes: tuple[int, ...]
    steps: bool = False


WAYS: dict[str, Way] = {}


def way(*codes: int, steps: bool = False) -> Callable[[Act], Act]:
    """Enter the function that goes a way into the table; its name is the way's."""

    def enter(act: Act) -> Act:
        WAYS[act.__name__] = Way(act, codes, steps=steps)
        return act

    return enter


def linkerd(on: Ground, bodies: Mapping[str, str]) -> Path:
    """Make a linkerd of what it does when it is asked for its version, the checks and the edges."""
    said = {"version": "echo replay of edge-25.5.2", "check": report("check"), "edges": report("edges"), **bodies}
    cases = f"version*) {said['version']} ;;\ncheck*) {said['check']} ;;\n*) {said['edges']} ;;"
    return on.programs.make("linkerd", f'case "$*" in\n{cases}\nesac', "chosen")


def good(on: Ground, bodies: Mapping[str, str]) -> dict[str, str]:
    """Return the options of a run that allows."""
    return {
        "working-directory": str(on.tree),
        "kubeconfig": str(on.planted.files["kubeconfig"]),
        "linkerd-path": str(linkerd(on, bodies)),
        "opa": str(on.programs.folder / "opa"),
        "allow-replay": "true",
        "trace": "off",
    }


def words(on: Ground, bodies: Mapping[str, str] | None = None, **options: str) -> list[str]:
    """Return the command line of a run that allows, but for ``options`` and for what linkerd does."""
    chosen = good(on, bodies or {}) | {name.replace("_", "-"): value for name, value in options.items()}
    return ["run", *(word for name, value in chosen.items() for word in (f"--{name}", value))]


def run(on: Ground, bodies: Mapping[str, str] | None = None, **options: str) -> Done:
    """Run over a mesh that is well, but for ``options`` and for what linkerd does."""
    return on.call(words(on, bodies, **options))


def step(
    on: Ground,
    bodies: Mapping[str, str] | None = None,
    *,
    env: Mapping[str, str] | None = None,
    cold: bool = False,
    **inputs: str,
) -> Done:
    """Run the container's entry as a runner does, with the secrets inline."""
    options = {name: value for name, value in good(on, bodies or {}).items() if name != "kubeconfig"}
    options |= {"cluster-name": "prod"} | {name.replace("_", "-"): value for name, value in inputs.items()}
    given = {f"INPUT_{name.upper()}": value for name, value in options.items()}
    names = ("GITHUB_OUTPUT", "GITHUB_STEP_SUMMARY", "GITHUB_STATE", "GITHUB_ENV")
    files = {name: str(on.root / "runner" / name) for name in names}
    about = {"GITHUB_ACTIONS": "true", "GITHUB_WORKSPACE": str(on.tree)}
    return on.call(["@step"], given | files | about | dict(env or {}), cold=cold)


UNKNOWN = frozenset({
    "encrypted key's seed", "key's seed", "key", "password of the remote", "extra header", "results address", "input",
})  # fmt: skip
"""What no run is given as a secret, or what is not text: where linkerd prints it, it has it from somewhere else."""

NO_DISGUISE = frozenset({"reversed", "UTF-16"})
"""What a search knows and nobody writes into a log: what linkerd prints in these is not recognised."""


def everything(on: Ground) -> str:
    """Return the words of a shell that print every secret to stderr, in every encoding, whole and in pieces."""
    said = on.planted.folder / "said"
    if not said.exists():
        known = [secret for name, secret in on.planted.secrets.items() if name not in UNKNOWN]
        lines = [form for secret in known for name, form in encodings(secret).items() if name not in NO_DISGUISE]
        lines += [b"\n".join(secret[at : at + 9] for at in range(0, len(secret), 9)) for secret in known]
        said.write_bytes(b"".join(b"error: " + line + b" was refused\n" for line in lines))
    return f"/bin/cat '{said}' >&2"


TELLS_ITS_OWN = '/usr/bin/env >&2; /bin/cat "$KUBECONFIG" >&2; /usr/bin/base64 "$KUBECONFIG" >&2; exit 1'


def upwards(number: str) -> dict[str, str]:
    """Return a linkerd that sends a signal to the program: the parent of the shell that runs linkerd."""
    return {"check": f"read -r _ _ _ program _ < /proc/$PPID/stat; kill -{number} $program; /bin/sleep 5"}


def opa(on: Ground, body: str) -> str:
    """Return the path of an opa that does something else."""
    return str(on.programs.make("opa", body, "broken"))


def changed(on: Ground, change: Callable[[str], str]) -> str:
    """Return the path of a kubeconfig that was changed."""
    path = on.planted.folder / "changed"
    path.write_text(change(on.planted.files["kubeconfig"].read_text(encoding="utf-8")), encoding="utf-8")
    return str(path)


def outputs(on: Ground) -> dict[str, str]:
    """Return what the step told its runner, as one text each."""
    return {path.name: path.read_text(encoding="utf-8") for path in (on.root / "runner").iterdir()}
