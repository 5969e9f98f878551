"""The places are those of the source, and they are all of them."""

from __future__ import annotations

import json

import pytest

from tests.faults import plan, points
from tests.faults.campaign import Campaign, named, playable, visited
from tests.faults.plan import HERE

ELSEWHERE = json.loads((HERE / "elsewhere.json").read_text(encoding="utf-8"))
TRACED = "only where the capture is traced, which needs strace"


def listed(*, traced: bool) -> list[str]:
    return [site for entry in ELSEWHERE if traced or entry["why"] != TRACED for site in entry["at"]]


def sometimes() -> set[str]:
    """Return the places that depend on the machine: whether the tests are run by root, and how busy it is."""
    return {site for entry in ELSEWHERE if entry.get("sometimes") for site in entry["at"]}


def found(text: str) -> list[str]:
    return [str(site) for _, site in points.read(text, "m.py").sites]


@pytest.mark.parametrize(
    ("line", "operation"),
    [
        ("open(p)", "open"),
        ("os.unlink(p)", "os.unlink"),
        ("p.unlink()", ".unlink"),
        ("p.replace(q)", ".replace"),
        ("shutil.rmtree(p)", "shutil.rmtree"),
        ("process.run(a)", "process.run"),
        ("run(a)", "run"),
        ("self.world.run(a)", ".run"),
        ("hashlib.file_digest(f, 'sha256')", "hashlib.file_digest"),
    ],
)
def test_an_operation_is_a_place(line: str, operation: str) -> None:
    """By the module's functions, or by a method that only paths and files have."""
    assert found(f"def f():\n    {line}\n    {line}") == [f"m.py f {operation}", f"m.py f {operation} #2"]


@pytest.mark.parametrize("line", ["s.replace('a', 'b')", "os.path.join(a)", "strace.read(a)", "d.get(p)", "f()"])
def test_what_touches_nothing_is_no_place(line: str) -> None:
    """A string's method, a pure function, and a function of this program."""
    assert found(f"from attestor.capture import strace\ndef f():\n    {line}") == []


def test_a_place_is_named_by_its_function_and_keeps_its_name_when_it_moves() -> None:
    """In a class, in a function within; a line above changes nothing."""
    text = "class C:\n    def f(self):\n        def g():\n            p.stat()\n"
    assert found(text) == found("\n\n" + text) == ["m.py C.f.g .stat"]


def test_a_run_does_nothing_that_is_no_place(campaign: Campaign) -> None:
    """Whatever the system is asked for, by whichever library, is asked for at a place of the source."""
    strangers = {name for scenario in playable(tools=False) for name in campaign.calm(scenario).strangers}
    assert strangers == set()


def test_every_place_is_come_by_or_explained(campaign: Campaign) -> None:
    """A new operation is injected at, or `elsewhere.json` says why no run of these comes by it; nothing is said twice."""
    come_by = visited(campaign, playable(tools=False)) - sometimes()
    explained = listed(traced=True)
    assert sorted(come_by) + sorted(explained) == [*sorted(come_by), *sorted(set(explained))]
    assert {str(site) for site in points.sites()} - come_by == set(explained)


@pytest.mark.tools
def test_every_place_of_the_tracing_is_come_by(campaign: Campaign) -> None:
    """Where strace is."""
    explained = set(listed(traced=True)) - set(listed(traced=False))
    assert explained <= visited(campaign, [named("traced")])


def test_what_is_called_harmless_is_there(campaign: Campaign) -> None:
    """Each entry of `harmless.json` names something that a scenario comes by, or that the tracing has."""
    seen = {str(point) for scenario in playable(tools=False) for point in campaign.calm(scenario).visits}
    elsewhere = set(listed(traced=True)) - set(listed(traced=False)) | sometimes()
    children = {child for scenario in playable(tools=False) for child in campaign.calm(scenario).children}
    children |= {"strace -ff", "strace /bin/true", "linkerd check", "linkerd edges"}
    table = plan.harmless()
    patterns = {pattern for kind in ("errors", "signals", "spared") for entry in table[kind] for pattern in entry["at"]}
    stale = {pattern for pattern in patterns if not any(plan.covers(pattern, text) for text in seen | elsewhere)}
    assert stale == set()
    assert {child for entry in table["children"] for child in entry["children"]} <= children
    assert all(entry["why"] for kind in table.values() for entry in kind)
