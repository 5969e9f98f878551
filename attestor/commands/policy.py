"""``mesh-attestor policy``: the rules as a signed document for `cilock verify` (export), tests of one's own (test)."""

from __future__ import annotations

from datetime import datetime
from pathlib import Path

from attestor import given, privacy, trust
from attestor.arguments import Arguments
from attestor.clock import parse_rfc3339, system_now
from attestor.commands import World
from attestor.envelope import Envelope
from attestor.errors import AttestorError, SettingsError, SigningError
from attestor.options import EXPORT, TRIAL, Option
from attestor.preflight import access
from attestor.signing import Signer
from attestor.witness import export
from attestor.witness.export import Export

SUMMARY = (
    "Write the rules that cilock can judge by as a signed Witness policy (policy export), or try rules of your own "
    "with their unit tests (policy test)."
)
POSITIONALS = "export | test FOLDER…"
OPTIONS: tuple[Option, ...] = (*EXPORT, *TRIAL)

_DEFAULTS = {option.name: option.default for option in EXPORT}
_TAKES = {"export": EXPORT, "test": TRIAL}

__all__ = ["OPTIONS", "POSITIONALS", "SUMMARY", "execute"]


def execute(arguments: Arguments, complaints: list[AttestorError], world: World) -> int:
    """Do what the first word says; raises ``AttestorError``."""
    word = arguments.positionals[0] if arguments.positionals else ""
    taken = {option.name for option in _TAKES.get(word, OPTIONS)}
    complaints.extend(
        SettingsError(f"--{name} is not an option of policy {word}", remedy="see mesh-attestor policy --help")
        for name in arguments.values
        if name not in taken
    )
    if word == "test":
        from attestor.commands import trial

        return trial.execute(arguments, complaints, world)
    return _export(arguments, complaints, world)


def _export(arguments: Arguments, complaints: list[AttestorError], world: World) -> int:
    """Write the document and print what it holds and what it cannot hold."""
    if arguments.positionals != ["export"]:
        complaints.append(
            SettingsError(
                "there is no such policy command", remedy="mesh-attestor policy export, or policy test FOLDER"
            )
        )
    keys = _keys(arguments, world.directory, complaints)
    expires = _expires(arguments.one("expires") or "", complaints)
    signer = _signer(arguments, world, complaints)
    if complaints or signer is None or expires is None:
        raise SettingsError(complaints)
    made = export.build(keys, arguments.one("step") or _DEFAULTS["step"], expires)
    out = world.directory / (arguments.one("out") or _DEFAULTS["out"])
    _write(out, Envelope.sign(export.PAYLOAD_TYPE, made.payload, [signer]).to_bytes() + b"\n")
    world.stdout.write("".join(f"{line}\n" for line in _told(made, out, signer)))
    return 0


def _keys(arguments: Arguments, folder: Path, complaints: list[AttestorError]) -> list[trust.TrustedKey]:
    found = {}
    for path in arguments.values.get("key", []):
        try:
            key = trust.load(folder / path)
        except SettingsError as error:
            complaints.append(error)
            continue
        found[key.keyid] = key
    if not arguments.values.get("key"):
        complaints.append(
            SettingsError(
                "nobody may sign evidence by this policy", remedy="name the public key of the runs with --key"
            )
        )
    return list(found.values())


def _expires(value: str, complaints: list[AttestorError]) -> datetime | None:
    try:
        expires = parse_rfc3339(value)
    except ValueError:
        complaints.append(
            SettingsError("expires is missing or not an RFC 3339 time", remedy="write it like 2027-06-30T00:00:00Z")
        )
        return None
    if expires <= system_now():
        complaints.append(SettingsError("expires is in the past", remedy="a policy is for evidence to come"))
    return expires


def _signer(arguments: Arguments, world: World, complaints: list[AttestorError]) -> Signer | None:
    options = {name: values[-1] for name, values in arguments.values.items()}
    source = given.signing_key(options, world.env)
    if source is None:
        complaints.append(
            SettingsError("there is no key to sign the policy with", remedy="name it with --signing-key PATH")
        )
        return None
    try:
        return access.load_key(source, given.passphrase(options, world.env), world.stdin.read).signer
    except SettingsError as error:
        complaints.append(error)
        return None


def _write(path: Path, data: bytes) -> None:
    try:
        privacy.write_whole(path, data)
    except OSError as error:
        raise SigningError(
            f"the policy {path} cannot be written: {error.strerror}", remedy="choose a folder of yours with --out"
        ) from error


def _told(made: Export, out: Path, signer: Signer) -> list[str]:
    lines = [f"policy       {out}", f"signed by    {signer.keyid}", f"rules in it  {', '.join(made.rules)}"]
    lines += [f"left out     {rule}: it judges more than the linkerd-check predicate" for rule in made.left_out]
    lines.append("left out     what verify derives again: roots, summaries, subjects, digests, times, and every pin")
    return lines
