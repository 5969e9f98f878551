"""Who signed, who else claims to have, and what came beside the signatures that nobody here can check."""

from __future__ import annotations

from collections.abc import Iterator

from attestor.clock import rfc3339
from attestor.collection import Opened
from attestor.envelope import Endorsed, Envelope
from attestor.trust import TrustedKey
from attestor.verification import times
from attestor.verification.finding import Finding, failed, ok, unchecked


def examine(envelope: Envelope, endorsed: Endorsed, opened: Opened) -> Iterator[Finding]:
    """Yield what is found out about an envelope that trusted keys signed."""
    yield ok("envelope", f"{envelope.payload_type}, {len(envelope.payload)} bytes in canonical base64")
    yield ok("signatures", f"good by {', '.join(key.keyid for key in endorsed.signers)}")
    yield from (_validity(key, opened) for key in endorsed.signers if key.valid)
    if strangers := endorsed.strangers:
        yield unchecked("other signatures", f"{len(strangers)} by no trusted key: {', '.join(strangers)}")
    certificates = sum(len(signature.certificates) for signature in envelope.signatures)
    if certificates:
        yield unchecked(
            "certificates", f"{certificates} came in the envelope, and no root to check them with was given"
        )
    timestamps = sum(len(signature.timestamps) for signature in envelope.signatures)
    if timestamps:
        yield unchecked("timestamps", f"{timestamps} came in the envelope, and no authority to check them by was given")


def _validity(key: TrustedKey, opened: Opened) -> Finding:
    """Compare the time that the evidence names with its certificate's; no trusted clock stands behind either."""
    check, finished = f"certificate {key.keyid[:16]}", times.finished_at(opened)
    begin, end = key.valid or (None, None)
    if finished is None or begin is None or end is None:
        return unchecked(check, "the evidence does not say when it was made")
    span = f"{rfc3339(begin)} to {rfc3339(end)}"
    if not begin <= finished <= end:
        return failed(check, f"it may be used from {span}, and the evidence was made at {rfc3339(finished)}")
    return ok(check, f"trusted as given, valid from {span}; chain, usage and revocation were not looked at")
