"""Evidence to claims: one module for each predicate type, each with a ``build`` that returns its ``Predicate``."""

from __future__ import annotations

from collections.abc import Callable

from attestor.evidence import Evidence
from attestor.predicates import command_run, environment, git, linkerd_check, material, mesh_coverage, product
from attestor.reports import Reports
from attestor.statement import Predicate

Builder = Callable[[Evidence, Reports], Predicate | None]

COLLECTED: tuple[Builder, ...] = (
    environment.build,
    git.build,
    material.build,
    command_run.build,
    product.build,
    linkerd_check.build,
    mesh_coverage.build,
)
"""What a collection holds, in this order. A new predicate is a new module and one name here."""

TYPES = tuple(module.TYPE for module in (environment, git, material, command_run, product, linkerd_check))
"""The predicate types of every whole collection, in the same order. Coverage is there only where it was asked for."""


def build(evidence: Evidence, reports: Reports) -> tuple[Predicate, ...]:
    """Build every predicate that ``evidence`` supports; without a check report there is no linkerd-check."""
    return tuple(predicate for builder in COLLECTED if (predicate := builder(evidence, reports)) is not None)
