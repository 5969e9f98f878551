"""``mesh-attestor policy``: what can be asked of the rules, one module for each word."""

from __future__ import annotations

from types import ModuleType

from attestor.arguments import Arguments
from attestor.commands import World, policy_export, policy_list, trial
from attestor.errors import AttestorError, SettingsError
from attestor.options import Option
from attestor.policies import reading

SUMMARY = (
    "List the rules with their levels, export those that cilock can judge by as a signed Witness policy, or try rules "
    "of your own with their unit tests."
)
POSITIONALS = "list | export | test FOLDER…"

_WORDS: dict[str, ModuleType] = {"list": policy_list, "export": policy_export, "test": trial}
_TAKES_PATHS = ("test",)

OPTIONS: tuple[Option, ...] = tuple(
    {option.name: option for module in _WORDS.values() for option in module.OPTIONS}.values()
)
"""Those of all its words; each word refuses those of the others."""


def execute(arguments: Arguments, complaints: list[AttestorError], world: World) -> int:
    """Do what the first word says; raises ``AttestorError``."""
    word, *paths = arguments.positionals or [""]
    module = _WORDS.get(word)
    if module is None or (paths and word not in _TAKES_PATHS):
        complaints.append(
            SettingsError("there is no such policy command", remedy="mesh-attestor policy " + "|".join(_WORDS))
        )
        raise SettingsError(complaints)
    known = [option.name for option in module.OPTIONS]
    complaints.extend(
        SettingsError(f"--{name} is not an option of policy {word}", remedy=reading.nearest(name, known))
        for name in arguments.values
        if name not in known
    )
    code: int = module.execute(arguments, complaints, world)
    return code
