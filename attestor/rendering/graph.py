"""The mesh as a Mermaid graph: who spoke to whom, insecure edges red and first. Pure.

A node's label comes from the cluster, so everything but letters, digits and a few signs goes out as Mermaid's own
entities (https://mermaid.js.org/syntax/flowchart.html, "Entity codes to escape characters").
"""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from typing import Any

from attestor.report import is_secured

EDGES_SHOWN = 60
"""More edges make a graph that nobody reads, and Mermaid refuses one of more than 500."""

_PLAIN = re.compile(r"[A-Za-z0-9 ./_-]")
_LABEL_LIMIT = 80


def lines(edges: Sequence[Mapping[str, Any]]) -> tuple[list[str], int]:
    """Return the lines of a graph and how many edges are not in it; each pair of workloads is drawn once."""
    pairs: dict[tuple[str, str], bool] = {}
    for edge in edges:
        pair = (_name(edge, "src"), _name(edge, "dst"))
        pairs[pair] = pairs.get(pair, True) and is_secured(edge)
    drawn = sorted(pairs, key=lambda pair: (pairs[pair], pair))[:EDGES_SHOWN]
    nodes = {name: f"n{number}" for number, name in enumerate(dict.fromkeys(end for pair in drawn for end in pair))}
    found = ["graph LR", *(f'  {node}["{_label(name)}"]' for name, node in nodes.items())]
    found += [_edge(nodes[source], nodes[target], secured=pairs[source, target]) for source, target in drawn]
    red = [str(number) for number, pair in enumerate(drawn) if not pairs[pair]]
    if red:
        found.append(f"  linkStyle {','.join(red)} stroke:#d1242f,stroke-width:3px")
    return found, len(pairs) - len(drawn)


def _edge(source: str, target: str, *, secured: bool) -> str:
    return f"  {source} --> {target}" if secured else f"  {source} -. not mTLS .-> {target}"


def _name(edge: Mapping[str, Any], end: str) -> str:
    return f"{edge.get(f'{end}_namespace') or '?'}/{edge.get(end) or '?'}"


def _label(name: str) -> str:
    short = name if len(name) <= _LABEL_LIMIT else name[: _LABEL_LIMIT - 1] + "…"
    return "".join(letter if _PLAIN.fullmatch(letter) else f"#{ord(letter)};" for letter in short)
