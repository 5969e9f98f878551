"""What rules may read of the coverage predicate is what its documented format says, in words that opa knows."""

from __future__ import annotations

import json
from typing import Any

import pytest

from tools import coverage_schema

SOURCE: dict[str, Any] = json.loads(coverage_schema.SOURCE.read_bytes())
MADE: dict[str, Any] = json.loads(coverage_schema.TARGET.read_bytes())["properties"]["coverage"]


def test_the_gates_schema_is_that_of_the_predicate() -> None:
    """`make docs` would write what is there."""
    assert coverage_schema.TARGET.read_text(encoding="utf-8") == coverage_schema.text()


def test_every_field_is_in_it() -> None:
    """The parts by name, and what is behind a reference."""
    assert MADE["properties"].keys() == SOURCE["properties"].keys()
    for name, part in SOURCE["properties"].items():
        assert MADE["properties"][name]["properties"].keys() == part["properties"].keys()
    (pod, labels) = (MADE["properties"]["workloads"]["properties"]["pods"]["items"], {"type": "string"})
    assert pod["properties"].keys() == SOURCE["$defs"]["pod"]["properties"].keys()
    assert pod["properties"]["state"] == {"type": "string"}
    assert pod["properties"]["labels"] == {"type": "object", "additionalProperties": labels}


def test_nothing_is_in_it_that_opa_does_not_know() -> None:
    """Nor what must be there: a rule says what it does without."""
    text = json.dumps(MADE)
    assert [word for word in ('"$ref"', '"enum"', '"pattern"', '"minimum"', '"required"') if word in text] == []


def test_a_reference_to_nothing_is_an_error() -> None:
    """Rather than a field of any type."""
    with pytest.raises(KeyError, match="gone"):
        coverage_schema.build({"$defs": {}, "$ref": "#/$defs/gone"})
