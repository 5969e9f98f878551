"""The auditor's page (docs/verify.md): every command of it is run, as it stands there, on a real run's evidence."""

from __future__ import annotations

import base64
import json
import os
import re
import shutil
import subprocess
import sys
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from attestor import signing, trust
from attestor.options import VERIFY
from tests.conftest import RECORDINGS, ROOT, Program, git
from tests.integration.test_bad_kubeconfig import config
from tests.tools.test_interchange import KEYS, pem_of

pytestmark = pytest.mark.tools

PAGE = (ROOT / "docs" / "verify.md").read_text(encoding="utf-8")
BLOCKS: list[tuple[str, str]] = re.findall(r"^```(\w+)\n(.*?)^```$", PAGE, re.MULTILINE | re.DOTALL)

KINDS = ("ed25519", "ecdsa-p256", "rsa-2048")

NOT_RUN = {
    "cilock verify": "its go.mod replaces modules by folders, which `go install` refuses, so that it cannot be had at a pinned"
    " version with a checksum as cosign can; tests/fixtures/cilock-cases holds what the real one answered"
}
"""Blocks that nothing can run here, and why."""

MAKES_POLICY = "mesh-attestor policy export"
COSIGN = "cosign verify-blob"

ONLY_FOR = {"# Ed25519": "ed25519", "# ECDSA": "ecdsa", "# RSA": "rsa"}
"""Blocks that verify one kind of signature; what openssl makes of other kinds is its own affair."""

SAYS: dict[str, str] = {
    "attestation.json --key mesh.pub\n": r"ALLOW",
    "--cluster prod": r"ALLOW",
    "evidence/*.json": r"\Aallow evidence/one.json\nallow evidence/two.json\n\Z",
    "--policy policy-signed.json": r"ALLOW",
    MAKES_POLICY: r"rules in it +mesh\.",
    "sha256sum < mesh.pub": r"\A(\w{64})  -\n\1\n\Z",
    "jq -j .payload": r"\A\Z",
    "# Ed25519": r"Verified Successfully",
    "# ECDSA": r"Verified OK",
    "# RSA": r"Verified OK",
    "map(.type)": r'(?s)linkerd-check/v0.1"\]\n\{\n  "cluster_name": "prod",.*"secured": 15,.*\n\}\n\[\]\n\Z',
    "as $results": r"\Atrue\ntrue\n\Z",
    "--check --strict": r"\Alinkerd-check.json: OK\nlinkerd-edges.json: OK\n\Z",
    "sha256 -binary": r"\A(\w{64})\n\1\n\Z",
    "import hashlib": r"\A\S+/material/v0.3 is right\n\S+/product/v0.3 is right\n\Z",
    COSIGN: r"\A\Z",
    "Pins(": r"(?s)\Aallowed by \w{64}\n(?:\S+ \S+ -> \S+ \S+ secured\n){15}\Z",
    "open_signed": r"\Aone.json True\ntwo.json True\n\Z",
}
"""By a part of its text, what each block prints."""


def keyword(block: str) -> str:
    """Return the one part by which a block of the page is known."""
    (found,) = [part for part in (*SAYS, *NOT_RUN) if part in block]
    return found


def test_every_block_is_run_or_argued_away() -> None:
    """A new block of the page needs an expectation here, and every expectation a block."""
    assert sorted(keyword(block) for _, block in BLOCKS) == sorted((*SAYS, *NOT_RUN))
    assert {language for language, _ in BLOCKS} == {"sh", "python"}


def test_every_option_is_named() -> None:
    """What `verify` takes stands on the page by its whole name, but for the one that no auditor needs."""
    unnamed = {option.name for option in VERIFY if not re.search(rf"--{option.name}(?![\w-])", PAGE)}
    assert unnamed == {"opa"}


@pytest.fixture
def live(tmp_path: Path) -> Path:
    """A linkerd that answers from a recording and is no replay, so that the page's commands need no more options."""
    recording = RECORDINGS / "stable-2.14"
    path = tmp_path / "live" / "linkerd"
    path.parent.mkdir()
    path.write_text(
        f"""#!/bin/sh
case "$*" in
version*) echo edge-25.5.2 ;;
check*) cat '{recording}/check.json' ;;
*) cat '{recording}/edges.json' ;;
esac
""",
        encoding="utf-8",
    )
    path.chmod(0o755)
    return path


@pytest.fixture(params=KINDS)
def kind(request: pytest.FixtureRequest) -> str:
    """A kind of key."""
    found: str = request.param
    return found


@pytest.fixture
def desk(kind: str, program: Program, live: Path, opa: Path, tree: Path, tmp_path: Path) -> Path:
    """The auditor's folder: what a run with a key of this kind left, the public key, and a folder of envelopes."""
    key = tmp_path / "mesh.key"
    key.write_bytes(pem_of(KEYS[kind]()))
    (tmp_path / "kubeconfig").write_text(json.dumps(config()), encoding="utf-8")
    options: dict[str, str | Path] = {
        "working-directory": tree,
        "signing-key": key,
        "kubeconfig": tmp_path / "kubeconfig",
        "linkerd-path": live,
        "cluster-name": "prod",
        "opa": opa,
    }
    done = program("run", *(word for name, value in options.items() for word in (f"--{name}", value)), cwd=tree)
    assert done.code == 0, done.said
    folder = tmp_path / "desk"
    (folder / "evidence").mkdir(parents=True)
    for name in ("attestation.json", "linkerd-check.json", "linkerd-edges.json"):
        shutil.copy(tree / name, folder / name)
    for name in ("one", "two"):
        shutil.copy(tree / "attestation.json", folder / "evidence" / f"{name}.json")
    signer = signing.load(key.read_bytes(), None, name="the key")
    (folder / "mesh.pub").write_bytes(trust.public_pem(signer.public.key))
    return folder


