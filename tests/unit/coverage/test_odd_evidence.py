"""Coverage evidence of every odd shape, judged as the gate does: no field makes opa give up, and what rules read is missed.

The engine runs with strict built-in functions, so that one call of ``startswith`` for a number would end a run with exit
code 5. The healthy evidence is that of a recorded mesh, with one entry in each list, changed in one place at a time.
"""

from __future__ import annotations

import copy
import json
import subprocess
from collections.abc import Iterator, Mapping, Sequence
from pathlib import Path
from typing import Any

import pytest

from attestor import gate
from attestor.clock import parse_rfc3339
from attestor.policies import catalogue
from tests import covered
from tests.worlds import Counters, World

RULES = sorted(catalogue.needing("coverage"))
GONE = object()
ODD: Sequence[object] = (GONE, None, 7, "x", True, [], {}, [None], {"a": {"b": 1}})
Place = tuple[str | int, ...]

# What a rule reads, by its place in the evidence with one entry in each list: of another type, it is a finding.
READ: Sequence[Place] = (
    ("scope", "control_plane"),
    *(
        (part, "complete")
        for part in ("cluster", "workloads", "identity", "authorization", "traffic", "links", "linkerd")
    ),
    ("cluster", "linkerd", "trust_domain"),
    ("workloads", "pods", 0, "state"),
    ("workloads", "pods", 0, "control_plane"),
    ("workloads", "pods", 0, "host_network"),
    ("workloads", "pods", 0, "skip_inbound_ports"),
    ("workloads", "pods", 0, "skip_outbound_ports"),
    ("workloads", "pods", 0, "default_inbound_policy"),
    ("workloads", "workloads", 0, "misplaced"),
    ("identity", "anchors", 0, "sha256"),
    ("identity", "anchors", 0, "not_before"),
    ("identity", "anchors", 0, "not_after"),
    ("identity", "anchors", 0, "key"),
    ("identity", "anchors", 0, "signature"),
    ("identity", "anchors", 0, "ca"),
    ("identity", "copies", 0, "agrees"),
    ("identity", "copies", 0, "anchors"),
    ("identity", "issuer_chains"),
    ("identity", "identities", 0, "identity"),
    ("identity", "identities", 0, "valid"),
    ("authorization", "ports", 0, "unauthenticated"),
    ("authorization", "injector", "failure_policy"),
    ("authorization", "injector", "exempt_namespaces"),
    ("traffic", "inbound_plaintext"),
    ("traffic", "outbound_plaintext"),
    ("traffic", "opaque"),
    ("traffic", "unauthenticated"),
    ("traffic", "silent"),
    ("traffic", "certificates", 0, "expires"),
    ("links", "installed"),
    ("links", "links"),
    ("linkerd", "edges_pod", 0, "server_id"),
    ("linkerd", "defects"),
    ("linkerd", "check_proxy", "success"),
    ("linkerd", "check_proxy", "categories", 0, "checks", 0, "result"),
)


def one_of_each(node: Any) -> Any:
    """Return ``node`` with the first entry of each of its lists."""
    if isinstance(node, list):
        return [one_of_each(entry) for entry in node[:1]]
    return {key: one_of_each(value) for key, value in node.items()} if isinstance(node, dict) else node


def places(node: Any, at: Place = ()) -> Iterator[Place]:
    """Yield the place of everything below ``node``."""
    entries = node.items() if isinstance(node, dict) else enumerate(node) if isinstance(node, list) else ()
    for key, value in entries:
        yield (*at, key)
        yield from places(value, (*at, key))


def changed(evidence: Mapping[str, Any], place: Place, value: object) -> dict[str, Any]:
    """Return the evidence with ``value`` at ``place``, or without what is there."""
    made = copy.deepcopy(dict(evidence))
    holder: Any = made
    for key in place[:-1]:
        holder = holder[key]
    if value is GONE:
        del holder[place[-1]]
    else:
        holder[place[-1]] = value
    return made


@pytest.fixture(scope="module")
def healthy() -> dict[str, Any]:
    """The input of the gate, with coverage that has one entry in each list."""
    opened = covered.opened(covered.coverage(Counters(world=World())))
    found = gate.gate_input(opened, parse_rfc3339("2026-11-21T12:00:00Z"), allow_replay=True)
    return {"run": found["run"], "coverage": one_of_each(json.loads(json.dumps(found["coverage"])))}


def found(opa: Path, healthy: Mapping[str, Any], changes: Sequence[tuple[Place, object]]) -> list[set[str]]:
    """Return what each change makes the rules find that they do not find without it."""
    documents = [healthy, *({**healthy, "coverage": changed(healthy["coverage"], *change)} for change in changes)]
    asked = ", ".join(f'"{rule}": data.{rule}.deny' for rule in RULES)
    query = f"[given | document := input.documents[_]; given := {{{asked}}} with input as document]"
    argv = [str(opa), "eval", "--format", "json", "--strict-builtin-errors", "--stdin-input"]
    modules = [
        part for rule in RULES for part in ("--data", str(gate.policy_folder() / f"{rule.replace('.', '/')}.rego"))
    ]
    question = json.dumps({"documents": documents}).encode()
    done = subprocess.run([*argv, *modules, query], input=question, capture_output=True, check=False)
    assert done.returncode == 0, done.stdout[:2000]
    answers = json.loads(done.stdout)["result"][0]["expressions"][0]["value"]
    told = [{f"{rule} {message}" for rule, said in answer.items() for message in said} for answer in answers]
    assert len(told) == len(documents)
    return [said - told[0] for said in told[1:]]


def is_another(healthy: Mapping[str, Any], place: Place, value: object) -> bool:
    """Tell whether ``value`` is of another type than what is there; an empty list may be as good as a full one."""
    was: Any = healthy["coverage"]
    for key in place:
        was = was[key]
    return type(value) is not type(was)


def test_what_a_rule_reads_is_found_where_it_is_odd(opa: Path, healthy: dict[str, Any]) -> None:
    """Missing, or of any other type: no rule is silent."""
    changes = [(place, value) for place in READ for value in ODD if is_another(healthy, place, value)]
    given = found(opa, healthy, changes)
    assert [change for change, said in zip(changes, given, strict=True) if not said] == []
    assert len(changes) > 6 * len(READ)


def test_no_odd_field_is_an_error_of_the_engine(opa: Path, healthy: dict[str, Any]) -> None:
    """One value at every place; the slow test has them all."""
    changes = [(place, ODD[i % len(ODD)]) for i, place in enumerate(places(healthy["coverage"]))]
    assert len(found(opa, healthy, changes)) > 200


@pytest.mark.slow
def test_no_odd_field_of_any_type_is_an_error_of_the_engine(opa: Path, healthy: dict[str, Any]) -> None:
    """Every value at every place."""
    changes = [(place, value) for place in places(healthy["coverage"]) for value in ODD]
    assert any(found(opa, healthy, changes))
