"""A field in another case is no field, and no other one either."""

from __future__ import annotations

import json

import pytest

from attestor import limits
from attestor.field_names import ENVELOPE, POLICY, STATEMENT, Misspelt, require_exact
from attestor.witness import export
from tests import golden


@pytest.mark.parametrize(
    "document",
    [
        {"Predicate": {}},
        {"predicate": {}, "PREDICATE": {}},
        {"predicate": [{"edge_report": [], "Edge_Report": []}]},
        {"subject": [{"digest": {}, "di\u0067eSt": {}}]},
        {"\u017fubject": []},
        {"merkleroot": ""},
        {"predicate": {"lin\u212aerd": {}}},
    ],
    ids=["alone", "beside", "deep", "subject", "long-s", "lower-case", "kelvin"],
)
def test_another_case_is_refused(document: object) -> None:
    """Wherever it stands, and by Go's folding, which takes the long s and the Kelvin sign for letters."""
    with pytest.raises(Misspelt, match="in another case"):
        require_exact(document, STATEMENT)


@pytest.mark.parametrize(
    "document",
    [
        {"variables": {"PATH": "", "path": "", "Path": ""}},
        {"status": {"README": {"staging": ""}, "Name": {}}},
        {"backrefs": {"Type": {}}},
        {"more": {"of_ours": 1}, "Sonstiges": 2},
        [],
        "Predicate",
        None,
    ],
)
def test_keys_that_are_data_and_words_of_others_are_left_alone(document: object) -> None:
    """Variables and paths may differ in case only; a word that is no field's is nobody's business."""
    require_exact(document, STATEMENT)


def test_nesting_has_an_end() -> None:
    """A level more than the limit is refused, whatever it is made of."""
    value: object = {}
    for _ in range(limits.DEPTH - 1):
        value = [value]
    require_exact(value, ENVELOPE)
    with pytest.raises(Misspelt, match="nested too deeply"):
        require_exact([value], ENVELOPE)


def test_every_field_that_is_written_is_known() -> None:
    """What this program makes has no field that its own list lacks, but for digest names."""

    def keys(value: object) -> set[str]:
        if isinstance(value, list):
            return {key for item in value for key in keys(item)}
        if not isinstance(value, dict):
            return set()
        return set(value) | {
            key for name, item in value.items() if name not in {"variables", "status", "backrefs"} for key in keys(item)
        }

    assert keys(json.loads(golden.statement().payload)) - STATEMENT == {"sha1", "sha256"}
    document = json.loads(export.build([], "step", golden.BEGUN).payload)
    assert keys(document) - POLICY == {"step"}


@pytest.mark.parametrize(
    "document",
    [{"status": {"a": {"Staging": ""}}}, {"variables": {"a": [{"Staging": ""}]}}],
    ids=["object", "list"],
)
def test_what_lies_under_a_key_that_is_data_is_looked_at(document: object) -> None:
    """Only the key itself is free."""
    with pytest.raises(Misspelt, match="in another case"):
        require_exact(document, STATEMENT)


def test_sixty_four_levels_are_the_most() -> None:
    """The deepest field of the format stands at the twelfth."""
    assert limits.DEPTH == 64


@pytest.mark.parametrize(
    "name",
    [
        "payload",
        "payloadType",
        "signatures",
        "keyid",
        "sig",
        "certificate",
        "intermediates",
        "timestamps",
        "type",
        "data",
    ],
)
def test_every_field_of_an_envelope_has_one_spelling(name: str) -> None:
    """Those of DSSE, and what the peer puts beside a signature."""
    require_exact({name: ""}, ENVELOPE)
    with pytest.raises(Misspelt, match="in another case"):
        require_exact({name.upper(): ""}, ENVELOPE)


@pytest.mark.parametrize("name", ["variables", "status", "backrefs", "sections", "openedfiles"])
def test_the_keys_of_five_fields_are_data(name: str) -> None:
    """Two of them are the peer's own."""
    require_exact({name: {"Type": 1, "TYPE": []}}, STATEMENT)
