"""A runner's side of the conventions, written from GitHub's documentation and from nothing of this project.

Grammar of commands, docs.github.com "Workflow commands for GitHub Actions": a line that, after leading spaces, is
``::name key=value,key=value::message``. Data: ``%25``, ``%0D``, ``%0A``; properties also ``%3A`` and ``%2C``. Between
``::stop-commands::token`` and ``::token::`` nothing is a command. Grammar of files: ``name=value`` or
``name<<delimiter``, lines of the value, and the delimiter alone on a line; whichever of ``=`` and ``<<`` comes first.
"""

from __future__ import annotations

from dataclasses import dataclass, field


@dataclass(frozen=True)
class Command:
    """One command as the runner understood it."""

    name: str
    message: str
    properties: dict[str, str] = field(default_factory=dict)


class NotAFile(Exception):
    """The runner would fail the step: the file is not of its grammar."""


def commands(printed: str) -> tuple[list[Command], list[str]]:
    """Return what a runner obeys in ``printed``, and the lines that it just shows."""
    found, shown, stopped = list[Command](), list[str](), ""
    for line in printed.replace("\r\n", "\n").replace("\r", "\n").split("\n"):
        command = _parsed(line)
        if stopped:
            if command is not None and command.name == stopped:
                stopped = ""
            else:
                shown.append(line)
        elif command is None:
            shown.append(line)
        elif command.name == "stop-commands":
            stopped = command.message
        else:
            found.append(command)
    return found, shown


def _parsed(line: str) -> Command | None:
    line = line.lstrip()
    if not line.startswith("::"):
        return None
    head, separator, message = line[2:].partition("::")
    if not separator:
        return None
    name, _, given = head.strip().partition(" ")
    pairs = [pair.partition("=") for pair in given.split(",") if pair.strip()]
    properties = {key.strip(): _decoded(value, property_=True) for key, _, value in pairs}
    return Command(name=name, message=_decoded(message), properties=properties)


def _decoded(text: str, *, property_: bool = False) -> str:
    codes = {"%0D": "\r", "%0A": "\n"} | ({"%3A": ":", "%2C": ","} if property_ else {})
    for code, character in codes.items():
        text = text.replace(code, character)
    return text.replace("%25", "%")


def outputs(text: str) -> dict[str, str]:
    """Return the values that a file of ``GITHUB_OUTPUT``'s kind sets."""
    found: dict[str, str] = {}
    lines = text.split("\n")
    while lines:
        line = lines.pop(0)
        if not line:
            continue
        equals, heredoc = line.find("="), line.find("<<")
        if heredoc >= 0 and (equals < 0 or heredoc < equals):
            name, _, delimiter = line.partition("<<")
            if not name or not delimiter:
                raise NotAFile(line)
            value: list[str] = []
            while lines and lines[0] != delimiter:
                value.append(lines.pop(0))
            if not lines:
                raise NotAFile(f"no {delimiter}")
            lines.pop(0)
            found[name] = "\n".join(value)
        elif equals > 0:
            found[line[:equals]] = line[equals + 1 :]
        else:
            raise NotAFile(line)
    return found
