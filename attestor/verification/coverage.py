"""The coverage predicate against its schema, and everything in it that can be derived again from the rest of it.

Whoever holds the key could sign a rollup that its pods do not give. What the API server and Prometheus answered cannot
be asked again; what was concluded from it can.
"""

from __future__ import annotations

import functools
import json
from collections.abc import Callable, Iterator, Mapping
from pathlib import Path
from typing import Any

from attestor.coverage import identity, workloads
from attestor.coverage.authorization import derivation
from attestor.coverage.part import PARTS
from attestor.errors import GateError
from attestor.verification.finding import Finding, failed, ok

SCHEMA = Path(__file__).parent.parent / "coverage" / "mesh-coverage-v0.1.schema.json"
_CHECK = "coverage"


def examine(body: Mapping[str, Any]) -> Finding:
    """Return what is found out about the body of a coverage predicate."""
    if problem := _misfit(body):
        return failed(_CHECK, problem)
    try:
        wrong = next(_contradictions(body), "")
    except (KeyError, TypeError, ValueError, AttributeError, RecursionError) as error:
        wrong = f"nothing can be concluded from its objects: {type(error).__name__}"
    if wrong:
        return failed(_CHECK, wrong)
    whole = [name for name in PARTS if body[name]["complete"]]
    pods = len(body["workloads"]["pods"])
    return ok(_CHECK, f"fits its schema and follows from {pods} pods; complete: {', '.join(whole) or 'no part'}")


@functools.cache
def _validator() -> Callable[[object], object]:
    import fastjsonschema

    try:
        schema = json.loads(SCHEMA.read_bytes())
    except (OSError, ValueError) as error:
        raise GateError(
            "the schema of the coverage is not there",
            cause="the installation is not whole",
            remedy="install it again",
        ) from error
    compiled: Callable[[object], object] = fastjsonschema.compile(schema)
    return compiled


def _misfit(body: Mapping[str, Any]) -> str:
    import fastjsonschema

    try:
        _validator()(body)
    except fastjsonschema.JsonSchemaValueException as error:
        return str(error).replace("data", "coverage", 1)
    return ""


def _contradictions(body: Mapping[str, Any]) -> Iterator[str]:
    """Yield a sentence for each thing that does not follow."""
    for name in PARTS:
        if body[name]["complete"] != (not body[name]["reasons"]):
            yield f"coverage.{name} is complete, and gives reasons why not, or the other way round"
    found = body["workloads"]
    if found["namespaces"] != workloads.rollup(found["namespaces"], found["pods"]):
        yield "coverage.workloads.namespaces is not what its pods give"
    control_plane = body["scope"]["control_plane"]
    trust_domain = body["cluster"].get("linkerd", {}).get("trust_domain", "")
    if body["identity"]["identities"] != _if_seen(body, identity.in_use(found["pods"], control_plane, trust_domain)):
        yield "coverage.identity.identities is not what the pods give"
    derived = derivation.derive(body)
    for key in ("ports", "unmatched"):
        if body["authorization"][key] != derived[key]:
            yield f"coverage.authorization.{key} is not what its objects and the pods give"


def _if_seen(body: Mapping[str, Any], identities: list[dict[str, Any]]) -> list[dict[str, Any]]:
    """Return the identities, or none where the part was never come to."""
    return identities if body["identity"]["sources"] else []
