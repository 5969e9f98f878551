"""The opa binary: which one, with which built-ins, and one call of it.

Capabilities come from the binary itself, without network, runtime and non-deterministic built-ins, so that a rule
cannot look outside its input, and the same input gives the same verdict for ever.
"""

from __future__ import annotations

import functools
import os
import platform
import re
import sys
from collections.abc import Sequence
from dataclasses import dataclass, replace
from pathlib import Path

from attestor import limits, process, strict_json
from attestor.errors import GateError, SettingsError
from attestor.identity import User
from attestor.install import capabilities
from attestor.process import Completed, ProcessError

_GRACE = 5.0
_ELF_MACHINES = {"x86_64": 62, "amd64": 62, "aarch64": 183, "arm64": 183}
_PROGRAMS = (b"#!", b"\x7fELF", b"\xcf\xfa\xed\xfe", b"\xca\xfe\xba\xbe")
"""How a script, a program of Linux and one of macOS begin (elf(5); mach-o/loader.h and fat.h)."""

_VERSION = re.compile(r"[0-9A-Za-z][0-9A-Za-z.+-]{0,63}")
_WAYS = "run `make setup`, which downloads it or builds it with Go, or name one with --opa PATH"


@dataclass(frozen=True, slots=True, kw_only=True)
class Engine:
    """A usable opa: its path, the file of what it may do, the private folder that it runs in, and as whom."""

    binary: Path
    capabilities: Path
    folder: Path
    user: User | None = None

    def environment(self) -> dict[str, str]:
        """Return the whole environment that opa gets: its flags can be set by variables, so there are none."""
        return {"PATH": os.defpath, "HOME": str(self.folder), "TMPDIR": str(self.folder)}

    def evaluate(self, query: str, modules: Sequence[Path], document: bytes, *, legacy: bool = False) -> Completed:
        """Evaluate ``query`` over the JSON ``document``; raises ``GateError`` where opa cannot be run to its end.

        ``legacy`` reads the modules as Rego v0 unless they import v1.
        """
        argv = ["eval", "--format", "json", "--stdin-input", "--strict-builtin-errors"]
        argv += ["--v0-compatible"] if legacy else []
        argv += ["--timeout", f"{limits.OPA_SECONDS:g}s", "--capabilities", str(self.capabilities)]
        for module in modules:
            argv += ["--data", str(module)]
        return self.run([*argv, query], document)

    def run(self, arguments: Sequence[str], stdin: bytes = b"", *, folder: Path | None = None) -> Completed:
        """Run opa with ``arguments`` in ``folder``, else the private one; raises ``GateError`` where it cannot end."""
        try:
            return process.run(
                [str(self.binary), *arguments],
                env=self.environment(),
                cwd=folder or self.folder,
                stdin=stdin,
                timeout=limits.OPA_SECONDS + _GRACE,
                limit=limits.OPA_ANSWER_BYTES,
                memory=limits.OPA_BYTES,
                user=self.user,
            )
        except ProcessError as error:
            raise GateError(
                f"the policy engine gave no answer: {error.problem}",
                cause="the binary is for another machine, or the machine is out of memory",
                remedy="try it: `opa version`; " + _WAYS,
            ) from error


def version(engine: Engine) -> str:
    """Return the version that the binary says it has, or nothing where it says none: its digest tells it apart."""
    try:
        done = process.run(
            [str(engine.binary), "version"],
            env=engine.environment(),
            cwd=engine.folder,
            timeout=limits.VERSION_SECONDS,
            limit=limits.OPA_ANSWER_BYTES,
            memory=limits.OPA_BYTES,
            user=engine.user,
        )
    except ProcessError:
        return ""
    lines = done.stdout.decode("utf-8", "replace").splitlines()
    said = next((line.removeprefix("Version: ") for line in lines if line.startswith("Version: ")), "")
    return said if _VERSION.fullmatch(said) else ""


