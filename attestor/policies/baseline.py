"""``baseline``: an earlier envelope of the same mesh, which rules on drift compare with.

It is verified like any evidence before anything is compared with it: whoever could put another file in its place would
decide what counts as a change. It need not have been allowed.
"""

from __future__ import annotations

import hashlib
from collections.abc import Sequence
from datetime import datetime
from pathlib import Path

from attestor import collection, limits, trust, verification
from attestor.collection import Opened
from attestor.envelope import Envelope
from attestor.errors import AttestorError, EvidenceError, SettingsError
from attestor.policies import Baseline, Policy
from attestor.trust import TrustedKey


def load(
    path: Path | None,
    key: Path | None,
    signers: Sequence[TrustedKey],
    now: datetime,
    complaints: list[AttestorError],
) -> Baseline | None:
    """Return the baseline in the file at ``path``, signed by ``key`` or else by one of ``signers``.

    What is wrong with it is added to ``complaints``. Without a file there is none.
    """
    if path is None:
        if key is not None:
            complaints.append(SettingsError("there is a baseline-key and no baseline", remedy="name it with baseline"))
        return None
    try:
        return opened(_read(path), [trust.load(key)] if key is not None else signers, str(path), now)
    except AttestorError as error:
        complaints.append(_refused(path, error) if isinstance(error, EvidenceError) else error)
    except OSError as error:
        complaints.append(
            SettingsError(f"the baseline {path} cannot be read: {error.strerror}", remedy="check the path")
        )
    return None


def opened(data: bytes, keys: Sequence[TrustedKey], path: str, now: datetime) -> Baseline:
    """Return the baseline in the envelope ``data``; raises ``EvidenceError`` where it is not what it claims."""
    found = collection.opened(Envelope.parse(data).verified(keys))
    verification.require(verification.examine(found, (), now))
    return Baseline(opened=found, sha256=hashlib.sha256(data).hexdigest(), path=path)


def _read(path: Path) -> bytes:
    with path.open("rb") as file:
        return file.read(limits.ENVELOPE_BYTES + 1)  # one byte too many is refused by whoever reads it


def _refused(path: Path, error: AttestorError) -> SettingsError:
    return SettingsError(
        f"the baseline {path} is not what it claims: {error.problem}",
        cause="it was changed, is another file, or another key signed it",
        remedy="give an earlier envelope of this mesh, and with baseline-key the key that signed it",
    )


def require_cluster(policy: Policy, cluster: str, complaints: list[AttestorError]) -> None:
    """Complain of a baseline of another cluster: nothing that is compared with it would mean anything."""
    if policy.baseline is not None and (other := _cluster(policy.baseline.opened)) != cluster:
        complaints.append(
            SettingsError(
                f"the baseline is of the cluster {other!r}, and this is {cluster!r}",
                cause="an envelope of another mesh was given; between two meshes, every edge is a change or none is",
                remedy="give an envelope of this one, or the same --cluster-name",
            )
        )


def _cluster(found: Opened) -> str:
    return str(found.linkerd_check.get("cluster_name", ""))
