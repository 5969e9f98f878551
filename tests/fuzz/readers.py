"""Targets: the readers of bytes that somebody else wrote."""

from __future__ import annotations

import base64
import binascii
import contextlib
import copy
import hashlib
import json
import shlex
from dataclasses import replace
from datetime import datetime
from pathlib import Path
from typing import Any

import yaml
from cryptography.exceptions import InvalidSignature
from cryptography.hazmat.primitives.serialization import Encoding, PublicFormat, load_pem_public_key

from attestor import gate, limits, strict_yaml
from attestor.capture import kubeconfig as kubeconfigs
from attestor.capture import trace
from attestor.capture.git_objects import Unreadable, read_commit, read_tags
from attestor.capture.kubeconfig import Source
from attestor.collection import opened
from attestor.engine import value
from attestor.envelope import Envelope
from attestor.errors import EvidenceError, GateError, SettingsError
from attestor.evidence import Defect, Process
from attestor.evidence import Trace as Traced
from attestor.github import masks
from attestor.given import Given
from attestor.predicates import git, linkerd_check
from attestor.reports import read
from attestor.reports.check import read as read_check
from attestor.reports.edges import read as read_edges
from attestor.verification import examine
from attestor.verification import reports as derived
from attestor.verification.finding import State
from attestor.witness import document
from tests.fuzz import bases, judged, model
from tests.fuzz.script import Script, edited, stream

RULES = ["mesh.a", "mesh.b"]


def check_stream(data: bytes) -> None:
    """Any bytes as the check report, beside edges that are well."""
    defects: list[Defect] = []
    found = read_check(bases.report("check", data), defects)
    if found is not None:
        summary = linkerd_check.check_summary(found)
        known = {check.result for category in found.categories for check in category.checks} <= set(model.RESULTS)
        counted = sum(int(str(summary[key])) for key in ("pass", "warn", "error"))
        whole = sum(len(category.checks) for category in found.categories)
        assert (counted == whole) == known, "the summary counts other checks than there are"
    assert all(len(defect.detail) <= 200 and 0 <= defect.offset <= len(data) for defect in defects)
    judged.reports(data, data, bases.printed(bases.edges()))


def edges(data: bytes) -> None:
    """Any bytes as the edges report, beside a check that is well."""
    defects: list[Defect] = []
    found = read_edges(bases.report("edges", data), (), defects)
    if found is not None:
        for edge in found.edges:
            assert edge.secured == bool(edge.client_id and edge.server_id and not edge.no_tls_reason)
        assert len(set(found.edges)) == len(found.edges)
    assert all(len(defect.detail) <= 200 and 0 <= defect.offset <= len(data) for defect in defects)
    judged.reports(data, bases.printed(bases.check()), data)


def reports(data: bytes) -> None:
    """Both reports, edited as the bytes say, through a run and the policy."""
    script = Script(data)
    first, second = bases.check(), bases.edges()
    which, most = script.number(3), 1 + script.number(3)
    if which != 1:
        first = edited(first, script, most)
    if which != 0:
        second = edited(second, script, most)
    judged.reports(data, stream(first, script), stream(second, script))


def evidence(data: bytes) -> None:
    """A signed statement, edited as the bytes say by somebody who holds the key, through the verifier and the policy."""
    judged.evidence(data, forged(data))


def forged(data: bytes) -> bytes:
    """Return the payload that ``data`` stands for: a few edits at one part of it, and summaries that follow from them.

    One forger in four edits the whole and mends nothing. The subjects of the others are about nothing that is known.
    """
    script = Script(data)
    part, most = script.number(4), 1 + script.number(3)
    base = json.loads(bases.payload())
    if part == 0:
        return _written(edited(base, script, most))
    bodies = {entry["type"].split("/")[-2]: entry["attestation"] for entry in base["predicate"]["attestations"]}
    body, key = ((bodies["linkerd-check"], "check_report"), (bodies["linkerd-check"], "edge_report"))[part % 2]
    if part == 3:
        body, key = bodies["command-run"], "capture"
    body[key] = edited(body[key], script, most)
    with contextlib.suppress(ValueError, TypeError, LookupError, AttributeError):
        _mend(bodies["linkerd-check"])
    base["subject"] = [{"name": "x", "digest": {"sha256": "00"}}]
    return _written(base)


