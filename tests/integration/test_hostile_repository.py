"""A repository of strangers: it runs nothing, leads nowhere, changes no verdict, and writes nothing to a terminal."""

from __future__ import annotations

import base64
import json
import os
import subprocess
import sys
import unicodedata
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from tests.conftest import RECORDINGS, ROOT, Done, KeyPair
from tests.integration import hostile
from tests.integration.conftest import Attempt
from tests.integration.hostile import HARMLESS, NAMES, UNREADABLE, Scene

SECRET = "a secret of another folder\n"
BIDI = set("\u200e\u200f\u202a\u202b\u202c\u202d\u202e\u2066\u2067\u2068\u2069")
GOOD, BAD = RECORDINGS / "healthy" / "linkerd", RECORDINGS / "insecure-edge" / "linkerd"


@pytest.fixture
def scene(tree: Path, tmp_path: Path) -> Iterator[Scene]:
    """A tree, and what it must not reach; at the end nothing was run, and nothing outside is other than before."""
    outside, planted, mark = tmp_path / "outside", tmp_path / "planted", tmp_path / "was-run"
    outside.mkdir()
    (outside / "secret").write_text(SECRET, encoding="utf-8")
    planted.write_text(f"#!/bin/sh\necho \"$0 $*\" >>'{mark}'\ncat\n", encoding="utf-8")
    planted.chmod(0o755)
    yield Scene(tree=tree, outside=outside, planted=planted, mark=mark)
    assert not mark.exists(), "something of the repository was run: " + mark.read_text(encoding="utf-8")
    assert [path.name for path in outside.iterdir()] == ["secret"]
    assert (outside / "secret").read_text(encoding="utf-8") == SECRET


def touch(scene: Scene) -> None:
    """Change a tracked file, so that git has to look at its content."""
    (scene.tree / "README").write_text("b tree\n", encoding="utf-8")


def bodies(scene: Scene) -> dict[str, Any]:
    envelope = json.loads((scene.tree / "attestation.json").read_bytes())
    entries = json.loads(base64.b64decode(envelope["payload"]))["predicate"]["attestations"]
    return {entry["type"].split("/")[-2]: entry["attestation"] for entry in entries}


def escapes(text: str) -> set[str]:
    """Return what a terminal would obey in ``text``."""
    return {sign for sign in text if (unicodedata.category(sign) == "Cc" and sign != "\n") or sign in BIDI}


def require_harmless(scene: Scene, done: Done) -> None:
    page = (scene.tree / "attestation.report.md").read_text(encoding="utf-8")
    assert (escapes(done.said), escapes(page)) == (set(), set())
    lines = (done.said + page).splitlines()
    assert [line for line in lines if line.startswith("::")] == [], "a runner would obey this"
    assert not (scene.tree / "attestation.json").is_symlink()
    assert "a secret of another" not in json.dumps(bodies(scene))


@pytest.mark.parametrize("what", HARMLESS)
@pytest.mark.parametrize(
    ("mesh", "code"), [pytest.param(GOOD, 0, id="allow", marks=pytest.mark.slow), pytest.param(BAD, 1, id="deny")]
)
def test_it_changes_nothing(scene: Scene, attempt: Attempt, what: str, mesh: Path, code: int) -> None:
    """The verdict is that of the mesh, whatever the tree holds."""
    HARMLESS[what](scene)
    touch(scene)
    done = attempt(linkerd_path=mesh)
    assert done.code == code, done.said
    require_harmless(scene, done)
    assert bodies(scene)["command-run"]["capture"]["defects"] == []
    assert "secret" not in bodies(scene)["git"].get("status", {}), "git looked outside"


@pytest.mark.parametrize("what", UNREADABLE)
def test_what_cannot_be_read_denies(scene: Scene, attempt: Attempt, what: str) -> None:
    """Never a guess, and never what another folder has."""
    UNREADABLE[what](scene)
    touch(scene)
    done = attempt(linkerd_path=GOOD)
    assert done.code == 1, done.said
    require_harmless(scene, done)
    found = bodies(scene)["command-run"]["capture"]["defects"]
    assert {defect["code"] for defect in found} == {"git-unreadable"}


