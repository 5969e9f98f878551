"""What readers of a team's files share: patterns, the nearest word, and where something stands."""

from __future__ import annotations

import pytest

from attestor.policies import reading


@pytest.mark.parametrize("value", ["shop", "shop/*", "s?op", "X", "a-b.c"])
def test_a_name_or_a_pattern(value: str) -> None:
    """Any letter is one of a name."""
    assert reading.is_pattern(value)


@pytest.mark.parametrize("value", ["", None, 7, ["shop"], "[a]", "a]", "{a", "a}", "!a", "a\\b"])
def test_no_name_and_no_pattern(value: object) -> None:
    """A class reads like a name and is everything."""
    assert not reading.is_pattern(value)


def test_the_nearest_word_is_suggested_or_all_are_listed() -> None:
    """One of several that are near: the nearest."""
    assert reading.nearest("edges", ["edge", "edges_mtls", "wedges"]) == "did you mean wedges?"
    assert reading.nearest("x", ["b", "a"]) == "one of: a, b"


def test_what_is_of_another_kind_has_no_places() -> None:
    """Who asks a list for keys, or nothing for anything, hears of none."""
    mapping, listed, text, nothing = (reading.root(data) for data in (b"a: {b: 1}", b"- 1\n- 2", b"x", b""))
    assert (reading.lines(mapping), reading.item_lines(listed)) == ({"a": 1}, [1, 2])
    assert [reading.lines(node) for node in (listed, text, nothing)] == [{}, {}, {}]
    assert [reading.item_lines(node) for node in (mapping, text, nothing)] == [[], [], []]
    assert [reading.entry(node, "a") for node in (listed, text, nothing)] == [None, None, None]
    assert reading.entry(mapping, "b") is None
    assert reading.lines(reading.entry(mapping, "a")) == {"b": 1}