def _written(value: Any) -> bytes:
    return json.dumps(value, ensure_ascii=False).encode("utf-8", "surrogatepass")


def _mend(body: Any) -> None:
    body["check_summary"] = linkerd_check.check_summary(derived.check_report(body))
    body["edges_summary"] = linkerd_check.edges_summary(derived.edge_report(body))


def collection(data: bytes) -> None:
    """Any bytes as a signed payload."""
    try:
        found = opened(data)
    except EvidenceError:
        return
    findings = examine(found, (), bases.NOW)
    if all(finding.state is not State.FAILED for finding in findings):
        judged.evidence(data, data)


def envelope(data: bytes) -> None:
    """Any bytes as an envelope: what is endorsed was signed, and what was read is written as it was."""
    try:
        found = Envelope.parse(data)
    except EvidenceError:
        return
    try:
        endorsed = found.endorsed([bases.signer().public])
    except EvidenceError:
        return
    assert _is_signed(data, endorsed.payload), "endorsed, and not signed"
    again = Envelope.parse(found.to_bytes())
    assert again.payload == found.payload
    assert [one.sig for one in again.signatures] == [one.sig for one in found.signatures]


def _is_signed(data: bytes, payload: bytes) -> bool:
    (whole,) = model.documents(data)
    kind = whole["payloadType"].encode()
    message = b" ".join([b"DSSEv1", b"%d" % len(kind), kind, b"%d" % len(payload), payload])
    key = bases.signer().key.public_key()
    for signature in whole["signatures"]:
        with contextlib.suppress(InvalidSignature, binascii.Error):
            key.verify(base64.b64decode(signature["sig"]), message)  # type: ignore[call-arg]
            return base64.b64decode(whole["payload"]) == payload
    return False


def witness_policy(data: bytes) -> None:
    """Any bytes as a policy document: what is read names its keys rightly, and asks for something."""
    try:
        found = document.read(data)
    except SettingsError:
        return
    (whole,) = model.documents(data)
    ((name, step),) = whole["steps"].items()
    assert (found.step, len(found.requirements)) == (name, len(step["attestations"]))
    assert {*whole} <= {"expires", "publickeys", "steps"} or all(
        not whole[key] for key in {*whole} - {"expires", "publickeys", "steps"}
    )
    listed = {entry["publickeyid"] for entry in step["functionaries"]}
    assert {key.keyid for key in found.keys} == listed
    # As for the peer, the id stands in the entry, and the name that the entry has is nobody's business.
    pems = [base64.b64decode(entry["key"]) for entry in whole["publickeys"].values() if entry["keyid"] in listed]
    assert listed == {hashlib.sha256(pem).hexdigest() for pem in map(_canonical, pems)}
    for requirement, entry in zip(found.requirements, step["attestations"], strict=True):
        assert len(requirement.modules) == len(entry.get("regopolicies") or [])


def _canonical(pem: bytes) -> bytes:
    return load_pem_public_key(pem).public_bytes(Encoding.PEM, PublicFormat.SubjectPublicKeyInfo)


def policy_script(data: bytes) -> None:
    """A policy document, edited as the bytes say."""
    witness_policy(json.dumps(edited(copy.deepcopy(bases.policy()), Script(data))).encode())


def yaml_document(data: bytes) -> None:
    """Any bytes as YAML: what is read is one document without aliases and without a key twice, and no deeper."""
    try:
        found = strict_yaml.load(data)
    except strict_yaml.NotYaml:
        return
    node = yaml.compose(data, Loader=yaml.CSafeLoader)
    assert _depth(node) <= limits.DEPTH
    assert not any(isinstance(event, yaml.AliasEvent) for event in yaml.parse(data, Loader=yaml.CSafeLoader))
    assert repr(found) == repr(yaml.load(data, Loader=yaml.CSafeLoader))


