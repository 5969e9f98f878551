"""The named cases of ``tests/cases/verify``: each read from its file and laid out as a folder and a command line."""

from __future__ import annotations

import base64
import functools
import json
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

from cryptography import x509
from cryptography.hazmat.primitives.asymmetric import ec, ed448, ed25519, rsa
from cryptography.hazmat.primitives.serialization import Encoding, NoEncryption, PrivateFormat, PublicFormat
from cryptography.x509.oid import NameOID

from attestor import collection, engine, gate, privacy, signing, summary, trust
from attestor.envelope import PAYLOAD_TYPE, Envelope, pae
from attestor.policies import EMBEDDED
from attestor.report import Report
from attestor.signing import Signer
from attestor.statement import encode
from attestor.summary import Decision, Judge
from attestor.verdict import Verdict
from tests import edits, golden
from tests.conftest import ROOT

FOLDER = ROOT / "tests" / "cases" / "verify"
NOW = "2026-11-21T12:00:00Z"
POLICY_TYPE = "https://aflock.ai/policy/v0.1"
_LENIENT = 'package lenient\n\nimport rego.v1\n\ndeny contains "never" if false\n'
_SINGLE = ("payload_type", "signed_by", "file", "keys", "now", "env", "files", "options", "verdict")
_LISTS = ("statement", "payload", "envelope", "text")


@dataclass(frozen=True, slots=True, kw_only=True)
class Case:
    """A case as its file has it, ``after`` another one where it says so."""

    name: str
    folder: str
    data: Mapping[str, Any]

    @property
    def says(self) -> list[str]:
        """Parts of what the program must print."""
        return [self.data["says"]] if isinstance(self.data.get("says", []), str) else self.data.get("says", [])


def names(folder: str) -> list[str]:
    """Return the names of the cases in ``refused`` or ``accepted``."""
    return sorted(path.stem for path in (FOLDER / folder).glob("*.json"))


def load(folder: str, name: str) -> Case:
    """Return the case of this name."""
    data = json.loads((FOLDER / folder / f"{name}.json").read_bytes())
    return Case(name=name, folder=folder, data=_after(data))


def _after(data: dict[str, Any]) -> dict[str, Any]:
    """Return a case whose edits come after those of the case that it builds on."""
    if "after" not in data:
        return data
    first = _after(json.loads((FOLDER / f"{data['after']}.json").read_bytes()))
    inherited = {key: first[key] for key in _SINGLE if key in first}
    joined = {key: first.get(key, []) + data.get(key, []) for key in _LISTS}
    policy = {"policy": _joined_policy(first["policy"], data.get("policy", {}))} if "policy" in first else {}
    return inherited | data | joined | policy


def _joined_policy(first: dict[str, Any], second: dict[str, Any]) -> dict[str, Any]:
    return first | second | {key: first.get(key, []) + second.get(key, []) for key in ("document", "payload")}


@functools.cache
def signers() -> Mapping[str, Signer]:
    """Return the keys that the tests make: two of evidence, one that signs policies, and one that nobody trusts."""
    pem = ec.generate_private_key(ec.SECP256R1()).private_bytes(Encoding.PEM, PrivateFormat.PKCS8, NoEncryption())
    ed = {name: signing.generate(None)[1] for name in ("trusted", "author", "stranger")}
    return {**ed, "second": signing.load(pem, None, name="second")}


@functools.cache
def key_files() -> Mapping[str, bytes]:
    """Return the files that a case may name as a key."""
    found = {f"{name}.pub": trust.public_pem(signer.public.key) for name, signer in signers().items()}
    key = signers()["trusted"].key
    assert isinstance(key, ed25519.Ed25519PrivateKey)
    day = functools.partial(datetime, tzinfo=UTC)
    return {
        **found,
        "trusted.crt": _certificate(key, day(2026, 11, 1), day(2026, 12, 1)),
        "expired.crt": _certificate(key, day(2026, 10, 1), day(2026, 11, 21, 9)),
        "early.crt": _certificate(key, day(2026, 11, 21, 11), day(2027, 11, 21)),
        "trusted.key": key.private_bytes(Encoding.PEM, PrivateFormat.PKCS8, NoEncryption()),
        "bundle.pem": found["trusted.pub"] + found["stranger.pub"],
        "rsa-1024.pub": _spki(rsa.generate_private_key(65537, 1024)),
        "p224.pub": _spki(ec.generate_private_key(ec.SECP224R1())),
        "ed448.pub": _spki(ed448.Ed448PrivateKey.generate()),
    }


def _spki(key: Any) -> bytes:
    pem: bytes = key.public_key().public_bytes(Encoding.PEM, PublicFormat.SubjectPublicKeyInfo)
    return pem


def _certificate(key: ed25519.Ed25519PrivateKey, begin: datetime, end: datetime) -> bytes:
    name = x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, "signer of the cases")])
    built = x509.CertificateBuilder(name, name, key.public_key(), 1, begin, end)
    return built.sign(key, None).public_bytes(Encoding.PEM)


@functools.cache
def _golden(recording: str = "stable-2.14") -> bytes:
    return golden.statement(recording).payload


@functools.cache
def _everywhere() -> Mapping[str, str]:
    """Return what a case may ask for whatever it signs: the keys, and another good envelope and a good policy."""
    found: dict[str, str] = {}
    for name, signer in signers().items():
        pem = trust.public_pem(signer.public.key)
        found |= {f"{name}.keyid": signer.keyid, f"{name}.pem": pem.decode(), f"{name}.key": _base64(pem)}
    other, policy = _golden("healthy"), encode(_policy())
    return {
        **found,
        "certificate": _base64(key_files()["trusted.crt"]),
        "other.payload": _base64(other),
        "other.sig": _base64(signers()["trusted"].sign(pae(PAYLOAD_TYPE, other))),
        "policy.payload": _base64(policy),
        "policy.sig": _base64(signers()["trusted"].sign(pae(POLICY_TYPE, policy))),
    }


