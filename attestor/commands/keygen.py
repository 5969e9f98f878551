"""``mesh-attestor keygen``: an Ed25519 pair, PKCS#8 PEM and SPKI PEM, and its key id."""

from __future__ import annotations

from pathlib import Path

from attestor import privacy, signing, trust
from attestor.arguments import Arguments
from attestor.commands import World
from attestor.errors import AttestorError, SettingsError
from attestor.options import KEYGEN as OPTIONS

SUMMARY = "Make an Ed25519 key pair: the private key in PKCS#8 (0600), the public key beside it, and print the key id."
POSITIONALS = ""

_DEFAULT = "mesh-attestor.key"

__all__ = ["OPTIONS", "POSITIONALS", "SUMMARY", "execute"]


def execute(arguments: Arguments, complaints: list[AttestorError], world: World) -> int:
    """Write the pair and print where it is; an existing file is never overwritten. Raises ``SettingsError``."""
    private = world.directory / (arguments.one("out") or _DEFAULT)
    public = private.with_suffix(".pub")
    passphrase = _passphrase(arguments, world, complaints)
    if arguments.positionals:
        complaints.append(SettingsError("keygen takes options only", remedy="see `mesh-attestor keygen --help`"))
    complaints += [
        SettingsError(f"{path} exists", cause="a key is never overwritten", remedy="choose another name with --out")
        for path in (private, public)
        if path.exists()
    ]
    if complaints:
        raise SettingsError(complaints)
    pem, signer = signing.generate(passphrase)
    _write(private, public, pem, trust.public_pem(signer.public.key))
    world.stdout.write(f"private key  {private}\npublic key   {public}\nkey id       {signer.keyid}\n")
    return 0


def _passphrase(arguments: Arguments, world: World, complaints: list[AttestorError]) -> bytes | None:
    path = arguments.one("passphrase-file")
    if not path:
        return None
    try:
        passphrase = (world.directory / path).read_bytes().split(b"\n", 1)[0].rstrip(b"\r")
    except OSError as error:
        complaints.append(SettingsError(f"the passphrase file {path} cannot be read: {error.strerror}"))
        return None
    if not passphrase:
        complaints.append(
            SettingsError(f"the passphrase file {path} has an empty first line", remedy="write one into it")
        )
    return passphrase


def _write(private: Path, public: Path, pem: bytes, public_pem: bytes) -> None:
    try:
        privacy.write_private(private, pem)
        public.write_bytes(public_pem)
    except OSError as error:
        raise SettingsError(
            f"the key cannot be written: {error.strerror}", remedy="choose a folder of yours with --out"
        ) from error
