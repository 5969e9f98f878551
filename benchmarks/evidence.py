"""Evidence to verify, of any size: the fixed capture of the tests with other reports or more files, signed."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Sequence
from dataclasses import dataclass, replace
from pathlib import Path

from attestor import collection, gate, predicates, reports, signing, trust
from attestor.envelope import Envelope
from attestor.evidence import Evidence, File, ReportFile
from attestor.signing import Signer
from attestor.statement import Collection, Statement, encode
from attestor.witness import export
from tests import golden

NOW = "2026-11-21T12:00:00Z"
"""Two hours after the fixed capture."""

STEP = golden.STEP


@dataclass(frozen=True, slots=True, kw_only=True)
class Desk:
    """A folder with a key pair, in which envelopes and what stands beside them are written."""

    folder: Path
    signer: Signer

    @classmethod
    def made(cls, folder: Path) -> Desk:
        """Make the folder and the key; the report of every envelope made here lies in it, too."""
        folder.mkdir()
        _, signer = signing.generate(None)
        (folder / "mesh.pub").write_bytes(trust.public_pem(signer.public.key))
        (folder / "linkerd-check.json").write_bytes(golden.report("stable-2.14", "check").data)
        return cls(folder=folder, signer=signer)

    def put(self, name: str, evidence: Evidence) -> None:
        """Write the envelope ``NAME.json``, its bare linkerd-check, the gate's input, and its materials' leaves."""
        built = predicates.build(evidence, reports.read(evidence))
        statement = Statement.of(Collection(step=STEP, predicates=built))
        (self.folder / f"{name}.json").write_bytes(Envelope.seal(statement, [self.signer]).to_bytes())
        opened = collection.opened(statement.payload)
        (self.folder / f"{name}.mesh.json").write_text(json.dumps(opened.linkerd_check), encoding="utf-8")
        document = gate.gate_input(opened, golden.BEGUN, allow_replay=False)
        (self.folder / f"{name}.gate.json").write_bytes(encode(document))
        (self.folder / f"{name}.tree.json").write_text(json.dumps(opened.body("material")), encoding="utf-8")

    def put_policy(self) -> None:
        """Write the signed policy by which `cilock verify` judges what is made here."""
        made = export.build([self.signer.public], STEP, golden.BEGUN.replace(year=2099))
        data = Envelope.sign(export.PAYLOAD_TYPE, made.payload, [self.signer]).to_bytes()
        (self.folder / "policy.json").write_bytes(data)


def small(cluster: str = "golden") -> Evidence:
    """Return the fixed capture: 54 checks, 15 edges, 2 files."""
    return replace(golden.evidence(), cluster=cluster)


def with_edges(count: int) -> Evidence:
    """Return it with ``count`` mTLS edges between as many pairs."""
    rows = [_row(number) for number in range(count)]
    edges = _report("linkerd-edges.json", json.dumps(rows, indent=2).encode())
    before = golden.evidence()
    files = tuple(File(path=report.path, sha256=report.sha256) for report in (before.check, edges) if report)
    return replace(before, edges=edges, product=replace(before.product, files=files))


def with_files(count: int) -> Evidence:
    """Return it with ``count`` files of different contents as material."""
    paths = [f"source/part-{number % 100}/file-{number}.txt" for number in range(count)]
    before = golden.evidence()
    return replace(before, material=replace(before.material, files=_files(paths)))


def _files(paths: Sequence[str]) -> tuple[File, ...]:
    return tuple(File(path=path, sha256=hashlib.sha256(path.encode()).hexdigest()) for path in sorted(paths))


def _report(path: str, data: bytes) -> ReportFile:
    return ReportFile(path=path, data=data, sha256=hashlib.sha256(data).hexdigest())


def _row(number: int) -> dict[str, str]:
    source, target = f"client-{number}", f"server-{number % 500}"
    return {
        "src": source,
        "src_namespace": f"team-{number % 40}",
        "dst": target,
        "dst_namespace": f"shop-{number % 25}",
        "client_id": f"{source}.team-{number % 40}",
        "server_id": f"{target}.shop-{number % 25}",
        "no_tls_reason": "",
    }
