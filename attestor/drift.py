"""What differs between two captures of a mesh: edges, identities, checks, versions. Pure.

An edge goes by the two workloads that it connects; where several rows are about the same two, it is mTLS if each is.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import asdict, dataclass, fields
from typing import Any

from attestor.collection import Opened
from attestor.lenient import mapping, rows

NONE = "-"
"""What stands for an identity, a result or a version that is not there."""

_ENDS = ("client_id", "server_id")


@dataclass(frozen=True, slots=True, kw_only=True, order=True)
class Change:
    """Something that is another than it was: what, and its old and its new value."""

    what: str
    old: str
    new: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Drift:
    """Every difference. ``lost`` are edges that are gone, ``downgraded`` those that are no longer mTLS."""

    gained: tuple[str, ...] = ()
    lost: tuple[str, ...] = ()
    downgraded: tuple[str, ...] = ()
    secured: tuple[str, ...] = ()
    identities: tuple[Change, ...] = ()
    checks: tuple[Change, ...] = ()
    versions: tuple[Change, ...] = ()

    def rows(self) -> Iterator[tuple[str, str, str, str, bool | None]]:
        """Yield what a person reads, the gravest first: kind, name, old, new, and whether that is good or bad."""
        yield from (("lost its mTLS", name, "mTLS", "no mTLS", False) for name in self.downgraded)
        yield from (("vanished", name, "there", NONE, None) for name in self.lost)
        yield from (("new edge", name, NONE, "there", None) for name in self.gained)
        yield from (("gained mTLS", name, "no mTLS", "mTLS", True) for name in self.secured)
        yield from (("identity", *_cells(change), None) for change in self.identities)
        yield from (("check", *_cells(change), _GOOD.get(change.new, False)) for change in self.checks)
        yield from (("capture", *_cells(change), None) for change in self.versions)

    @property
    def changed(self) -> bool:
        """Whether there is any difference."""
        return any(getattr(self, field.name) for field in fields(self))

    def to_dict(self) -> dict[str, Any]:
        """Return the differences as JSON values."""
        return {name: list(found) for name, found in asdict(self).items()}


_GOOD = {"success": True, "warning": None, NONE: None}


def _cells(change: Change) -> tuple[str, str, str]:
    return (change.what, change.old, change.new)


def between(old: Opened, new: Opened) -> Drift:
    """Return what is different in ``new``; both must have been verified."""
    before, after = _edges(old), _edges(new)
    both = sorted(before.keys() & after.keys())
    return Drift(
        gained=tuple(sorted(after.keys() - before.keys())),
        lost=tuple(sorted(before.keys() - after.keys())),
        downgraded=tuple(name for name in both if before[name].secured and not after[name].secured),
        secured=tuple(name for name in both if after[name].secured and not before[name].secured),
        identities=tuple(change for name in both for change in before[name].identities(name, after[name])),
        checks=tuple(_changes(_results(old), _results(new))),
        versions=tuple(_changes(dict(_versions(old)), dict(_versions(new)))),
    )


@dataclass(frozen=True, slots=True, kw_only=True)
class _Edge:
    """The rows about two workloads: whether all of them are mTLS, and the identities that each end showed."""

    secured: bool
    shown: tuple[frozenset[str], ...]

    def identities(self, name: str, later: _Edge) -> Iterator[Change]:
        """Yield each end that shows another identity; none is what an edge without mTLS shows, and told there."""
        for end, old, new in zip(_ENDS, self.shown, later.shown, strict=True):
            if old and new and old != new:
                yield Change(what=f"{name} {end}", old=_joined(old), new=_joined(new))


def _joined(found: frozenset[str]) -> str:
    return ", ".join(sorted(found)) or NONE


def _edges(opened: Opened) -> dict[str, _Edge]:
    grouped: dict[str, list[Mapping[str, Any]]] = {}
    for row in rows(opened.linkerd_check.get("edge_report")):
        grouped.setdefault(_name(row), []).append(row)
    return {
        name: _Edge(
            secured=all(map(_is_secured, found)),
            shown=tuple(frozenset(str(row[end]) for row in found if row.get(end)) for end in _ENDS),
        )
        for name, found in grouped.items()
    }


def _name(row: Mapping[str, Any]) -> str:
    source, destination = (f"{row.get(f'{end}_namespace')}/{row.get(end)}" for end in ("src", "dst"))
    return f"{source} -> {destination}"


def _is_secured(row: Mapping[str, Any]) -> bool:
    return bool(row.get("client_id") and row.get("server_id") and not row.get("no_tls_reason"))


def _results(opened: Opened) -> dict[str, str]:
    """Return the results of every check by category and description; several of one name are told together."""
    found: dict[str, list[str]] = {}
    for category in rows(mapping(opened.linkerd_check.get("check_report")).get("categories")):
        for check in rows(category.get("checks")):
            name = f"{category.get('categoryName')}: {check.get('description')}"
            found.setdefault(name, []).append(str(check.get("result")))
    return {name: ", ".join(sorted(results)) for name, results in found.items()}


def _versions(opened: Opened) -> Iterator[tuple[str, str]]:
    """Yield what decides how far two captures can be compared at all."""
    capture = mapping(opened.body("command-run").get("capture"))
    yield "linkerd", str(mapping(capture.get("linkerd")).get("version") or NONE)
    yield "cluster", str(opened.linkerd_check.get("cluster_name") or NONE)
    namespaces = capture.get("namespaces")
    yield "namespaces", ", ".join(map(str, namespaces)) if isinstance(namespaces, list) and namespaces else "all"
    for name, key in (("check report", "check_report"), ("edges report", "edges_summary")):
        yield name, "captured" if key in opened.linkerd_check else "missing"


def _changes(old: Mapping[str, str], new: Mapping[str, str]) -> Iterator[Change]:
    for name in sorted(old.keys() | new.keys()):
        if old.get(name) != new.get(name):
            yield Change(what=name, old=old.get(name, NONE), new=new.get(name, NONE))
