"""Which opa is run, with what it may do, and what it sees."""

from __future__ import annotations

import errno
import json
import os
import platform
import shutil
import sys
from collections.abc import Callable
from pathlib import Path

import pytest

from attestor import engine, limits, process
from attestor.engine import Engine
from attestor.errors import GateError, SettingsError
from attestor.install import capabilities
from attestor.process import Completed, ProcessError

HEADER = b"\x7fELF\x02\x01\x01" + bytes(9) + b"\x02\x00"
FOREIGN = b"\xf3\x00"
"""RISC-V, on which nothing of this is tested."""


def test_the_set_ups_opa_lies_beside_the_interpreter() -> None:
    """A virtual environment brings its own."""
    assert engine.installed() == Path(sys.prefix) / "bin" / "opa"


def test_the_set_ups_opa_has_its_capabilities_beside_it(opa: Path, tmp_path: Path) -> None:
    """They are found through the link, and nothing is derived."""
    found = engine.find(None, tmp_path)
    assert found.binary == opa.resolve()
    assert found.capabilities == opa.resolve().with_name(capabilities.FILE_NAME)
    assert list(tmp_path.iterdir()) == []


def test_an_opa_of_ones_own_is_asked_what_it_can_do(opa: Path, tmp_path: Path) -> None:
    """Without a file beside it the capabilities are derived, restricted, into the private folder."""
    own = tmp_path / "own" / "opa"
    own.parent.mkdir()
    shutil.copy(opa.resolve(), own)
    private = tmp_path / "private"
    private.mkdir()
    found = engine.find(own, private)
    assert found == Engine(binary=own, capabilities=private / capabilities.FILE_NAME, folder=private)
    derived = json.loads(found.capabilities.read_bytes())
    assert derived["allow_net"] == []
    assert "http.send" not in {builtin["name"] for builtin in derived["builtins"]}


def test_opa_sees_three_variables_and_none_of_ours(fake: Callable[..., Path], tmp_path: Path) -> None:
    """Its flags can be set by variables, so it gets none but these."""
    binary = fake("env; echo PWD=$PWD", name="opa")
    done = Engine(binary=binary, capabilities=tmp_path / "c.json", folder=tmp_path).evaluate("data.x", [], b"")
    seen = dict(line.split("=", 1) for line in done.stdout.decode().splitlines())
    seen = {name: value for name, value in seen.items() if name not in {"_", "SHLVL", "OLDPWD"}}
    assert seen == {"PATH": os.defpath, "HOME": str(tmp_path), "TMPDIR": str(tmp_path), "PWD": str(tmp_path)}


def test_opa_is_called_strictly(fake: Callable[..., Path], tmp_path: Path) -> None:
    """With its capabilities, errors that stop, a limit of its own, each module, and the document on stdin."""
    binary = fake("printf '%s\\n' \"$@\"; cat", name="opa")
    modules = [tmp_path / "a.rego", tmp_path / "b.rego"]
    made = Engine(binary=binary, capabilities=tmp_path / "c.json", folder=tmp_path)
    said = made.evaluate("data.x", modules, b"document").stdout.decode().splitlines()
    assert said == [
        "eval",
        "--format",
        "json",
        "--stdin-input",
        "--strict-builtin-errors",
        "--timeout",
        "300s",
        "--capabilities",
        str(tmp_path / "c.json"),
        "--data",
        str(tmp_path / "a.rego"),
        "--data",
        str(tmp_path / "b.rego"),
        "data.x",
        "document",
    ]


@pytest.mark.parametrize(
    "module", ['x := http.send({"method": "get", "url": "http://localhost"})', "x := opa.runtime()"]
)
def test_a_rule_that_looks_outside_does_not_compile(opa: Path, tmp_path: Path, module: str) -> None:
    """The real opa, with the capabilities of the set-up, refuses it before it evaluates anything."""
    (tmp_path / "rule.rego").write_text(f"package rule\n\n{module}\n", encoding="utf-8")
    done = engine.find(opa, tmp_path).evaluate("data.rule.x", [tmp_path / "rule.rego"], b"{}")
    assert done.exit_code != 0
    assert b"undefined function" in done.stdout + done.stderr


