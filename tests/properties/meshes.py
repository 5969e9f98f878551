"""Reports of meshes that nobody recorded: any categories, any rows, as linkerd would print them."""

from __future__ import annotations

import hashlib
import json
from typing import Any

from hypothesis import settings
from hypothesis import strategies as st

from attestor.evidence import ReportFile

quick = settings(derandomize=True, deadline=None, max_examples=40, database=None)
"""The same examples in every run, and few enough for the quick tests."""

TEXT = st.text(st.characters(exclude_categories=["Cs"]), max_size=12)
WORDS = TEXT.filter(lambda text: bool(text.strip()) and text == text.strip())
JSON: st.SearchStrategy[Any] = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats(allow_nan=False, allow_infinity=False) | TEXT,
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(TEXT, inner, max_size=3),
    max_leaves=8,
)

CHECKS = st.fixed_dictionaries(
    {"description": TEXT, "result": st.sampled_from(["success", "warning", "error"])},
    optional={"hint": TEXT, "error": TEXT},
)
CATEGORIES = st.fixed_dictionaries({"categoryName": WORDS, "checks": st.lists(CHECKS, max_size=3)})
DOCUMENTS = st.fixed_dictionaries(
    {"success": st.booleans(), "categories": st.lists(CATEGORIES, min_size=1, max_size=3)}
)
STREAMS = st.lists(DOCUMENTS, min_size=1, max_size=3)
ROWS = st.tuples(*[WORDS] * 4, *[WORDS | st.just("")] * 3).map(
    lambda row: dict(
        zip(
            ("src", "src_namespace", "dst", "dst_namespace", "client_id", "server_id", "no_tls_reason"),
            row,
            strict=True,
        )
    )
)


def report(data: bytes) -> ReportFile:
    """Return a report file of these bytes."""
    return ReportFile(path="report.json", data=data, sha256=hashlib.sha256(data).hexdigest())


def printed(documents: list[Any], *, indent: int | None = None) -> bytes:
    """Return documents one behind the other, as linkerd prints them."""
    return "\n".join(json.dumps(document, ensure_ascii=False, indent=indent) for document in documents).encode()
