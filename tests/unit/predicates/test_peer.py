"""What the real cilock signed, made again here from the same evidence: the same bytes, roots and subjects."""

from __future__ import annotations

import base64
import hashlib
from dataclasses import replace
from datetime import datetime
from pathlib import Path
from typing import Any

import pytest

from attestor import redaction, reports, strict_json
from attestor.clock import Span
from attestor.evidence import Commit, Evidence, File, Git, Person, ReportFile, Tree
from attestor.predicates import git, linkerd_check, material, product
from attestor.reports import Reports
from attestor.statement import Collection, Predicate, encode
from tests import golden

FIXTURES = Path(__file__).parent.parent.parent / "fixtures"
EVIDENCE = golden.evidence()
SPAN = Span(started=golden.BEGUN, finished=golden.BEGUN)
NONE = Reports(check=None, edges=None, defects=())
Real = tuple[dict[str, Any], Evidence, Reports]


def report(path: Path, name: str) -> ReportFile:
    data = path.read_bytes()
    return ReportFile(path=name, data=data, sha256=hashlib.sha256(data).hexdigest())


def files(*named: tuple[str, str]) -> Tree:
    return Tree(span=SPAN, files=tuple(File(path=path, sha256=digest) for path, digest in named))


def built(predicate: Predicate | None) -> Predicate:
    assert predicate is not None
    return predicate


def recorded(name: str) -> dict[str, Any]:
    envelope = strict_json.loads((FIXTURES / name / "attestation.json").read_bytes())
    found: dict[str, Any] = strict_json.loads(base64.b64decode(envelope["payload"]))
    return found


def entry(statement: dict[str, Any], name: str) -> dict[str, Any]:
    entries = statement["predicate"]["attestations"]
    found: dict[str, Any] = next(item for item in entries if f"/{name}/" in item["type"])
    return found


def sorted_lists(body: dict[str, Any]) -> dict[str, Any]:
    """Sort the two lists that the peer writes in random order."""
    summary = body["edges_summary"]
    for key in ("distinct_src_namespaces", "distinct_dst_namespaces"):
        summary[key] = sorted(summary[key])
    return body


@pytest.fixture(params=["allow", "deny"])
def real(request: pytest.FixtureRequest) -> Real:
    """What a real cilock signed, and our evidence over the same two reports."""
    folder = FIXTURES / "cilock-v4.1.0" / request.param
    statement = recorded(f"cilock-v4.1.0/{request.param}")
    body = entry(statement, "linkerd-check")["attestation"]
    evidence = replace(
        EVIDENCE,
        cluster=body["cluster_name"],
        host=replace(EVIDENCE.host, hostname=body["hostname"]),
        check=report(folder / "linkerd-check.json", "linkerd-check.json"),
        edges=report(folder / "linkerd-edges.json", "linkerd-edges.json"),
    )
    understood = reports.read(evidence)
    assert understood.defects == ()
    return statement, evidence, understood


def test_the_linkerd_check_predicate_is_cilocks_byte_for_byte(real: Real) -> None:
    """Made again from the reports that cilock read: every key, in its order, and every subject."""
    statement, evidence, understood = real
    predicate = built(linkerd_check.build(evidence, understood))
    body = sorted_lists(entry(statement, "linkerd-check")["attestation"])
    assert encode(predicate.body) == encode(body)
    made = Collection(step="", predicates=[predicate]).subjects()
    assert made == [subject for subject in statement["subject"] if "/linkerd-check/" in subject["name"]]


def test_the_trees_of_cilocks_envelope_have_our_roots(real: Real) -> None:
    """Its own leaves, hashed here, give its own roots, subjects and back references."""
    statement, evidence, _ = real
    bodies = [entry(statement, key)["attestation"] for key in ("material", "product")]
    trees = [files(*((leaf["path"], leaf["fileDigest"]) for leaf in body["leaves"])) for body in bodies]
    evidence = replace(evidence, material=trees[0], product=trees[1])
    for predicate, body in zip((material.build(evidence, NONE), product.build(evidence, NONE)), bodies, strict=True):
        assert encode(dict(sorted(predicate.body.items()))) == encode(dict(sorted(body.items())))
        (subject,) = Collection(step="", predicates=[predicate]).subjects()
        assert subject in statement["subject"]
        assert statement["predicate"]["backrefs"][subject["name"]] == subject["digest"]


def test_the_recorded_fixtures_summary_and_report_are_the_same() -> None:
    """The peer's own fixture of an older generation, with one check report and no edges."""
    check = report(FIXTURES / "rookery-recorded" / "linkerd-check.json", "linkerd-check.json")
    evidence = replace(EVIDENCE, check=check, edges=None)
    predicate = built(linkerd_check.build(evidence, reports.read(evidence)))
    body = entry(recorded("rookery-recorded"), "linkerd-check")["attestation"]
    for key in ("check_file", "check_digest_set", "check_summary", "check_report"):
        assert encode(predicate.body[key]) == encode(body[key]), key


def test_the_git_predicate_is_cilocks_but_for_the_tool(real: Real) -> None:
    """Body, subjects and back references of the commit that cilock saw."""
    statement, evidence, _ = real
    body = entry(statement, "git")["attestation"]
    commit = Commit(
        sha=body["commithash"],
        tree=body["treehash"],
        parents=tuple(body["parenthashes"]),
        author=Person(name=body["author"], email=body["authoremail"]),
        committer=Person(name=body["committername"], email=body["committeremail"]),
        authored=datetime.fromisoformat(body["commitdate"].removesuffix(" +0000").replace(" +", "+")),
        message=body["commitmessage"],
        signature="",
    )
    observed = Git(
        span=SPAN,
        root="/tree",
        binary=body["gitbinpath"],
        binary_sha256=body["gitbinhash"]["sha256"],
        commit=commit,
        branch=body["branch"],
        refs=tuple(body["refs"]),
        remotes=tuple(body["remotes"]),
    )
    predicate = git.build(replace(evidence, git=observed), NONE)
    assert encode(predicate.body | {"gittool": body["gittool"]}) == encode(body)  # type: ignore[operator]
    made = Collection(step="", predicates=[predicate])
    assert made.subjects() == [subject for subject in statement["subject"] if "/git/" in subject["name"]]
    references = {key: value for key, value in statement["predicate"]["backrefs"].items() if "/git/" in key}
    assert made.to_dict()["backrefs"] == references


def test_what_cilock_masks_is_masked_here_but_for_search_paths(real: Real) -> None:
    """And what it shows is shown, unless it is a secret that this run was given."""
    statement, _, _ = real
    for name, value in entry(statement, "environment")["attestation"]["variables"].items():
        assert redaction.is_sensitive(name) == (value == redaction.MASK and name not in redaction.HARMLESS), name
