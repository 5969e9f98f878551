"""What we write is read by programs that are not ours: jq as the integration page has it, cosign, openssl."""

from __future__ import annotations

import base64
import json
import shutil
import subprocess
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from cryptography.hazmat.primitives.asymmetric import ec, ed25519, rsa
from cryptography.hazmat.primitives.serialization import Encoding, NoEncryption, PrivateFormat

from attestor import signing, trust
from attestor.envelope import Envelope
from tests import golden
from tests.conftest import ROOT, KeyPair, Program, Run

pytestmark = pytest.mark.tools

KEYS: dict[str, Callable[[], signing.PrivateKey]] = {
    "ed25519": ed25519.Ed25519PrivateKey.generate,
    "ecdsa-p256": lambda: ec.generate_private_key(ec.SECP256R1()),
    "ecdsa-p384": lambda: ec.generate_private_key(ec.SECP384R1()),
    "ecdsa-p521": lambda: ec.generate_private_key(ec.SECP521R1()),
    "rsa-2048": lambda: rsa.generate_private_key(65537, 2048),
    "rsa-3072": lambda: rsa.generate_private_key(65537, 3072),
}

NOW = "2026-11-21T12:00:00Z"
"""Two hours after the fixed capture."""

# The three commands of the integration page, verbatim.
TYPES = "jq -r '.payload' attestation.json | base64 -d | jq '.predicate.attestations | map(.type)'"
ARGV = (
    "jq -r '.payload' attestation.json | base64 -d \\\n"
    '| jq \'.predicate.attestations[] | select(.type=="https://aflock.ai/attestations/command-run/v0.1") '
    "| .attestation.cmd'"
)
SUMMARY = (
    "jq -r '.payload' attestation.json | base64 -d \\\n"
    '| jq \'.predicate.attestations[] | select(.type=="https://aflock.ai/attestations/linkerd-check/v0.1") '
    "| .attestation | {\n"
    "cluster: .cluster_name,\n"
    "check: .check_summary | {pass, warn, error, overall_success},\n"
    "edges: .edges_summary | {total_edges, secured, insecure}\n"
    "}'"
)


def shell(command: str, folder: Path) -> str:
    """Run a shell command as somebody would paste it."""
    done = subprocess.run(["sh", "-c", command], cwd=folder, check=False, capture_output=True, text=True)
    assert done.returncode == 0, done.stderr
    return done.stdout


def test_the_integration_pages_jq_commands_work_unchanged(run: Run, tree: Path) -> None:
    """The page's three commands print what the page says for a mesh of 50 passing checks and 15 edges."""
    assert run("stable-2.14", "--cluster-name", "dropbox-clone-dev").code == 0
    assert json.loads(shell(TYPES, tree)) == [
        f"https://aflock.ai/attestations/{name}"
        for name in (
            "environment/v0.1",
            "git/v0.1",
            "material/v0.3",
            "command-run/v0.1",
            "product/v0.3",
            "linkerd-check/v0.1",
        )
    ]
    assert json.loads(shell(ARGV, tree)) == [
        "sh",
        "-c",
        "linkerd check -o json > linkerd-check.json; linkerd viz edges deploy -A -o json > linkerd-edges.json",
    ]
    assert json.loads(shell(SUMMARY, tree)) == {
        "cluster": "dropbox-clone-dev",
        "check": {"pass": 50, "warn": 4, "error": 0, "overall_success": True},
        "edges": {"total_edges": 15, "secured": 15, "insecure": 0},
    }


def pem_of(key: signing.PrivateKey) -> bytes:
    """Return a private key as PEM."""
    return key.private_bytes(Encoding.PEM, PrivateFormat.PKCS8, NoEncryption())


@pytest.fixture(scope="module", params=sorted(KEYS))
def sealed(request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory) -> tuple[str, Path]:
    """The fixed capture, sealed with a key of one kind: the kind, and a folder with envelope, key and report."""
    folder = tmp_path_factory.mktemp(request.param)
    signer = signing.load(pem_of(KEYS[request.param]()), None, name="the key")
    (folder / "attestation.json").write_bytes(Envelope.seal(golden.statement(), [signer]).to_bytes())
    (folder / "key.pub").write_bytes(trust.public_pem(signer.public.key))
    (folder / "linkerd-check.json").write_bytes(golden.report("stable-2.14", "check").data)
    return request.param, folder


def cosign(folder: Path, blob: str) -> subprocess.CompletedProcess[str]:
    """Ask cosign whether the envelope is by the key and speaks of ``blob``."""
    assert shutil.which("cosign"), "cosign is not on PATH"
    command = ["cosign", "verify-blob-attestation", "--insecure-ignore-tlog=true", "--key", "key.pub"]
    command += ["--signature", "attestation.json", "--type", "https://aflock.ai/attestation-collection/v0.1", blob]
    return subprocess.run(command, cwd=folder, check=False, capture_output=True, text=True)


def test_cosign_opens_the_envelope(sealed: tuple[str, Path]) -> None:
    """Ed25519 and ECDSA verify there; for RSA, cosign takes PKCS#1 v1.5 only, and ours is RSA-PSS as the peer's."""
    kind, folder = sealed
    done = cosign(folder, "linkerd-check.json")
    if kind.startswith("rsa"):
        assert done.returncode != 0
        return
    assert done.returncode == 0, done.stderr
    (folder / "other.json").write_text("{}", encoding="utf-8")
    assert cosign(folder, "other.json").returncode != 0


