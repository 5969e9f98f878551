"""A fault of the program is named by its kind and its place: Python's own words repeat values, and are not printed."""

from __future__ import annotations

import linecache
import re
import subprocess
import sys

import pytest

from attestor import cli
from attestor.errors import AttestorError, CaptureError, SettingsError
from tests.conftest import ROOT

SECRET = "canary-a7K0123456789"

FAULTS = {
    "outside of everything": f"raise ValueError('{SECRET}') from KeyError('{SECRET}')",
    "of no kind of error": f"raise GeneratorExit('{SECRET}')",
    "at the end of an object": f"type('Named', (), {{'__del__': lambda self: 1 / len('{SECRET}'[:0])}})()\nint('{SECRET}')",
    "while an error is told": (
        f"def tell(error): raise OSError('{SECRET}')\n"
        f"def act(): raise ValueError('{SECRET}')\n"
        "sys.exit(cli.guarded(act, tell=tell))"
    ),
    "in a command": f"def act(): raise ValueError('{SECRET}')\nsys.exit(cli.guarded(act))",
}


@pytest.mark.parametrize("fault", FAULTS)
def test_no_traceback_repeats_a_value(fault: str) -> None:
    """Whatever is raised wherever, also in Python's development mode; and it never ends in 0."""
    script = f"import sys\nfrom attestor import cli\ncli.prepare_streams()\n{FAULTS[fault]}\n"
    done = subprocess.run(
        [sys.executable, "-X", "dev", "-c", script], cwd=ROOT, capture_output=True, text=True, timeout=60, check=False
    )
    assert done.returncode != 0
    assert "a fault of this program" in done.stderr
    assert SECRET not in done.stdout + done.stderr
    assert "Traceback" not in done.stderr


def test_no_source_is_read_to_name_a_place(monkeypatch: pytest.MonkeyPatch) -> None:
    """A run that has no descriptor left must still say where it ended, and no other reason."""

    def read(*_: object) -> list[str]:
        pytest.fail("a source was read")

    monkeypatch.setattr(linecache, "updatecache", read)
    monkeypatch.setattr(linecache, "checkcache", read)
    with pytest.raises(ValueError, match="x") as found:
        raise ValueError("x")
    assert re.search(r"ValueError at test_tracebacks\.py:\d+$", cli._fault(found.value).problem)


@pytest.mark.parametrize(
    "error",
    [
        SettingsError(f"no {SECRET}", cause=f"for {SECRET}", remedy=f"not {SECRET}"),
        SettingsError([SettingsError(f"no {SECRET}"), CaptureError("x", output=f"said {SECRET}")]),
        CaptureError(f"no {SECRET}", output=f"a\nb {SECRET}\n"),
    ],
)
def test_no_error_repeats_a_secret_of_the_environment(
    error: AttestorError, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    """In none of its texts, whoever wrote them."""
    monkeypatch.setenv("ANY_TOKEN", SECRET)
    monkeypatch.setattr(cli, "STOPS", ())

    def act() -> int:
        raise error

    assert cli.guarded(act) == error.exit_code
    said = capsys.readouterr().err
    assert SECRET not in said
    assert "[REDACTED]" in said
