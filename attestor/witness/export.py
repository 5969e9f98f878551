"""A policy document of the project's own rules, for teams that judge with `cilock verify`.

Those under ``mesh`` see nothing but the bare linkerd-check predicate, and of it only fields that cilock knows; those
under ``collection`` see the capture and the whole collection, which a document's modules cannot.
"""

from __future__ import annotations

import base64
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

from attestor import gate
from attestor.clock import rfc3339
from attestor.predicates import TYPES
from attestor.predicates.linkerd_check import TYPE as JUDGED
from attestor.statement import encode
from attestor.trust import TrustedKey, public_pem

PAYLOAD_TYPE = "https://aflock.ai/policy/v0.1"


@dataclass(frozen=True, slots=True, kw_only=True)
class Export:
    """A document's bytes, the ids of the rules in it, and of those that it cannot carry."""

    payload: bytes
    rules: tuple[str, ...]
    left_out: tuple[str, ...]


def build(keys: Sequence[TrustedKey], step: str, expires: datetime) -> Export:
    """Return the document by which evidence of ``step``, signed by any of ``keys``, is judged until ``expires``."""
    modules = {gate.rule_id(path): path.read_bytes() for path in gate.modules(gate.policy_folder())[1:]}
    exported = {rule: source for rule, source in modules.items() if rule.startswith("mesh.")}
    regos = [{"module": _base64(source), "name": rule} for rule, source in exported.items()]
    document = {
        "expires": rfc3339(expires),
        "publickeys": {key.keyid: {"keyid": key.keyid, "key": _base64(public_pem(key.key))} for key in keys},
        "steps": {
            step: {
                "name": step,
                "functionaries": [{"type": "publickey", "publickeyid": key.keyid} for key in keys],
                "attestations": [{"type": uri, "regopolicies": regos if uri == JUDGED else []} for uri in TYPES],
            }
        },
    }
    left_out = tuple(rule for rule in modules if rule not in exported)
    return Export(payload=encode(document), rules=tuple(exported), left_out=left_out)


def _base64(data: bytes) -> str:
    return base64.b64encode(data).decode("ascii")
