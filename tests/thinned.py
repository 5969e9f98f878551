"""The long tables of cases of which the quick tests take one in some.

Of the others `make test-tools` runs one in four cases of the table, and `pytest -m assurance` the rest.

A table is thinned where its cases are alike and each of them starts the whole program: what one of them shows, the next
one mostly shows, too. Which tests there are is not changed by it, only which of them `make test` waits for.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable

import pytest

EVERY = {
    "fuzz/test_corpus.py": 2,
    "integration/test_bad_disk.py": 3,
    "integration/test_bad_keys.py": 4,
    "integration/test_bad_kubeconfig.py": 3,
    "integration/test_bad_linkerd.py": 4,
    "integration/test_bad_opa.py": 3,
    "integration/test_bad_options.py": 3,
    "integration/test_bad_reports.py": 5,
    "integration/test_cilock_cases.py": 5,
    "integration/test_hostile_repository.py": 5,
    "integration/test_isolation.py": 2,
    "integration/test_key_sources.py": 3,
    "integration/test_own_rules.py": 6,
    "integration/test_policy_cases.py": 3,
    "integration/test_policy_export.py": 5,
    "integration/test_recordings.py": 5,
    "integration/test_run_cases.py": 8,
    "integration/test_step.py": 2,
    "integration/test_verdict.py": 2,
    "integration/test_verify_cases.py": 6,
    "secrets/test_canaries.py": 2,
    "secrets/test_ways.py": 4,
    "unit/capture/test_git_hostile.py": 3,
    "unit/summary/test_claim.py": 2,
    "unit/verification/test_tampering.py": 3,
}
"""Below ``tests``: of each table in the module the quick tests take the first case and then one in so many."""


_TOOLS = 4
"""Of a whole table, `make test-tools` takes one case in so many, as far as the quick tests leave it out."""


def mark(items: Iterable[pytest.Item]) -> None:
    """Mark what the quick tests leave out as slow, or for assurance.

    A test without a table stays, and so does a case with a mark of its own.
    """
    seen: Counter[str] = Counter()
    for item in items:
        every = next((number for path, number in EVERY.items() if item.path.as_posix().endswith(f"tests/{path}")), 1)
        if every == 1 or not isinstance(item, pytest.Function) or not hasattr(item, "callspec"):
            continue
        if any(item.iter_markers("slow")) or any(item.iter_markers("tools")):
            continue
        table = f"{item.path}::{item.originalname}"
        if seen[table] % every:
            item.add_marker(pytest.mark.slow if seen[table] % _TOOLS == 1 else pytest.mark.assurance)
        seen[table] += 1
