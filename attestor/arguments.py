"""The command line: options by table, every complaint at once, and no value ever echoed that could be a secret.

argparse stops at the first complaint and repeats the offending argument in full, which may be a pasted key.
"""

from __future__ import annotations

import base64
import binascii
import re
from collections.abc import Sequence
from dataclasses import dataclass, field

from attestor.errors import AttestorError, SettingsError
from attestor.options import Kind, Option
from attestor.redaction import looks_random

BOOLEANS = {"true": True, "True": True, "TRUE": True, "false": False, "False": False, "FALSE": False}
"""The spellings of YAML 1.2's core schema, as GitHub's own toolkit takes them, and no others."""

_LOOKS_BOOLEAN = re.compile(r"true|false|yes|no|on|off|y|n|1|0", re.IGNORECASE)
_BASE64_TEXT = re.compile(r"[A-Za-z0-9+/=\s_-]{40,}")
_SECRET_MARKS = (b"-----BEGIN", b"PRIVATE KEY", b"apiVersion:", b"client-key-data", b'"apiVersion"')


@dataclass(frozen=True, slots=True, kw_only=True)
class Arguments:
    """What a command line said: one value for each option, or several for a repeatable one, and what stood alone."""

    values: dict[str, list[str]] = field(repr=False)
    positionals: list[str]

    def one(self, name: str) -> str | None:
        """Return the last value given for ``name``, or ``None``."""
        given = self.values.get(name)
        return given[-1] if given else None


def looks_secret(value: str) -> bool:
    """Tell whether ``value`` is PEM, a kubeconfig, or either of them in base64, rather than a name or a path."""
    data = value.encode("utf-8", "replace")
    if any(mark in data for mark in _SECRET_MARKS):
        return True
    if not _BASE64_TEXT.fullmatch(value):
        return False
    compact = "".join(value.split()).replace("-", "+").replace("_", "/").rstrip("=")
    try:
        decoded = base64.b64decode(compact + "=" * (-len(compact) % 4), validate=True)
    except binascii.Error:
        return False
    return any(mark in decoded for mark in _SECRET_MARKS) or _is_der(decoded)


def _is_der(data: bytes) -> bool:
    """Tell whether ``data`` is one whole ASN.1 sequence, as a key without its PEM lines is (X.690, section 8.1.3)."""
    if len(data) < 2 or data[0] != 0x30:  # noqa: PLR2004 - the tag of a sequence behind which a length stands
        return False
    more = data[1] & 0x7F if data[1] & 0x80 else 0
    size = int.from_bytes(data[2 : 2 + more], "big") if more else data[1]
    return len(data) == 2 + more + size


def parse(argv: Sequence[str], options: Sequence[Option], complaints: list[AttestorError]) -> Arguments:
    """Read ``argv`` by ``options``; what is wrong with it is appended to ``complaints``."""
    known = {option.name: option for option in options}
    found = Arguments(values={}, positionals=[])
    rest, literal = list(argv), False
    while rest:
        word = rest.pop(0)
        if looks_secret(word):
            complaints.append(_secret_complaint(word.split("=", 1)[0] if word.startswith("--") else "an argument"))
        elif literal:
            found.positionals.append(word)
        elif word == "--":
            literal = True
        elif word.startswith("--"):
            _take_option(word, rest, known, found, complaints)
        elif word.startswith("-") and word != "-":
            complaints.append(SettingsError("short options are not known here", remedy="see --help"))
        else:
            found.positionals.append(word)
    return found


def _secret_complaint(where: str) -> SettingsError:
    name = where if re.fullmatch(r"--[a-z-]{1,40}", where) else "an argument"
    return SettingsError(
        f"the value of {name} looks like a key or a kubeconfig itself",
        cause="a command line is visible to every process of the machine and ends up in logs",
        remedy="give the path of a file, or - and the content on standard input",
    )


def _take_option(
    word: str, rest: list[str], known: dict[str, Option], found: Arguments, complaints: list[AttestorError]
) -> None:
    name, equals, value = word[2:].partition("=")
    option = known.get(name)
    if option is None:
        complaints.append(_unknown(name, list(known)))
        # Its value, if it has one, must not be taken for something else.
        if not equals and rest and not rest[0].startswith("-"):
            rest.pop(0)
        return
    if not equals:
        value = _following(option, rest, complaints)
    if looks_secret(value):
        complaints.append(_secret_complaint(f"--{name}"))
        return
    given = found.values.setdefault(name, [])
    if given and not option.repeatable:
        complaints.append(SettingsError(f"--{name} was given twice", remedy="give it once"))
    given.append(value)


def _following(option: Option, rest: list[str], complaints: list[AttestorError]) -> str:
    """Take an option's value from the words behind it; a boolean needs none."""
    if option.kind is Kind.BOOLEAN:
        return rest.pop(0) if rest and _LOOKS_BOOLEAN.fullmatch(rest[0]) else "true"
    if not rest or (rest[0].startswith("--") and not looks_secret(rest[0])):
        complaints.append(
            SettingsError(f"--{option.name} has no value", remedy=f"write --{option.name} {option.kind.value}")
        )
        return ""
    return rest.pop(0)


def _unknown(name: str, known: list[str]) -> SettingsError:
    import difflib

    plain = re.fullmatch(r"[a-z][a-z0-9-]{0,39}", name) and not looks_random(name)
    shown = f"--{name}" if plain else "an option"
    near = difflib.get_close_matches(name, known, n=1)
    remedy = f"did you mean --{near[0]}?" if near else "see --help"
    return SettingsError(f"{shown} is not an option of this command", remedy=remedy)


def usage(command: str, summary: str, positionals: str, options: Sequence[Option]) -> str:
    """Return the help text of a command."""
    lines = [f"usage: mesh-attestor {command} [options]{' ' + positionals if positionals else ''}", "", summary, ""]
    for option in options:
        word = "|".join(option.choices) or option.kind.value
        default = f" (default: {option.default})" if option.default else ""
        lines.append(f"  --{option.name} {word}{default}")
        lines.append(f"      {option.text}")
    return "\n".join(
        [*lines, "", "Exit codes: 0 allowed, 1 denied, 2 settings, 3 capture, 4 signing or evidence, 5 gate."]
    )
