"""The programs of a run are found, and each gets exactly the environment that it may see."""

from __future__ import annotations

import hashlib
import os
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path

import pytest

from attestor.capture.kubeconfig import Kubeconfig
from attestor.errors import AttestorError
from attestor.preflight import tools
from attestor.preflight.tools import Toolbox
from attestor.settings import Settings
from tests.unit.preflight.conftest import Ask, problems

Fake = Callable[..., Path]
CONFIG = Kubeconfig(context="x", server="https://c", content={"kind": "Config"}, secrets=frozenset())


def find(settings: Settings) -> tuple[tuple[Path, str] | None, list[str]]:
    complaints: list[AttestorError] = []
    found = tools.linkerd(settings, complaints)
    return found, problems(complaints)


def gather(settings: Settings, private: Path, config: Kubeconfig | None = None) -> tuple[Toolbox, list[str]]:
    complaints: list[AttestorError] = []
    binary = tools.linkerd(settings, complaints)
    return tools.gather(settings, private, binary, config, complaints), problems(complaints)


def test_linkerd_is_the_first_on_path(ask: Ask, fake: Fake, tmp_path: Path) -> None:
    """And says so."""
    binary = fake("exit 0")
    found, complaints = find(ask({"PATH": f"{tmp_path}:{binary.parent}"}))
    assert (found, complaints) == ((binary, f"PATH: {binary}"), [])


def test_a_linkerd_in_the_tree_is_not_trusted(ask: Ask, tree: Path) -> None:
    """Who can write the tree would choose what sees the cluster's credentials."""
    (tree / "linkerd").write_text("#!/bin/sh\n", encoding="utf-8")
    (tree / "linkerd").chmod(0o755)
    assert find(ask({"PATH": f"{tree}:."})) == (None, ["there is no linkerd on PATH"])
    assert find(ask(linkerd_path="linkerd"))[0] == (tree / "linkerd", f"linkerd-path: {tree / 'linkerd'}")


def test_a_linkerd_that_is_no_program_is_named(ask: Ask, fake: Fake, tmp_path: Path) -> None:
    """Not there, a folder, or without its executable bit."""
    for name in ("missing", "."):
        path = tmp_path / name
        assert find(ask(linkerd_path=path)) == (None, [f"linkerd-path: there is no program at {path}"])
    binary = fake("exit 0")
    binary.chmod(0o644)
    found, complaints = find(ask(linkerd_path=binary))
    assert found is None
    assert complaints[0].startswith(f"linkerd-path: {binary} may not be")


def test_everything_is_gathered(named: Callable[..., Settings], private: Path, tree: Path, opa: Path) -> None:
    """Linkerd with its version and digest, opa, the tracer's reason, and where the capture runs."""
    settings = named(timeout="5m")
    toolbox, complaints = gather(settings, private)
    assert complaints == []
    assert toolbox.linkerd is not None
    assert settings.linkerd_path is not None
    digest = hashlib.sha256(settings.linkerd_path.read_bytes()).hexdigest()
    assert (toolbox.linkerd.version, toolbox.linkerd.sha256) == ("edge-1", digest)
    assert toolbox.linkerd.source == f"linkerd-path: {settings.linkerd_path}"
    assert toolbox.engine is not None
    assert toolbox.engine.binary == opa.resolve()
    assert toolbox.tracer.reason == "switched off with trace: off"
    around = toolbox.surroundings
    assert (around.directory, around.private, around.timeout) == (tree, private, 300.0)
    assert around.digests == {str(settings.linkerd_path): digest}


@pytest.mark.parametrize(("command", "is_there"), [("sh", True), ("no-such-login", False), ("/no/such/login", False)])
def test_a_credential_plugin_that_is_not_here_is_named(
    named: Callable[..., Settings], private: Path, command: str, is_there: bool
) -> None:
    """Linkerd would fail with a message of client-go's, after the capture began."""
    _, complaints = gather(named(), private, replace(CONFIG, exec_command=command))
    assert (complaints == []) == is_there
    assert is_there or command in complaints[0]


