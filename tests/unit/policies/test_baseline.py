"""What rules are told of a baseline, and what they make of one that is as large as a mesh can be."""

from __future__ import annotations

from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest

from attestor import engine, gate
from attestor.collection import Opened
from attestor.engine import Engine
from attestor.policies import EMBEDDED, Baseline, Policy
from attestor.verdict import Verdict
from tests.unit.test_report import OPENED, opened

NOW = datetime(2026, 11, 21, 12, 0, 0, tzinfo=UTC)
MANY = 2000


@pytest.fixture
def opa_engine(opa: Path, tmp_path: Path) -> Engine:
    return engine.find(opa, tmp_path)


def rows(change: dict[str, Any] | None = None) -> list[dict[str, Any]]:
    """Return many secured edges, each with ``change``."""
    return [
        {
            "src": f"s{number}",
            "src_namespace": "a",
            "dst": f"d{number}",
            "dst_namespace": "b",
            "client_id": f"s{number}.a",
            "server_id": f"d{number}.b",
            **(change or {}),
        }
        for number in range(MANY)
    ]


def mesh(edges: list[dict[str, Any]]) -> Opened:
    return opened(lambda bodies: bodies["linkerd-check"].update({"edge_report": edges}))


def judged(opa_engine: Engine, new: Opened, old: Opened) -> Verdict:
    policy = Policy(baseline=Baseline(opened=old, sha256="0" * 64))
    return gate.judge(new, opa_engine, now=NOW, allow_replay=False, policy=policy)


def found(verdict: Verdict, rule: str) -> list[str]:
    entries = (*verdict.violations, *verdict.warnings)
    return [entry.message for entry in entries if entry.rule == f"collection.{rule}"]


def test_rules_see_its_bodies_and_times_and_not_its_trees() -> None:
    """Under the names of the input itself; without a baseline there is none."""
    told = gate.gate_input(OPENED, NOW, allow_replay=False, policy=Policy(baseline=Baseline(opened=OPENED, sha256="")))
    assert set(told["baseline"]) == {"environment", "git", "command_run", "linkerd_check", "run"}
    assert told["baseline"]["run"] == {key: told["run"][key] for key in ("started", "finished")}
    assert "baseline" not in gate.gate_input(OPENED, NOW, allow_replay=False, policy=EMBEDDED)


def test_the_same_large_mesh_is_judged(opa_engine: Engine) -> None:
    """Rules that ask for the baseline once for each edge do not come to an end within the engine's time."""
    verdict = judged(opa_engine, mesh(rows()), mesh(rows()))
    drifted = ("baseline_mtls", "baseline_edges", "baseline_identities", "baseline_checks")
    assert [found(verdict, rule) for rule in drifted] == [[]] * 4


def test_a_large_mesh_in_which_everything_changed_is_judged(opa_engine: Engine) -> None:
    """A hundred of each kind are told, and how many more there are."""
    renamed = judged(opa_engine, mesh(rows({"server_id": "evil.b"})), mesh(rows()))
    assert f"and {MANY - 100} more findings of this kind" in found(renamed, "baseline_identities")
    assert "a/s0 -> b/d0: its server_id was d0.b in the baseline, and is evil.b now" in found(
        renamed, "baseline_identities"
    )
    gone = judged(opa_engine, mesh(rows()[:1]), mesh(rows()))
    assert f"and {MANY - 101} more findings of this kind" in found(gone, "baseline_edges")
    plain = judged(opa_engine, mesh(rows({"server_id": ""})), mesh(rows()))
    assert not plain.allowed
    assert f"and {MANY - 100} more findings of this kind" in found(plain, "baseline_mtls")


def test_one_of_several_identities_is_known(opa_engine: Engine) -> None:
    """Two rows of the baseline about the same workloads: both of their identities were there."""
    (edge,) = rows()[:1]
    old = mesh([edge, edge | {"server_id": "other.b"}])
    assert found(judged(opa_engine, mesh([edge]), old), "baseline_identities") == []
    third = judged(opa_engine, mesh([edge | {"server_id": "third.b"}]), old)
    assert found(third, "baseline_identities") == [
        "a/s0 -> b/d0: its server_id was d0.b or other.b in the baseline, and is third.b now"
    ]
