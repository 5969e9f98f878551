"""``command-run/v0.1``: the literal argv, how it ended, what it printed, and how it was observed.

The peer's decoder of v0.1 is rookery ``plugins/attestors/commandrun/legacy.go``. ``capture`` is ours: whatever must be
known about how the evidence came to be stands there, under the same signature.
"""

from __future__ import annotations

import shlex

from attestor import limits, redaction
from attestor.evidence import Command, Evidence, Process
from attestor.reports import Reports
from attestor.statement import ATTESTATIONS, Predicate

TYPE = ATTESTATIONS + "command-run/v0.1"


def build(evidence: Evidence, reports: Reports) -> Predicate:
    """Return the predicate; the entry is kept whatever the exit code, which the peer does not."""
    command = evidence.command
    body: dict[str, object] = {"cmd": list(command.argv), "exitcode": command.exit_code}
    for key, stream in (("stdout", command.stdout), ("stderr", command.stderr)):
        if printed := _printed(stream, evidence):
            body[key] = printed
    if command.trace.processes:
        body["processes"] = [_process(process, evidence) for process in command.trace.processes]
    body["capture"] = _capture(evidence, command, reports)
    return Predicate(type=TYPE, span=command.span, body=body)


def _capture(evidence: Evidence, command: Command, reports: Reports) -> dict[str, object]:
    excluded = {exclusion.path: exclusion.reason for exclusion in evidence.material.excluded}
    excluded |= {exclusion.path: exclusion.reason for exclusion in evidence.product.excluded}
    if evidence.git.shallow:
        excluded[".git/shallow"] = "a shallow clone: the history before the commits listed in it is not there"
    return {
        "linkerd": evidence.linkerd.to_dict(),
        "trace": {"state": command.trace.state, "reason": redaction.text(command.trace.reason, evidence.secrets)},
        "excluded": [{"path": path, "reason": excluded[path]} for path in sorted(excluded)],
        "defects": [defect.to_dict() for defect in reports.defects],
        "namespaces": list(evidence.namespaces),
    }


def _printed(stream: bytes, evidence: Evidence) -> str:
    printed = stream.decode("utf-8", "replace")
    kept = redaction.beginning(printed, evidence.secrets, limits.STREAM_CHARACTERS)
    if len(printed) <= limits.STREAM_CHARACTERS:
        return kept
    rest = len(printed) - limits.STREAM_CHARACTERS
    return f"{kept}\n[mesh-attestor: {rest} more characters were left out]\n"


def _process(process: Process, evidence: Evidence) -> dict[str, object]:
    found: dict[str, object] = {
        "program": redaction.text(process.program, evidence.secrets),
        "processid": process.pid,
        "parentpid": process.parent,
    }
    if process.program_sha256:
        found["programdigest"] = {"sha256": process.program_sha256}
    # Word by word: the quoting of the whole would hide a secret that has a quote in it.
    words = [redaction.text(word, evidence.secrets) for word in process.argv]
    found |= {"comm": redaction.text(process.comm, evidence.secrets), "cmdline": shlex.join(words)}
    if process.exe_sha256:
        found["exedigest"] = {"sha256": process.exe_sha256}
    if process.connections:
        found["network"] = {
            "connections": [
                {"syscall": to.syscall, "family": to.family, "address": to.address, "port": to.port}
                for to in process.connections
            ]
        }
    found["exitcode"] = process.exit_code
    return found