def _policy() -> dict[str, Any]:
    """Return the smallest policy over the golden evidence: every type is asked for, one module denies nothing."""
    statement = json.loads(_golden())
    types = [entry["type"] for entry in statement["predicate"]["attestations"]]
    keyid, pem = signers()["trusted"].keyid, trust.public_pem(signers()["trusted"].public.key)
    regos = [{"name": "lenient", "module": _base64(_LENIENT.encode())}]
    step = {
        "name": golden.STEP,
        "functionaries": [{"type": "publickey", "publickeyid": keyid}],
        "attestations": [{"type": uri, "regopolicies": regos if "linkerd-check" in uri else []} for uri in types],
    }
    return {
        "expires": "2027-01-01T00:00:00Z",
        "publickeys": {keyid: {"keyid": keyid, "key": _base64(pem)}},
        "steps": {golden.STEP: step},
    }


def _base64(data: bytes) -> str:
    return base64.b64encode(data).decode("ascii")


def _sealed(document: Any, part: Mapping[str, Any], *, kind: str, signer: str) -> bytes:
    """Return the envelope file of ``document`` after the edits of its text, of its envelope, and of that one's text."""
    payload = edits.of_text(encode(document), part.get("payload", []), _everywhere())
    message = pae(part.get("payload_type", kind), payload)
    signatures = [
        {"keyid": signers()[name].keyid, "sig": _base64(signers()[name].sign(message))}
        for name in part.get("signed_by", [signer])
    ]
    known = {
        **_everywhere(),
        "payload": _base64(payload),
        "sig": signatures[0]["sig"],
        "bare.sig": _base64(signers()[signer].sign(payload)),
    }
    found = {"payload": known["payload"], "payloadType": part.get("payload_type", kind), "signatures": signatures}
    envelope = edits.of_json(found, part.get("envelope", []), known)
    return edits.of_text(encode(envelope), part.get("text", []), known)


def _verdict(sealed: bytes, recording: str) -> dict[str, Any]:
    """Return the honest verdict on the case's own envelope, or on the golden one of another ``recording``."""
    signer = signers()["trusted"]
    data = Envelope.seal(golden.statement(recording), [signer]).to_bytes() if recording else sealed
    opened = collection.opened(Envelope.parse(data).verified([signer.public]))
    moment = golden.BEGUN + timedelta(minutes=1)
    found: dict[str, Any] = json.loads(
        summary.statement(
            Decision(
                report=Report(
                    opened=opened,
                    signers=(signer.keyid,),
                    verdict=_judged(data, moment),
                    envelope="attestation.json",
                    envelope_sha256=golden.sha256(data),
                ),
                moment=moment,
                policy=EMBEDDED,
                allow_replay=False,
                judge=Judge(sha256="0" * 64, version="1.0.0"),
            )
        ).payload
    )
    return found


@functools.cache
def _judged(data: bytes, moment: datetime) -> Verdict:
    opened = collection.opened(Envelope.parse(data).payload)
    with privacy.private_folder() as folder:
        return gate.judge(opened, engine.find(None, folder), now=moment, allow_replay=False)


def envelope(case: Case) -> bytes:
    """Return the envelope file that the case is about."""
    if "file" in case.data:
        return edits.of_text((ROOT / case.data["file"]).read_bytes(), case.data.get("text", []), _everywhere())
    statement = edits.of_json(json.loads(_golden()), case.data.get("statement", []), _everywhere())
    return _sealed(statement, case.data, kind=PAYLOAD_TYPE, signer="trusted")


def laid_out(case: Case, folder: Path) -> list[str]:
    """Write everything that the case needs into ``folder``, and return the command line to run there."""
    sealed = envelope(case)
    files = {"attestation.json": sealed, **key_files()}
    files |= {name: _content(wanted) for name, wanted in case.data.get("files", {}).items()}
    keys = case.data.get("keys", [] if "policy" in case.data else ["trusted.pub"])
    argv = ["verify", "attestation.json", *(word for name in keys for word in ("--key", _file(name)))]
    if "policy" in case.data:
        part = case.data["policy"]
        document = edits.of_json(_policy(), part.get("document", []), _everywhere())
        files["policy.json"] = _sealed(document, part, kind=POLICY_TYPE, signer="author")
        argv += ["--policy", "policy.json"]
        argv += [word for name in part.get("keys", ["author.pub"]) for word in ("--policy-key", name)]
    if "verdict" in case.data:
        part = case.data["verdict"]
        document = edits.of_json(_verdict(sealed, part.get("of", "")), part.get("statement", []), _everywhere())
        files["verdict.json"] = _sealed(document, part, kind=PAYLOAD_TYPE, signer="trusted")
        argv += ["--verdict", "verdict.json"]
    for name, data in files.items():
        (folder / name).write_bytes(data)
    return [*argv, "--now", case.data.get("now", NOW), *case.data.get("options", [])]


def _content(wanted: str | list[edits.Edit]) -> bytes:
    return (ROOT / wanted).read_bytes() if isinstance(wanted, str) else edits.of_text(b"", wanted, _everywhere())


def _file(name: str) -> str:
    return str(ROOT / name) if "/" in name else name
