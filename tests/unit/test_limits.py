"""Every limit holds just below it, at it, and not above: what is larger is refused, killed or cut, and says so.

A limit is made small for its test; what the code then takes whole, it takes whole at the real size, too.
"""

from __future__ import annotations

import inspect
import json
import re
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from attestor import (
    capture,
    collection,
    engine,
    field_names,
    gate,
    limits,
    process,
    redaction,
    strict_json,
    strict_yaml,
)
from attestor.capture import git, kubeconfig, strace, tree
from attestor.capture.trace import UnreadableTrace
from attestor.clock import Clock
from attestor.cluster import client, credentials, inquiry, prometheus
from attestor.cluster.client import Client
from attestor.cluster.credentials import Credentials, NoAccess
from attestor.cluster.prometheus import Prometheus
from attestor.commands import question
from attestor.compliance import mapping
from attestor.coverage.traffic.rows import Complaints, bounded
from attestor.drift import Drift
from attestor.envelope import Envelope
from attestor.errors import AttestorError, CaptureError
from attestor.evidence import Defect, ReportFile
from attestor.github import annotate, events, outputs
from attestor.given import Given
from attestor.install import capabilities, download
from attestor.install import opa as opa_install
from attestor.policies import EMBEDDED, own
from attestor.preflight import access
from attestor.process import ProcessError
from attestor.rendering import junit, markdown, page, sarif
from attestor.report import drift_table
from attestor.reports import check, edges
from attestor.reports.defects import capped, defect
from tests import golden, web
from tests.conftest import ROOT
from tests.unit.github.test_annotate import denied
from tests.unit.predicates.test_command_run import body
from tests.unit.reports.test_edges import ROW
from tests.unit.test_settings import read as settings

SMALL = 400
"""The size that a limit gets where nothing speaks for another one."""

Trial = Callable[[int, Path], bool]
"""Tries ``n`` of what a limit counts, with a folder to work in, and tells whether all of it was taken."""


def _report(data: bytes) -> ReportFile:
    return ReportFile(path="report.json", data=data, sha256="00")


def _taken(call: Callable[[], object], *refusals: type[Exception]) -> bool:
    expected: tuple[type[Exception], ...] = refusals or (AttestorError,)
    try:
        call()
    except expected:
        return False
    return True


def report_bytes(n: int, folder: Path) -> bool:
    (folder / "report").write_bytes(b" " * n)
    return _taken(lambda: capture._content(folder / "report"), capture._NotAReport)


def checks(n: int, _: Path) -> bool:
    each = {"description": "x", "result": "success"}
    document = {"success": True, "categories": [{"categoryName": "a", "checks": [each] * n}]}
    defects: list[Defect] = []
    found = check.read(_report(json.dumps(document).encode()), defects)
    assert (found is None) == ([defect.code for defect in defects] == ["check-too-many"])
    return found is not None


def rows(n: int, _: Path) -> bool:
    defects: list[Defect] = []
    found = edges.read(_report(json.dumps([ROW | {"src": f"w{i}"} for i in range(n)]).encode()), (), defects)
    assert (found is None) == ([defect.code for defect in defects] == ["edges-too-many"])
    return found is not None


def depth(n: int, _: Path) -> bool:
    text = b"[" * n + b"]" * n
    (document,) = strict_json.documents(text)
    answers = {
        _taken(lambda: strict_json.require_shallow(document), strict_json.NotJson),
        _taken(lambda: strict_yaml.load(text), strict_yaml.NotYaml),
        _taken(lambda: field_names.require_exact(document.value, frozenset()), field_names.Misspelt),
    }
    assert len(answers) == 1, "three readers, three depths"
    return answers.pop()


def json_values(n: int, _: Path) -> bool:
    return _taken(lambda: strict_json.loads(b"[" + b",".join([b"0"] * n) + b"]"), strict_json.NotJson)


def digits(n: int, _: Path) -> bool:
    return _taken(lambda: strict_json.loads(b"9" * n), strict_json.NotJson)


def envelope_bytes(n: int, _: Path) -> bool:
    text = json.dumps({"payload": "", "payloadType": "application/vnd.in-toto+json", "signatures": [{"sig": "eA=="}]})
    return "bytes" not in _complaint(lambda: Envelope.parse(text.encode().ljust(n)))


def envelope_objects(n: int, _: Path) -> bool:
    return "too many objects" not in _complaint(lambda: Envelope.parse(b"[" * n + b"]" * n))


