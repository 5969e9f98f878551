"""What is bad about evidence, said once more in plain Python that shares nothing with the program.

Only one direction is asserted: what is bad here must not be allowed. It is short on purpose, so that a reader can see
that it is right; what it does not see is for the unit tests.
"""

from __future__ import annotations

import hashlib
import json
import re
from typing import Any

RESULTS = ("success", "warning", "error")
CATEGORIES = {
    *("kubernetes-api", "kubernetes-version", "linkerd-existence", "linkerd-config", "linkerd-identity"),
    *("linkerd-webhooks-and-apisvc-tls", "linkerd-version", "control-plane-version", "linkerd-control-plane-proxy"),
    "linkerd-viz",
}
TYPES = {
    f"https://aflock.ai/attestations/{name}/{version}": name
    for name, version in (
        *(("material", "v0.3"), ("product", "v0.3"), ("command-run", "v0.1"), ("linkerd-check", "v0.1")),
        *(("environment", "v0.1"), ("git", "v0.1")),
    )
}
ENDS = ("src", "src_namespace", "dst", "dst_namespace")
IDENTITY = re.compile(r"[a-z0-9]([-a-z0-9]*[a-z0-9])?\.[a-z0-9]([-a-z0-9]*[a-z0-9])?")


class Bad(Exception):
    """Evidence by which nothing may be allowed; the text says why."""


def require(*, holds: bool, otherwise: str) -> None:
    if not holds:
        raise Bad(otherwise)


def _pairs(found: list[tuple[str, Any]]) -> dict[str, Any]:
    require(holds=len({key for key, _ in found}) == len(found), otherwise="a key twice")
    return dict(found)


def _constant(name: str) -> None:
    raise Bad(name)


def documents(data: bytes) -> list[Any]:
    """Return every document of a stream; raises ``Bad``."""
    decoder, found = json.JSONDecoder(object_pairs_hook=_pairs, parse_constant=_constant), []
    try:
        text = data.decode("utf-8").strip(" \t\r\n")
        while text:
            value, end = decoder.raw_decode(text)
            found.append(value)
            text = text[end:].strip(" \t\r\n")
    except (ValueError, RecursionError) as error:
        raise Bad("not JSON") from error
    return found


def check_stream(data: bytes) -> None:
    """Raise ``Bad`` where the check report is not one of a healthy mesh."""
    parts = documents(data)
    require(holds=bool(parts) and all(isinstance(part, dict) for part in parts), otherwise="no report")
    require(holds=all(part.get("success") is True for part in parts), otherwise="no success")
    require(holds=all(isinstance(part.get("categories"), list) for part in parts), otherwise="no categories")
    categories([category for part in parts for category in part["categories"]])


def categories(found: list[Any]) -> None:
    named = set()
    for category in found:
        require(holds=isinstance(category, dict), otherwise="a category that is none")
        name, checks = category.get("categoryName"), category.get("checks")
        require(holds=isinstance(name, str) and isinstance(checks, list) and bool(checks), otherwise="nothing checked")
        require(holds=all(isinstance(check, dict) for check in checks), otherwise="a check that is none")
        results = [check.get("result") for check in checks]
        require(holds=all(result in ("success", "warning") for result in results), otherwise="a check failed")
        named.add(name)
    require(holds=named >= CATEGORIES, otherwise="a category is missing")


def edges_stream(data: bytes) -> None:
    """Raise ``Bad`` where the edges report is not one array of rows that are all mTLS."""
    arrays = documents(data)
    require(holds=len(arrays) == 1 and isinstance(arrays[0], list), otherwise="not one array")
    rows(arrays[0])


