"""What a policy may do: the built-in functions of the installed opa, without those that reach outside its input.

The same evidence must give the same verdict tomorrow and elsewhere. A rule that asks the clock, a random source,
the network or its surroundings cannot promise that, so such functions are not there when a module is compiled:
a module that uses one is refused, rather than judged with a hole in it.
"""

from __future__ import annotations

import json
from collections.abc import Mapping
from pathlib import Path

from attestor import limits, process, strict_json
from attestor.errors import SettingsError
from attestor.install.runner import Runner
from attestor.strict_json import Json

FILE_NAME = "opa-capabilities.json"
"""Stands beside the real opa binary, behind the symbolic link."""

NEVER = frozenset({"http.send", "net.lookup_ip_addr", "opa.runtime"})
"""Taken away by name as well, so that a change of opa's own marks gives none of them back."""


def restrict(capabilities: Mapping[str, Json]) -> dict[str, Json]:
    """Return ``capabilities`` without network, surroundings, clock and chance. Pure; the argument is not changed.

    Raises ``SettingsError`` where the document is not of the form that ``opa capabilities --current`` prints.
    """
    builtins = capabilities.get("builtins")
    if not isinstance(builtins, list) or not builtins:
        raise _unexpected("it lists no built-in functions")
    kept = [builtin for builtin in builtins if _may_stay(builtin)]
    # An empty list means "no host at all"; a missing one would mean "every host".
    return {**capabilities, "builtins": kept, "allow_net": []}


def _may_stay(builtin: Json) -> bool:
    if not isinstance(builtin, dict) or not isinstance(builtin.get("name"), str):
        raise _unexpected("a built-in function in it has no name")
    # Anything but a plain absence or `false` counts as a mark.
    return builtin["name"] not in NEVER and builtin.get("nondeterministic", False) is False


def derive(opa: Path, *, env: Mapping[str, str], run: Runner = process.run) -> bytes:
    """Ask ``opa`` for its capabilities and return the restricted ones as JSON bytes.

    Raises ``SettingsError`` where opa does not run or answers anything but the expected document.
    """
    try:
        answer = run([str(opa), "capabilities", "--current"], env=env, timeout=limits.VERSION_SECONDS)
    except process.ProcessError as error:
        raise _unexpected(error.problem) from error
    if answer.exit_code != 0:
        raise _unexpected(f"opa ended with exit code {answer.exit_code}")
    try:
        document = strict_json.loads(answer.stdout)
    except strict_json.NotJson as error:
        raise _unexpected(f"it is not JSON: {error.reason}") from error
    if not isinstance(document, dict):
        raise _unexpected("it is not a JSON object")
    return (json.dumps(restrict(document), indent=1, sort_keys=True) + "\n").encode()


def _unexpected(what: str) -> SettingsError:
    return SettingsError(
        f"the capabilities of opa could not be derived: {what}",
        cause="The program is not opa, is one for another machine, or is older than the version of the lock.",
        remedy="Run `make setup` again, or name another opa of the version in attestor/toolchain.lock.json.",
    )
