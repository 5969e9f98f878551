"""``linkerd viz edges deploy -o json``: one array of rows, or one array for each requested namespace.

A row always has all seven fields (linkerd2 ``viz/cmd/edges.go``). Its only positive evidence of TLS is a
``server_id``: ``client_id`` comes from the client's pod spec, and an unknown reason becomes an empty string.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from attestor import limits
from attestor.evidence import Defect, ReportFile
from attestor.reports.defects import capped, defect, whole_documents
from attestor.reports.shape import Misshapen, mapping, sequence, text
from attestor.strict_json import Document, Json

FIELDS = ("src", "src_namespace", "dst", "dst_namespace", "client_id", "server_id", "no_tls_reason")
_NAMES = FIELDS[:4]
_OPTIONAL = frozenset(FIELDS[4:])


@dataclass(frozen=True, slots=True)
class Edge:
    """Who talked to whom, and with which identities. The fields are linkerd's, in linkerd's order."""

    src: str
    src_namespace: str
    dst: str
    dst_namespace: str
    client_id: str
    server_id: str
    no_tls_reason: str

    @property
    def secured(self) -> bool:
        """Whether both ends showed an identity and no reason for missing TLS was given."""
        return bool(self.client_id and self.server_id and not self.no_tls_reason)

    @property
    def pair(self) -> tuple[str, str, str, str]:
        """The two workloads that the edge connects."""
        return (self.src_namespace, self.src, self.dst_namespace, self.dst)

    def to_dict(self) -> dict[str, str]:
        """Return the row in the predicate's key order; empty identities and reasons are left out, as the peer does."""
        return {name: value for name in FIELDS if (value := getattr(self, name)) or name not in _OPTIONAL}


@dataclass(frozen=True, slots=True, kw_only=True)
class EdgeReport:
    """Every distinct row, in the order in which linkerd printed them."""

    edges: tuple[Edge, ...]

    @property
    def secured(self) -> int:
        """How many edges are secured."""
        return sum(edge.secured for edge in self.edges)


def read(report: ReportFile, namespaces: Sequence[str], defects: list[Defect]) -> EdgeReport | None:
    """Read one array, or one for each of ``namespaces``; append a defect for whatever is not as it must be.

    Returns ``None`` where no array could be read, as when linkerd failed and printed nothing.
    """
    if not report.data.strip():
        return None
    arrays = [_rows(document, report, defects) for document in whole_documents(report, "edges-not-json", defects)]
    if not arrays:
        return None
    defects.extend(_scope_defects(arrays, namespaces, report))
    rows = [edge for array in arrays for edge in array]
    if len(rows) > limits.EDGES:
        detail = f"{len(rows)} rows, more than the {limits.EDGES} that are looked at"
        defects.append(defect("edges-too-many", report, 0, detail))
        return None
    edges = tuple(dict.fromkeys(rows))
    defects.extend(capped(_contradictions(edges, report), report))
    return EdgeReport(edges=edges)


def _rows(document: Document, report: ReportFile, defects: list[Defect]) -> list[Edge]:
    found: list[Edge] = []
    try:
        for index, item in enumerate(sequence(document.value, "the report")):
            found.append(_edge(item, f"row {index}"))
    except Misshapen as error:
        defects.append(defect("edges-row-shape", report, document.offset, str(error)))
    return found


def _edge(value: Json, where: str) -> Edge:
    holder = mapping(value, where)
    fields = [text(holder, name, where) for name in FIELDS]
    for name, field in zip(FIELDS, fields, strict=True):
        if field != field.strip() or (name in _NAMES and not field):
            message = f"{where}.{name} is {'empty' if not field else 'padded with white space'}"
            raise Misshapen(message)
    return Edge(*fields)


def _scope_defects(arrays: list[list[Edge]], namespaces: Sequence[str], report: ReportFile) -> Iterator[Defect]:
    expected = len(namespaces) or 1
    if len(arrays) != expected:
        detail = f"{len(arrays)} arrays where {expected} were asked for"
        yield defect("edges-array-count", report, 0, detail)
        return
    for namespace, rows in zip(namespaces, arrays, strict=False):
        if not rows:
            yield defect("edges-namespace-empty", report, 0, f"namespace {namespace} has no edge")
        strays = [edge for edge in rows if namespace not in {edge.src_namespace, edge.dst_namespace}]
        if strays:
            detail = f"{len(strays)} rows asked for with namespace {namespace} do not touch it"
            yield defect("edges-out-of-scope", report, 0, detail)


def _contradictions(edges: Sequence[Edge], report: ReportFile) -> Iterator[Defect]:
    seen: set[tuple[str, str, str, str]] = set()
    for edge in edges:
        if edge.pair in seen:
            detail = f"two rows disagree about {edge.src_namespace}/{edge.src} -> {edge.dst_namespace}/{edge.dst}"
            yield defect("edges-contradiction", report, 0, detail)
        seen.add(edge.pair)
