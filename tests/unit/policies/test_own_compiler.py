"""Own modules and the engine: copies are what is judged, each rule is asked once, and odd answers decide nothing."""

from __future__ import annotations

import re
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path

import pytest

from attestor.engine import Engine, find
from attestor.errors import AttestorError, GateError
from attestor.policies import OwnModule, OwnRule, Policy, own
from attestor.policies.own import question

RULE = b'package acme.a\n\ndeny contains "x" if input.cluster_name == "prod"\n'
OTHER = b'package collection.b\n\nwarn contains "x" if input.git.branch == "main"\n\nviolation contains "y" if false\n'


@pytest.fixture
def engine(opa: Path, tmp_path: Path) -> Engine:
    """The real one."""
    folder = tmp_path / "private"
    folder.mkdir()
    return find(opa, folder)


def policy(*sources: bytes) -> Policy:
    return Policy(own=tuple(OwnModule(path=f"rules/{i}.rego", data=data) for i, data in enumerate(sources)))


def test_what_decides_is_known_once_it_is_compiled(engine: Engine) -> None:
    """Each package with the known rules that it has; asking again changes nothing."""
    ready = own.compiled(policy(OTHER, RULE), engine)
    assert ready.own_rules == (
        OwnRule(package=("acme", "a"), names=("deny",)),
        OwnRule(package=("collection", "b"), names=("violation", "warn")),
    )
    assert ready.own_ids == {"acme.a", "collection.b"}
    assert own.compiled(ready, engine) is ready
    assert own.compiled(Policy(), engine) == Policy()
    assert own.loaded(Policy(), engine) == []


def test_what_was_hashed_is_what_is_judged(engine: Engine, tmp_path: Path) -> None:
    """The file may change between reading and judging: only its first reading counts."""
    file = tmp_path / "rule.rego"
    file.write_bytes(RULE)
    complaints: list[AttestorError] = []
    ready = own.compiled(Policy(own=own.read([file], complaints)), engine)
    file.write_bytes(RULE.replace(b"prod", b"dev"))
    *copies, asking = own.loaded(ready, engine)
    assert [copy.read_bytes() for copy in copies] == [RULE]
    assert all(copy.is_relative_to(engine.folder) for copy in (*copies, asking))
    assert asking.read_text(encoding="utf-8") == question.text(ready.own_rules)


def test_two_policies_share_no_copies(engine: Engine) -> None:
    """One engine may serve several."""
    first, second = (own.compiled(policy(source), engine) for source in (RULE, RULE.replace(b"prod", b"dev")))
    assert own.loaded(first, engine)[0].read_bytes() != own.loaded(second, engine)[0].read_bytes()


def test_each_rule_is_referred_to_once() -> None:
    """Behind `with`, opa would evaluate it once for every reference; a rule that is not there is not asked at all."""
    rules = (OwnRule(package=("a", "b-c"), names=("deny",)), OwnRule(package=("collection", "b"), names=("warn",)))
    text = question.text(rules)
    assert re.findall(r"data\[.*?\](?= |\])(?: with input as [a-z.]+)?", text) == [
        'data["a"]["b-c"]["deny"] with input as data.gate.predicate',
        'data["collection"]["b"]["warn"]',
    ]


@pytest.mark.parametrize(
    ("body", "says"),
    [
        ("exit 3", "opa ended with exit code 3"),
        ("echo oh no >&2; exit 1", "oh no"),
        ("echo '{\"errors\": [{}]}'; exit 1", '{"errors": [{}]}'),
        ("echo '[]'", "cannot be read as Rego"),
        ("echo '{}'", "cannot be read as Rego"),
        ('echo \'{"package": {"path": [1]}, "rules": [{"head": {"ref": []}}]}\'', "cannot be read as Rego"),
        ("echo not json", "cannot be read as Rego"),
    ],
)
def test_an_engine_that_answers_oddly_compiles_nothing(
    engine: Engine, fake: Callable[..., Path], body: str, says: str
) -> None:
    """Whatever is not understood is an error of the gate."""
    with pytest.raises(GateError) as caught:
        own.compiled(policy(RULE), replace(engine, binary=fake(body, name="opa")))
    assert says in caught.value.problem


@pytest.mark.parametrize("depth", [200, 300, 600])
def test_a_module_that_is_nested_too_deeply_is_refused_or_judged(engine: Engine, depth: int) -> None:
    """A tree deeper than this program can walk is an error of the gate, and no fault of the program."""
    source = b"package acme.a\n\ndeny contains " + b"[" * depth + b"]" * depth + b"\n"
    problem = ""
    try:
        assert own.compiled(policy(source), engine).own_ids == {"acme.a"}
    except GateError as error:
        problem = error.problem
    assert problem in {"", "the rules given with policy cannot judge: rules/0.rego: it cannot be read as Rego"}


def test_a_flood_of_problems_is_told_by_the_first_twenty(engine: Engine) -> None:
    """And how many more there are."""
    heads = "".join(f'deny_{i} contains "x" if input.cluster_name == "prod"\n' for i in range(30))
    with pytest.raises(GateError) as caught:
        own.compiled(policy(RULE + heads.encode()), engine)
    assert caught.value.problem.count("is none of deny, violation, warn") == 20
    assert caught.value.problem.endswith("and 10 more")


def test_a_check_that_says_something_beside_decides_nothing(engine: Engine, fake: Callable[..., Path]) -> None:
    """Opa is silent about what compiles: whoever prints is another program, or a broken one."""
    chatty = fake(f'[ "$1" != check ] || echo noise\nexec \'{engine.binary}\' "$@"', "opa")
    with pytest.raises(GateError, match="no certain answer: it says that the rules given with policy compile"):
        own.compiled(policy(RULE), replace(engine, binary=chatty))


def test_modules_that_cannot_be_laid_out_judge_nothing(engine: Engine) -> None:
    """Neither when they are compiled, nor when they are asked; the private folder may be gone or full."""
    ready = own.compiled(policy(RULE), engine)
    gone = replace(engine, folder=engine.folder / "gone")
    for ask in (own.compiled, own.loaded):
        with pytest.raises(GateError, match="cannot be handed to the engine: No such file"):
            ask(policy(RULE) if ask is own.compiled else ready, gone)
