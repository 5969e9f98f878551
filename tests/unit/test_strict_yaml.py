"""YAML within bounds."""

from __future__ import annotations

import pytest

from attestor import limits, strict_yaml
from attestor.strict_yaml import NotYaml


def test_plain_yaml_is_read() -> None:
    """Mappings, lists and scalars come back as Python's."""
    assert strict_yaml.load(b"a: [1, true, x]\nb: {c: null}\n") == {"a": [1, True, "x"], "b": {"c": None}}


def test_the_same_key_in_two_mappings_is_read() -> None:
    """And a value that is spelt like its key, or like another."""
    text = b"a: {a: a, b: a}\nb: [a, a, {a: b}, {a: b}]\n"
    assert strict_yaml.load(text) == {"a": {"a": "a", "b": "a"}, "b": ["a", "a", {"a": "b"}, {"a": "b"}]}


def test_the_deepest_that_is_read() -> None:
    """At the limit a file is read, one level above it is refused."""
    strict_yaml.load(b"[" * limits.DEPTH + b"]" * limits.DEPTH)
    assert strict_yaml.load(b"[" + b"[], " * limits.DEPTH + b"[]]") == [[]] * (limits.DEPTH + 1)
    with pytest.raises(NotYaml, match="nested more than"):
        strict_yaml.load(b"[" * (limits.DEPTH + 1) + b"]" * (limits.DEPTH + 1))


@pytest.mark.parametrize(
    "text",
    [
        b"[" * 100_000,
        b"{a: " * 100_000,
        b"- " * 100_000,
        b"a: &x [1]\nb: *x\n",
        b"a: 1\n---\nb: 2\n",
        b"a: 1\na: 1\n",
        b"a: {b: 1, c: [x, {d: 1}], 'b': 2}\n",
        b"- {a: 1}\n- {a: 1, ? [x] : 1, a: 2}\n",
        b"a: {<<: {b: 1}, b: 2}\n",
        b"a: [",
        b"\x80abc",
        b"!!python/object:os.system {}",
        b'a: !!int ""',
        b"a: !!float ':'",
        b"a: !!bool perhaps",
        b"a: !!timestamp soon",
        b"a: 1\nb: 2\na: 3\n",
        b"a: [{b: 1, 'b': 1}]",
        b"{1: a, 0x1: b}",
        b"a: {<<: {b: 1}, <<: {b: 2}}",
    ],
    ids=[
        *("deep-list", "deep-map", "deep-block", "alias", "two-documents", "twice", "twice-within", "twice-behind"),
        *("merge", "cut", "not-text", "object", "no-integer", "no-number", "no-boolean", "no-time"),
        *("key-twice", "key-twice-inside", "key-twice-by-value", "merged"),
    ],
)
def test_what_is_not_one_bounded_document_is_refused(text: bytes) -> None:
    """Nothing but a refusal comes of it, and the process lives."""
    with pytest.raises(NotYaml):
        strict_yaml.load(text)
