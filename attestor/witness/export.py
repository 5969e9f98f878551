"""A policy document of the project's own rules, for teams that judge with `cilock verify`.

Those under ``mesh`` see nothing but the bare linkerd-check predicate, and of it only fields that cilock knows; those
under ``collection`` see the capture and the whole collection, which a document's modules cannot. A document knows no
levels: what denies is in it, with its parameters written into its text, and what only warns or is off is not.
"""

from __future__ import annotations

import base64
import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime

from attestor import gate
from attestor.clock import rfc3339
from attestor.policies import EMBEDDED, Policy
from attestor.predicates import TYPES
from attestor.predicates.linkerd_check import TYPE as JUDGED
from attestor.statement import encode
from attestor.trust import TrustedKey, public_pem

PAYLOAD_TYPE = "https://aflock.ai/policy/v0.1"


@dataclass(frozen=True, slots=True, kw_only=True)
class Export:
    """A document's bytes, the ids of the rules in it, and why each of the others, and what else, is not."""

    payload: bytes
    rules: tuple[str, ...]
    left_out: Mapping[str, str]


def build(
    keys: Sequence[TrustedKey], step: str, expires: datetime, policy: Policy = EMBEDDED, cluster: str = ""
) -> Export:
    """Return the document by which evidence of ``step``, signed by any of ``keys``, is judged until ``expires``.

    It holds the rules that deny for ``cluster`` by ``policy``.
    """
    levels, config = policy.levels(cluster), policy.config(cluster)
    modules = {gate.rule_id(path): path.read_text(encoding="utf-8") for path in gate.modules(gate.policy_folder())[1:]}
    left_out = {rule: why for rule in modules if (why := _why_not(rule, levels[rule]))}
    exported = {
        rule: _with_parameters(rule, source, config["parameters"].get(rule, {})).encode()
        for rule, source in modules.items()
        if rule not in left_out
    }
    if any(config["exempt"].values()):
        left_out["the exemptions"] = "a document has none, so that its rules deny there, too"
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
    return Export(payload=encode(document), rules=tuple(exported), left_out=left_out)


def _why_not(rule: str, level: str) -> str:
    """Return why a document cannot carry ``rule``, and nothing where it can."""
    if not rule.startswith("mesh."):
        return "it judges more than the linkerd-check predicate"
    return {"warn": "it only warns", "off": "it is off"}.get(level, "")


def _with_parameters(rule: str, source: str, given: Mapping[str, object]) -> str:
    """Return the module with its parameters in place of the document that the gate keeps them in.

    As JSON in a string, since opa knows the type of a literal and refuses to look in it for what is not given.
    """
    literal = json.dumps(json.dumps(given, ensure_ascii=False), ensure_ascii=False)
    return source.replace(f'data.parameters["{rule}"]', f"json.unmarshal({literal})")


def _base64(data: bytes) -> str:
    return base64.b64encode(data).decode("ascii")