def openssl(kind: str, folder: Path) -> subprocess.CompletedProcess[str]:
    """Ask openssl about the signature, over a pre-authentication encoding that the shell makes from the envelope."""
    shell(
        "jq -r .payload attestation.json | base64 -d > payload; jq -r '.signatures[0].sig' attestation.json | base64 -d > sig; "
        "{ printf 'DSSEv1 28 application/vnd.in-toto+json %d ' \"$(wc -c < payload)\"; cat payload; } > pae",
        folder,
    )
    if kind == "ed25519":
        verify = "openssl pkeyutl -verify -pubin -inkey key.pub -rawin -in pae -sigfile sig"
    else:
        pss = "-sigopt rsa_padding_mode:pss -sigopt rsa_pss_saltlen:32" if kind.startswith("rsa") else ""
        verify = f"openssl dgst -sha256 {pss} -verify key.pub -signature sig pae"
    return subprocess.run(["sh", "-c", verify], cwd=folder, check=False, capture_output=True, text=True)


def test_openssl_verifies_the_signature(sealed: tuple[str, Path]) -> None:
    """Every kind verifies in openssl, and the key id is the digest of the public key."""
    kind, folder = sealed
    done = openssl(kind, folder)
    assert (done.returncode, "erified" in done.stdout + done.stderr) == (0, True), done
    assert (
        shell("sha256sum < key.pub", folder).split()[0]
        == json.loads((folder / "attestation.json").read_bytes())["signatures"][0]["keyid"]
    )


def flipped(envelope: dict[str, Any], holder: dict[str, Any], field: str, place: int) -> bytes:
    """Return the envelope with one bit of a base64 field changed."""
    data = bytearray(base64.b64decode(holder[field]))
    data[place] ^= 1
    holder[field] = base64.b64encode(data).decode("ascii")
    return json.dumps(envelope).encode()


ALTERED: dict[str, tuple[Callable[[dict[str, Any]], bytes], bool]] = {
    "nothing": (lambda e: json.dumps(e).encode(), True),
    "white-space-of-the-envelope": (lambda e: json.dumps(e, indent=1).encode(), True),
    "signature-first-byte": (lambda e: flipped(e, e["signatures"][0], "sig", 0), False),
    "signature-middle": (lambda e: flipped(e, e["signatures"][0], "sig", 40), False),
    "signature-last-byte": (lambda e: flipped(e, e["signatures"][0], "sig", -1), False),
    "payload-first-byte": (lambda e: flipped(e, e, "payload", 0), False),
    "payload-middle": (lambda e: flipped(e, e, "payload", 5000), False),
    "payload-last-byte": (lambda e: flipped(e, e, "payload", -1), False),
}
"""What is done to an envelope, and whether its signature is good all the same."""


@pytest.mark.parametrize("case", sorted(ALTERED))
def test_all_readers_agree_about_altered_envelopes(
    case: str, sealed: tuple[str, Path], tmp_path: Path, program: Program, opa: Path
) -> None:
    """`verify`, openssl and, where it knows the kind of key, cosign say yes together, and no together."""
    kind, folder = sealed
    alter, good = ALTERED[case]
    for name in ("key.pub", "linkerd-check.json"):
        shutil.copy(folder / name, tmp_path / name)
    (tmp_path / "attestation.json").write_bytes(alter(json.loads((folder / "attestation.json").read_bytes())))
    ours = program("verify", "attestation.json", "--key", "key.pub", "--opa", opa, "--now", NOW, cwd=tmp_path)
    assert ours.code == (0 if good else 4), ours.said
    assert (openssl(kind, tmp_path).returncode == 0) is good
    if not kind.startswith("rsa"):
        assert (cosign(tmp_path, "linkerd-check.json").returncode == 0) is good


def test_the_signed_verdict_is_opened_by_others(run: Run, tree: Path, key: KeyPair) -> None:
    """Cosign takes it as a statement about the envelope file and about no other, openssl its signature."""
    assert run("healthy").code == 0
    shutil.copy(key.public, tree / "key.pub")
    command = ["cosign", "verify-blob-attestation", "--insecure-ignore-tlog=true", "--key", "key.pub", "--signature"]
    command += ["attestation.verdict.json", "--type", "https://slsa.dev/verification_summary/v1"]

    def asked(blob: str) -> int:
        return subprocess.run([*command, blob], cwd=tree, check=False, capture_output=True).returncode

    assert asked("attestation.json") == 0
    assert asked("linkerd-check.json") != 0
    assert asked("attestation.verdict.json") != 0
    shutil.copy(tree / "attestation.verdict.json", tree / "attestation.json")
    done = openssl("ed25519", tree)
    assert (done.returncode, "erified" in done.stdout + done.stderr) == (0, True), done


def test_the_digest_of_the_policy_can_be_made_by_hand(run: Run, tree: Path) -> None:
    """With the commands of docs/verdict.md, from the verdict itself, and from the folder of the rules."""
    assert run("healthy").code == 0
    page = (ROOT / "docs" / "verdict.md").read_text(encoding="utf-8")
    (commands,) = [block for block in page.split("```sh\n") if block.startswith("jq -r .payload")]
    made, told = shell(commands.split("```")[0], tree).splitlines()
    assert made == f"{told}  -"
    listed = shell(
        "LC_ALL=C find gate.rego mesh collection -name '*.rego' ! -name '*_test.rego' | LC_ALL=C sort | xargs sha256sum | sha256sum",
        ROOT / "policy",
    )
    assert listed == f"{told}  -\n"
