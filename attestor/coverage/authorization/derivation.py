"""The part's body, and the same again from a predicate: who verifies derives what the ports let in for themselves."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from typing import Any

from attestor.coverage.authorization import ports, unmatched
from attestor.coverage.authorization.index import Index, Object, mesh_of
from attestor.coverage.authorization.ports import Selection
from attestor.lenient import mapping, rows


def build(
    objects: Iterable[Object], pods: Sequence[Mapping[str, Any]], reasons: Iterable[Mapping[str, Any]]
) -> dict[str, Any]:
    """Return ``objects`` in order, and the ``ports`` and ``unmatched`` that follow from them.

    ``objects`` and ``pods`` are as the predicate has them, and ``reasons`` those of the part: what may be missing
    decides, too. Where pods are missing, which the part ``workloads`` tells, a Server that would select them selects
    nothing.
    """
    ordered = sorted(objects, key=lambda one: (one["kind"], one["namespace"], one["name"], one["api"]))
    index = Index(ordered, reasons, mesh_of(pods))
    selection = Selection(index)
    found = ports.rows_of(pods, selection)
    return {"objects": ordered, "ports": found, "unmatched": unmatched.rows_of(index, selection)}


def derive(coverage: Mapping[str, Any]) -> dict[str, Any]:
    """Return the ``ports`` and ``unmatched`` of a whole predicate's own objects and pods.

    Raises ``KeyError``, ``TypeError`` or ``ValueError`` where the predicate is not of its schema.
    """
    authorization, workloads = mapping(coverage.get("authorization")), mapping(coverage.get("workloads"))
    reasons = rows(authorization["reasons"])
    if any(reason["source"] == "" for reason in reasons):
        return {"ports": [], "unmatched": []}  # the part was never come to, and nothing was made of the pods
    found = build(rows(authorization["objects"]), rows(workloads["pods"]), reasons)
    return {"ports": found["ports"], "unmatched": found["unmatched"]}
