"""The one place that writes what a runner obeys: workflow commands, and blocks of its files. Pure, but for chance.

The grammar is GitHub's (docs.github.com, "Workflow commands for GitHub Actions"): lines ``::name key=value::message``
on stdout, and ``name<<delimiter`` blocks in the files that variables name. A runner takes any line that begins with
``::`` for a command, whoever printed it, so text of others goes out between ``stop-commands`` and its token.
"""

from __future__ import annotations

import secrets
from collections.abc import Iterable, Mapping

ANNOTATIONS = ("error", "warning", "notice")
"""The kinds of annotation, worst first."""

_DATA = (("%", "%25"), ("\r", "%0D"), ("\n", "%0A"))
_PROPERTY = (*_DATA, (":", "%3A"), (",", "%2C"))


def escape_data(text: str) -> str:
    """Return ``text`` as the message of a command: one line, whatever it holds."""
    return _replaced(text, _DATA)


def escape_property(text: str) -> str:
    """Return ``text`` as the value of a command's property."""
    return _replaced(text, _PROPERTY)


def _replaced(text: str, pairs: Iterable[tuple[str, str]]) -> str:
    for plain, escaped in pairs:  # the percent sign first: it is what escapes
        text = text.replace(plain, escaped)
    return text


def command(name: str, message: str, properties: Mapping[str, str] | None = None) -> str:
    """Return one command and its newline; properties without a value are left out."""
    given = [f"{key}={escape_property(value)}" for key, value in (properties or {}).items() if value]
    return f"::{name}{' ' if given else ''}{','.join(given)}::{escape_data(message)}\n"


def group(title: str, text: str) -> str:
    """Return ``text`` in a group that can be unfolded, as text that no command can be hidden in."""
    return command("group", title) + inert(text) + command("endgroup", "")


def inert(text: str) -> str:
    """Return ``text`` between ``stop-commands`` and its token: the runner prints it and obeys nothing in it."""
    token = _unused_in(text)
    ending = "" if not text or text.endswith("\n") else "\n"
    return f"::stop-commands::{token}\n{text}{ending}::{token}::\n"


def output(name: str, value: str) -> str:
    """Return one block for the file of outputs: always with a delimiter that nobody can know before."""
    delimiter = f"ghadelimiter_{_unused_in(value)}"
    return f"{name}<<{delimiter}\n{value}\n{delimiter}\n"


def _unused_in(text: str) -> str:
    while (token := secrets.token_hex(16)) in text:
        pass  # one in 2^128; a token that the text holds would end it early
    return token
