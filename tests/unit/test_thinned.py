"""The tables that the quick tests thin out are there, and keep their first case."""

from __future__ import annotations

from pathlib import Path

import pytest

from tests import thinned
from tests.conftest import ROOT

pytest_plugins = ["pytester"]


@pytest.mark.parametrize("path", thinned.EVERY)
def test_a_thinned_module_is_there(path: str) -> None:
    """One that was renamed would be run as a whole, and nobody would notice."""
    assert (ROOT / "tests" / path).is_file()


def test_of_each_table_the_first_of_every_three_stays_quick(pytester: pytest.Pytester) -> None:
    """Tests that are no table stay, and marks that a case has already are left alone."""
    name, every = next((path, number) for path, number in thinned.EVERY.items() if number == 3)
    module = Path(pytester.path) / "tests" / name
    module.parent.mkdir(parents=True)
    module.write_text(
        "import pytest\n"
        "@pytest.mark.parametrize('n', range(7))\n"
        "def test_table(n): pass\n"
        "@pytest.mark.parametrize('n', range(2))\n"
        "def test_other_table(n): pass\n"
        "def test_alone(): pass\n",
        encoding="utf-8",
    )
    items, _ = pytester.inline_genitems(str(module), "-p", "no:cacheprovider")
    thinned.mark(items)
    left = {mark: [item.name for item in items if list(item.iter_markers(mark))] for mark in ("slow", "assurance")}
    assert left == {
        "slow": ["test_table[1]", "test_table[5]", "test_other_table[1]"],
        "assurance": ["test_table[2]", "test_table[4]"],
    }
    quick = [item.name for item in items if item.name not in {*left["slow"], *left["assurance"]}]
    assert quick == [
        "test_table[0]",
        f"test_table[{every}]",
        f"test_table[{2 * every}]",
        "test_other_table[0]",
        "test_alone",
    ]