Paste = Callable[[str, str], subprocess.CompletedProcess[str]]


@pytest.fixture
def paste(desk: Path, tree: Path) -> Paste:
    """Run a block as somebody would paste it; a shell's block ends where its first command fails."""
    own = Path(sys.prefix) / "bin"
    env = {
        "PATH": f"{own}:{os.environ['PATH']}",
        "HOME": str(desk),
        "COMMIT": git(tree, "rev-parse", "HEAD").strip(),
        "COLUMNS": "200",
    }

    def run(language: str, block: str) -> subprocess.CompletedProcess[str]:
        argv = ["sh", "-ec", block] if language == "sh" else [sys.executable, "-c", block]
        return subprocess.run(argv, cwd=desk, env=env, check=False, capture_output=True, text=True)

    return run


def in_order() -> Iterator[tuple[str, str, str]]:
    """Yield part, language and text of every block that is run, the one that makes the policy first."""
    found = [(keyword(block), language, block) for language, block in BLOCKS]
    found.sort(key=lambda entry: entry[0] != MAKES_POLICY)
    yield from (entry for entry in found if entry[0] not in NOT_RUN)


def is_for(part: str, kind: str) -> bool:
    """Tell whether the page offers a block for this kind of key."""
    return kind.startswith(ONLY_FOR.get(part, kind))


def test_the_page_is_right(kind: str, paste: Paste) -> None:
    """Every command prints what the page promises, for a key of each kind."""
    for part, language, block in in_order():
        if not is_for(part, kind):
            continue
        done = paste(language, block)
        if part == COSIGN and kind.startswith("rsa"):
            assert done.returncode != 0, "the page says that cosign cannot"
            continue
        assert done.returncode == 0, f"{block}\n{done.stdout}{done.stderr}"
        # openssl and cosign say on one stream or the other, by version, that a signature is good.
        said = done.stdout + (done.stderr if part in ONLY_FOR else "")
        assert re.search(SAYS[part], said), f"{block}\n{said}"


def test_every_finding_of_a_run_has_its_line(paste: Paste) -> None:
    """The table of findings names what `verify` names."""
    table = PAGE.split("## What is checked")[1].split("\n## ")[0]
    listed = set(re.findall(r"`([a-zA-Z ]+)`", "".join(re.findall(r"^\| (`.*?) \|", table, re.MULTILINE))))
    done = paste("sh", "mesh-attestor verify attestation.json --key mesh.pub --report linkerd-check.json --format json")
    named = {finding["check"].replace("linkerd-check.json", "NAME") for finding in json.loads(done.stdout)["findings"]}
    assert named <= listed
    assert len(named) == 14


REFUSED: dict[str, tuple[int, str]] = {
    "attestation.json --key mesh.pub\n": (4, "no signature of the envelope is by a trusted key"),
    "--cluster prod": (4, "no signature of the envelope is by a trusted key"),
    "--policy policy-signed.json": (4, "no signature of the envelope is by a trusted key"),
    "# Ed25519": (1, ""),
    "# ECDSA": (1, ""),
    "# RSA": (1, ""),
    "as $results": (0, r"\Afalse\nfalse\n\Z"),
    "--check --strict": (1, r"linkerd-check.json: FAILED\nlinkerd-edges.json: FAILED"),
    "import hashlib": (0, r"\A\S+/material/v0.3 IS WRONG\n\S+/product/v0.3 IS WRONG\n\Z"),
    COSIGN: (1, ""),
    "Pins(": (1, "refused: no signature of the envelope is by a trusted key"),
}
"""What the page's commands say of a payload that was altered behind its signature, and of other reports."""


def alter(envelope: Path) -> None:
    """Change both summaries and every file digest of the payload, and leave the signature."""
    found = json.loads(envelope.read_bytes())
    payload = base64.b64decode(found["payload"])
    altered = re.sub(rb'"fileDigest":"\w{4}', b'"fileDigest":"0000', payload)
    altered = altered.replace(b'"pass":50', b'"pass":51').replace(b'"secured":15', b'"secured":16')
    found["payload"] = base64.b64encode(altered).decode("ascii")
    envelope.write_text(json.dumps(found), encoding="utf-8")


def test_the_page_notices_what_was_altered(desk: Path, paste: Paste) -> None:
    """The commands that judge say no, each of its own part, to an altered payload and to other reports beside it."""
    alter(desk / "attestation.json")
    for name in ("linkerd-check.json", "linkerd-edges.json"):
        (desk / name).write_bytes((desk / name).read_bytes() + b"\n")
    for part, language, block in in_order():
        done = paste(language, block)
        if part in REFUSED:
            code, said = REFUSED[part]
            assert (done.returncode, bool(re.search(said, done.stdout + done.stderr))) == (code, True), done
