"""What GitHub's own Markdown makes of a page: the elements, the links, and the text of each cell."""

from __future__ import annotations

from dataclasses import dataclass, field
from html.parser import HTMLParser

import cmarkgfm  # type: ignore[import-untyped]
from cmarkgfm.cmark import Options  # type: ignore[import-untyped]


@dataclass
class Rendered:
    """Elements in order, the addresses of links, all text, and the cells of tables row by row."""

    elements: list[str] = field(default_factory=list)
    links: list[str] = field(default_factory=list)
    text: str = ""
    rows: list[list[str]] = field(default_factory=list)


class _Reader(HTMLParser):
    def __init__(self) -> None:
        super().__init__(convert_charrefs=True)
        self.found = Rendered()
        self._in_cell = False

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.found.elements.append(tag)
        self.found.links += [value or "" for name, value in attrs if name in {"href", "src"}]
        if tag == "tr":
            self.found.rows.append([])
        elif tag in {"td", "th"}:
            self.found.rows[-1].append("")
            self._in_cell = True

    def handle_endtag(self, tag: str) -> None:
        self._in_cell = self._in_cell and tag not in {"td", "th"}

    def handle_data(self, data: str) -> None:
        self.found.text += data
        if self._in_cell:
            self.found.rows[-1][-1] += data


def render(markdown: str) -> Rendered:
    """Return what a browser is shown; raw HTML is kept, as GitHub keeps what its sanitizer allows."""
    reader = _Reader()
    reader.feed(cmarkgfm.github_flavored_markdown_to_html(markdown, options=Options.CMARK_OPT_UNSAFE))
    reader.close()
    return reader.found
