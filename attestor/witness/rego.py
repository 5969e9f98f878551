"""A document's Rego modules over one predicate, with the verdicts that cilock gives (wire-format section 9.5).

They are read as Rego v0, in which a module may ask for v1 by `import rego.v1`; that is how OPA's library reads them for
cilock. All modules of one requirement are evaluated together, and every package must answer.
"""

from __future__ import annotations

import json
import re
from collections.abc import Iterator, Mapping, Sequence
from pathlib import Path
from typing import Any

from attestor import engine as opa
from attestor import strict_json
from attestor.statement import encode
from attestor.witness.document import Module

FORBIDDEN = ("net.cidr_contains", "net.cidr_expand", "net.cidr_intersects", "net.cidr_merge")
"""Built-in functions that cilock refuses beyond those that no rule may use here."""

_PACKAGE = re.compile(
    r"(?:\s|#[^\n]*\n)*package\s+([A-Za-z_]\w*(?:\.[A-Za-z_]\w*|\[\"[^\"\\]*\"\])*)[ \t]*(?:#[^\n]*)?(?:\r?\n|$)"
)
_PART = re.compile(r"\.?([A-Za-z_]\w*)|\[\"([^\"\\]*)\"\]")


def package(module: Module) -> str | None:
    """Return the reference to a module's package, like ``data["mesh"]["edges"]``, or ``None`` where it names none.

    A wrong guess harms nobody: a package that is not there gives no ``deny``, and no ``deny`` is a rejection.
    """
    found = _PACKAGE.match(module.source.decode("utf-8", "replace"))
    if found is None:
        return None
    parts = (dotted or quoted for dotted, quoted in _PART.findall(found.group(1)))
    return "data" + "".join(f"[{json.dumps(part)}]" for part in parts)


def rejections(modules: Sequence[Module], body: object, engine: opa.Engine) -> Iterator[tuple[str, str]]:
    """Yield module name and reason for everything by which ``modules`` reject the predicate ``body``.

    Raises ``GateError`` where opa has no certain answer: a module that does not compile, an error while it runs.
    """
    packages = [package(module) for module in modules]
    for module, reference in zip(modules, packages, strict=True):
        if reference is None:
            yield module.name, "the module has no package that can be read"
        elif packages.count(reference) > 1:
            yield module.name, f"{packages.count(reference)} modules have the package {_dotted(reference)}"
    if None in packages or len(set(packages)) < len(packages):
        return
    answers = _evaluate(modules, [str(reference) for reference in packages], body, engine)
    for module, answer in zip(modules, answers, strict=True):
        yield from ((module.name, reason) for reason in _reasons(answer))


def _dotted(reference: str) -> str:
    return ".".join(json.loads(f"[{reference[5:-1].replace('][', ',')}]"))


def _evaluate(modules: Sequence[Module], packages: Sequence[str], body: object, engine: opa.Engine) -> list[Any]:
    """Return for each package a list: empty where its ``deny`` is undefined, else with its one value."""
    query = ", ".join(f"[value | value := {package}.deny]" for package in packages)
    files = [_written(module, engine.folder / f"module-{i}.rego") for i, module in enumerate(modules)]
    done = engine.evaluate(f"[{query}]", files, encode(body), legacy=True)
    if done.exit_code != 0:
        raise opa.uncertain("a module of the policy does not compile, or failed", done)
    answers = opa.value(done.stdout)
    if not isinstance(answers, list) or len(answers) != len(modules):
        raise opa.uncertain("opa did not answer for every module", done)
    return answers


def _written(module: Module, path: Path) -> Path:
    path.write_bytes(module.source)
    return path


def _reasons(answer: object) -> list[str]:
    """Return why one package rejects: cilock passes an empty set, array or object, and nothing else."""
    if not isinstance(answer, list) or len(answer) > 1:
        raise opa.uncertain("opa did not answer for every module")
    if not answer:
        return ["the module gives no deny: the rule is not there, or undefined for this evidence"]
    value = answer[0]
    if isinstance(value, list):
        return [reason if isinstance(reason, str) else json.dumps(reason) for reason in value]
    if isinstance(value, dict):
        return [str(key) for key in value]
    return [f"the module's deny is {json.dumps(value)[:80]}, which is no set"]


def without_forbidden(capabilities: bytes) -> bytes:
    """Return a capabilities file without what cilock refuses."""
    found: Mapping[str, Any] = strict_json.loads(capabilities)
    kept = [builtin for builtin in found["builtins"] if builtin["name"] not in FORBIDDEN]
    return json.dumps({**found, "builtins": kept}).encode()
