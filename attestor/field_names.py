"""The names of the format's fields, and the refusal of any other spelling of them.

Go's decoder takes a key in any case for the field of that name, and the last of several wins (``encoding/json``,
"preferring an exact match but also accepting a case-insensitive match"): with ``edge_report`` and ``Edge_Report`` side
by side, two readers see two meshes. So a key that is a field's name in another case has no place in evidence.
"""

from __future__ import annotations

import functools
from collections.abc import Mapping
from typing import Any

from attestor import limits

ENVELOPE = frozenset(
    {
        "payload",
        "payloadType",
        "signatures",
        "keyid",
        "sig",
        "certificate",
        "intermediates",
        "timestamps",
        "type",
        "data",
    }
)
"""DSSE, with the additions of wire-format section 1.1."""

_POLICY_WORDS = """
    expires roots timestampauthorities publickeys steps externalAttestations name functionaries attestations
    artifactsFrom attestationsFrom externalFrom allowedUntracked timestampConstraint certConstraint type publickeyid
    regopolicies aipolicies module keyid key
"""
POLICY = frozenset(_POLICY_WORDS.split())
"""A Witness policy document (rookery ``attestation/policy``)."""

_STATEMENT_WORDS = """
    _type subject predicateType predicate name digest attestations backrefs type attestation starttime endtime
    os kernel hostname username variables
    gittool gitbinpath gitbinhash commithash author authoremail committername committeremail commitdate commitmessage
    status staging worktree commitdigest signature parenthashes treehash refs remotes tags taggername taggeremail when
    pgpsignature message branch
    merkleRoot treeSize hashAlgorithm construction leaves path fileDigest leafHash kind mime_type
    _meta version counts sections digests paths comms cmdlines cmd exitcode stdout stderr summary processes program
    processid parentpid programdigest comm cmdline exedigest environ openedfiles network connections sockets syscall
    family address port capture linkerd source pinned replay trace state reason excluded defects code file offset detail
    namespaces
    check_file check_digest_set edges_file edges_digest_set cluster_name check_summary check_report edges_summary
    edge_report pass warn error distinct_categories overall_success categories category warnings errors success
    categoryName checks description hint result total_edges secured insecure distinct_src_namespaces
    distinct_dst_namespaces src src_namespace dst dst_namespace client_id server_id no_tls_reason
"""
STATEMENT = frozenset(_STATEMENT_WORDS.split())
"""The statement, the collection and the six predicates (wire-format sections 2 to 8, and docs/evidence.md)."""

_SUMMARY_WORDS = """
    _type subject predicateType predicate name digest sha256 verifier id version timeVerified resourceUri policy uri
    inputAttestations verificationResult verifiedLevels dependencyLevels slsaVersion
    verdict mode cluster step allow_replay parts engine config baseline waivers applied rules code level result
    violations warnings waived exempt rule message about by selector owner reason expires ticket checks edges error
    stage problem exit_code
"""
SUMMARY = frozenset(_SUMMARY_WORDS.split())
"""A signed verdict (docs/verdict.md)."""
SUMMARY_MAPS = frozenset({"about", "selector", "dependencyLevels"})
"""Fields of a verdict whose keys are data."""

_MAPS = frozenset({"variables", "status", "backrefs", "sections", "openedfiles"})
"""Fields whose keys are data: variables and paths may well differ in case only."""


_CONTAINERS = (dict, list)


class Misspelt(ValueError):
    """A document names a field in another case, or nests deeper than any document of its kind."""


def require_exact(document: object, known: frozenset[str], maps: frozenset[str] = _MAPS) -> None:
    """Raise ``Misspelt`` where an object of ``document`` has a key that is one of ``known`` in another case.

    ``maps`` are the fields whose keys are data.
    """
    level: list[object] = [document]
    for _ in range(limits.DEPTH):
        level = [child for value in level for child in _children(value, known, maps)]
        if not level:
            return
    raise Misspelt("values are nested too deeply")


def _children(value: object, known: frozenset[str], maps: frozenset[str]) -> list[object]:
    if isinstance(value, list):
        return [child for child in value if type(child) in _CONTAINERS]
    if not isinstance(value, dict):
        return []
    if not value.keys() <= known:
        _refuse_other_case(value, known)
    inside = [child for key, child in value.items() if type(child) in _CONTAINERS and key not in maps]
    data = (child for key, child in value.items() if key in maps and isinstance(child, dict))
    return inside + [item for child in data for item in child.values() if type(item) in _CONTAINERS]


@functools.cache
def _folded(known: frozenset[str]) -> frozenset[str]:
    return frozenset(name.casefold() for name in known)


def _refuse_other_case(value: Mapping[str, Any], known: frozenset[str]) -> None:
    folded = _folded(known)
    for key in value:
        if key not in known and key.casefold() in folded:
            raise Misspelt(f"a field is named {key!r}, which is another field's name in another case")
