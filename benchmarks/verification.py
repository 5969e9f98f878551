"""Verification: one envelope, a large mesh, a large tree, and a thousand envelopes in one call.

Beside each stands what somebody would write who does not want this program, over the same files: the signature in a few
lines of Python, the bare rules in opa, a loop of hashlib. They check less: no summary, no subject, no digest.
"""

from __future__ import annotations

import sys
from pathlib import Path

from attestor.engine import installed
from benchmarks import evidence
from benchmarks.evidence import Desk
from benchmarks.measure import Command, Row, Times, in_turn

ROOT = Path(__file__).resolve().parent.parent
PROGRAM = str(Path(sys.prefix) / "bin" / "mesh-attestor")

RUNS = 5
"""Rounds: the large ones take seconds. The thousand envelopes take a quarter of a minute, and get fewer."""

MANY_RUNS = 3

EDGES, LEAVES, ENVELOPES = 50_000, 20_000, 1_000
SAMPLE = 40
"""How many envelopes the loop over a signature check and opa is measured with; a thousand would take minutes."""

BARE_RULES = ("categories_present", "checks_pass", "edges_captured", "edges_mtls", "edges_present")
"""Zero categories, failed checks, no edges report, insecure edges, zero edges."""

SIGNATURE = """
import base64, json, sys
from cryptography.hazmat.primitives.serialization import load_pem_public_key
envelope = json.load(open(sys.argv[1]))
payload = base64.b64decode(envelope["payload"])
kind = envelope["payloadType"]
pae = b"DSSEv1 %d %s %d %s" % (len(kind), kind.encode(), len(payload), payload)
key = load_pem_public_key(open("mesh.pub", "rb").read())
key.verify(base64.b64decode(envelope["signatures"][0]["sig"]), pae)
print(json.dumps(json.loads(payload)["predicate"]["attestations"][-1]["attestation"]))
"""

ROOT_OF_LEAVES = """
import hashlib, json, sys
tree = json.load(open(sys.argv[1]))
sha256 = lambda data: hashlib.sha256(data).digest()
digests = sorted({bytes.fromhex(leaf["fileDigest"]) for leaf in tree["leaves"]})
assert all(sha256(bytes.fromhex(leaf["fileDigest"])).hex() == leaf["leafHash"] for leaf in tree["leaves"])
level = [sha256(bytes(1) + sha256(digest)) for digest in digests]
while len(level) > 1:
    odd = level[-1:] if len(level) % 2 else []
    level = [sha256(b"\\x01" + left + right) for left, right in zip(level[::2], level[1::2])] + odd
assert level[0].hex() == tree["merkleRoot"]
"""


def rows(folder: Path, env: dict[str, str], cilock: str) -> list[Row]:
    """Measure, and return what stands beside what; ``cilock`` is a path, or empty."""
    desk = Desk.made(folder / "desk")
    desk.put("small", evidence.small())
    desk.put("edges", evidence.with_edges(EDGES))
    desk.put("leaves", evidence.with_files(LEAVES))
    for number in range(ENVELOPES):
        desk.put(f"many-{number:04}", evidence.small(f"mesh-{number}"))
    desk.put_policy()
    found = [
        *_single(desk, env),
        *_large_mesh(desk, env),
        *_large_tree(desk, env),
        *_many(desk, env),
    ]
    return found + (_peer(desk, env, cilock) if cilock else [])


def _single(desk: Desk, env: dict[str, str]) -> list[Row]:
    ours = _verify(desk, "verify, 15 edges", "small.json")
    bare = _shell(desk, "signature in Python | five rules in opa", f"{_signature('small.json')} | {bare_rules()}")
    return _beside([ours], [bare], env)


def _large_mesh(desk: Desk, env: dict[str, str]) -> list[Row]:
    ours = _verify(desk, "verify, 50,000 edges", "edges.json")
    rules = _shell(desk, "five rules in opa, its predicate", f"{bare_rules()} < edges.mesh.json")
    load = _python(desk, "json.load, its predicate", "import json; json.load(open('edges.mesh.json'))")
    both = _shell(desk, "signature in Python | five rules in opa", f"{_signature('edges.json')} | {bare_rules()}")
    return _beside([ours, ours, ours], [rules, load, both], env)


