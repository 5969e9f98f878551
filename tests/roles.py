"""The roles of ``deploy/rbac``, taken apart into single rights, and the right that a request to the API server needs."""

from __future__ import annotations

import itertools
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from typing import Any
from urllib.parse import parse_qs, urlsplit

import yaml

from attestor.cluster.rights import Right
from tests.conftest import ROOT

FOLDER = ROOT / "deploy" / "rbac"
NAMES = ("edges-only", "coverage", "full-check")


@dataclass(frozen=True)
class Grant:
    """One verb on one resource, of one name or of all, in one namespace or in all."""

    verb: str
    group: str
    resource: str
    namespace: str = ""
    name: str = ""

    def __str__(self) -> str:
        return str(Right(**vars(self)))

    def covers(self, right: Right) -> bool:
        """Tell whether whoever has this has that right."""
        exact = (self.verb, self.group, self.resource) == (right.verb, right.group, right.resource)
        return exact and self.namespace in ("", right.namespace) and self.name in ("", right.name)

    def rule(self) -> dict[str, Any]:
        """Return the rule of a role that grants this and nothing else."""
        named = {"resourceNames": [self.name]} if self.name else {}
        return {"apiGroups": [self.group], "resources": [self.resource], "verbs": [self.verb], **named}


def documents(name: str) -> list[dict[str, Any]]:
    """Return the objects of one file."""
    return list(yaml.safe_load_all((FOLDER / f"{name}.yaml").read_text(encoding="utf-8")))


def grants(name: str) -> list[Grant]:
    """Return all that the roles of one file grant, right by right."""
    return [grant for item in documents(name) if "rules" in item for grant in _of_role(item)]


def _of_role(role: Mapping[str, Any]) -> Iterator[Grant]:
    namespace = role["metadata"].get("namespace", "")
    for rule in role["rules"]:
        parts = (rule["verbs"], rule["apiGroups"], rule["resources"], [namespace], rule.get("resourceNames", [""]))
        yield from (Grant(*found) for found in itertools.product(*parts))


def granted(right: Right, given: Iterable[Grant]) -> bool:
    """Tell whether the right is among what is given."""
    return any(grant.covers(right) for grant in given)


def asked(target: str) -> Right | None:
    """Return the right that a GET of this path needs; none for what everybody may, such as discovery."""
    parts = urlsplit(target)
    steps = parts.path.strip("/").split("/")
    known = {"api": 2, "apis": 3}.get(steps[0], 0)
    if not known or len(steps) <= known:
        return None
    group, rest = ("" if steps[0] == "api" else steps[1]), steps[known:]
    namespace = ""
    if rest[0] == "namespaces" and len(rest) > 2:
        namespace, rest = rest[1], rest[2:]
    name = rest[1] if len(rest) > 1 else ""
    assert bool(name) != ("limit" in parse_qs(parts.query)), target
    return Right(verb="get" if name else "list", resource=rest[0], group=group, namespace=namespace, name=name)
