"""Asks once, of the unchanged program, which functions each test runs: only those tests can notice a change in them."""

from __future__ import annotations

import json
import sys
import time
from collections import defaultdict
from collections.abc import Generator
from dataclasses import dataclass, field
from pathlib import Path
from types import CodeType, FrameType
from typing import Any

import pytest


@dataclass(frozen=True, slots=True, kw_only=True)
class Survey:
    """Which tests run which function, how long they take, and what already ran when the tests were imported."""

    seconds: dict[str, float]
    reached: dict[str, dict[str, list[str]]]
    imported: dict[str, list[str]]

    def asked(self, path: str, function: str = "") -> list[str]:
        """Return the tests that run ``function``, or anything of the module at ``path``; its own and quick ones first."""
        functions = self.reached.get(path, {})
        found = functions.get(function, []) if function else {test for tests in functions.values() for test in tests}
        own = set(self.own(path))
        return sorted(set(found), key=lambda test: (test not in own, self.seconds[test], test))

    def own(self, path: str) -> list[str]:
        """Return the tests in the file that is named after the module, in a folder that is named after its own."""
        module = Path(path)
        file = f"{module.parent.name}/test_{module.stem}.py".replace("attestor/", "unit/")
        return [test for test in self.seconds if f"{file}::" in test]


@dataclass(eq=False)  # pytest keeps its plugins in a set
class Surveyor:
    """A plugin of pytest that writes a survey of ``paths`` to ``out``."""

    root: Path
    paths: list[str]
    out: Path
    seconds: dict[str, float] = field(default_factory=dict)
    imported: dict[str, set[str]] = field(default_factory=lambda: defaultdict(set))
    failed: list[str] = field(default_factory=list)
    _reached: dict[str, dict[str, set[str]]] = field(default_factory=lambda: defaultdict(lambda: defaultdict(set)))
    _test: str = ""

    def __post_init__(self) -> None:
        self._files = {str(self.root / path): path for path in self.paths}

    def watch(self, frame: FrameType, event: str, _: Any) -> None:
        """Take down a call of a function of the core; for ``sys.setprofile``."""
        if event == "call" and (path := self._files.get(frame.f_code.co_filename)):
            self._take_down(path, frame.f_code)

    def _take_down(self, path: str, code: CodeType) -> None:
        function = code.co_qualname.split(".<locals>")[0]
        if self._test:
            self._reached[path][function].add(self._test)
        else:
            self.imported[path].add(function)

    @pytest.hookimpl(wrapper=True)
    def pytest_runtest_protocol(self, item: pytest.Item) -> Generator[None, object, object]:
        """Say for which test the calls are that follow."""
        self._test, start = item.nodeid, time.perf_counter()
        sys.setprofile(self.watch)
        try:
            return (yield)
        finally:
            self._test, self.seconds[item.nodeid] = "", time.perf_counter() - start

    def pytest_runtest_logreport(self, report: pytest.TestReport) -> None:
        """Keep the names of tests that fail without any change."""
        if report.failed:
            self.failed.append(report.nodeid)

    def pytest_sessionfinish(self) -> None:
        """Write the survey."""
        sys.setprofile(None)
        reached = {
            path: {function: sorted(tests) for function, tests in functions.items()}
            for path, functions in self._reached.items()
        }
        imported = {path: sorted(functions) for path, functions in self.imported.items()}
        self.out.write_text(json.dumps({"seconds": self.seconds, "reached": reached, "imported": imported}))