def _depth(node: yaml.Node | None) -> int:
    if isinstance(node, yaml.MappingNode):
        keys = [(key.tag, key.value) for key, _ in node.value if isinstance(key, yaml.ScalarNode)]
        assert len(set(keys)) == len(keys), "a key twice"
        return 1 + max((_depth(part) for pair in node.value for part in pair), default=0)
    if isinstance(node, yaml.SequenceNode):
        return 1 + max((_depth(part) for part in node.value), default=0)
    return 0


def kubeconfig(data: bytes) -> None:
    """Any bytes as a kubeconfig: one context is left of it, it can be read again, and its secrets are known."""
    masked = set(masks._kubeconfig(Given(name="k", content=data)))
    try:
        found = kubeconfigs.load([Source(name="k", text=data, folder=Path("/folder"))], "")
    except SettingsError:
        return
    written = yaml.safe_load(found.to_bytes())
    assert repr(written) == repr(dict(found.content))
    assert [len(written[key]) for key in ("contexts", "clusters")] == [1, 1]
    for entry in written["users"]:
        for key in ("token", "password", "client-key-data"):
            secret = entry["user"].get(key)
            if isinstance(secret, str) and secret.strip():
                assert secret.strip() in found.secrets
                assert {*secret.splitlines()} <= masked


def opa_answer(data: bytes) -> None:
    """Any bytes as opa's answer: an allow is one decision by exactly the rules that were given, without a reason."""
    try:
        verdict = gate.parse(data, gate.Expected(checked=frozenset(RULES)))
    except GateError:
        return
    (whole,) = model.documents(data)
    ((expression,),) = (result["expressions"] for result in whole["result"])
    assert sorted(expression["value"]["checked"]) == RULES
    assert (expression["value"]["allow"], expression["value"]["violations"] == []) == (verdict.allowed,) * 2


def opa_script(data: bytes) -> None:
    """An answer of opa, edited as the bytes say; also as the list of many decisions."""
    script = Script(data)
    base = json.loads(bases.answer(RULES, ["no"] * script.number(2)))
    changed = json.dumps(edited(base, script)).encode()
    opa_answer(changed)
    with contextlib.suppress(GateError):
        value(changed)


def git_objects(data: bytes) -> None:
    """Any bytes as what a repository holds as a commit and as a tag: its dates are moments that others read as well."""
    for kind, read_one in (("commit", read_commit), ("tag", lambda batch: list(read_tags(batch)))):
        batch = b"%s %s %d\n%s\n" % (b"1" * 40, kind.encode(), len(data), data)
        try:
            found: Any = read_one(batch)
        except Unreadable:
            continue
        seen = bases.evidence(b"", b"")
        changed = {"commit": found} if kind == "commit" else {"tags": tuple(found)}
        body: Any = git.build(replace(seen, git=replace(seen.git, **changed)), read(seen)).body
        json.dumps(body).encode()
        said = [body["commitdate"].rpartition(" ")[0]] if kind == "commit" else [tag["when"] for tag in body["tags"]]
        told = [found.authored] if kind == "commit" else [tag.when for tag in found]
        for text, when in zip(said, told, strict=True):
            assert datetime.fromisoformat(text) == when, text


def strace(data: bytes) -> None:
    """Any bytes as the files of a trace: each command line is evidence that a shell would split as it was."""
    files = {10 + i: text.decode("utf-8", "replace") for i, text in enumerate(data.split(b"\0")[:20])}
    try:
        found = trace.read(files, 9, killed=len(data) % 2 == 1)
    except trace.UnreadableTrace:
        return
    for traced in found:
        assert traced.images
        assert traced.exit_code is not None
        assert 0 <= traced.exit_code < 1000
        for image in traced.images:
            body = _recorded(image.argv, traced.exit_code)
            assert shlex.split(body["processes"][0]["cmdline"]) == list(image.argv)


def _recorded(argv: tuple[str, ...], exit_code: int) -> Any:
    from attestor.predicates import command_run

    process = Process(
        program="/x", pid=1, parent=0, comm="x", argv=argv, program_sha256="", exe_sha256="", exit_code=exit_code
    )
    seen = bases.evidence(b"", b"")
    command = replace(seen.command, trace=Traced(state="on", reason="", processes=(process,)))
    return command_run.build(replace(seen, command=command, secrets=()), read(seen)).body
