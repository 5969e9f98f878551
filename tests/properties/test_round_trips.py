"""What is written is read as it was: by the program itself, and by readers that are not its own."""

from __future__ import annotations

import json
import shlex
from dataclasses import replace
from datetime import UTC, datetime, timedelta, timezone
from pathlib import Path
from typing import Any

import yaml
from hypothesis import given
from hypothesis import strategies as st

from attestor import collection, reports, strict_json, strict_yaml
from attestor.capture import kubeconfig
from attestor.clock import parse_rfc3339, rfc3339
from attestor.envelope import PAYLOAD_TYPE, Envelope
from attestor.evidence import Defect, Process, Trace
from attestor.predicates import command_run, linkerd_check
from attestor.reports import check, edges
from attestor.statement import encode
from attestor.verification import reports as derived
from tests import golden
from tests.fuzz import bases
from tests.properties.meshes import JSON, ROWS, STREAMS, TEXT, printed, quick, report


@quick
@given(st.binary(max_size=200))
def test_a_payload_comes_out_of_its_envelope_as_it_was(payload: bytes) -> None:
    """Whatever it is made of, through signature, file and verification; and the file is the same when written again."""
    if not payload:
        return
    signer = bases.signer()
    written = Envelope.sign(PAYLOAD_TYPE, payload, [signer]).to_bytes()
    opened = Envelope.parse(written)
    assert opened.verified([signer.public]) == payload
    assert opened.to_bytes() == written


@quick
@given(STREAMS, st.lists(ROWS, max_size=4))
def test_both_reports_come_out_of_a_statement_as_they_were_read(stream: list[Any], rows: list[Any]) -> None:
    """From linkerd's bytes to the signed predicate, and back to the records that the summaries are made of."""
    first, second = printed(stream), printed([rows])
    body = collection.opened(bases.statement(bases.evidence(first, second)).payload).linkerd_check
    defects: list[Defect] = []
    assert derived.check_report(body) == check.read(report(first), defects)
    assert derived.edge_report(body) == edges.read(report(second), (), defects)
    found = derived.edge_report(body)
    assert body["edges_summary"] == linkerd_check.edges_summary(found)


@quick
@given(ROWS)
def test_a_row_is_what_it_was(row: dict[str, str]) -> None:
    """Only what is empty is left out."""
    edge = edges.Edge(**row)
    assert {name: edge.to_dict().get(name, "") for name in edges.FIELDS} == row
    assert derived.edge_report({"edge_report": [edge.to_dict()]}).edges == (edge,)


@quick
@given(JSON, st.sampled_from([None, 1]), st.booleans())
def test_valid_json_means_what_it_means_to_python(value: Any, indent: int | None, plain: bool) -> None:
    """In any layout, with and without escapes; and what the program writes, others read."""
    text = json.dumps(value, indent=indent, ensure_ascii=plain).encode()
    assert strict_json.loads(text) == json.loads(text) == value
    assert json.loads(encode(value)) == strict_json.loads(encode(value)) == value


@quick
@given(st.lists(st.text(st.characters(exclude_characters="\0", exclude_categories=["Cs"]), max_size=20), min_size=1))
def test_a_command_line_is_split_by_a_shell_as_it_was(argv: list[str]) -> None:
    """Quotes, spaces and line breaks belong to the words that they stood in."""
    process = Process(
        program="/x", pid=1, parent=0, comm="x", argv=tuple(argv), program_sha256="", exe_sha256="", exit_code=0
    )
    seen = golden.evidence()
    traced = replace(seen, command=replace(seen.command, trace=Trace(state="on", reason="", processes=(process,))))
    body: Any = command_run.build(traced, reports.read(seen)).body
    assert shlex.split(body["processes"][0]["cmdline"]) == argv


@quick
@given(st.integers(0, 3_652_057 * 86_400_000_000), st.integers(-1439, 1439))
def test_a_moment_is_the_same_moment(microseconds: int, offset: int) -> None:
    """To the microsecond, in every year that has four digits and whatever zone it was told in."""
    first = datetime(1, 1, 2, tzinfo=UTC)
    moment = (first + timedelta(microseconds=microseconds)).astimezone(timezone(timedelta(minutes=offset)))
    assert parse_rfc3339(rfc3339(moment)) == moment
    assert rfc3339(parse_rfc3339(rfc3339(moment))) == rfc3339(moment)


@quick
@given(st.dictionaries(TEXT.filter(bool), TEXT, max_size=4), TEXT.filter(bool), TEXT.filter(bool))
def test_a_kubeconfig_is_written_as_it_was_read(entry: dict[str, str], name: str, token: str) -> None:
    """Whatever its fields hold, for client-go and for this program."""
    user = {"user": {"token": token}, "name": "u"}
    cluster = {"cluster": {**entry, "server": "https://x"} | {"certificate-authority": ""}, "name": "c"}
    context = {"context": {"cluster": "c", "user": "u"}, "name": name}
    text = yaml.safe_dump(
        {"current-context": name, "clusters": [cluster], "contexts": [context], "users": [user]}, allow_unicode=True
    )
    found = kubeconfig.load([kubeconfig.Source(name="k", text=text.encode(), folder=Path("/f"))], "")
    written = strict_yaml.load(found.to_bytes())
    assert written["clusters"][0]["cluster"] == cluster["cluster"]
    assert written["users"] == [user]
    assert written["current-context"] == written["contexts"][0]["name"] == name
    assert token.strip() in found.secrets or not token.strip()
