"""Subjects against the predicates that they name, and the reports' digests wherever they stand.

The peer matches evidence by subject digests and never asks whether a subject says what its predicate says.
"""

from __future__ import annotations

import hashlib
from collections.abc import Iterator, Mapping, Sequence
from typing import Any

from attestor.collection import KNOWN_PREFIXES, Opened, canonical, with_canonical_type
from attestor.lenient import items, mapping, rows
from attestor.statement import encoded
from attestor.verification.finding import Finding, Refuted, failed, ok, unchecked


def examine(opened: Opened, reports: Sequence[tuple[str, str]]) -> Iterator[Finding]:
    """Yield what is found out; ``reports`` holds name and hex SHA-256 of report files on disk."""
    yield _subjects(opened)
    yield from _digests(opened, reports)


def _subjects(opened: Opened) -> Finding:
    check = "subjects"
    expected = {
        f"{canonical(opened.types[name])}/{key}": digest
        for name, body in opened.bodies.items()
        for key, digest in _EXPECTED.get(name, _none)(body)
    }
    if not opened.subjects:
        return failed(check, "the statement has none, so it is about nothing")
    names = [str(subject.get("name")) for subject in opened.subjects]
    if len(set(names)) < len(names):
        return failed(check, "a subject is there twice")
    try:
        for subject in (*opened.subjects, *opened.back_references):
            _one(subject, expected)
    except Refuted as error:
        return failed(check, str(error))
    references = f", and {len(opened.back_references)} back references" if opened.back_references else ""
    return ok(check, f"{len(opened.subjects)}{references} agree with the predicates they name")


def _one(subject: Mapping[str, Any], expected: Mapping[str, Mapping[str, str]]) -> None:
    name, digest = subject.get("name"), subject.get("digest")
    named = isinstance(name, str) and name
    if not named or not isinstance(digest, dict) or not digest or not all(map(_is_text, digest.values())):
        message = "a subject has no name or no digest"
        raise Refuted(message)
    name = with_canonical_type(str(name))
    if name in expected:
        if subject["digest"] != expected[name]:
            message = f"the subject {name} has another digest than its predicate"
            raise Refuted(message)
    elif name.startswith(KNOWN_PREFIXES) and not _is_of_nothing(subject):
        message = f"the subject {name} is in no predicate"
        raise Refuted(message)


def _is_text(value: object) -> bool:
    return isinstance(value, str)


def _is_of_nothing(subject: Mapping[str, Any]) -> bool:
    """Tell whether the digest is that of the empty string, as the peer writes for what a repository lacks."""
    return bool(subject["name"].endswith(":") and subject["digest"] == {"sha256": hashlib.sha256().hexdigest()})


def _none(_body: Mapping[str, Any]) -> Iterator[tuple[str, dict[str, str]]]:
    yield from ()


def _word(kind: str, word: object) -> Iterator[tuple[str, dict[str, str]]]:
    if isinstance(word, str) and word:
        yield f"{kind}:{word}", {"sha256": hashlib.sha256(encoded(word)).hexdigest()}


def _of_git(body: Mapping[str, Any]) -> Iterator[tuple[str, dict[str, str]]]:
    commits = [("commithash", body.get("commithash"))]
    commits += [("parenthash", parent) for parent in items(body.get("parenthashes"))]
    yield from ((f"{kind}:{sha}", {"sha1": sha}) for kind, sha in commits if isinstance(sha, str) and sha)
    yield from _word("authoremail", body.get("authoremail"))
    yield from _word("committeremail", body.get("committeremail"))
    yield from _word("refnameshort", body.get("branch"))
    for remote in items(body.get("remotes")):
        yield from _word("remote", remote)


def _of_tree(kind: str, body: Mapping[str, Any]) -> Iterator[tuple[str, dict[str, str]]]:
    if isinstance(body.get("merkleRoot"), str):
        yield f"tree:{kind}", {"sha256": body["merkleRoot"]}


def _of_linkerd_check(body: Mapping[str, Any]) -> Iterator[tuple[str, dict[str, str]]]:
    for kind in ("check", "edges"):
        path, digest = body.get(f"{kind}_file"), body.get(f"{kind}_digest_set")
        if isinstance(path, str) and isinstance(digest, dict):
            yield f"{kind}_file:{path}", digest
    yield from _word("cluster", body.get("cluster_name"))
    success = mapping(body.get("check_summary")).get("overall_success")
    yield from _word("linkerd-overall", "success" if success is True else "fail")


def _of_coverage(body: Mapping[str, Any]) -> Iterator[tuple[str, dict[str, str]]]:
    yield from _word("cluster-uid", mapping(body.get("cluster")).get("uid"))


_EXPECTED = {
    "coverage": _of_coverage,
    "git": _of_git,
    "material": lambda body: _of_tree("materials", body),
    "product": lambda body: _of_tree("products", body),
    "linkerd-check": _of_linkerd_check,
}


_HELD = {"check": ("check_report", "check_summary"), "edges": ("edge_report", "edges_summary")}


def _digests(opened: Opened, reports: Sequence[tuple[str, str]]) -> Iterator[Finding]:
    """Compare a report's digest in linkerd-check with the product's leaf, and with the files on disk."""
    body = opened.linkerd_check
    leaves = {str(leaf.get("path")): leaf.get("fileDigest") for leaf in rows(opened.body("product").get("leaves"))}
    listed: dict[str, object] = {}
    for kind in ("check", "edges"):
        path, digest = body.get(f"{kind}_file"), mapping(body.get(f"{kind}_digest_set")).get("sha256")
        name = f"{kind} report"
        if not body.keys() & {f"{kind}_file", f"{kind}_digest_set", *_HELD[kind]}:
            yield unchecked(name, "not in the evidence")
        elif not isinstance(path, str) or leaves.get(path) != digest or digest is None:
            yield failed(name, "its digest is not that of the product of its name")
        else:
            listed[path.rpartition("/")[2]] = digest
            yield ok(name, "its digest is that of the product of its name")
    yield from (_on_disk(name, digest, listed) for name, digest in reports)


def _on_disk(name: str, digest: str, listed: Mapping[str, object]) -> Finding:
    """Compare a file with the report of its name, or, where it was renamed, with every report."""
    check = f"file {name}"
    if digest == listed.get(name, digest) and digest in listed.values():
        return ok(check, "is, byte for byte, a report of the evidence")
    return failed(
        check, "is another than the report of the evidence" if name in listed else "is no report of the evidence"
    )
