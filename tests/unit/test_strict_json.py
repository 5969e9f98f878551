"""JSON that has one meaning, or none."""

from __future__ import annotations

import pytest

from attestor import limits
from attestor.strict_json import Document, NotJson, documents, loads, require_shallow


@pytest.mark.parametrize(
    ("data", "value"),
    [
        (b'{"a": [1, 2.5, true, null, "\xc3\xa4"]}', {"a": [1, 2.5, True, None, "ä"]}),
        (b" \t\r\n[]\n", []),
        (b"-0.0", 0),
        (b'"\\ud83d\\ude00"', "\U0001f600"),
        (b"12345678901234567890123", 12345678901234567890123),
        (b'{"a": 1, "A": 2}', {"a": 1, "A": 2}),
    ],
)
def test_one_value_is_read(data: bytes, value: object) -> None:
    """Whatever RFC 8259 allows is read as it stands, with white space around it."""
    assert loads(data) == value


@pytest.mark.parametrize(
    ("data", "reason", "offset"),
    [
        (b"", "no JSON value", 0),
        (b" \n", "no JSON value", 0),
        (b"{} []", "more than one JSON value", 3),
        (b'{"a":1,"a":1}', "an object names a key twice", 0),
        (b'[{"a":{"b":1,"b":2}}]', "an object names a key twice", 0),
        (b"NaN", "NaN is not JSON", 0),
        (b"[-Infinity]", "-Infinity is not JSON", 0),
        (b"1e999", "a number is out of range", 0),
        (b'{"a": -1e400}', "a number is out of range", 0),
        (b"\xef\xbb\xbf{}", "Expecting value", 0),
        (b'["a"\xff]', "Expecting ',' delimiter", 4),
        (b"[1]\xff", "the text is not UTF-8", 3),
        (b'{} "\x01"', "Invalid control character at", 4),
        ('["ää", nope]'.encode(), "Expecting value", 9),
        (b"[1,]", "Expecting value", 3),
        (b"{'a': 1}", "Expecting property name enclosed in double quotes", 1),
        (b"\xc2\xa0[]", "Expecting value", 0),
    ],
)
def test_what_is_ambiguous_or_broken_is_refused_with_its_place(data: bytes, reason: str, offset: int) -> None:
    """The refusal names the reason and the byte, counted in UTF-8."""
    with pytest.raises(NotJson) as caught:
        loads(data)
    assert (caught.value.reason, caught.value.offset) == (reason, offset)


def test_values_nested_too_deeply_are_refused() -> None:
    """A text that would exhaust the stack is not JSON that anybody here reads."""
    with pytest.raises(NotJson, match="nested too deeply"):
        loads(b"[" * 100_000)


def test_a_number_of_absurd_length_is_refused() -> None:
    """Digits without end cost time without end."""
    with pytest.raises(NotJson, match="more than 400 digits"):
        loads(b"9" * 10_000)


def test_concatenated_documents_come_one_by_one_with_their_offsets() -> None:
    """Linkerd prints one object after the other; each keeps the byte at which it starts."""
    data = '{"ä": 1}\n\n{}[1] "x"'.encode()
    assert list(documents(data)) == [
        Document({"ä": 1}, 0),
        Document({}, 11),
        Document([1], 13),
        Document("x", 17),
    ]


def test_documents_before_a_broken_one_are_still_handed_out() -> None:
    """A stream is read up to its first defect."""
    stream = documents(b'{"a": 1} {"b": ')
    assert next(stream) == Document({"a": 1}, 0)
    with pytest.raises(NotJson) as caught:
        next(stream)
    assert caught.value.offset == 15


def test_documents_before_a_byte_that_is_no_text_are_still_handed_out() -> None:
    """Bytes that are not UTF-8 end the stream where they stand, and not before."""
    stream = documents(b'{"a": 1}\n\xff\xfe')
    assert next(stream) == Document({"a": 1}, 0)
    with pytest.raises(NotJson, match="not UTF-8") as caught:
        next(stream)
    assert caught.value.offset == 9


def test_a_document_of_too_many_values_is_refused_before_it_is_read(monkeypatch: pytest.MonkeyPatch) -> None:
    """As many as the limit are read; brackets and commas are counted, wherever they stand."""
    monkeypatch.setattr(limits, "JSON_VALUES", 3)
    assert loads(b"[{},1]") == [{}, 1]
    for data in (b"[{},1,2]", b"[[[[]]]]", b"{,{,nonsense"):
        with pytest.raises(NotJson, match="it holds more than 3 values") as caught:
            loads(data)
        assert caught.value.offset == 0


def test_the_limit_is_four_million_values() -> None:
    """Twice what 200,000 edges need."""
    assert limits.JSON_VALUES == 4_000_000


@pytest.mark.parametrize(
    ("data", "offset"),
    [
        (b'"\\ud83d"', 0),
        (b'{"\\ud83d": 1}', 0),
        (b'[1] ["\\uDC00"]', 4),
        (b'{"a": {"b": ["\\ude00\\ud83d"]}}', 0),
    ],
)
def test_half_of_a_pair_is_no_character(data: bytes, offset: int) -> None:
    """Every reader replaces it by another one, so that two names become the same."""
    with pytest.raises(NotJson) as caught:
        list(documents(data))
    assert (caught.value.reason, caught.value.offset) == ("a string holds half of a surrogate pair", offset)


def test_whole_pairs_and_backslashes_are_characters() -> None:
    """What only looks like half of a pair is text."""
    assert loads(b'["\\ud83d\\ude00", "\\\\ud83d"]') == ["\U0001f600", "\\ud83d"]


def test_of_more_than_two_values_the_second_is_told() -> None:
    """Whatever comes behind it is not read."""
    with pytest.raises(NotJson) as caught:
        loads(b"1 2 nonsense")
    assert (caught.value.reason, caught.value.offset) == ("more than one JSON value", 2)


def test_space_in_front_of_a_document_is_not_part_of_it() -> None:
    """It starts behind it, in bytes, also the first."""
    assert list(documents(b" \n{} 1")) == [Document({}, 2), Document(1, 5)]


def test_a_document_that_is_nested_too_deeply_has_its_place() -> None:
    """Where it starts."""
    with pytest.raises(NotJson) as caught:
        list(documents(b"1 " + b"[" * 100_000))
    assert (caught.value.reason, caught.value.offset) == ("values are nested too deeply", 2)


def test_a_document_of_a_report_is_shallow() -> None:
    """As many levels as there may be are taken, and one more is refused with the document's place."""

    def nested(levels: int) -> Document:
        return next(iter(documents(b" " + b"[" * levels + b"]" * levels)))

    require_shallow(nested(limits.DEPTH))
    with pytest.raises(NotJson) as caught:
        require_shallow(nested(limits.DEPTH + 1))
    assert caught.value.reason == f"values are nested more than {limits.DEPTH} levels deep"
    assert caught.value.offset == nested(limits.DEPTH + 1).offset