def _large_tree(desk: Desk, env: dict[str, str]) -> list[Row]:
    ours = _verify(desk, "verify, 20,000 leaves", "leaves.json")
    loop = _python(desk, "json.load and a loop of hashlib, its leaves", ROOT_OF_LEAVES, "leaves.tree.json")
    return _beside([ours], [loop], env)


def _many(desk: Desk, env: dict[str, str]) -> list[Row]:
    names = [f"many-{number:04}.json" for number in range(ENVELOPES)]
    ours = _verify(desk, "verify, 1,000 envelopes in one call", *names)
    loop = f"for file in {' '.join(names[:SAMPLE])}; do {_signature('$file')} | {bare_rules()} || exit 1; done"
    script = _shell(desk, "", loop)
    our, their = in_turn([ours, script], env, MANY_RUNS)
    factor = ENVELOPES / SAMPLE
    scaled = Times(median=their.median * factor, minimum=their.minimum * factor)
    return [(ours.name, our, f"signature | opa for each; {SAMPLE} taken {factor:g} times", scaled)]


def _peer(desk: Desk, env: dict[str, str], cilock: str) -> list[Row]:
    """Beside the real `cilock verify` with a policy of the same rules, and beside it by the same policy."""
    ours, theirs = [], []
    for name, what in (("small", "15 edges"), ("edges", "50,000 edges"), ("leaves", "20,000 leaves")):
        argv = [cilock, "verify", "--offline", "--platform-url", "", "--enable-archivista=false", "-p", "policy.json"]
        argv += ["-k", "mesh.pub", "-a", f"{name}.json", "-f", "linkerd-check.json"]
        peer = Command(name=f"cilock verify, {what}", argv=argv, folder=desk.folder)
        policy = ["--policy", "policy.json", "--policy-key", "mesh.pub"]
        ours += [_verify(desk, f"verify, {what}", f"{name}.json")]
        ours += [_command(desk, f"verify --policy, {what}", [f"{name}.json", *policy])]
        theirs += [peer, peer]
    return _beside(ours, theirs, env)


def _beside(ours: list[Command], theirs: list[Command], env: dict[str, str]) -> list[Row]:
    """Measure all of them in turn, each once a round, and pair them up."""
    distinct = list({command.name: command for command in (*ours, *theirs)}.values())
    times = dict(zip((command.name for command in distinct), in_turn(distinct, env, RUNS), strict=True))
    return [(our.name, times[our.name], their.name, times[their.name]) for our, their in zip(ours, theirs, strict=True)]


def _verify(desk: Desk, name: str, *envelopes: str) -> Command:
    return _command(desk, name, [*envelopes, "--key", "mesh.pub"])


def _command(desk: Desk, name: str, words: list[str]) -> Command:
    argv = [PROGRAM, "verify", *words, "--now", evidence.NOW, "--format", "json"]
    return Command(name=name, argv=argv, folder=desk.folder)


def _python(desk: Desk, name: str, script: str, *words: str) -> Command:
    return Command(name=name, argv=[sys.executable, "-c", script, *words], folder=desk.folder)


def _shell(desk: Desk, name: str, script: str) -> Command:
    (desk.folder / "signature.py").write_text(SIGNATURE, encoding="utf-8")
    return Command(name=name, argv=["sh", "-c", script], folder=desk.folder)


def _signature(envelope: str) -> str:
    return f"'{sys.executable}' signature.py {envelope}"


def bare_rules() -> str:
    """Return a command that evaluates the five bare rules over its standard input and fails where one denies."""
    rules = " ".join(f"-d '{ROOT / 'policy' / 'mesh' / name}.rego'" for name in BARE_RULES)
    denials = " | ".join(f"data.mesh.{name}.deny" for name in BARE_RULES)
    return f"'{installed()}' eval --fail --format json --stdin-input {rules} 'count({denials}) == 0' >/dev/null"
