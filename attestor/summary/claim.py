"""A signed verdict, opened: what it says, once a trusted key has signed it and it is of its form. Pure."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

from attestor import field_names, strict_json
from attestor.clock import parse_rfc3339
from attestor.envelope import Envelope
from attestor.errors import EvidenceError
from attestor.lenient import mapping
from attestor.summary import EXTENSION, FAILED, PASSED, PASSED_LEVEL, PREDICATE_TYPE, STATEMENT_TYPE, VERIFIER
from attestor.trust import TrustedKey

_SHA256 = re.compile(r"[0-9a-f]{64}")
_WORDS = {PASSED: ("allow",), FAILED: ("deny", "error")}


@dataclass(frozen=True, slots=True, kw_only=True)
class Claim:
    """What a signed verdict says: of which file, when, PASSED or FAILED, and the predicate with its details."""

    sha256: str
    moment: datetime
    passed: bool
    predicate: Mapping[str, Any] = field(repr=False)
    details: Mapping[str, Any] = field(repr=False)

    @property
    def error(self) -> Mapping[str, Any]:
        """What went wrong in the run after it had sealed its evidence; empty where nothing did."""
        return mapping(self.details.get("error"))

    def inputs(self) -> list[object]:
        """Return the digests of what was looked at, in the order of the predicate."""
        listed = self.predicate.get("inputAttestations")
        return [mapping(item).get("digest") for item in listed] if isinstance(listed, list) else []

    def parts(self) -> dict[str, str]:
        """Return what was judged by, as name and digest."""
        listed = mapping(self.details.get("policy")).get("parts")
        entries = [mapping(item) for item in listed] if isinstance(listed, list) else []
        return {str(entry.get("name")): str(entry.get("sha256")) for entry in entries}


def opened(data: bytes, keys: Sequence[TrustedKey], *, threshold: int = 1) -> Claim:
    """Return the verdict in the envelope ``data``, signed by ``threshold`` of ``keys``; raises ``EvidenceError``."""
    try:
        payload = Envelope.parse(data).verified(keys, threshold=threshold)
    except EvidenceError as error:
        raise _refused(error.problem) from error
    try:
        statement = strict_json.loads(payload)
        field_names.require_exact(statement, field_names.SUMMARY, field_names.SUMMARY_MAPS)
    except strict_json.NotJson as error:
        raise _refused(f"the payload is not JSON: {error.reason}") from error
    except field_names.Misspelt as error:
        raise _refused(f"the payload is ambiguous: {error}") from error
    found = mapping(statement)
    if found.get("_type") != STATEMENT_TYPE or found.get("predicateType") != PREDICATE_TYPE:
        raise _refused(f"the payload is not a statement of type {STATEMENT_TYPE} about a {PREDICATE_TYPE}")
    return _claim(_subject(found.get("subject")), mapping(found.get("predicate")))


def _claim(sha256: str, predicate: Mapping[str, Any]) -> Claim:
    details, result = predicate.get(EXTENSION), predicate.get("verificationResult")
    if mapping(predicate.get("verifier")).get("id") != VERIFIER:
        raise _refused(f"its verifier is not {VERIFIER}")
    if not isinstance(result, str) or result not in _WORDS:
        raise _refused(f"its result is neither {PASSED} nor {FAILED}")
    if not isinstance(details, dict) or details.get("verdict") not in _WORDS[result]:
        raise _refused(f"its details are missing, or of another verdict than {result}")
    if predicate.get("verifiedLevels") != [PASSED_LEVEL if result == PASSED else FAILED]:
        raise _refused(f"its levels are not those of {result}")
    if (details["verdict"] == "error") is not isinstance(details.get("error"), dict):
        raise _refused("it tells an error and no failure, or a failure and no error")
    try:
        moment = parse_rfc3339(predicate.get("timeVerified", ""))
    except (ValueError, TypeError) as error:
        raise _refused("its timeVerified is not an RFC 3339 time") from error
    return Claim(sha256=sha256, moment=moment, passed=result == PASSED, predicate=predicate, details=details)


def _subject(subjects: object) -> str:
    """Return the digest of the one subject, which has no other."""
    if not isinstance(subjects, list) or len(subjects) != 1:
        raise _refused("it is not about exactly one file")
    digest = mapping(subjects[0]).get("digest")
    if not isinstance(digest, dict) or set(digest) != {"sha256"}:
        raise _refused("its subject has no sha256, or other digests beside it")
    sha256 = digest["sha256"]
    if not isinstance(sha256, str) or not _SHA256.fullmatch(sha256):
        raise _refused("its subject's sha256 is none")
    return sha256


def _refused(problem: str) -> EvidenceError:
    return EvidenceError(
        f"the verdict: {problem}",
        cause="it is another file, was changed after it was signed, or another program made it",
        remedy="give the file that the run wrote beside the envelope, and the key of that run",
    )
