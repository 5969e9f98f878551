"""A document's modules, run by the real opa, with the verdicts that cilock gives."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from attestor import engine
from attestor.engine import Engine
from attestor.errors import GateError
from attestor.witness import rego
from attestor.witness.document import Module


@pytest.fixture
def opa_engine(opa: Path, tmp_path: Path) -> Engine:
    """The engine with as few built-in functions as a document may use."""
    found = engine.find(opa, tmp_path)
    path = tmp_path / "fewer.json"
    path.write_bytes(rego.without_forbidden(found.capabilities.read_bytes()))
    return Engine(binary=found.binary, capabilities=path, folder=tmp_path)


def modules(*sources: str) -> list[Module]:
    return [Module(name=f"m{i}", source=source.encode()) for i, source in enumerate(sources)]


def reasons(engine: Engine, *sources: str, body: object = None) -> list[tuple[str, str]]:
    return list(rego.rejections(modules(*sources), {"x": 1} if body is None else body, engine))


V0 = 'package a\ndeny[msg] { input.x != 1; msg := "x is not 1" }'
V1 = 'package b\nimport rego.v1\ndeny contains msg if { input.x != 1; msg := "x is not 1" }'
FUTURE = 'package c\nimport future.keywords\ndeny contains msg if { input.x != 1\n msg := "x is not 1" }'

PASSES = {
    "v0": V0,
    "v1-by-import": V1,
    "future-keywords": FUTURE,
    "empty-array": "package a\ndeny = []",
    "empty-object": "package a\ndeny = {}",
    "deep-package": 'package a.b["c d"].e\ndeny[x] { false; x := 1 }',
    "comments-before": "# one\n\n  # two\npackage a # three\ndeny[x] { false; x := 1 }",
}


@pytest.mark.parametrize("case", sorted(PASSES))
def test_an_empty_deny_passes(case: str, opa_engine: Engine) -> None:
    """In Rego v0, in v1 where the module asks for it, and as any empty collection."""
    assert reasons(opa_engine, PASSES[case]) == []


REJECTS = {
    "set": ('package a\ndeny["no"] { true }', "no"),
    "array": ('package a\ndeny = ["no"]', "no"),
    "object-key": ('package a\ndeny = {"no": 1}', "no"),
    "number-in-set": ("package a\ndeny[7] { true }", "7"),
    "object-in-set": ('package a\ndeny[{"a": 1}] { true }', '{"a": 1}'),
    "empty-string-in-set": ('package a\ndeny[""] { true }', ""),
    "undefined": ("package a\ndeny { false }", "gives no deny"),
    "no-rule": ("package a\nallow = true", "gives no deny"),
    "true": ("package a\ndeny = true", "which is no set"),
    "false": ("package a\ndeny = false", "which is no set"),
    "null": ("package a\ndeny = null", "which is no set"),
    "string": ('package a\ndeny = ""', "which is no set"),
    "number": ("package a\ndeny = 0", "which is no set"),
    "no-package": ("deny[x] { x := 1 }", "no package that can be read"),
}


@pytest.mark.parametrize("case", sorted(REJECTS))
def test_anything_else_rejects(case: str, opa_engine: Engine) -> None:
    """Undefined, a word, a number, an element of any type: each with a reason."""
    source, said = REJECTS[case]
    ((name, reason),) = reasons(opa_engine, source)
    assert (name, said in reason) == ("m0", True), reason


def test_a_field_that_is_missing_makes_a_complete_rule_undefined(opa_engine: Engine) -> None:
    """The rule says nothing then, which is not the same as nothing to say."""
    assert reasons(opa_engine, "package a\ndeny = input.gone") == [
        ("m0", reasons(opa_engine, REJECTS["undefined"][0])[0][1])
    ]


def test_one_package_of_several_is_enough_to_reject(opa_engine: Engine) -> None:
    """Every package must answer, and the reason carries the module that gave it."""
    assert reasons(opa_engine, V0, V1, body={"x": 2}) == [("m0", "x is not 1"), ("m1", "x is not 1")]
    assert [name for name, _ in reasons(opa_engine, V0, "package z\nallow = true")] == ["m1"]


def test_two_modules_of_one_package_reject(opa_engine: Engine) -> None:
    """Merged, one could empty what the other denies."""
    assert reasons(opa_engine, V0, V0) == [
        ("m0", "2 modules have the package a"),
        ("m1", "2 modules have the package a"),
    ]


UNCERTAIN = {
    "syntax": "package a\ndeny[",
    "v1-without-import": 'package a\ndeny contains "x" if { true }',
    "unsafe-variable": "package a\ndeny[x] { true }",
    "network": 'package a\ndeny[x] { x := http.send({"method": "get", "url": "http://127.0.0.1"}).status }',
    "surroundings": "package a\ndeny[x] { x := opa.runtime().env }",
    "clock": "package a\ndeny[x] { x := time.now_ns() }",
    "addresses": 'package a\ndeny[x] { not net.cidr_contains("10.0.0.0/8", "10.1.1.1"); x := 1 }',
    "built-in-error": 'package a\ndeny[x] { x := to_number("one") }',
    "conflict": "package a\ndeny = 1 { true }\ndeny = 2 { true }",
}


@pytest.mark.parametrize("case", sorted(UNCERTAIN))
def test_a_module_without_a_certain_answer_is_an_error(case: str, opa_engine: Engine) -> None:
    """What does not compile, or fails while it runs, decides nothing, and that is never an allow."""
    with pytest.raises(GateError, match="no certain answer"):
        reasons(opa_engine, UNCERTAIN[case])


@pytest.mark.parametrize(
    ("source", "found"),
    [
        ("package a", 'data["a"]'),
        ("package a.b_2", 'data["a"]["b_2"]'),
        ('package a["b c"].d\n', 'data["a"]["b c"]["d"]'),
        ("\ufeffpackage a", None),
        ("packagea", None),
        ("package", None),
        ("", None),
        ("x package a", None),
        ("package a b", None),
    ],
)
def test_the_package_is_what_stands_first(source: str, found: str | None) -> None:
    """Whatever cannot be read as one is none, and a module without one rejects."""
    assert rego.package(Module(name="", source=source.encode())) == found


def test_built_in_functions_that_cilock_refuses_are_taken_away(opa_engine: Engine) -> None:
    """A document that cilock cannot evaluate must not be an allow here."""
    names = {builtin["name"] for builtin in json.loads(opa_engine.capabilities.read_bytes())["builtins"]}
    assert "count" in names
    assert not names & {*rego.FORBIDDEN, "http.send", "opa.runtime", "net.lookup_ip_addr", "time.now_ns"}
