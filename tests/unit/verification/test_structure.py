"""Every predicate that must be there is, and those of other types are listed."""

from __future__ import annotations

from dataclasses import replace

import pytest

from attestor import collection
from attestor.collection import Unknown
from attestor.verification import structure
from attestor.verification.finding import State
from tests import golden

OPENED = collection.opened(golden.statement().payload)


@pytest.mark.parametrize("name", collection.REQUIRED)
def test_a_missing_predicate_is_named(name: str) -> None:
    """Five of the six are in every collection."""
    bodies = {key: body for key, body in OPENED.bodies.items() if key != name}
    _, found = structure.examine(replace(OPENED, bodies=bodies), collection.REQUIRED)
    assert (found.state, found.detail) == (State.FAILED, f"the collection has no {name}")


def test_a_whole_collection_names_its_predicates_and_what_is_unknown() -> None:
    """An entry that nobody judges is told of."""
    statement, predicates = structure.examine(
        replace(OPENED, unknown=(Unknown(type="urn:example:x", body={}),)), collection.REQUIRED
    )
    assert (statement.state, predicates.state) == (State.OK, State.OK)
    assert statement.detail.endswith("one collection named linkerd-mesh-check")
    assert predicates.detail.endswith("linkerd-check; of unknown type: urn:example:x")


def test_the_findings_have_their_names() -> None:
    """And a collection without strangers says nothing of them."""
    statement, predicates = structure.examine(OPENED, collection.REQUIRED)
    assert (statement.check, predicates.check) == ("statement", "predicates")
    assert predicates.detail == f"each once: {', '.join(OPENED.bodies)}"
    _, missing = structure.examine(replace(OPENED, bodies={}), ["git", "product"])
    assert (missing.check, missing.detail) == ("predicates", "the collection has no git, product")
