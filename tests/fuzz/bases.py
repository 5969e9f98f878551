"""Small documents of every kind that is read, good ones: what a fuzzer starts from, and what its scripts edit."""

from __future__ import annotations

import base64
import functools
import hashlib
import json
from dataclasses import replace
from datetime import UTC, datetime
from typing import Any

from cryptography.hazmat.primitives.asymmetric import ed25519
from cryptography.hazmat.primitives.serialization import Encoding, NoEncryption, PrivateFormat

from attestor import predicates, reports, signing
from attestor.evidence import Evidence, File, ReportFile
from attestor.signing import Signer
from attestor.statement import Collection, Statement
from attestor.witness import export
from tests import golden
from tests.fuzz.model import CATEGORIES

NOW = datetime(2026, 11, 21, 12, tzinfo=UTC)

KUBECONFIG = b"""apiVersion: v1
kind: Config
current-context: prod
clusters:
- name: c
  cluster: {server: "https://10.0.0.1:6443", certificate-authority: ca.pem}
contexts:
- name: prod
  context: {cluster: c, user: u, namespace: web}
users:
- name: u
  user:
    token: plainly-a-secret
    client-key-data: LS0tLS1CRUdJTg==
    exec:
      command: ./bin/login
      env:
      - {name: LOGIN_TOKEN, value: "another secret"}
"""

COMMIT = b"""tree 2222222222222222222222222222222222222222
parent 3333333333333333333333333333333333333333
author Ada <ada@example.org> 1779616800 +0200
committer Grace <grace@example.org> 1779660000 +0000
gpgsig -----BEGIN PGP SIGNATURE-----
 abcd
 -----END PGP SIGNATURE-----

first
"""

TAG = b"""object 1111111111111111111111111111111111111111
type commit
tag v1
tagger Ada <ada@example.org> 1779616800 -0130

one
-----BEGIN SSH SIGNATURE-----
abcd
"""

TRACE = b"""execve("/bin/sh", ["sh", "-c", "linkerd check -o json"], 0x7ffc /* 9 vars */) = 0
vfork() = 11
+++ exited with 0 +++
\0execve("/bin/linkerd", ["linkerd", "check"], 0x7ffc /* 9 vars */) = 0
connect(3, {sa_family=AF_INET, sin_port=htons(443), sin_addr=inet_addr("10.0.0.1")}, 16) = 0
clone3({flags=CLONE_VM|CLONE_THREAD} => {parent_tid=[12]}, 88) = 12
+++ killed by SIGSEGV (core dumped) +++
\0connect(4, {sa_family=AF_UNIX, sun_path="/run/\\303\\251"}, 110) = -1 ENOENT (No such file or directory)
+++ exited with 0 +++
"""


def check() -> list[Any]:
    """Return the documents of a healthy check: the core's, and that of the viz extension."""
    named = [*sorted(CATEGORIES - {"linkerd-viz"}), "linkerd-viz"]
    found = [
        {"categoryName": name, "checks": [{"description": f"{name} is well", "result": "success"}]} for name in named
    ]
    odd = {
        "description": "is up-to-date",
        "hint": "https://linkerd.io/2/checks/#x",
        "error": "old",
        "result": "warning",
    }
    found[0]["checks"].append(odd)  # type: ignore[attr-defined]
    return [{"success": True, "categories": found[:-1]}, {"success": True, "categories": found[-1:]}]


def edges() -> list[Any]:
    """Return the one document of edges that are all mTLS."""
    ends = (("web", "emoji"), ("web", "voting"), ("vote-bot", "web"))
    return [[_edge(source, target) for source, target in ends]]


def _edge(source: str, target: str) -> dict[str, str]:
    names = {"src": source, "src_namespace": "emojivoto", "dst": target, "dst_namespace": "emojivoto"}
    return names | {"client_id": f"{source}.emojivoto", "server_id": f"{target}.emojivoto", "no_tls_reason": ""}


def report(name: str, data: bytes) -> ReportFile:
    return ReportFile(path=f"linkerd-{name}.json", data=data, sha256=hashlib.sha256(data).hexdigest())


def printed(documents: list[Any]) -> bytes:
    return "\n".join(map(json.dumps, documents)).encode()


@functools.cache
def _capture() -> Evidence:
    return golden.evidence()


def evidence(check_text: bytes, edges_text: bytes) -> Evidence:
    """Return a live capture that left these two reports."""
    seen = _capture()
    first, second = report("check", check_text), report("edges", edges_text)
    product = replace(seen.product, files=tuple(File(path=one.path, sha256=one.sha256) for one in (first, second)))
    return replace(seen, check=first, edges=second, product=product)


def statement(seen: Evidence) -> Statement:
    """Return what a run signs about it."""
    return Statement.of(Collection(step=golden.STEP, predicates=predicates.build(seen, reports.read(seen))))


@functools.cache
def payload() -> bytes:
    """Return the signed bytes over the healthy reports."""
    return statement(evidence(printed(check()), printed(edges()))).payload


@functools.cache
def signer() -> Signer:
    """Return a key that is the same in every run, so that what it signed stays in the corpus."""
    key = ed25519.Ed25519PrivateKey.from_private_bytes(hashlib.sha256(b"mesh-attestor fuzzing").digest())
    return signing.load(key.private_bytes(Encoding.PEM, PrivateFormat.PKCS8, NoEncryption()), None, name="fuzzing")


@functools.cache
def policy() -> dict[str, Any]:
    """Return a policy document with short modules."""
    found: dict[str, Any] = json.loads(export.build([signer().public], golden.STEP, NOW).payload)
    module = base64.b64encode(b"package a.b\n\nimport rego.v1\n\ndeny contains 1 if false\n").decode()
    for entry in found["steps"][golden.STEP]["attestations"]:
        entry["regopolicies"] = [{"name": "a", "module": module}] if "linkerd" in entry["type"] else []
    return found


def answer(rules: list[str], messages: list[str]) -> bytes:
    """Return what opa prints for a decision."""
    violations = [{"rule": rules[0], "message": message, "about": {}} for message in messages]
    besides: dict[str, list[str]] = {"off": [], "warnings": [], "waived": [], "exempt": []}
    value = {"allow": not messages, "checked": rules, "violations": violations, **besides}
    expression = {"value": value, "text": "data.gate.decision", "location": {"row": 1, "col": 1}}
    return json.dumps({"result": [{"expressions": [expression]}]}).encode()
