"""Names in the evidence come from the cluster and may hold anything; the report prints them and obeys none."""

from __future__ import annotations

import copy
from collections.abc import Callable
from dataclasses import replace
from typing import Any

import pytest

from attestor import collection
from attestor.collection import Opened
from attestor.report import Lines, Report, shown
from attestor.verdict import Verdict, Violation
from tests import golden

OPENED = collection.opened(golden.statement().payload)
DENY = Verdict(allowed=False, checked=("mesh.a",), violations=(Violation(rule="mesh.a", message="\x1b[2J\n::error::"),))


def opened(change: Callable[[dict[str, Any]], object]) -> Opened:
    bodies: dict[str, Any] = copy.deepcopy(dict(OPENED.bodies))
    change(bodies)
    return replace(OPENED, step="a step\x07", bodies=bodies)


@pytest.mark.parametrize(
    ("value", "text"),
    [
        ("web", "web"),
        ("a\x1b[31mb", "a\\x1b[31mb"),
        ("a\nb\r\tc", "a\\nb\\r\\tc"),
        ("\u202ea", "\\u202ea"),
        ("\x9b\x00\u2028", "\\x9b\\x00\\u2028"),
        ("ä√😀", "ä√😀"),
        ("\udcff", "\\udcff"),
        (None, "None"),
        (3, "3"),
    ],
)
def test_a_name_is_printed_and_not_obeyed(value: object, text: str) -> None:
    """Escapes, line breaks and direction marks become text; letters of any script stay."""
    assert shown(value) == text


HOSTILE = "x\x1b]0;owned\x07\n::error::\u202e"


def spoil(value: Any) -> Any:
    """Every string of a body replaced, every list left, so that each place of the report meets a hostile name."""
    if isinstance(value, dict):
        return {key: spoil(item) for key, item in value.items()}
    if isinstance(value, list):
        return [spoil(item) for item in value]
    return HOSTILE if isinstance(value, str) else value


@pytest.mark.parametrize("verdict", [None, DENY])
def test_no_hostile_name_reaches_a_renderer(verdict: Verdict | None) -> None:
    """Whatever stands in the evidence, every cell and line of the report is printable."""
    spoiled = opened(lambda bodies: bodies.update({name: spoil(body) for name, body in bodies.items()}))
    for found in Report(opened=spoiled, signers=(HOSTILE,), verdict=verdict).sections():
        cells = found.lines if isinstance(found, Lines) else (*(cell for row in found.rows for cell in row), found.note)
        assert all(cell.isprintable() for cell in cells), found.title


@pytest.mark.parametrize("junk", [None, [], {}, "x", 7, [[]], [None], {"a": {}}])
def test_a_body_of_any_shape_is_reported_without_an_error(junk: object) -> None:
    """`show` prints evidence that nobody verified: what is of another type is left out."""

    def change(bodies: dict[str, Any]) -> None:
        for name, body in bodies.items():
            bodies[name] = dict.fromkeys(body, junk)

    report = Report(opened=opened(change), signers=(), verdict=DENY)
    facts = report.sections()[0]
    assert isinstance(facts, Lines)
    assert facts.lines[1] == "step       a step\\x07"


def test_the_name_of_a_rule_is_printed_and_not_obeyed() -> None:
    """A policy document names its modules as it likes, and a denial repeats the name."""
    violation = Violation(rule=f"policy.rego:{HOSTILE}", message="no")
    verdict = Verdict(allowed=False, checked=("policy.step",), violations=(violation,))
    (section,) = [
        part for part in Report(opened=OPENED, signers=(), verdict=verdict).sections() if part.title == "Verdict"
    ]
    assert isinstance(section, Lines)
    assert section.lines[1:] == (f"no  [policy.rego:{shown(HOSTILE)}]",)


def test_no_text_of_a_finding_or_a_waiver_reaches_a_renderer_as_it_is() -> None:
    """Owners and reasons come from a file, and rules of one's own say what they like."""
    from tests.found import spoiled as findings

    report = findings(HOSTILE).report
    assert report is not None
    for found in report.sections():
        if isinstance(found, Lines):
            assert all(line.isprintable() for line in found.lines), found.title