def test_odd_names_are_recorded_as_they_are(scene: Scene, attempt: Attempt) -> None:
    """What is not shown as it is, is signed as it is."""
    hostile.names(scene)
    assert attempt(linkerd_path=GOOD).code == 0
    found = bodies(scene)
    recorded = {leaf["path"] for leaf in found["material"]["leaves"]}
    assert set(NAMES) <= recorded
    excluded = {item["path"] for item in found["command-run"]["capture"]["excluded"]}
    assert {f"folder {name}/{name}" for name in NAMES} <= excluded


def test_what_is_no_file_is_excluded_with_its_reason(scene: Scene, attempt: Attempt) -> None:
    """Links, pipes, sockets and, where root made one, a device."""
    hostile.links_out_of_the_tree(scene)
    hostile.pipes_and_sockets(scene)
    others = {"pipe", "socket"}
    if os.geteuid() == 0:
        os.mknod(scene.tree / "device", 0o600 | 0o020000, os.makedev(1, 5))
        others.add("device")
    assert attempt(linkerd_path=GOOD).code == 0
    reasons = {item["path"]: item["reason"] for item in bodies(scene)["command-run"]["capture"]["excluded"]}
    assert {name for name, reason in reasons.items() if reason == "not a regular file"} == others
    links = {"folder", "file", "relative", "chain", "root", "memory", "zeroes"}
    assert {name for name, reason in reasons.items() if reason == "a link out of the tree"} == links
    assert reasons["loop"] == "a link to nothing"


def test_a_folder_without_permission_is_told_of(scene: Scene, attempt: Attempt) -> None:
    """Root reads it; for anybody else it was not seen, and the evidence says so."""
    closed = scene.tree / "closed"
    closed.mkdir()
    (closed / "file").write_text("", encoding="utf-8")
    closed.chmod(0)
    try:
        attempt(linkerd_path=GOOD)
    finally:
        closed.chmod(0o700)
    found = bodies(scene)
    listed = {leaf["path"] for leaf in found["material"]["leaves"]}
    listed |= {item["path"] for item in found["command-run"]["capture"]["excluded"]}
    assert listed & {"closed", "closed/file"}


@pytest.mark.parametrize("element", ["{}", "{}/bin", ".", "", "bin", "./bin", "{}/../tree/bin"])
def test_no_program_of_the_tree_is_taken(scene: Scene, attempt: Attempt, element: str) -> None:
    """Whichever way PATH leads there; the one behind it is."""
    hostile.programs_in_the_tree(scene)
    touch(scene)
    path = os.pathsep.join([element.format(scene.tree), str(GOOD.parent), os.environ["PATH"]])
    done = attempt(linkerd_path=None, trace="auto", env={"PATH": path})
    assert done.code == 0, done.said
    require_harmless(scene, done)
    assert bodies(scene)["command-run"]["capture"]["linkerd"]["source"] == f"PATH: {GOOD}"


def test_where_there_is_only_the_trees_linkerd_there_is_none(scene: Scene, attempt: Attempt) -> None:
    """Not even as a last resort."""
    hostile.programs_in_the_tree(scene)
    assert "there is no linkerd on PATH" in attempt.refused(linkerd_path=None, env={"PATH": str(scene.tree)})


CONSOLE = Path(sys.prefix) / "bin" / "mesh-attestor"


