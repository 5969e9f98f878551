"""Modules of one's own, compiled before anything is run: by the real opa, against the schema of what they will see."""

from __future__ import annotations

import functools
import json
from collections.abc import Mapping, Sequence
from dataclasses import replace
from pathlib import Path
from typing import Any

from attestor import identity, strict_json
from attestor.engine import Engine, uncertain
from attestor.errors import GateError
from attestor.policies import OwnModule, Policy, catalogue
from attestor.policies.embedded import modules as embedded
from attestor.policies.embedded import policy_folder
from attestor.policies.own import question, refusal, syntax
from attestor.policies.own.refusal import COLLECTION, PREDICATE, seen
from attestor.policies.own.syntax import Syntax
from attestor.process import Completed

V0 = "v0"
_INPUTS = (PREDICATE, COLLECTION)
_MOST = 20
"""Most errors that are told: opa itself stops after a few of each file."""


def compiled(policy: Policy, engine: Engine) -> Policy:
    """Return ``policy`` with the rules that its own modules bring, each of which was compiled.

    Raises ``GateError`` where one of them does not compile, reads what it will not see, or would never be asked.
    """
    if not policy.own or policy.own_rules:
        return policy
    try:
        return _compiled(policy, engine)
    except OSError as error:
        raise unreadable(error) from error


def _compiled(policy: Policy, engine: Engine) -> Policy:
    folder = _copied(policy, engine)
    read = [_parsed(module, folder / _name(i), policy, engine) for i, module in enumerate(policy.own)]
    _refuse(refusal.problems(read, catalogue.rules(), {name: fields(name) for name in _INPUTS}))
    for name in _INPUTS:
        _compile(read, name, policy, engine)
    ready = replace(policy, own_rules=refusal.rules(read))
    _check([*options(ready, engine), *map(str, [*embedded(policy_folder()), *loaded(ready, engine)])], policy, engine)
    return ready


def loaded(policy: Policy, engine: Engine) -> list[Path]:
    """Return the private copies of a compiled policy's own modules, and the module that asks them.

    Raises ``GateError`` where they are not there and cannot be made.
    """
    if not policy.own_rules:
        return []
    try:
        return _loaded(policy, engine)
    except OSError as error:
        raise unreadable(error) from error


def _loaded(policy: Policy, engine: Engine) -> list[Path]:
    folder = _copied(policy, engine)
    asking = folder / "gate_own.rego"
    if not asking.is_file():
        _lay(asking, question.text(policy.own_rules).encode(), engine)
    return [*(folder / _name(i) for i in range(len(policy.own))), asking]


def schema(name: str) -> Path:
    """Return the JSON schema of an input, ``predicate`` or ``collection``."""
    return policy_folder() / "schemas" / name / "input.json"


@functools.cache
def fields(name: str) -> frozenset[str]:
    """Return the names of the fields at the top of an input."""
    return frozenset(json.loads(schema(name).read_bytes())["properties"])


def complaints(done: Completed, labels: Mapping[str, str]) -> list[str]:
    """Return what opa complains of, a line each, with the names that ``labels`` give to its files."""
    try:
        listed = strict_json.loads(done.stdout.strip() or done.stderr)
        found = [_line(error, labels) for error in listed["errors"]] if isinstance(listed, dict) else []
    except (strict_json.NotJson, LookupError, TypeError):
        found = []
    printed = (done.stderr or done.stdout).decode("utf-8", "replace")
    found = found or [_relabelled(line, labels) for line in printed.splitlines() if line.strip()]
    return list(dict.fromkeys(found)) or [f"opa ended with exit code {done.exit_code}"]


def _line(error: Mapping[str, Any], labels: Mapping[str, str]) -> str:
    place = error.get("location") or {}
    file = Path(str(place.get("file", ""))).name
    where = f"{labels.get(file, file)}:{place.get('row', 0)}: " if file else ""
    return where + _relabelled(str(error["message"]), labels)


