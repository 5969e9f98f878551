"""Every target by its name, and what it starts from."""

from __future__ import annotations

import json
from collections.abc import Callable, Iterable
from dataclasses import dataclass
from pathlib import Path

from attestor.envelope import PAYLOAD_TYPE, Envelope
from attestor.summary import statement
from tests.fuzz import bases, policies, readers, writers

RECORDINGS = Path(__file__).parent.parent / "recordings"


@dataclass(frozen=True, slots=True)
class Target:
    """A function that raises for a violation, the first inputs, and the longest input that is tried."""

    check: Callable[[bytes], None]
    seeds: Callable[[], Iterable[bytes]]
    longest: int = 2048


def _recorded(name: str) -> Callable[[], Iterable[bytes]]:
    def seeds() -> Iterable[bytes]:
        yield bases.printed(bases.check() if name == "check" else bases.edges())
        yield from {path.read_bytes() for path in sorted(RECORDINGS.glob(f"*/{name}.json"))}

    return seeds


def _scripts() -> Iterable[bytes]:
    """Yield scripts of every length; mutation makes the rest of them."""
    yield from (bytes((i * step) % 256 for i in range(length)) for length in (4, 16, 64) for step in (1, 7, 31))


def _envelopes() -> Iterable[bytes]:
    signer = bases.signer()
    yield Envelope.sign(PAYLOAD_TYPE, b'{"a":1}', [signer]).to_bytes()
    yield Envelope.sign(PAYLOAD_TYPE, b"", [signer]).to_bytes()
    found = json.loads(Envelope.sign(PAYLOAD_TYPE, b"x", [signer, signer]).to_bytes())
    found["signatures"][0] |= {"certificate": "eA==", "intermediates": ["eA=="], "timestamps": [{"data": "eA=="}]}
    yield json.dumps(found).encode()


def _answers() -> Iterable[bytes]:
    yield bases.answer(readers.RULES, [])
    yield bases.answer(readers.RULES, ["no"])


def _verdicts() -> Iterable[bytes]:
    for allowed in (True, False):
        yield statement(policies.decision(policies.report_of(allowed=allowed))).payload


TARGETS = {
    "check_stream": Target(readers.check_stream, _recorded("check"), 12_000),
    "edges": Target(readers.edges, _recorded("edges"), 6000),
    "reports": Target(readers.reports, _scripts, 256),
    "evidence": Target(readers.evidence, _scripts, 256),
    "envelope": Target(readers.envelope, _envelopes),
    "collection": Target(readers.collection, lambda: [bases.payload()], 12_000),
    "witness_policy": Target(readers.witness_policy, lambda: [json.dumps(bases.policy()).encode()], 4096),
    "policy_script": Target(readers.policy_script, _scripts, 256),
    "policy_config": Target(policies.policy_config, lambda: [policies.CONFIGURATION], 1024),
    "config_script": Target(policies.config_script, _scripts, 256),
    "waivers": Target(policies.waivers_file, lambda: [policies.WAIVERS], 1024),
    "waivers_script": Target(policies.waivers_script, _scripts, 256),
    "controls": Target(policies.controls_file, lambda: [policies.CONTROLS], 1024),
    "controls_script": Target(policies.controls_script, _scripts, 256),
    "rego_tree": Target(policies.rego_tree, lambda: [json.dumps(tree).encode() for tree in policies.trees()], 8192),
    "rego_script": Target(policies.rego_script, _scripts, 256),
    "baseline": Target(policies.earlier, _scripts, 256),
    "verdict": Target(policies.verdict, _verdicts, 12_000),
    "verdict_script": Target(policies.verdict_script, _scripts, 256),
    "yaml": Target(readers.yaml_document, lambda: [bases.KUBECONFIG, b"a: !!int 0x1\nb: [1.5, 2001-01-01]\n"]),
    "kubeconfig": Target(readers.kubeconfig, lambda: [bases.KUBECONFIG]),
    "opa_answer": Target(readers.opa_answer, _answers),
    "opa_script": Target(readers.opa_script, _scripts, 256),
    "git_objects": Target(readers.git_objects, lambda: [bases.COMMIT, bases.TAG]),
    "strace": Target(readers.strace, lambda: [bases.TRACE]),
    "outputs": Target(writers.github_outputs, _scripts, 512),
    "annotations": Target(writers.annotated, _scripts, 512),
    "commands": Target(writers.github_commands, _scripts, 512),
    "markdown": Target(writers.markdown_page, _scripts, 512),
    "rendering": Target(writers.rendering, _scripts, 512),
}
"""A new parser of untrusted bytes, or a new writer of what others obey, is a function there and a line here."""
