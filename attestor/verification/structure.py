"""What the collection is made of: its types, and whether every predicate that must be there is."""

from __future__ import annotations

from collections.abc import Iterable, Iterator

from attestor.collection import Opened
from attestor.statement import STATEMENT_TYPE
from attestor.verification.finding import Finding, failed, ok


def examine(opened: Opened, required: Iterable[str]) -> Iterator[Finding]:
    """Yield what is found out; ``required`` holds short names of predicates, each of which must be there."""
    yield ok("statement", f"{STATEMENT_TYPE}, one collection named {opened.step}")
    missing = [name for name in required if name not in opened.bodies]
    if missing:
        yield failed("predicates", f"the collection has no {', '.join(missing)}")
        return
    unknown = f"; of unknown type: {', '.join(entry.type for entry in opened.unknown)}" if opened.unknown else ""
    yield ok("predicates", f"each once: {', '.join(opened.bodies)}{unknown}")
