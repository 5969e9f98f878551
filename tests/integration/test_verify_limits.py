"""Envelopes made to exhaust a verifier: refused, within a memory limit that the operating system enforces."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from attestor import limits, signing
from attestor.envelope import Envelope
from attestor.signing import Signer
from attestor.statement import Statement
from tests import golden
from tests.conftest import ROOT, Done, KeyPair

MIB = 1024 * 1024
MEMORY = 1536 * MIB
"""Most address space of a call. An envelope of the size limit, with a character beyond 16 bits in it, takes half."""

SECONDS = 120
"""A call that takes longer hangs; the slowest of these takes three seconds on one processor."""

LIMITED = f"""
import resource, sys
resource.setrlimit(resource.RLIMIT_AS, ({MEMORY}, {MEMORY}))
from attestor import cli
cli.main()
"""

Make = Callable[[Signer], bytes]


@pytest.fixture
def file(tmp_path: Path) -> Iterator[Path]:
    """A file that is gone after the test: these are large."""
    path = tmp_path / "attestation.json"
    yield path
    path.unlink()


def verified(envelope: Path, key: KeyPair, opa: Path) -> Done:
    argv = [sys.executable, "-c", LIMITED, "verify", str(envelope), "--key", str(key.public), "--opa", str(opa)]
    env = {"PATH": os.environ["PATH"], "HOME": "/nonexistent", "PYTHONPATH": str(ROOT)}
    done = subprocess.run(argv, env=env, capture_output=True, timeout=SECONDS, check=False)
    return Done(code=done.returncode, out=done.stdout.decode(), err=done.stderr.decode())


def sealed(payload: bytes) -> Make:
    return lambda signer: Envelope.seal(Statement(payload=payload), [signer]).to_bytes()


def filled(length: int, note: str = "") -> Make:
    """Return an envelope whose payload is ``length`` characters of base64, with the signature of another one."""

    def make(signer: Signer) -> bytes:
        found = json.loads(Envelope.seal(golden.statement(), [signer]).to_bytes())
        text = json.dumps({**found, "note": note, "payload": "@"}, ensure_ascii=False)
        return text.encode().replace(b"@", b"A" * (length // 4 * 4))

    return make


def signatures(each: str, count: int) -> Make:
    def make(signer: Signer) -> bytes:
        found = json.loads(Envelope.seal(golden.statement(), [signer]).to_bytes())
        return json.dumps({**found, "signatures": "@"}).replace('"@"', f"[{','.join([each] * count)}]").encode()

    return make


CASES: dict[str, tuple[Make, str]] = {
    "a-payload-of-100-MB": (filled(100_000_000 * 4 // 3), f"the envelope has more than {limits.ENVELOPE_BYTES} bytes"),
    "a-payload-as-large-as-may-be": (
        filled(limits.ENVELOPE_BYTES - MIB),
        "no signature of the envelope is by a trusted key",
    ),
    "the-same-in-wide-characters": (
        filled(limits.ENVELOPE_BYTES - MIB, "\U0001f600"),
        "no signature of the envelope is by a trusted key",
    ),
    "a-million-signatures": (signatures("{}", 1_000_000), "it has too many objects"),
    "a-hundred-million-brackets": (lambda _: b"[" * (limits.ENVELOPE_BYTES - 1), "it has too many objects"),
    "a-payload-of-brackets": (sealed(b"[" * (32 * MIB)), "it holds more than 4000000 values"),
    "a-payload-of-commas": (sealed(b"[0" + b",0" * (16 * MIB) + b"]"), "it holds more than 4000000 values"),
    "a-payload-of-as-many-values-as-may-be": (
        sealed(b"[" + b",".join([b'{"a":1}'] * 1_990_000) + b"]"),
        "the payload is not a statement of type",
    ),
    "twenty-million-documents": (lambda _: b"1 " * (20 * MIB), "more than one JSON value"),
    "a-payload-of-twenty-million-documents": (sealed(b"1 " * (20 * MIB)), "more than one JSON value"),
    "a-number-of-as-many-digits": (lambda _: b'{"a":' + b"1" * (64 * MIB) + b"}", "the envelope is not JSON"),
    "a-key-id-of-as-many-letters": (
        signatures(json.dumps({"keyid": "a" * (64 * MIB), "sig": "eA=="}), 1),
        "no signature of the envelope is by a trusted key",
    ),
}


QUICK = ("a-million-signatures", "a-payload-of-brackets")


@pytest.mark.parametrize(
    "case", [case if case in QUICK else pytest.param(case, marks=pytest.mark.slow) for case in sorted(CASES)]
)
def test_what_is_made_to_exhaust_is_refused(case: str, file: Path, key: KeyPair, opa: Path) -> None:
    """Each is refused with exit 4 and its reason, and no call takes more memory than the limit."""
    make, said = CASES[case]
    file.write_bytes(make(signing.load(key.private.read_bytes(), None, name="the key")))
    done = verified(file, key, opa)
    assert (done.code, said in done.err) == (4, True), done.said[-2000:]
    assert len(done.said) < 10_000, "the refusal repeats what it refuses"


def test_the_limit_is_one(file: Path, key: KeyPair, opa: Path) -> None:
    """A call that takes more memory than the limit does not end in 4: the other tests can fail."""
    file.write_bytes(b"{}")
    argv = [sys.executable, "-c", LIMITED.replace("cli.main()", f"bytes({MEMORY})")]
    done = subprocess.run(argv, env={"PYTHONPATH": str(ROOT)}, capture_output=True, timeout=SECONDS, check=False)
    assert done.returncode == 1
    assert b"MemoryError" in done.stderr
