"""``mesh-attestor show``: the evidence for a person, unverified and unjudged."""

from __future__ import annotations

from attestor import collection, rendering
from attestor.arguments import Arguments
from attestor.commands import World
from attestor.commands.envelope_file import read
from attestor.errors import AttestorError, SettingsError
from attestor.options import SHOW as OPTIONS
from attestor.report import Lines, Report, Section, shown

SUMMARY = "Print the evidence of an envelope: checks, edges, subjects, signers. Nothing is verified."
POSITIONALS = "ENVELOPE"

__all__ = ["OPTIONS", "POSITIONALS", "SUMMARY", "execute"]


def execute(arguments: Arguments, complaints: list[AttestorError], world: World) -> int:
    """Print one envelope's evidence; raises ``AttestorError``."""
    envelope = read(arguments, world, complaints)
    if complaints or envelope is None:
        raise SettingsError(complaints)
    opened = collection.opened(envelope.payload)
    sections: list[Section] = Report(opened=opened, signers=()).sections()
    subjects = [
        f"{shown(subject.get('name', '?'))} {shown(' '.join(f'{k}:{v}' for k, v in subject.get('digest', {}).items()))}"
        for subject in opened.subjects
        if isinstance(subject.get("digest"), dict)
    ]
    keyids = tuple(f"key id {shown(signature.keyid)} (not verified)" for signature in envelope.signatures)
    sections += [Lines(title="Subjects", lines=tuple(subjects)), Lines(title="Signatures", lines=keyids)]
    rendering.write(sections, world.stdout, world.env)
    return 0