@pytest.mark.parametrize(
    "start",
    [[CONSOLE], [sys.executable, "-I", CONSOLE], [sys.executable, "-I", "-m", "attestor"]],
    ids=["mesh-attestor", "the image's mesh-attestor", "python -I -m attestor"],
)
def test_no_module_of_the_tree_is_imported(
    scene: Scene, attempt: Attempt, start: list[str | Path], tmp_path: Path
) -> None:
    """Neither in the program's place nor in that of anything that it imports later."""
    hostile.modules(scene)
    argv = [*start, "run", *attempt.argv({"linkerd_path": GOOD})]
    env = {"PATH": os.environ["PATH"], "HOME": str(tmp_path)}
    done = subprocess.run(argv, cwd=scene.tree, env=env, capture_output=True, text=True, timeout=60, check=False)
    assert done.returncode == 0, done.stderr


def test_a_module_beside_python_m_is_not_imported_later(scene: Scene, attempt: Attempt, tmp_path: Path) -> None:
    """Python itself looks into the current folder first; that ends with the first line of this program."""
    hostile.modules(scene)
    for name in ("attestor", "sitecustomize", "usercustomize"):  # imported before that line, or in its place
        (scene.tree / f"{name}.py").unlink()
        (scene.tree / name / "__init__.py").unlink()
    argv = [sys.executable, "-m", "attestor", "run", *attempt.argv({"linkerd_path": GOOD})]
    env = {"PATH": os.environ["PATH"], "HOME": str(tmp_path)}
    done = subprocess.run(argv, cwd=scene.tree, env=env, capture_output=True, text=True, timeout=60, check=False)
    assert done.returncode == 0, done.stderr


def test_the_action_obeys_no_variable_of_python(scene: Scene, key: KeyPair, opa: Path) -> None:
    """As the image starts it: isolated."""
    hostile.modules(scene)
    (started,) = [
        json.loads(line.removeprefix("ENTRYPOINT "))
        for line in (ROOT / "Dockerfile").read_text(encoding="utf-8").splitlines()
        if line.startswith("ENTRYPOINT ")
    ]
    flags = [word for word in started if word.startswith("-")]
    inputs = {"linkerd-path": GOOD, "allow-replay": "true", "opa": opa, "trace": "off", "signing-key": key.private}
    env = {f"INPUT_{name.upper()}": str(value) for name, value in inputs.items()}
    env |= {"GITHUB_WORKSPACE": str(scene.tree), "PATH": str(scene.tree), "HOME": str(scene.tree)}
    env |= dict.fromkeys(("PYTHONPATH", "PYTHONUSERBASE", "PYTHONPYCACHEPREFIX"), str(scene.tree))
    env |= {"PYTHONSTARTUP": str(scene.tree / "json.py"), "PYTHONBREAKPOINT": "attestor", "PYTHONINSPECT": "1"}
    argv = [sys.executable, *flags, str(ROOT / "entrypoint.py")]
    done = subprocess.run(argv, cwd=scene.tree, env=env, capture_output=True, text=True, timeout=60, check=False)
    assert done.returncode == 0, done.stdout + done.stderr
    assert flags == ["-I", "-u"]


def test_a_planted_module_does_run_where_nothing_stops_it(tree: Path, tmp_path: Path) -> None:
    """The tests above would pass with modules that nobody could import."""
    mark = tmp_path / "mark"
    hostile.modules(Scene(tree=tree, outside=tmp_path, planted=tmp_path, mark=mark))
    subprocess.run([sys.executable, "-c", "import yaml"], cwd=tree, check=True)
    assert mark.exists()


@pytest.mark.parametrize("what", ["core.fsmonitor", "filters", "include.path"])
def test_a_planted_program_does_run_where_nothing_stops_it(tree: Path, tmp_path: Path, what: str) -> None:
    """The tests above would pass with programs that git would never run."""
    planted, mark = tmp_path / "planted", tmp_path / "mark"
    planted.write_text(f"#!/bin/sh\ntouch '{mark}'\ncat\n", encoding="utf-8")
    planted.chmod(0o755)
    HARMLESS[what](Scene(tree=tree, outside=tmp_path, planted=planted, mark=mark))
    (tree / "README").write_text("b tree\n", encoding="utf-8")
    subprocess.run(["git", "status"], cwd=tree, check=False, capture_output=True)
    assert mark.exists()