def _relabelled(text: str, labels: Mapping[str, str]) -> str:
    for name, label in labels.items():
        text = text.replace(name, label)
    return text


def _copied(policy: Policy, engine: Engine) -> Path:
    """Return the private folder with a copy of each module, made once: it is these that are compiled and judged."""
    folder = engine.folder / f"own-{policy.rego_version}-{policy.own_sha256[:16]}"
    if not folder.is_dir():
        folder.mkdir(mode=0o700)
        for i, module in enumerate(policy.own):
            _lay(folder / _name(i), module.data, engine)
        identity.show(folder, engine.user)
    return folder


def _lay(path: Path, data: bytes, engine: Engine) -> None:
    """Write a module where the engine's user can read it, and change nothing."""
    path.write_bytes(data)
    identity.show(path, engine.user)


def _name(number: int) -> str:
    return f"module-{number:03}.rego"


def _labels(policy: Policy) -> dict[str, str]:
    return {_name(i): module.path for i, module in enumerate(policy.own)}


def options(policy: Policy, engine: Engine) -> list[str]:
    """Return what opa's commands are called with: its answer's form, what modules may do, and which Rego they are."""
    legacy = ["--v0-compatible"] if policy.rego_version == V0 else []
    return ["--format", "json", "--capabilities", str(engine.capabilities), *legacy]


def _parsed(module: OwnModule, copy: Path, policy: Policy, engine: Engine) -> Syntax:
    legacy = ["--v0-compatible"] if policy.rego_version == V0 else []
    done = engine.run(["parse", "--format", "json", *legacy, str(copy)])
    _require(done, policy)
    try:
        return syntax.read(module, strict_json.loads(done.stdout))
    except (strict_json.NotJson, LookupError, TypeError, AttributeError, RecursionError) as error:
        raise refused([f"{module.path}: it cannot be read as Rego"]) from error


def _compile(read: Sequence[Syntax], name: str, policy: Policy, engine: Engine) -> None:
    """Compile what sees one input against its schema, with the helpers that it may use of the others."""
    folder = _copied(policy, engine)
    chosen = [
        str(folder / _name(i)) for i, module in enumerate(read) if seen(module.package) == name or not module.looks
    ]
    if chosen:
        strictly = ["--strict", "--schema", str(schema(name))]
        _check([*strictly, *options(policy, engine), *chosen], policy, engine)


def _check(arguments: Sequence[str], policy: Policy, engine: Engine) -> None:
    """Ask opa whether modules compile; raises ``GateError``. Of what does it says nothing."""
    done = engine.run(["check", *arguments])
    _require(done, policy)
    if done.stdout.strip():
        raise uncertain("it says that the rules given with policy compile, and something else beside it", done)


def _require(done: Completed, policy: Policy) -> None:
    if done.exit_code != 0:
        problems = complaints(done, _labels(policy))
        older = policy.rego_version != V0 and any("keyword is required" in problem for problem in problems)
        _refuse([*problems, *(["Rego v0 is read with rego-version: v0 only"] if older else [])])


def _refuse(problems: Sequence[str]) -> None:
    if problems:
        raise refused(problems)


def refused(problems: Sequence[str]) -> GateError:
    """Return the error for modules with these ``problems``."""
    told = [*problems[:_MOST], *([f"and {len(problems) - _MOST} more"] if len(problems) > _MOST else [])]
    return GateError(
        "the rules given with policy cannot judge: " + "; ".join(told),
        cause="a rule that does not compile, or would see another input than it was written for, would deny nothing",
        remedy="see docs/own-rules.md; try them with `mesh-attestor policy test FOLDER`",
    )


def unreadable(error: OSError) -> GateError:
    """Return the error for modules that cannot be laid out for the engine, or whose schema cannot be read."""
    return GateError(
        f"the rules given with policy cannot be handed to the engine: {error.strerror}",
        cause="the disk is full or mounted read-only, or the installation is not whole",
        remedy="make room, or set $TMPDIR to a folder of yours",
    )
