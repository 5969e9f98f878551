"""Every field of a predicate is of its type, as the peer's decoder wants it."""

from __future__ import annotations

import copy
from collections.abc import Callable
from dataclasses import replace
from typing import Any

import pytest

from attestor import collection
from attestor.verification import shapes
from attestor.verification.finding import State, failed, ok
from tests import golden

OPENED = collection.opened(golden.statement().payload)
Bodies = dict[str, Any]


def examined(change: Callable[[Bodies], object], **types: str) -> tuple[State, str]:
    bodies = copy.deepcopy(dict(OPENED.bodies))
    change(bodies)
    found = shapes.examine(replace(OPENED, bodies=bodies, types={**OPENED.types, **types}))
    return found.state, found.detail


@pytest.mark.parametrize(
    ("change", "said"),
    [
        (lambda b: b["environment"].update(variables={"A": 1}), "environment.variables.* is not a string"),
        (lambda b: b["environment"].update(variables=None), "environment.variables is not an object"),
        (lambda b: b["environment"].update(os=1), "environment.os is not a string"),
        (lambda b: b["git"].update(parenthashes="x"), "git.parenthashes is not a list"),
        (lambda b: b["git"].update(remotes=[1]), "git.remotes[0] is not a string"),
        (lambda b: b["git"].update(status={"a": "b"}), "git.status.* is not an object"),
        (lambda b: b["git"].update(commitdigest={"sha512": "x"}), "git.commitdigest has an algorithm other than"),
        (lambda b: b["git"].update(tags=[{"name": 1}]), "git.tags[0].name is not a string"),
        (lambda b: b["material"].update(treeSize=2.0), "material.treeSize is not an integer"),
        (lambda b: b["command-run"].update(cmd="sh"), "command-run.cmd is not a list"),
        (lambda b: b["command-run"].update(cmd=[]), "command-run.cmd names no command"),
        (lambda b: b["command-run"].pop("cmd"), "command-run.cmd names no command"),
        (lambda b: b["command-run"].update(exitcode=True), "command-run.exitcode is not an integer"),
        (lambda b: b["command-run"].update(processes={}), "command-run.processes is not a list"),
        (lambda b: b["command-run"]["processes"][0].update(processid="1"), "processes[0].processid is not an integer"),
        (lambda b: b["command-run"]["processes"][0].update(cmdline=["sh"]), "processes[0].cmdline is not a string"),
        (
            lambda b: b["command-run"]["processes"][0].update(exedigest={"sha512": ""}),
            "processes[0].exedigest has an algorithm",
        ),
        (lambda b: b["command-run"].update(capture=None), "command-run.capture is not an object"),
        (lambda b: b["command-run"]["capture"]["linkerd"].update(replay="no"), "linkerd.replay is not a boolean"),
        (lambda b: b["linkerd-check"].update(cluster_name=None), "linkerd-check.cluster_name is not a string"),
        (lambda b: b["linkerd-check"]["check_summary"].update(error="0"), "check_summary.error is not an integer"),
        (lambda b: b["linkerd-check"]["edges_summary"].update(secured=15.0), "edges_summary.secured is not an integer"),
    ],
)
def test_a_field_of_another_type_is_refused(change: Callable[[Bodies], object], said: str) -> None:
    """With its place, and what it should be; null is no value, and true no integer."""
    state, detail = examined(change)
    assert (state, said in detail) == (State.FAILED, True), detail


@pytest.mark.parametrize(
    "change",
    [
        lambda b: b,
        lambda b: b["environment"].update(more=None),
        lambda b: b["environment"].pop("variables"),
        lambda b: b["git"].clear(),
        lambda b: b.pop("linkerd-check"),
        lambda b: b["linkerd-check"].pop("edges_summary"),
    ],
)
def test_fields_may_be_missing_and_more_may_be_there(change: Callable[[Bodies], object]) -> None:
    """Whether something needs them is asked elsewhere."""
    assert examined(change)[0] is State.OK


def test_tables_of_the_second_version_are_not_looked_into() -> None:
    """Processes of command-run v0.2 are rows of numbers into tables; an untraced run has null for tables."""
    uri = "https://aflock.ai/attestations/command-run/v0.2"
    body = {
        "_meta": {"version": "v0.2"},
        "digests": None,
        "paths": None,
        "processes": [{"programId": 3}],
        "cmd": ["sh"],
    }
    assert examined(lambda b: b.update({"command-run": body}), **{"command-run": uri})[0] is State.OK
    assert examined(lambda b: b.update({"command-run": body | {"_meta": 1}}), **{"command-run": uri})[0] is State.FAILED