def test_extensions_are_checked(named: Callable[..., Settings], private: Path, fake: Fake, tmp_path: Path) -> None:
    """Their names, that they are programs, and that none is named twice."""
    good, odd = fake("exit 0", name="linkerd-viz"), fake("exit 0", name="viz")
    (tmp_path / "other").mkdir()
    (tmp_path / "other" / "linkerd-viz").symlink_to(good)
    listed = f"{good},{odd},{tmp_path / 'linkerd-gone'},{tmp_path / 'other' / 'linkerd-viz'}"
    toolbox, complaints = gather(named(linkerd_extensions=listed), private)
    assert complaints == [
        "linkerd-extensions: linkerd-viz is named twice",
        "linkerd-extensions: viz is not named linkerd-…",
        f"linkerd-extensions: there is no program at {tmp_path / 'linkerd-gone'}",
    ]
    assert toolbox.linkerd is None


def test_an_extension_is_on_the_path_under_its_own_name(
    named: Callable[..., Settings], private: Path, fake: Fake
) -> None:
    """And nothing else of such a name is."""
    assert gather(named(linkerd_extensions=fake("exit 0", name="linkerd-viz")), private)[1] == []
    assert sorted(path.name for path in (private / "bin").iterdir()) == ["linkerd", "linkerd-viz"]


def test_linkerd_is_not_asked_while_anything_is_wrong(
    named: Callable[..., Settings], private: Path, fake: Fake, tmp_path: Path
) -> None:
    """A program of the user's does not run before everything else is well."""
    mark = tmp_path / "was-asked"
    settings = named(linkerd_path=fake(f"touch {mark}"), opa=tmp_path / "missing")
    toolbox, complaints = gather(settings, private)
    assert (toolbox.linkerd, toolbox.engine, len(complaints)) == (None, None, 1)
    assert not mark.exists()


def test_tracing_that_was_asked_for_and_cannot_be_is_a_complaint(
    named: Callable[..., Settings], private: Path, fake: Fake
) -> None:
    """Where it was left to the program, the reason goes into the evidence instead."""
    forbidden = fake("echo 'Operation not permitted' >&2; exit 1", name="strace").parent
    toolbox, complaints = gather(named({"PATH": str(forbidden)}, trace="on"), private)
    assert complaints == [f"trace is on, and the capture cannot be traced: {toolbox.tracer.reason}"]


def test_tracing_that_cannot_be_is_recorded_where_it_was_left_open(
    named: Callable[..., Settings], private: Path, fake: Fake
) -> None:
    """The run goes on."""
    forbidden = fake("exit 1", name="strace").parent
    toolbox, complaints = gather(named({"PATH": str(forbidden)}, trace="auto"), private)
    assert (complaints, toolbox.tracer.binary) == ([], "")
    assert "may not trace here" in toolbox.tracer.reason


@pytest.mark.parametrize(
    ("env", "given", "replays", "problem"),
    [
        ({}, {}, False, "there is no kubeconfig"),
        ({}, {}, True, None),
        ({}, {"kubeconfig": "x"}, False, None),
        ({}, {"in_cluster": "true"}, True, "in-cluster is set, and this is not a pod"),
        ({"KUBERNETES_SERVICE_HOST": "10.0.0.1"}, {"in_cluster": "true"}, False, None),
        ({"KUBERNETES_SERVICE_HOST": "10.0.0.1"}, {}, False, "there is no kubeconfig"),
    ],
)
def test_a_run_looks_at_a_cluster_that_was_named(
    ask: Ask, env: dict[str, str], given: dict[str, str], replays: bool, problem: str | None
) -> None:
    """Never at one by accident; only a replay needs none."""
    complaints: list[AttestorError] = []
    tools.require_cluster(ask(env, **given), complaints, replays=replays)
    assert problems(complaints) == ([problem] if problem else [])


def test_git_sees_the_trusted_folders_and_a_home_of_its_own(ask: Ask, tree: Path, private: Path) -> None:
    """Not the user's configuration, and no program of the tree."""
    found = tools.git_environment(ask({"PATH": f"{tree}:/usr/bin"}), private)
    assert str(tree) not in found["PATH"].split(os.pathsep)
    assert (found["HOME"], found["GIT_CONFIG_GLOBAL"]) == (str(private / "home"), "/dev/null")
