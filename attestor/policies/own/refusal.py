"""What no module of one's own may be or do, because it would then be silent where it should speak. Pure.

A rule that is misspelt, that nobody asks, or that reads what is not there denies nothing, and nothing denied is an
allow. Each of these is an error instead, and so is whatever would reach into the embedded policy.
"""

from __future__ import annotations

import re
from collections.abc import Collection, Iterator, Mapping, Sequence

from attestor.policies import OwnRule
from attestor.policies.own.syntax import KNOWN, Head, Path, Syntax

COLLECTION, PREDICATE = "collection", "predicate"
"""The two inputs: the gate's whole one, and the bare linkerd-check predicate."""

_RESERVED = ("gate", "gate_own", "parameters", "system")
"""The embedded policy's own words, and opa's."""

_PART = re.compile(r"[A-Za-z_][A-Za-z0-9_-]*")
_MEANT = re.compile(r"(den(y|ies|ied|ial)|violat|warn)", re.IGNORECASE)
"""How the name of a rule begins that was meant to be asked."""

_WRITE = "write `deny contains reason if …`"


def seen(package: Path) -> str:
    """Return which input rules of ``package`` see: its name decides."""
    return COLLECTION if package[0] == COLLECTION else PREDICATE


def problems(modules: Sequence[Syntax], embedded: Collection[str], fields: Mapping[str, Collection[str]]) -> list[str]:
    """Return what is wrong with ``modules``, a sentence each.

    ``embedded`` are the ids of the embedded rules, and ``fields`` the names at the top of each input.
    """
    found = []
    for module in modules:
        each = [*_package(module, embedded)]
        # What a module says in a package that it cannot have is beside the point.
        each = each or [*_form(module), *_heads(module, modules), *_inputs(module, fields), *_data(module, modules)]
        found += [f"{module.module.path}: {problem}" for problem in each]
    return found or [f"{module.module.path}: {problem}" for module in modules for problem in _unasked(module, modules)]


def rules(modules: Sequence[Syntax]) -> tuple[OwnRule, ...]:
    """Return the packages that decide, each with the known rules that its modules have."""
    names: dict[Path, set[str]] = {}
    for module in modules:
        if module.known:
            names.setdefault(module.package, set()).update(module.known)
    return tuple(sorted(OwnRule(package=package, names=tuple(sorted(known))) for package, known in names.items()))


def _package(module: Syntax, embedded: Collection[str]) -> Iterator[str]:
    package = module.package
    name = ".".join(package)
    if not package or not all(_PART.fullmatch(part) for part in package):
        yield f"its package {name!r} is no name of words with dots between them"
    elif package[0] in _RESERVED or name in {"mesh", COLLECTION} or ".".join(package[:2]) in embedded:
        yield f"its package {name} is one of the embedded policy; choose a name of your own, like acme.{package[-1]}"
    elif package[0] in {"mesh", COLLECTION} and "level" in (package[2:3] or tuple(head.name for head in module.heads)):
        yield f"in {name}, level is a word of the embedded policy; choose another one"


def _form(module: Syntax) -> Iterator[str]:
    if module.schemas:
        yield "its annotations bring a schema, and it is held against that of its input"
    if module.exchanges:
        yield "it uses `with`, which belongs into tests: what a rule sees then is held against no schema"


def _heads(module: Syntax, modules: Sequence[Syntax]) -> Iterator[str]:
    forms = {
        "function": "is a function, and nobody calls it",
        "map": f"is an object, and no set; {_WRITE}",
        "boolean": f"is only true or false, and gives no reason; {_WRITE}",
    }
    for head in sorted(set(module.heads), key=lambda head: head.name):
        if head.name in KNOWN and head.form in forms:
            yield f"{head.name} {forms[head.form]}"
        elif head.name not in KNOWN and _is_meant(head) and not _is_used(head.name, module, modules):
            yield f"{head.name} is none of {', '.join(KNOWN)}, and no rule uses it: nobody would ask it"


def _is_meant(head: Head) -> bool:
    return head.form != "function" and _MEANT.match(head.name) is not None


def _is_used(name: str, module: Syntax, modules: Sequence[Syntax]) -> bool:
    inside = any(name in other.words for other in modules if other.package == module.package)
    path = (*module.package, name)
    return inside or any(reference[: len(path)] == path for other in modules for reference in other.data)


def _inputs(module: Syntax, fields: Mapping[str, Collection[str]]) -> Iterator[str]:
    own, other = _both(seen(module.package))
    if () in module.inputs:
        yield "it hands on the whole input, or a field of it that only the run would tell: write input.FIELD"
    for name in sorted({path[0] for path in module.inputs if path} - set(fields[own])):
        hint = f"; a package {_WHERE[other]} sees one" if name in fields[other] else ""
        yield f"there is no input.{name} in what a package {_WHERE[own]} sees{hint}"


_WHERE = {COLLECTION: f"under {COLLECTION}", PREDICATE: f"outside {COLLECTION}"}


def _both(kind: str) -> tuple[str, str]:
    return (COLLECTION, PREDICATE) if kind == COLLECTION else (PREDICATE, COLLECTION)


def _data(module: Syntax, modules: Sequence[Syntax]) -> Iterator[str]:
    for path in sorted(module.data):
        owners = [other for other in modules if other.package == path[: len(other.package)]]
        inside = [other for other in owners if _has(other, path)]
        if not inside:
            yield f"data.{'.'.join(path) or '…'} is no rule of a module that was given"
        elif (theirs := seen(inside[0].package)) != seen(module.package) and any(other.looks for other in owners):
            yield f"data.{'.'.join(path)} sees another input, as its package is {_WHERE[theirs]}"


def _has(module: Syntax, path: Path) -> bool:
    """Tell whether ``path`` is the package of ``module``, or leads to a rule in it."""
    rest = path[len(module.package) :]
    return not rest or any(head.name == rest[0] for head in module.heads)


def _unasked(module: Syntax, modules: Sequence[Syntax]) -> Iterator[str]:
    """Yield that nobody needs ``module``: it has no known rule, and serves none, be it through another module."""
    if module not in _asked(modules):
        yield f"it has none of {', '.join(KNOWN)}, and no module that has one uses it"


def _asked(modules: Sequence[Syntax]) -> list[Syntax]:
    asked = [module for module in modules if module.known]
    rest = [module for module in modules if not module.known]
    while used := [module for module in rest if any(_uses(other, module) for other in asked)]:
        asked += used
        rest = [module for module in rest if module not in used]
    return asked


def _uses(module: Syntax, helper: Syntax) -> bool:
    if module.package == helper.package and any(head.name in module.words for head in helper.heads):
        return True
    owned = (path for path in module.data if path[: len(helper.package)] == helper.package)
    return any(_has(helper, path) for path in owned)