def rows(found: Any) -> None:
    require(holds=isinstance(found, list) and bool(found), otherwise="no row")
    said: dict[tuple[str, ...], Any] = {}
    for row in found:
        require(holds=isinstance(row, dict), otherwise="a row that is none")
        require(holds=all(isinstance(row.get(end), str) and row[end] for end in ENDS), otherwise="a row without ends")
        for end in ("client_id", "server_id"):
            identity = row.get(end)
            require(holds=isinstance(identity, str) and bool(IDENTITY.fullmatch(identity)), otherwise="no identity")
        require(holds=row.get("no_tls_reason", "") == "", otherwise="no TLS")
        claim = (row["client_id"], row["server_id"])
        pair = tuple(row[end] for end in ENDS)
        require(holds=said.setdefault(pair, claim) == claim, otherwise="two rows disagree")


def statement(payload: bytes) -> None:
    """Raise ``Bad`` where a signed statement must not pass, whatever its summaries say."""
    (found,) = documents(payload)
    try:
        judged(_bodies(found["predicate"]["attestations"]))
        require(holds=bool(found["subject"]), otherwise="no subject")
    except (ValueError, TypeError, LookupError, AttributeError) as error:
        raise Bad("a shape that no capture has") from error


def _bodies(entries: list[Any]) -> dict[str, Any]:
    types = [entry["type"] for entry in entries]
    require(holds=all(types.count(kind) == 1 for kind in TYPES), otherwise="not each predicate once")
    return {TYPES[entry["type"]]: entry["attestation"] for entry in entries if entry["type"] in TYPES}


def judged(bodies: dict[str, Any]) -> None:
    check, command = bodies["linkerd-check"], bodies["command-run"]
    require(holds=check["check_report"]["success"] is True, otherwise="no success")
    categories(check["check_report"]["categories"])
    rows(check["edge_report"])
    _counts(check)
    if "capture" in command:  # cilock writes none
        require(holds=command["capture"]["defects"] == [], otherwise="a defect")
        require(holds=command["capture"]["linkerd"]["replay"] is False, otherwise="a replay")
    require(holds=command.get("exitcode", 0) == 0, otherwise="an exit code")
    for name in ("material", "product"):
        tree(bodies[name])
    digests = {leaf["path"]: leaf["fileDigest"] for leaf in bodies["product"]["leaves"]}
    for kind in ("check", "edges"):
        digest = check[f"{kind}_digest_set"]["sha256"]
        require(holds=digests.get(check[f"{kind}_file"]) == digest, otherwise="another report")


def _counts(check: dict[str, Any]) -> None:
    found, edges = check["check_report"]["categories"], check["edge_report"]
    results = [one["result"] for category in found for one in category["checks"]]
    summary, counted = check["check_summary"], check["edges_summary"]
    stated = [summary[key] for key in ("pass", "warn", "error", "distinct_categories")]
    held = [results.count("success"), results.count("warning"), 0, len(found)]
    require(holds=stated == held and summary["overall_success"] is True, otherwise="wrong counts")
    stated = [counted[key] for key in ("total_edges", "secured", "insecure")]
    require(holds=stated == [len(edges), len(edges), 0], otherwise="wrong counts of edges")


def tree(found: dict[str, Any]) -> None:
    """Raise ``Bad`` where leaves are listed and the root is not the one that RFC 6962 gives over their contents."""
    digests = sorted({leaf["fileDigest"] for leaf in found.get("leaves", [])})
    if digests:
        leaves = [hashlib.sha256(bytes.fromhex(digest)).digest() for digest in digests]
        require(holds=found["merkleRoot"] == head(leaves).hex(), otherwise="another root")
        require(holds=found["treeSize"] == len(leaves), otherwise="another size")


def head(leaves: list[bytes]) -> bytes:
    """Return the tree head as RFC 6962, section 2.1, defines it."""
    if len(leaves) < 2:
        return hashlib.sha256(b"\x00" + leaves[0]).digest() if leaves else hashlib.sha256().digest()
    split = 1 << (len(leaves) - 1).bit_length() - 1
    return hashlib.sha256(b"\x01" + head(leaves[:split]) + head(leaves[split:])).digest()
