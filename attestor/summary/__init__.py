"""The verdict as evidence: an in-toto statement about one envelope file, a SLSA Verification Summary v1. Pure.

Its one subject is the envelope's file. A name, such as a cluster's, has the same digest for ever: an old PASSED would
be one for every later envelope of that name. What the predicate (https://slsa.dev/spec/v1.0/verification_summary) has
no field for stands under ``EXTENSION``, as its parsing rules ask: a field that is named by a URI.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime
from pathlib import PurePath
from typing import Any
from urllib.parse import quote

from attestor import __version__
from attestor.clock import rfc3339
from attestor.errors import AttestorError
from attestor.lenient import mapping
from attestor.policies import Policy, parts
from attestor.report import Report
from attestor.statement import Statement, encode

STATEMENT_TYPE = "https://in-toto.io/Statement/v1"
PREDICATE_TYPE = "https://slsa.dev/verification_summary/v1"
PROGRAM = "mesh-attestor"
VERIFIER = f"pkg:generic/{PROGRAM}"
EXTENSION = f"{VERIFIER}#verdict/v0.1"
SLSA_VERSION = "1.0"
PASSED, FAILED = "PASSED", "FAILED"
PASSED_LEVEL = "MESH_ATTESTOR_ALLOW"
"""What stands for a level: the rules are no track of SLSA, and names of one's own must not begin with ``SLSA_``."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Judge:
    """The engine that judged: hex SHA-256 of the program, and the version that it says, empty where it said none."""

    sha256: str
    version: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class Decision:
    """What is attested: evidence with its verdict, or with the error that came in place of one or behind it.

    ``moment`` is the time that the rules were told, ``policy`` what they were given, ``allow_replay`` the asked word.
    """

    report: Report
    moment: datetime
    policy: Policy
    allow_replay: bool
    judge: Judge
    error: AttestorError | None = None

    @property
    def word(self) -> str:
        """The output's word: ``allow``, ``deny`` or ``error``. What a mode makes of it is not asked."""
        if self.error is not None or self.report.verdict is None:
            return "error"
        return "allow" if self.report.allowed else "deny"

    @property
    def cluster(self) -> str:
        """The name of the cluster in the evidence, empty where it has none."""
        return str(self.report.opened.linkerd_check.get("cluster_name", ""))


def statement(decision: Decision) -> Statement:
    """Return the statement about ``decision``; the same decision gives the same bytes."""
    name = PurePath(decision.report.envelope).name
    digest = {"sha256": decision.report.envelope_sha256}
    return Statement(
        encode(
            {
                "_type": STATEMENT_TYPE,
                "subject": [{"name": name, "digest": digest}],
                "predicateType": PREDICATE_TYPE,
                "predicate": predicate(decision),
            }
        )
    )


def predicate(decision: Decision) -> dict[str, Any]:
    """Return the predicate, in the order of the specification."""
    from attestor.summary import details

    passed = decision.word == "allow"
    return {
        "verifier": {"id": VERIFIER, "version": {PROGRAM: __version__}},
        "timeVerified": rfc3339(decision.moment),
        "resourceUri": resource(decision.cluster),
        "policy": {
            "uri": f"{VERIFIER}@{__version__}#policy",
            "digest": {"sha256": parts.digest(parts.parts(decision.policy))},
        },
        "inputAttestations": list(_inputs(decision)),
        "verificationResult": PASSED if passed else FAILED,
        "verifiedLevels": [PASSED_LEVEL if passed else FAILED],
        "slsaVersion": SLSA_VERSION,
        EXTENSION: details.of(decision),
    }


def resource(cluster: str) -> str:
    """Return the URI of what the evidence is about: the mesh of ``cluster``, or one that was given no name."""
    uri = "pkg:generic/linkerd-mesh"
    return f"{uri}?cluster={quote(cluster, safe='')}" if cluster else uri


def _inputs(decision: Decision) -> Iterator[dict[str, Any]]:
    """Yield all that was looked at: the envelope, the reports that it speaks of, and the baseline."""
    report, baseline = decision.report, decision.policy.baseline
    yield _input(report.envelope, report.envelope_sha256)
    body = report.opened.linkerd_check
    for name in ("check", "edges"):
        sha256 = mapping(body.get(f"{name}_digest_set")).get("sha256")
        if isinstance(sha256, str):
            yield _input(str(body.get(f"{name}_file", "")), sha256)
    if baseline is not None:
        yield _input(baseline.path, baseline.sha256)


def _input(path: str, sha256: str) -> dict[str, Any]:
    return {"uri": quote(PurePath(path).name), "digest": {"sha256": sha256}}
