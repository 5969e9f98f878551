"""Where the embedded rules are, and what each is called."""

from __future__ import annotations

import errno
from pathlib import Path

from attestor.errors import GateError

ENTRY = "gate.rego"
FAMILIES = ("mesh", "collection")
"""Rules of ``mesh`` see the bare linkerd-check predicate, those of ``collection`` the gate's whole input."""


def policy_folder() -> Path:
    """Return the embedded policy: inside the installed package, or beside it in a checkout; raises ``GateError``."""
    package = Path(__file__).resolve().parent.parent
    try:
        return next(folder for folder in (package / "policy", package.parent / "policy") if (folder / ENTRY).is_file())
    except (OSError, StopIteration) as error:
        raise no_rules(error) from error


def modules(policy: Path) -> list[Path]:
    """Return the policy's modules, the entry first, without their tests.

    Raises ``GateError`` where a family cannot be listed or is empty: what is not listed could not deny.
    """
    rules = [path for family in FAMILIES for path in _family(policy / family)]
    return [policy / ENTRY, *rules]


def _family(folder: Path) -> list[Path]:
    try:
        # Not glob(), for which a folder that may not be read is an empty one.
        found = sorted(path for path in folder.iterdir() if path.suffix == ".rego" and not path.stem.endswith("_test"))
    except OSError as error:
        raise no_rules(error) from error
    if not found:
        raise no_rules(FileNotFoundError(errno.ENOENT, f"there are no rules in {folder.name}"))
    return found


def no_rules(error: Exception) -> GateError:
    """Return the error for embedded rules, or what is said of them, that cannot be read."""
    reason = error.strerror if isinstance(error, OSError) else "they are not there"
    return GateError(
        f"the embedded rules cannot be read: {reason}",
        cause="the installation is not whole, or belongs to another user",
        remedy="install it anew; evidence that is signed and on disk can be judged with `mesh-attestor verify` then",
    )


def rule_id(module: Path) -> str:
    """Return a rule's id, which is its package and its path."""
    return f"{module.parent.name}.{module.stem}"