def signatures(n: int, _: Path) -> bool:
    found = {"payload": "e30=", "payloadType": "application/vnd.in-toto+json", "signatures": [{"sig": "eA=="}] * n}
    return "signatures" not in _complaint(lambda: Envelope.parse(json.dumps(found).encode()))


def _complaint(call: Callable[[], object]) -> str:
    try:
        call()
    except AttestorError as error:
        return error.problem
    return ""


def keys(n: int, _: Path) -> bool:
    complaints: list[AttestorError] = []
    question._threshold(str(n), complaints)
    return not complaints


def policy_bytes(n: int, folder: Path) -> bool:
    """Of a document, and of modules of one's own."""
    (folder / "policy").write_bytes(b" " * n)
    answers = {_taken(lambda: question._policy("policy", folder)), own_bytes(n, folder)}
    assert len(answers) == 1, "two readers, two limits"
    return answers.pop()


def own_bytes(n: int, folder: Path) -> bool:
    """Of all modules together: half of them in each of two files."""
    for number, size in enumerate((n // 2, n - n // 2)):
        (folder / f"{number}.rego").write_bytes(b" " * size)
    return _own(folder)


def policy_files(n: int, folder: Path) -> bool:
    for number in range(n):
        (folder / f"{number}.rego").touch()
    return _own(folder)


def _own(folder: Path) -> bool:
    complaints: list[AttestorError] = []
    own.read([folder], complaints)
    return not complaints


def kubeconfig_bytes(n: int, folder: Path) -> bool:
    (folder / "config").write_bytes(b"{}".ljust(n))
    source = kubeconfig.read_file(folder / "config")
    return "larger" not in _complaint(lambda: kubeconfig.load([source], ""))


def secret_bytes(n: int, folder: Path) -> bool:
    (folder / "key").write_bytes(b"k" * n)
    return _taken(lambda: access._read(Given(name="the signing key", path=str(folder / "key")), bytes))


def files(n: int, folder: Path) -> bool:
    (folder / "tree").mkdir()
    for number in range(n):
        (folder / "tree" / str(number)).touch()
    return _taken(lambda: tree.snapshot(folder / "tree", tree.Left(), Clock()), CaptureError)


def event_bytes(n: int, folder: Path) -> bool:
    (folder / "event").write_bytes(b'{"a": 1}'.ljust(n))
    return bool(events._event(str(folder / "event")))


def api_answer_bytes(n: int, _: Path) -> bool:
    with web.served() as site:
        site.put("/version", web.body(b'{"a": 1}'.ljust(n)))
        return _taken(lambda: Client(Credentials(server=site.url)).get("/version"), NoAccess)


def query_bytes(n: int, _: Path) -> bool:
    with web.served() as site:
        empty = b'{"status":"success","data":{"resultType":"vector","result":[]}}'
        site.put(prometheus.QUERY_PATH, web.body(empty.ljust(n)))
        return _taken(lambda: Prometheus(site.url).ask("up", None), NoAccess)


def series(n: int, _: Path) -> bool:
    complaints = Complaints()
    assert len(bounded([({}, 1.0)] * n, "denied", complaints)) <= limits.SERIES
    return not complaints.reasons()


def output_bytes(n: int, _: Path) -> bool:
    return _taken(lambda: process.run(["head", "-c", str(n), "/dev/zero"], env={"PATH": "/usr/bin:/bin"}, timeout=60))


def trace_bytes(n: int, folder: Path) -> bool:
    line = 'execve("/bin/true", ["true"], 0x7ffe /* 1 var */) = 0\n'
    (folder / "trace.10").write_text(line.ljust(n - 24, "\n") + "+++ exited with 0 +++\n".rjust(24), encoding="utf-8")
    assert (folder / "trace.10").stat().st_size == n
    said = ""
    try:
        strace.read(strace.Tracer(binary="/usr/bin/strace", wanted=True), folder, 9, {})
    except UnreadableTrace as error:
        said = str(error)
    return "larger" not in said


def capture_seconds(n: int, _: Path) -> bool:
    return _taken(lambda: settings({"timeout": f"{n}s"}), AttestorError, AssertionError)


def opa_answer_bytes(n: int, folder: Path) -> bool:
    binary = folder / "opa"
    binary.write_text(f"#!/bin/sh\ncat >/dev/null\nhead -c {n} /dev/zero\n", encoding="utf-8")
    binary.chmod(0o755)
    made = engine.Engine(binary=binary, capabilities=folder / "none", folder=folder)
    return _taken(lambda: made.evaluate("data.x", [], b"{}"))


def defects(n: int, _: Path) -> bool:
    file = _report(b"")
    told = list(capped([defect("a", file, 0, str(i)) for i in range(n)], file))
    more = n - limits.DEFECTS
    assert len(told) == min(n, limits.DEFECTS + 1)
    assert more <= 0 or told[-1].detail == f"and {more} more of this kind"
    return more <= 0


def detail_characters(n: int, _: Path) -> bool:
    found = defect("a", _report(b""), 0, "x" * n).detail
    assert len(found) <= limits.DETAIL_CHARACTERS
    return found == "x" * n


def messages(n: int, folder: Path) -> bool:
    """Through the real opa: the rules decide how many reasons they tell, so that no other reader is flooded either."""
    statement = json.loads(golden.statement().payload)
    predicate = statement["predicate"]["attestations"][-1]["attestation"]
    predicate["check_report"]["categories"][0]["checks"] = [{"description": "", "result": str(i)} for i in range(n)]
    opened = collection.opened(json.dumps(statement).encode())
    verdict = gate.judge(opened, engine.find(None, folder), now=golden.BEGUN, allow_replay=False)
    told = [reason.message for reason in verdict.violations if reason.rule == "mesh.known_results"]
    assert len(told) == min(n, limits.MESSAGES)
    return f"and {n - limits.MESSAGES + 1} more findings of this kind" not in told


def message_characters(n: int, _: Path) -> bool:
    found = gate._cut("x" * n)
    assert found == "x" * n or found == "x" * limits.MESSAGE_CHARACTERS + "… and 1 more characters"
    return found == "x" * n


def stream_characters(n: int, _: Path) -> bool:
    return "more characters were left out" not in str(body(stderr=b"x" * n)["stderr"])


def stderr_lines(n: int, _: Path) -> bool:
    said = CaptureError("a", output="\n".join(f"line {i}" for i in range(n))).lines()
    return any(line.endswith("line 0") for line in said)


def differences(n: int, _: Path) -> bool:
    lost = tuple(f"a/{number} -> b/{number}" for number in range(n))
    return len(drift_table(Drift(lost=lost)).rows) == n


def stderr_characters(n: int, _: Path) -> bool:
    return redaction.end("x" * n, [], limits.STDERR_CHARACTERS) == "x" * n


def line_characters(n: int, _: Path) -> bool:
    return not page._shown("x" * n).endswith("…")


def summary_bytes(n: int, _: Path) -> bool:
    return _fits(n, limits.SUMMARY_BYTES)


def page_file_bytes(n: int, _: Path) -> bool:
    return _fits(n, limits.PAGE_FILE_BYTES)


def _fits(n: int, limit: int) -> bool:
    """Tell whether a page of ``n`` bytes is whole where ``limit`` is allowed."""
    plenty = 1 << 20
    frame = len(markdown.page([markdown.table(("a",), [["x"], ["x"]])], plenty).encode()) - 1
    part = markdown.table(("a",), [["x"], ["x" * (n - frame)]])
    whole, allowed = markdown.page([part], plenty), markdown.page([part], limit)
    assert len(whole.encode()) == n
    assert len(allowed.encode()) <= limit
    return allowed == whole


def annotation_count(n: int, _: Path) -> bool:
    found = annotate.of(denied(n - 1))
    assert len(found) <= limits.ANNOTATIONS
    return len(found) == n


def annotation_characters(n: int, _: Path) -> bool:
    found = annotate._cut("x" * n)
    assert len(found) <= limits.ANNOTATION_CHARACTERS
    return found == "x" * n


def violations_bytes(n: int, _: Path) -> bool:
    frame = len(outputs.violations([("r", "")]))
    found = outputs.violations([("r", "x" * (n - frame))], limits.VIOLATIONS_BYTES)
    assert len(found) <= limits.VIOLATIONS_BYTES
    return len(found) == n and "more violations" not in found


def sarif_results(n: int, _: Path) -> bool:
    kept, left = sarif._fitting(["{}"] * n)
    assert len(kept) + left == n
    return left == 0


def sarif_bytes(n: int, _: Path) -> bool:
    kept, left = sarif._fitting(["x" * (n - 12), "x" * 8])
    assert sum(len(result) + 2 for result in kept) <= limits.SARIF_BYTES
    return left == 0


def junit_characters(n: int, _: Path) -> bool:
    said = junit._text(["x" * (n - 11), "x" * 9])
    assert "more lines" in said or len(said) < limits.JUNIT_CHARACTERS
    return "more lines" not in said


def controls(n: int, folder: Path) -> bool:
    listed = [{"id": f"C-{i}", "title": "a", "statement": "a", "not_shown": "a"} for i in range(n)]
    path = folder / "controls.yaml"
    path.write_text(json.dumps({"frameworks": [{"id": "a", "title": "a", "controls": listed}]}), encoding="utf-8")
    complaints: list[AttestorError] = []
    mapping.load(path, EMBEDDED, complaints)
    return not complaints


def download_bytes(n: int, folder: Path) -> bool:
    with web.served() as site:
        site.put("/file", web.body(b"x" * n))
        digest = golden.sha256(b"x" * n)
        call = lambda: download.fetch(f"{site.url}/file", digest, folder / "file", limit=limits.DOWNLOAD_BYTES)  # noqa: E731
        return _taken(call, download.WrongContent)


def listed_objects(n: int, _: Path) -> bool:
    listed: dict[str, Any] = {"items": [{"metadata": {}}] * n, "metadata": {}}
    with web.served() as site:
        site.put(f"/pods?limit={inquiry.PAGE}", web.document(listed))
        asked = inquiry.Inquiry(Client(Credentials(server=site.url)), Clock())
        found = asked.list("/pods", len)
    assert len(found) <= limits.LISTED_OBJECTS
    assert [reason.code for reason in asked.reasons] in ([], ["too-large"])
    return not asked.reasons


def page_bytes(n: int, _: Path) -> bool:
    with web.served() as site:
        site.put("/page", web.body(b"x" * n))
        return _taken(lambda: download.read(f"{site.url}/page", limit=limits.PAGE_BYTES), download.WrongContent)


COUNTED: dict[str, tuple[Trial, int]] = {
    "ANNOTATIONS": (annotation_count, 10),
    "ANNOTATION_CHARACTERS": (annotation_characters, SMALL),
    "API_ANSWER_BYTES": (api_answer_bytes, SMALL),
    "CAPTURE_SECONDS": (capture_seconds, 24 * 3600),
    "CHECKS": (checks, 50),
    "DEFECTS": (defects, 50),
    "DEPTH": (depth, 64),
    "DETAIL_CHARACTERS": (detail_characters, 200),
    "DIGITS": (digits, 400),
    "DOWNLOAD_BYTES": (download_bytes, SMALL),
    "EDGES": (rows, 50),
    "ENVELOPE_BYTES": (envelope_bytes, SMALL),
    "ENVELOPE_OBJECTS": (envelope_objects, 50),
    "EVENT_BYTES": (event_bytes, SMALL),
    "FILES": (files, 20),
    "JSON_VALUES": (json_values, SMALL),
    "JUNIT_CHARACTERS": (junit_characters, SMALL),
    "KEYS": (keys, 64),
    "CONTROLS": (controls, 20),
    "KUBECONFIG_BYTES": (kubeconfig_bytes, SMALL),
    "DIFFERENCES": (differences, SMALL),
    "LINE_CHARACTERS": (line_characters, SMALL),
    "LISTED_OBJECTS": (listed_objects, 50),
    "MESSAGES": (messages, 101),
    "MESSAGE_CHARACTERS": (message_characters, 4096),
    "OPA_ANSWER_BYTES": (opa_answer_bytes, SMALL),
    "OUTPUT_BYTES": (output_bytes, 100_000),
    "PAGE_BYTES": (page_bytes, SMALL),
    "PAGE_FILE_BYTES": (page_file_bytes, SMALL),
    "POLICY_BYTES": (policy_bytes, SMALL),
    "POLICY_FILES": (policy_files, 20),
    "QUERY_BYTES": (query_bytes, SMALL),
    "REPORT_BYTES": (report_bytes, SMALL),
    "SARIF_BYTES": (sarif_bytes, SMALL),
    "SARIF_RESULTS": (sarif_results, 50),
    "SECRET_BYTES": (secret_bytes, SMALL),
    "SERIES": (series, 50),
    "SIGNATURES": (signatures, 64),
    "STDERR_CHARACTERS": (stderr_characters, SMALL),
    "STDERR_LINES": (stderr_lines, 40),
    "STREAM_CHARACTERS": (stream_characters, SMALL),
    "SUMMARY_BYTES": (summary_bytes, SMALL),
    "TRACE_BYTES": (trace_bytes, SMALL),
    "VIOLATIONS_BYTES": (violations_bytes, 4096),
}
"""A trial for every limit that counts, and the size that it has in its test."""

TIMES = {
    "API_SECONDS": (client,),
    "GIT_SECONDS": (git,),
    "OPA_SECONDS": (engine,),
    "PLUGIN_SECONDS": (credentials,),
    "QUERY_SECONDS": (prometheus,),
    "VERSION_SECONDS": (capabilities, opa_install),
}
"""Limits in seconds, and who waits by them."""

NAMES = {name for name, value in vars(limits).items() if name.isupper() and isinstance(value, int | float)}
UNITS = {"KIB", "MIB", "GIB"}


def test_every_limit_is_tried() -> None:
    """A new one cannot be forgotten."""
    assert set(COUNTED) | set(TIMES) | {"OPA_BYTES"} == NAMES - UNITS


@pytest.mark.parametrize("distance", [-1, 0, 1], ids=["below", "at", "above"])
@pytest.mark.parametrize("name", sorted(COUNTED))
def test_a_limit(name: str, distance: int, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """All is taken up to it, and nothing above it passes for the whole."""
    trial, size = COUNTED[name]
    monkeypatch.setattr(limits, name, size)
    assert trial(size + distance, tmp_path) is (distance <= 0)


@pytest.mark.parametrize("name", sorted(TIMES))
def test_a_time_is_waited_for_by_its_limit(name: str) -> None:
    """A child or a server is given the time of its limit; at it and a tick above it no clock can tell apart."""
    for module in TIMES[name]:
        assert re.search(rf"timeout=limits\.{name}\b", inspect.getsource(module)), module


@pytest.mark.parametrize(("seconds", "ends"), [("0", True), ("60", False)])
def test_a_child_is_killed_at_its_time(seconds: str, ends: bool) -> None:
    """Below its limit a child ends by itself, above it it is killed."""
    call = lambda: process.run(["sleep", seconds], env={"PATH": "/usr/bin:/bin"}, timeout=0.5 if not ends else 30)  # noqa: E731
    assert _taken(call, ProcessError) is ends


@pytest.mark.parametrize(("mib", "judged"), [(1024, True), (8, False)])
def test_opa_has_a_limit_of_memory(mib: int, judged: bool, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Above it opa ends, which is the gate's error and no verdict; this process keeps its own limit."""
    import resource

    before = resource.getrlimit(resource.RLIMIT_DATA)
    monkeypatch.setattr(limits, "OPA_BYTES", mib * limits.MIB)
    opened = collection.opened(golden.statement().payload)
    now = golden.BEGUN
    call = lambda: gate.judge(opened, engine.find(None, tmp_path), now=now, allow_replay=False)  # noqa: E731
    assert _taken(call) is judged
    assert resource.getrlimit(resource.RLIMIT_DATA) == before


def test_what_is_bound_early_has_the_value_of_its_limit() -> None:
    """A default is read once, when its function is defined."""
    defaults: dict[str, Any] = {
        "DOWNLOAD_BYTES": inspect.signature(download.fetch).parameters["limit"].default,
        "PAGE_BYTES": inspect.signature(download.read).parameters["limit"].default,
        "VIOLATIONS_BYTES": inspect.signature(outputs.violations).parameters["limit"].default,
    }
    assert defaults == {name: getattr(limits, name) for name in defaults}


def test_every_limit_is_documented_with_its_value() -> None:
    """`docs/limits.md` has a row for each, in the order of the module."""
    text = (ROOT / "docs" / "limits.md").read_text(encoding="utf-8")
    table = dict(re.findall(r"^\| `([A-Z_]+)` \| ([^|]+) \|", text, re.MULTILINE))
    assert table == {name: written(name, getattr(limits, name)) for name in NAMES - UNITS}


def written(name: str, value: float) -> str:
    """How a value stands in the documentation."""
    if name.endswith("_SECONDS"):
        return f"{value:g} s" if value < 3600 else f"{value / 3600:g} h"
    if not name.endswith("_BYTES"):
        return f"{value:,}"
    unit, symbol = next((u, s) for u, s in ((1 << 30, "GiB"), (1 << 20, "MiB"), (1 << 10, "KiB")) if value >= u)
    return f"{value / unit:g} {symbol}"
