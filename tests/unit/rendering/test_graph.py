"""The graph draws each pair of workloads once, insecure ones first and red, and obeys no name."""

from __future__ import annotations

import re

from hypothesis import given
from hypothesis import strategies as st

from attestor.rendering import graph

NODE = re.compile(r'  n\d+\["(?:[A-Za-z0-9 ./_-]|#\d+;)*"\]')


def edge(source: str, target: str, *, secured: bool = True) -> dict[str, str]:
    found = {"src": source, "src_namespace": "a", "dst": target, "dst_namespace": "b"}
    return found | ({"client_id": "x.a", "server_id": "y.b"} if secured else {"no_tls_reason": "no_identity"})


def test_insecure_edges_come_first_and_are_red() -> None:
    """A pair that has one insecure row is insecure."""
    edges = [edge("web", "db"), edge("web", "api"), edge("web", "api", secured=False)]
    drawn, left = graph.lines(edges)
    assert (drawn, left) == (
        [
            "graph LR",
            '  n0["a/web"]',
            '  n1["b/api"]',
            '  n2["b/db"]',
            "  n0 -. not mTLS .-> n1",
            "  n0 --> n2",
            "  linkStyle 0 stroke:#d1242f,stroke-width:3px",
        ],
        0,
    )


def test_a_large_mesh_is_cut_and_counted() -> None:
    """The insecure ones stay."""
    edges = [edge(f"w{number}", "db") for number in range(200)] + [edge("z", "db", secured=False)]
    drawn, left = graph.lines(edges)
    assert sum("-->" in line or ".->" in line for line in drawn) == graph.EDGES_SHOWN
    assert left == 201 - graph.EDGES_SHOWN
    assert any(".->" in line for line in drawn)


def test_without_red_there_is_no_style() -> None:
    """An empty list of links would be an error of syntax."""
    assert not any("linkStyle" in line for line in graph.lines([edge("a", "b")])[0])


@given(st.text(max_size=200), st.text(max_size=20))
def test_a_name_is_only_a_label(source: str, target: str) -> None:
    """Whatever it holds, the lines are of this form and no other."""
    drawn, _ = graph.lines([edge(source, target, secured=False)])
    ends = {f"a/{source or '?'}", f"b/{target or '?'}"}
    assert all(NODE.fullmatch(line) for line in drawn[1 : 1 + len(ends)])
    assert drawn[1 + len(ends) :] == [
        f"  n0 -. not mTLS .-> n{len(ends) - 1}",
        "  linkStyle 0 stroke:#d1242f,stroke-width:3px",
    ]