def test_an_opa_that_hangs_gives_no_answer(
    fake: Callable[..., Path], tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """It is killed a little behind its own limit."""
    monkeypatch.setattr(limits, "OPA_SECONDS", 0.1)
    monkeypatch.setattr(engine, "_GRACE", 0.1)
    binary = fake("exec sleep 600", name="opa")
    with pytest.raises(GateError, match=r"gave no answer: .* still running after 0.2 s"):
        Engine(binary=binary, capabilities=tmp_path / "c.json", folder=tmp_path).evaluate("data.x", [], b"")


def test_an_opa_that_went_away_gives_no_answer(tmp_path: Path) -> None:
    """What was there at the start may be gone at the end."""
    gone = Engine(binary=tmp_path / "opa", capabilities=tmp_path / "c.json", folder=tmp_path)
    with pytest.raises(GateError, match="gave no answer"):
        gone.evaluate("data.x", [], b"")


@pytest.mark.parametrize("name", ["missing", "folder"])
def test_a_path_without_a_program_is_refused(tmp_path: Path, name: str) -> None:
    """The refusal names the ways to an opa."""
    (tmp_path / "folder").mkdir()
    with pytest.raises(SettingsError, match="there is no opa at") as caught:
        engine.find(tmp_path / name, tmp_path)
    assert "--opa PATH" in caught.value.remedy
    assert "make setup" in caught.value.remedy


def test_an_opa_without_its_executable_bit_is_refused(fake: Callable[..., Path], tmp_path: Path) -> None:
    """A download that was not made executable says so."""
    binary = fake("exit 0", name="opa")
    binary.chmod(0o644)
    with pytest.raises(SettingsError, match="may not be"):
        engine.find(binary, tmp_path)


def test_an_opa_for_another_processor_is_refused(tmp_path: Path) -> None:
    """The header of the file tells, before it is tried."""
    binary = tmp_path / "opa"
    binary.write_bytes(HEADER + FOREIGN + bytes(44))
    binary.chmod(0o755)
    with pytest.raises(SettingsError, match="for another processor than this machine's"):
        engine.find(binary, tmp_path)


@pytest.mark.parametrize(
    ("body", "reason"),
    [("exit 1", "exit code 1"), ("echo hello", "not JSON"), ("echo '[]'", "not a JSON object"), ("kill -9 $$", "137")],
)
def test_a_program_that_is_no_opa_is_refused(fake: Callable[..., Path], tmp_path: Path, body: str, reason: str) -> None:
    """It does not tell what it can do, and without that it is not asked to judge."""
    with pytest.raises(SettingsError, match=reason):
        engine.find(fake(body, name="opa"), tmp_path)


@pytest.mark.parametrize("content", [b"", b"<html>", b"\x1f\x8b\x08\x00", b"PK\x03\x04"])
def test_a_file_that_is_no_program_is_refused(tmp_path: Path, content: bytes) -> None:
    """A page that was downloaded in its place, or the archive around it."""
    binary = tmp_path / "opa"
    binary.write_bytes(content)
    binary.chmod(0o755)
    with pytest.raises(SettingsError, match="is not a program"):
        engine.find(binary, tmp_path)


@pytest.mark.parametrize(
    ("machine", "number"), [("x86_64", 62), ("AMD64", 62), ("aarch64", 183), ("arm64", 183), ("riscv64", 243)]
)
def test_a_program_is_for_the_processor_of_this_machine(
    machine: str, number: int, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """By the number in its header, whatever the system calls the processor; an unknown one is tried."""
    monkeypatch.setattr(platform, "machine", lambda: machine)
    for found in (62, 183, 243):
        binary = tmp_path / f"opa-{found}"
        binary.write_bytes(HEADER + found.to_bytes(2, "little"))
        binary.chmod(0o755)
        if found == number or machine == "riscv64":
            engine._refuse_unusable(binary)
        else:
            with pytest.raises(SettingsError, match=f"another processor than this machine's .{machine}."):
                engine._refuse_unusable(binary)


@pytest.mark.parametrize("head", ["2321", "cffaedfe", "cafebabe"])
def test_scripts_and_programs_of_macos_are_programs(head: str, tmp_path: Path) -> None:
    """What else the file holds is for the system to judge."""
    binary = tmp_path / "opa"
    binary.write_bytes(bytes.fromhex(head))
    binary.chmod(0o755)
    engine._refuse_unusable(binary)
    binary.write_bytes(b"PK" + bytes.fromhex(head))
    with pytest.raises(SettingsError, match="is not a program"):
        engine._refuse_unusable(binary)


def test_opa_has_five_minutes_and_a_little_more(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Its own limit comes first, so that it can say so; its answer may take 256 MiB."""
    seen: dict[str, object] = {}

    def run(argv: list[str], **options: object) -> Completed:
        seen.update(options, argv=argv)
        raise ProcessError("x")

    monkeypatch.setattr(process, "run", run)
    made = Engine(binary=tmp_path / "opa", capabilities=tmp_path / "c.json", folder=tmp_path)
    with pytest.raises(GateError, match="the policy engine gave no answer: x"):
        made.evaluate("data.x", [], b"{}")
    assert (seen["timeout"], seen["limit"]) == (305.0, 268_435_456)
    assert limits.OPA_SECONDS == 300.0


def test_an_opa_that_cannot_be_looked_at_is_refused(opa: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Whatever the system's reason is."""

    def refused(path: Path, *_: object, **__: object) -> None:
        raise OSError(errno.EMFILE, os.strerror(errno.EMFILE), str(path))

    monkeypatch.setattr(Path, "open", refused)
    with pytest.raises(SettingsError, match="cannot be used: Too many open files"):
        engine.find(opa, tmp_path)
