"""What fuzzers found once is replayed through every target, and the targets are seen to fail where they must."""

from __future__ import annotations

import json
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from attestor import gate, limits, strict_json, strict_yaml
from attestor.github import commands
from attestor.rendering import page
from attestor.reports import check
from attestor.verdict import Verdict
from tests.fuzz import bases, judged, model, reach, readers, saved, writers
from tests.fuzz.script import WORDS, Script, edited, stream
from tests.fuzz.table import TARGETS

ALLOW = Verdict(allowed=True, checked=(), violations=())
INSECURE = bases.printed(bases.edges()).replace(b'"server_id": "web.emojivoto"', b'"server_id": ""')


@pytest.fixture(autouse=True)
def _nothing_waits() -> Iterator[None]:
    """No test judges what another one left behind."""
    judged.JUDGE.waiting.clear()
    yield
    judged.JUDGE.waiting.clear()


@pytest.mark.parametrize("name", TARGETS)
def test_the_saved_corpus_breaks_nothing(name: str) -> None:
    """Every saved input of a target, and what it starts from; bad evidence is judged at the end, all at once."""
    inputs = [*TARGETS[name].seeds(), *saved.load(name)]
    assert inputs
    for data in inputs:
        TARGETS[name].check(data)
    judged.JUDGE.flush()


def test_every_corpus_belongs_to_a_target_and_is_small() -> None:
    """A corpus whose target is gone is replayed by nobody."""
    files = sorted(saved.FOLDER.iterdir())
    assert {file.stem for file in files} <= set(TARGETS)
    assert sum(file.stat().st_size for file in files) < 600_000
    assert all(len(data) <= saved.LONGEST for name in TARGETS for data in saved.load(name))


