"""``mesh-attestor policy``: what can be asked of the rules, one module for each word."""

from __future__ import annotations

from types import ModuleType

from attestor.arguments import Arguments
from attestor.commands import World, policy_export, policy_list
from attestor.errors import AttestorError, SettingsError
from attestor.options import Option
from attestor.policies import reading

SUMMARY = "List the rules with their levels, or export those that cilock can judge by as a signed Witness policy."
POSITIONALS = "list|export"

_WORDS: dict[str, ModuleType] = {"list": policy_list, "export": policy_export}

OPTIONS: tuple[Option, ...] = tuple(
    {option.name: option for module in _WORDS.values() for option in module.OPTIONS}.values()
)
"""Those of all its words; each word refuses those of the others."""


def execute(arguments: Arguments, complaints: list[AttestorError], world: World) -> int:
    """Do what the word says; raises ``AttestorError``."""
    word = " ".join(arguments.positionals)
    module = _WORDS.get(word)
    if module is None:
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
