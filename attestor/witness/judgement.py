"""A document over verified evidence: every reason for which it does not pass, as a verdict."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import replace
from datetime import datetime
from typing import Any

from attestor import merkle
from attestor.clock import rfc3339
from attestor.collection import Opened
from attestor.engine import Engine
from attestor.lenient import mapping, rows
from attestor.verdict import Verdict, Violation
from attestor.witness import rego
from attestor.witness.document import Document, Requirement

_CAPABILITIES = "document-capabilities.json"


def judge(document: Document, opened: Opened, engine: Engine, *, now: datetime, allow_replay: bool = False) -> Verdict:
    """Return the verdict of ``document`` over evidence whose signatures were verified with the document's keys.

    A replay is denied whatever the document says, unless it is allowed. Raises ``GateError`` where a module gives no
    certain answer.
    """
    limited = _limited(engine)
    found = set(_violations(document, opened, limited, now))
    if not allow_replay and _is_replay(opened):
        message = "linkerd was a replay, and not a mesh, or the capture does not say that it was none"
        found.add(Violation(rule="policy.live", message=message))
    violations = tuple(sorted(found))
    checked = ["policy.expires", "policy.step", "policy.live", "policy.leaves", "policy.attestations"]
    checked += [_rule(module.name) for requirement in document.requirements for module in requirement.modules]
    return Verdict(allowed=not violations, checked=tuple(checked), violations=violations)


def _violations(document: Document, opened: Opened, engine: Engine, now: datetime) -> Iterator[Violation]:
    if now >= document.expires:
        yield Violation(rule="policy.expires", message=f"the policy expired at {rfc3339(document.expires)}")
    if opened.step != document.step:
        message = f"the collection is named {opened.step}, and the policy is for {document.step}"
        yield Violation(rule="policy.step", message=message)
    yield from _old_trees(opened)
    for requirement in document.requirements:
        yield from _unmet(requirement, opened, engine)


def _old_trees(opened: Opened) -> Iterator[Violation]:
    for name in ("material", "product"):
        if not all(map(_is_content_only, rows(opened.body(name).get("leaves")))):
            message = f"the leaves of {name} are path-bound, as cilock wrote them before v4.1.0 and reads them no more"
            yield Violation(rule="policy.leaves", message=message)


def _unmet(requirement: Requirement, opened: Opened, engine: Engine) -> Iterator[Violation]:
    bodies = opened.of_type(requirement.type)
    if not bodies:
        yield Violation(rule="policy.attestations", message=f"the collection holds no {requirement.type}")
    if None in bodies:
        yield Violation(rule="policy.attestations", message=f"the collection's {requirement.type} is null")
    for body in bodies if requirement.modules else ():
        for name, reason in rego.rejections(requirement.modules, body, engine):
            yield Violation(rule=_rule(name), message=reason or "the module denies with an empty reason")


def _is_replay(opened: Opened) -> bool:
    """Tell whether a capture of ours is not certainly of a live mesh; evidence of cilock does not say."""
    command = opened.body("command-run")
    if "capture" not in command:
        return False
    linkerd = mapping(mapping(command["capture"]).get("linkerd"))
    return linkerd.get("replay") is not False


def _is_content_only(leaf: Mapping[str, Any]) -> bool:
    return bool(leaf.get("leafHash") == merkle.leaf_hash(leaf["fileDigest"]))


def _rule(name: str) -> str:
    return f"policy.rego:{name}"


def _limited(engine: Engine) -> Engine:
    """Return ``engine`` with as few built-in functions as cilock has."""
    path = engine.folder / _CAPABILITIES
    if not path.is_file():
        path.write_bytes(rego.without_forbidden(engine.capabilities.read_bytes()))
    return replace(engine, capabilities=path)