def value(answer: bytes) -> object:
    """Return the one value of the one expression in opa's answer; raises ``GateError`` for anything else."""
    try:
        found = strict_json.loads(answer)
    except strict_json.NotJson as error:
        raise uncertain(f"the answer is not JSON: {error.reason}") from error
    if not isinstance(found, dict) or set(found) != {"result"}:
        raise uncertain("the answer is undefined, or reports errors")
    try:
        ((expression,),) = (result["expressions"] for result in found["result"])
        found_value: object = expression["value"]
    except (ValueError, KeyError, TypeError) as error:
        raise uncertain("the answer does not hold exactly one value") from error
    return found_value


def uncertain(problem: str, done: Completed | None = None) -> GateError:
    """Return the error for an answer that decides nothing; what opa itself complained of in ``done`` goes with it."""
    said = f": {_complaint(done)}" if done else ""
    return GateError(
        f"the gate has no certain answer: {problem}{said}",
        cause="the opa binary is not the one of the set-up, ran out of memory or time, or the policy was changed",
        remedy="run `make setup` again; the signed evidence is on disk and can be judged with `mesh-attestor verify`",
    )


def _complaint(done: Completed) -> str:
    """Return the first error of opa's answer, or else the first line that it printed."""
    try:
        said = str(strict_json.loads(done.stdout)["errors"][0]["message"])
    except (strict_json.NotJson, LookupError, TypeError):
        said = (done.stderr or done.stdout).decode("utf-8", "replace")
    lines = said.strip().splitlines()
    return lines[0][:300] if lines else "it printed nothing"


def installed() -> Path:
    """Return where the set-up puts opa: beside the interpreter that runs this."""
    return Path(sys.prefix) / "bin" / "opa"


def find(path: Path | None, folder: Path, user: User | None = None) -> Engine:
    """Return the engine at ``path``, or the set-up's; raises ``SettingsError`` where there is none that could run.

    ``folder`` is private; where no capabilities lie beside the binary they are derived into it.
    """
    binary = path or installed()
    try:
        return _found(binary, folder, user)
    except OSError as error:
        raise SettingsError(
            f"opa at {binary} cannot be used: {error.strerror}",
            cause="it may not be read, too few descriptors are allowed, or the disk is full or mounted read-only",
            remedy=_WAYS,
        ) from error


def _found(binary: Path, folder: Path, user: User | None) -> Engine:
    _refuse_unusable(binary)
    resolved = binary.resolve()
    beside = resolved.with_name(capabilities.FILE_NAME)
    engine = Engine(binary=resolved, capabilities=beside, folder=folder, user=user)
    return engine if beside.is_file() else _with_derived(engine)


def _refuse_unusable(binary: Path) -> None:
    if not binary.is_file():
        raise SettingsError(f"there is no opa at {binary}", cause="the set-up has not been run here", remedy=_WAYS)
    if not os.access(binary, os.R_OK | os.X_OK):
        raise SettingsError(f"{binary} may not be read and executed", remedy=f"chmod +rx {binary}, or {_WAYS}")
    with binary.open("rb") as file:
        head = file.read(20)
    if not head.startswith(_PROGRAMS):
        raise SettingsError(f"{binary} is not a program", cause="it is empty, or a page or an archive", remedy=_WAYS)
    wanted = _ELF_MACHINES.get(platform.machine().lower())
    if head.startswith(b"\x7fELF") and wanted and int.from_bytes(head[18:20], "little") != wanted:
        raise SettingsError(
            f"{binary} is a program for another processor than this machine's ({platform.machine()})",
            cause="the release has one file for each architecture",
            remedy=_WAYS,
        )


def _with_derived(engine: Engine) -> Engine:
    """Ask the binary what it can do, once more for each run: a binary of one's own has no file beside it."""
    derived = engine.folder / capabilities.FILE_NAME
    run = functools.partial(process.run, user=engine.user)
    derived.write_bytes(capabilities.derive(engine.binary, env=engine.environment(), run=run))
    return replace(engine, capabilities=derived)