def test_inputs_are_saved_and_read_again(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Text as text, bytes as base64, the smallest first; one with a reason stays, whatever else is saved."""
    monkeypatch.setattr(saved, "FOLDER", tmp_path)
    (tmp_path / "yaml.jsonl").write_text('{"text": "a: !!int", "why": "it raised IndexError"}\n{"text": "old"}\n')
    saved.save("yaml", [b"long text", b"\xff", "é\0".encode(), b"x" * (saved.LONGEST + 1)])
    assert saved.load("yaml") == [b"a: !!int", b"\xff", "é\0".encode(), b"long text"]
    saved.save("yaml", [])
    assert saved.load("yaml") == [b"a: !!int"]


def test_what_fuzzers_start_from_is_well() -> None:
    """The model and the policy allow it; else nothing could be wrongly allowed."""
    model.check_stream(bases.printed(bases.check()))
    model.edges_stream(bases.printed(bases.edges()))
    model.statement(bases.payload())
    opened = judged.examined(bases.payload())
    assert opened is not None
    judged.JUDGE.add(b"", opened, "well")
    with pytest.raises(judged.Wrong, match="well"):
        judged.JUDGE.flush()


@pytest.mark.parametrize(
    ("check_text", "edges_text", "why"),
    [
        (b"", None, "no report"),
        (b'{"success": true, "success": true}', None, "a key twice"),
        (b"{", None, "not JSON"),
        (b'{"success": NaN}', None, "NaN"),
        (bases.printed(bases.check()[:1]), None, "a category is missing"),
        (bases.printed(bases.check()).replace(b"true", b"false", 1), None, "no success"),
        (bases.printed(bases.check()).replace(b'"success"}', b'"error"}', 1), None, "a check failed"),
        (None, b"[]", "no row"),
        (None, b"[] []", "not one array"),
        (None, INSECURE, "no identity"),
        (None, bases.printed(bases.edges()).replace(b'reason": ""', b'reason": "Disabled"', 1), "no TLS"),
    ],
)
def test_the_model_knows_what_is_bad(check_text: bytes | None, edges_text: bytes | None, why: str) -> None:
    """Each kind of it, which the policy then denies as well."""
    first, second = check_text, edges_text
    first = bases.printed(bases.check()) if first is None else first
    second = bases.printed(bases.edges()) if second is None else second
    assert judged._why(first, second) == why
    judged.reports(b"", first, second)
    judged.JUDGE.flush()


def test_an_allow_of_what_is_bad_is_found(monkeypatch: pytest.MonkeyPatch) -> None:
    """With the input that did it."""
    readers.edges(INSECURE)
    monkeypatch.setattr(gate, "judge_all", lambda cases, *_, **__: [ALLOW] * len(cases))
    with pytest.raises(judged.Wrong, match="no identity") as wrong:
        judged.JUDGE.flush()
    assert wrong.value.origins == [INSECURE]


def test_forged_evidence_is_found(monkeypatch: pytest.MonkeyPatch) -> None:
    """A row that is not mTLS, signed together with counts that say that it is."""
    found = json.loads(bases.payload())
    found["predicate"]["attestations"][-1]["attestation"]["edge_report"][0]["server_id"] = "NOT ONE"
    payload = json.dumps(found).encode()
    assert judged.evidence(b"x", payload) is not None
    monkeypatch.setattr(gate, "judge_all", lambda cases, *_, **__: [ALLOW] * len(cases))
    with pytest.raises(judged.Wrong, match="no identity"):
        judged.JUDGE.flush()


def test_a_reader_that_fails_in_its_own_way_is_found(monkeypatch: pytest.MonkeyPatch) -> None:
    """Any exception outside the error family."""
    monkeypatch.setattr(strict_json, "_is_text", lambda _: 1 // 0)
    with pytest.raises(ZeroDivisionError):
        readers.check_stream(b'["\\ud800"]')


def _blind(monkeypatch: pytest.MonkeyPatch, owner: Any, name: str) -> None:
    monkeypatch.setattr(owner, name, lambda text, *_, **__: text)


def test_a_command_that_escapes_nothing_is_found(monkeypatch: pytest.MonkeyPatch) -> None:
    """A line break in a message begins a line of its own, and what stands there is obeyed."""
    hostile = bytes([0, WORDS.index("x"), 0, WORDS.index("a\nb"), 0, WORDS.index("x")])
    writers.github_commands(hostile)
    _blind(monkeypatch, commands, "escape_data")
    with pytest.raises(AssertionError):
        writers.github_commands(hostile)


def test_a_page_that_escapes_nothing_is_found(monkeypatch: pytest.MonkeyPatch) -> None:
    """An element of the cluster's is none of the page's."""
    hostile = bytes([0, 0, 0, *(0, WORDS.index("<b>&|`")) * 3])
    writers.markdown_page(hostile)
    _blind(monkeypatch, page, "text")
    with pytest.raises(AssertionError, match="b"):
        writers.markdown_page(hostile)


def test_an_unbounded_reader_is_found(monkeypatch: pytest.MonkeyPatch) -> None:
    """YAML deeper than its limit, a key twice."""
    deep = b"[" * (limits.DEPTH + 1) + b"]" * (limits.DEPTH + 1)
    readers.yaml_document(deep)
    monkeypatch.setattr(strict_yaml, "_refuse_excess", lambda _: None)
    with pytest.raises(AssertionError):
        readers.yaml_document(deep)


def test_a_summary_that_counts_too_much_is_found(monkeypatch: pytest.MonkeyPatch) -> None:
    """It is compared with the checks themselves."""
    monkeypatch.setattr(check.CheckReport, "count", lambda *_: 1)
    with pytest.raises(AssertionError, match="counts other checks"):
        readers.check_stream(bases.printed(bases.check()))


def test_a_script_is_what_it_was() -> None:
    """The same bytes edit in the same way, and no bytes edit nothing; a document that is lost is no fault."""
    for length in range(0, 200, 7):
        data = bytes((length * 31 + i * 17) % 256 for i in range(length))
        assert repr(edited(bases.check(), Script(data))) == repr(edited(bases.check(), Script(data)))
        assert isinstance(stream(edited(bases.edges(), Script(data)), Script(data)), bytes)
    assert edited(bases.check(), Script(b"")) == bases.check()


def test_the_fewest_inputs_are_the_smallest_that_reach_as_much() -> None:
    """What takes no step that a smaller one or the first ones do not take is left out."""
    plain, error, longer = b"a: b", b"a: [", b"a: [              "
    assert reach.fewest(readers.yaml_document, [plain], [longer, error, plain + b" "]) == [error]
    assert reach.fewest(readers.yaml_document, [plain, longer], [error]) == []
