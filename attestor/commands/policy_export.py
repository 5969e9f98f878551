"""``mesh-attestor policy export``: the rules as a signed policy document, for teams that judge with `cilock verify`."""

from __future__ import annotations

from datetime import datetime
from pathlib import Path

from attestor import given, privacy, trust
from attestor.arguments import Arguments
from attestor.clock import parse_rfc3339, system_now
from attestor.commands import World
from attestor.envelope import Envelope
from attestor.errors import AttestorError, SettingsError, SigningError
from attestor.options import EXPORT as OPTIONS
from attestor.policies import Policy
from attestor.policies.load import load
from attestor.preflight import access
from attestor.signing import Signer
from attestor.witness import export
from attestor.witness.export import Export

_DEFAULTS = {option.name: option.default for option in OPTIONS}

__all__ = ["OPTIONS", "execute"]


def execute(arguments: Arguments, complaints: list[AttestorError], world: World) -> int:
    """Write the document and print what it holds and what it cannot hold; raises ``AttestorError``."""
    keys = _keys(arguments, world.directory, complaints)
    expires = _expires(arguments.one("expires") or "", complaints)
    signer = _signer(arguments, world, complaints)
    policy = _configured(arguments, world, complaints)
    if complaints or signer is None or expires is None:
        raise SettingsError(complaints)
    step = arguments.one("step") or _DEFAULTS["step"]
    made = export.build(keys, step, expires, policy, arguments.one("cluster") or "")
    out = world.directory / (arguments.one("out") or _DEFAULTS["out"])
    _write(out, Envelope.sign(export.PAYLOAD_TYPE, made.payload, [signer]).to_bytes() + b"\n")
    world.stdout.write("".join(f"{line}\n" for line in _told(made, out, signer)))
    return 0


def _configured(arguments: Arguments, world: World, complaints: list[AttestorError]) -> Policy:
    """Return the embedded rules at the levels that ``--policy-config`` gives them."""
    config = arguments.one("policy-config")
    return load(None if config is None else world.directory / config, None, complaints)


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
    lines += [f"left out     {rule}: {why}" for rule, why in made.left_out.items()]
    lines.append("left out     what verify derives again: roots, summaries, subjects, digests, times, and every pin")
    return lines
