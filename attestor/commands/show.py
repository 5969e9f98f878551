"""``mesh-attestor show``: the evidence for a person, unverified and unjudged."""

from __future__ import annotations

from attestor import collection, rendering
from attestor.arguments import Arguments
from attestor.commands import World, envelope_file
from attestor.envelope import Envelope, Signature
from attestor.errors import AttestorError, SettingsError
from attestor.options import SHOW as OPTIONS
from attestor.report import Lines, Report, Section, shown

SUMMARY = "Print the evidence of an envelope: checks, edges, subjects, signers. Nothing is verified."
POSITIONALS = "ENVELOPE"

__all__ = ["OPTIONS", "POSITIONALS", "SUMMARY", "execute"]


def execute(arguments: Arguments, complaints: list[AttestorError], world: World) -> int:
    """Print one envelope's evidence; raises ``AttestorError``."""
    named = envelope_file.names(arguments, complaints, most=1)
    if complaints:
        raise SettingsError(complaints)
    ((_, data),) = envelope_file.contents(named, world)
    if isinstance(data, AttestorError):
        raise data
    envelope = Envelope.parse(data)
    opened = collection.opened(envelope.payload)
    sections: list[Section] = Report(opened=opened, signers=()).sections()
    subjects = [
        f"{shown(subject.get('name', '?'))} {shown(' '.join(f'{k}:{v}' for k, v in subject.get('digest', {}).items()))}"
        for subject in opened.subjects
        if isinstance(subject.get("digest"), dict)
    ]
    unknown = tuple(f"{shown(entry.type)} (of unknown type)" for entry in opened.unknown)
    types = tuple(shown(uri) for uri in opened.types.values())
    sections += [
        Lines(title="Predicates", lines=types + unknown),
        Lines(title="Subjects", lines=tuple(subjects)),
        Lines(title="Signatures", lines=tuple(_signature(signature) for signature in envelope.signatures)),
    ]
    rendering.write(sections, world.stdout, world.env)
    return 0


def _signature(signature: Signature) -> str:
    beside = [
        f"{len(found)} {word}{'' if len(found) == 1 else 's'}"
        for word, found in (("certificate", signature.certificates), ("timestamp", signature.timestamps))
        if found
    ]
    return f"key id {shown(signature.keyid)} (not verified)" + (f", with {' and '.join(beside)}" if beside else "")