def test_the_finding_has_its_name() -> None:
    """Good, with a field of another type, and without a command."""
    good = shapes.examine(OPENED)
    assert good == ok("shapes", "every field of the predicates is of its type")
    odd = {**OPENED.bodies, "git": {"branch": 1}}
    assert shapes.examine(replace(OPENED, bodies=odd)) == failed("shapes", "git.branch is not a string")
    bare = {**OPENED.bodies, "command-run": {}}
    assert shapes.examine(replace(OPENED, bodies=bare)) == failed("shapes", "command-run.cmd names no command")


def holding(place: tuple[str, ...], value: object) -> object:
    for part in reversed(place):
        value = [value] if part == "[]" else {part: value}
    return value


FIELDS = {
    "linkerd-check": "check_file edges_file cluster_name hostname check_digest_set.sha256 edges_digest_set.sha256"
    " check_summary.pass check_summary.warn check_summary.error check_summary.distinct_categories"
    " check_summary.overall_success check_summary.categories.[].pass check_summary.categories.[].warn"
    " check_summary.categories.[].error edges_summary.total_edges edges_summary.secured edges_summary.insecure",
    "environment": "os kernel hostname username variables.*",
    "git": "gittool gitbinpath commithash author authoremail committername committeremail commitdate commitmessage"
    " signature treehash branch gitbinhash.sha256 commitdigest.sha1 parenthashes.[] refs.[] remotes.[]"
    " status.*.staging status.*.worktree tags.[].name tags.[].taggername tags.[].taggeremail tags.[].when"
    " tags.[].pgpsignature tags.[].message",
    "material": "merkleRoot treeSize",
    "product": "merkleRoot treeSize",
    "command-run": "cmd.[] exitcode stdout stderr summary capture.linkerd.version capture.linkerd.sha256"
    " capture.linkerd.source capture.linkerd.pinned capture.linkerd.replay capture.trace.state capture.trace.reason"
    " capture.excluded.[].path capture.excluded.[].reason capture.defects.[].code capture.defects.[].file"
    " capture.defects.[].offset capture.defects.[].detail capture.namespaces.[] processes.[].program"
    " processes.[].processid processes.[].parentpid processes.[].programdigest.sha256 processes.[].comm"
    " processes.[].cmdline processes.[].exedigest.gitoid:sha1 processes.[].exitcode processes.[].environ"
    " processes.[].network.connections.[].syscall processes.[].network.connections.[].family"
    " processes.[].network.connections.[].address processes.[].network.connections.[].port",
}


@pytest.mark.parametrize(("name", "field"), [(name, field) for name, text in FIELDS.items() for field in text.split()])
def test_every_field_has_a_type(name: str, field: str) -> None:
    """A value of a type that no field has is refused in each of them."""
    place = field.split(".")
    body = holding(tuple(place), 0.5)
    assert isinstance(body, dict)
    base = {"cmd": ["sh"]} if name == "command-run" else {}
    found = shapes.examine(replace(OPENED, bodies={name: base | body}))
    assert found.state is State.FAILED
    assert found.detail.startswith(f"{name}.{place[0]}")


@pytest.mark.parametrize(
    "field", ["cmd.[]", "exitcode", "stdout", "stderr", "summary", "_meta.version", "processes.[]"]
)
def test_every_field_of_the_other_version_has_a_type(field: str) -> None:
    """Of command-run v0.2 the peer writes tables; each process in it is some object."""
    body: Any = holding(tuple(field.split(".")), 0.5)
    types = {"command-run": "https://aflock.ai/attestations/command-run/v0.2"}
    found = shapes.examine(replace(OPENED, bodies={"command-run": {"cmd": ["sh"], **body}}, types=types))
    assert (found.state, found.detail.startswith("command-run.")) == (State.FAILED, True)


@pytest.mark.parametrize("name", ["sha256", "sha1", "gitoid:sha256", "gitoid:sha1", "dirHash"])
def test_a_digest_is_by_an_algorithm_that_the_peer_can_load(name: str) -> None:
    """By another one the envelope cannot be read there."""
    for bodies in ({"git": {"gitbinhash": {name: "x"}}}, {"linkerd-check": {"check_digest_set": {name: "x"}}}):
        assert shapes.examine(replace(OPENED, bodies=bodies)).state is State.OK
    for odd in (name.upper(), f"{name}x"):
        found = shapes.examine(replace(OPENED, bodies={"git": {"gitbinhash": {odd: "x"}}}))
        assert found == failed(
            "shapes",
            "git.gitbinhash has an algorithm other than sha256, sha1, gitoid:sha256, gitoid:sha1, dirHash",
        )
