"""Text stays text under GitHub's own Markdown, and a page is cut between two rows and says so."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from attestor.rendering import markdown
from attestor.rendering.markdown import Part
from tests.rendered import render

PIECES = [
    *"|\\`*_[]()<>!#~@:&;.-+ =a1$^",
    "](http://evil.example)",
    "<script>",
    "www.",
    "https://",
    "a@b.example",
    "&lt;",
]
TEXT = st.lists(st.sampled_from(PIECES), min_size=1, max_size=10).map("".join) | st.text(min_size=1, max_size=30)


def printable(text: str) -> str:
    return "".join(character if character.isprintable() else "\ufffd" for character in text)


@given(TEXT)
def test_text_in_a_cell_is_what_it_was(value: str) -> None:
    """No element, no link, no other column."""
    part = markdown.table(("a", "b"), [(markdown.code(value), "x" + markdown.text(value) + "x")])
    found = render(markdown.page([part], 10_000))
    assert found.links == []
    assert set(found.elements) <= {"table", "thead", "tbody", "tr", "th", "td", "code"}
    assert [cell.strip() for cell in found.rows[1]] == [printable(value).strip(), f"x{printable(value)}x"]


@given(TEXT)
def test_text_in_a_list_is_what_it_was(value: str) -> None:
    """It makes no list, heading or rule of its own."""
    found = render(f"* {markdown.code(value)}\n")
    assert found.elements == ["ul", "li", "code"]
    assert found.text.strip() == printable(value).strip()


@pytest.mark.parametrize(
    ("url", "linked"),
    [
        ("https://linkerd.io/2/checks/#l5d-identity", True),
        ("https://linkerd.io/2.14/checks/#l5d-api_x", True),
        ("http://linkerd.io/", False),
        ("javascript:alert(1)", False),
        ("https://linkerd.io/)[x](https://evil.example", False),
        ("https://user@evil.example/", False),
        ("https://linkerd.io/\nx", False),
    ],
)
def test_only_a_plain_https_address_becomes_a_link(url: str, linked: bool) -> None:
    """Everything else is shown as it is, for whoever wants to look."""
    found = render(markdown.link("what to do", url))
    assert found.links == ([url] if linked else [])
    assert "what to do" in found.text


def test_a_page_is_cut_between_two_rows() -> None:
    """It says how many are missing, keeps what is essential, and stays below its limit."""
    rows = [(f"row {number}",) for number in range(1000)]
    parts = [Part(head="# top\n\n"), markdown.table(("x",), rows), Part(head="the end\n", essential=True)]
    written = markdown.page(parts, 3000)
    assert len(written.encode()) <= 3000
    assert written.startswith("# top\n")
    assert written.endswith("the end\n")
    shown = len(render(written).rows) - 1
    assert f"{1000 - shown} more rows are left out here" in written
    assert render(written).rows[-1] == [f"row {shown - 1}"]
    assert 100 < shown < 1000


def test_a_page_that_fits_is_whole() -> None:
    """Nothing is said about rows that are there."""
    part = markdown.table(("x",), [("a",), ("b",)])
    assert "left out" not in markdown.page([part], 1000)
    assert len(render(markdown.page([part], 1000)).rows) == 3


@given(st.lists(st.integers(1, 400), max_size=60), st.integers(1000, 5000))
def test_no_page_is_longer_than_its_limit(sizes: list[int], limit: int) -> None:
    """In bytes, not in characters."""
    parts = [Part(head="h\n", rows=tuple("é" * size + "\n" for size in sizes)), Part(head="t\n", rows=("r\n",))]
    assert len(markdown.page(parts, limit).encode()) <= limit


def test_a_fence_is_longer_than_what_it_holds() -> None:
    """A line of backticks does not end it."""
    found = render(markdown.fenced("sh", ["a", "````", "b"]))
    assert found.elements == ["pre", "code"]
    assert found.text.strip() == "a\n````\nb"
