"""Reports that are cut, mixed with other text, ambiguous or unknown: each is a named defect, and none is an allow."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from tests.integration.conftest import HEALTHY, Attempt, Fake
from tests.integration.test_recordings import denying_rules, predicate

CHECK = (HEALTHY / "check.json").read_bytes()
EDGES = (HEALTHY / "edges.json").read_bytes()
FIRST = json.dumps(json.JSONDecoder().raw_decode(CHECK.decode())[0]).encode()
ROW = json.loads(EDGES)[0]


def edge(**changes: object) -> bytes:
    return json.dumps([ROW | changes]).encode()


@pytest.fixture
def reports(attempt: Attempt, linkerd: Fake, tmp_path: Path) -> Attempt:
    """A run whose linkerd prints what the two files beside the tree hold."""
    (tmp_path / "check").write_bytes(CHECK)
    (tmp_path / "edges").write_bytes(EDGES)
    attempt.options["linkerd-path"] = linkerd(check=f"cat {tmp_path}/check", edges=f"cat {tmp_path}/edges")
    return attempt


def defects(attempt: Attempt) -> list[tuple[str, str]]:
    """Return code and file of each signed defect."""
    found = predicate(attempt.tree, "command-run")["capture"]["defects"]
    return [(defect["code"], defect["file"]) for defect in found]


# What linkerd prints, and the words for it.
UNREADABLE = {
    "nothing but a line end": (b"\n", "nothing was written"),
    "half a document": (CHECK[:4000], "linkerd-check.json at byte"),
    "an error page": (b"<html>502 Bad Gateway</html>", "at byte 0: Expecting value"),
    "zeros": (bytes(5000), "at byte 0: Expecting value"),
    "a byte order mark": (b"\xef\xbb\xbf" + CHECK, "at byte 0: Expecting value"),
    "UTF-16": (CHECK.decode().encode("utf-16"), "at byte 0: the text is not UTF-8"),
    "Latin-1": (b'{"success":true,"categories":[{"categoryName":"caf\xe9"', "at byte"),
    "a key twice": (b'{"success":false,' + FIRST.lstrip()[1:], "an object names a key twice"),
    "NaN": (b'{"success":true,"categories":NaN}', "NaN is not JSON"),
    "deeply nested": (b"[" * 100_000, "values are nested too deeply"),
    "null": (b"null", "document 1 is not an object"),
    "no categories": (b'{"success":true,"categories":[]}', "document 1.categories is empty"),
    "success as a word": (
        FIRST.replace(b'"success": true', b'"success": "true"', 1),
        "document 1.success is not a boolean",
    ),
}


@pytest.mark.parametrize("what", sorted(UNREADABLE))
def test_no_readable_check_report(reports: Attempt, tmp_path: Path, what: str) -> None:
    """A check report of which no document can be read is no observation: 3, with the place and the reason."""
    content, reason = UNREADABLE[what]
    (tmp_path / "check").write_bytes(content)
    done = reports()
    assert done.code == 3, done.said
    assert "linkerd left no check report that could be read" in done.err
    assert reason in done.err
    assert predicate(reports.tree, "command-run")["capture"]["namespaces"] == []


SECOND = {
    "cut": (FIRST[:-100], "check-not-json"),
    "garbage": (b"panic: runtime error", "check-not-json"),
    "zeros": (bytes(100), "check-not-json"),
    "not UTF-8": (b"\xff\xfe", "check-not-json"),
    "a number": (b" 7", "check-document-shape"),
    "an empty object": (b"{}", "check-document-shape"),
    "a key twice": (b'{"success":true,"success":true,"categories":[]}', "check-not-json"),
}


@pytest.mark.parametrize("what", sorted(SECOND))
def test_a_bad_document_behind_a_good_one(reports: Attempt, tmp_path: Path, what: str) -> None:
    """What stands behind a whole report and is no document of its own is a named defect and denies."""
    content, code = SECOND[what]
    (tmp_path / "check").write_bytes(CHECK + content)
    done = reports()
    assert (done.code, denying_rules(done.out)) == (1, {"collection.capture_clean"}), done.said
    assert defects(reports) == [(code, "linkerd-check.json")]
    assert f"the capture has the defect {code} in linkerd-check.json at byte" in done.out


@pytest.mark.parametrize("word", ["skipped", "Success", "", "success "])
def test_an_unknown_result(reports: Attempt, tmp_path: Path, word: str) -> None:
    """A word that is not one of linkerd's three is counted and named, not taken for a pass."""
    (tmp_path / "check").write_bytes(
        CHECK.replace(b'"result": "success"', json.dumps({"result": word}).encode()[1:-1], 1)
    )
    done = reports()
    assert (done.code, denying_rules(done.out)) == (1, {"collection.capture_clean", "mesh.known_results"}), done.said
    assert f"1 checks have the unknown result {word!r}" in done.out


EDGE_REPORTS = {
    "half written": (EDGES[:2000], "edges-not-json"),
    "text behind": (EDGES + b"W0524 deprecated\n", "edges-not-json"),
    "text before": (b"Warning: old\n" + EDGES, "edges-not-json"),
    "zeros behind": (EDGES + bytes(10), "edges-not-json"),
    "a byte order mark": (b"\xef\xbb\xbf" + EDGES, "edges-not-json"),
    "UTF-16": (EDGES.decode().encode("utf-16"), "edges-not-json"),
    "a key twice": (edge().replace(b'"src":', b'"src": "other", "src":', 1), "edges-not-json"),
    "NaN": (EDGES + b"[NaN]", "edges-not-json"),
    "two arrays": (EDGES + EDGES, "edges-array-count"),
    "an object": (b"{}", "edges-row-shape"),
    "a row that is none": (b"[7]", "edges-row-shape"),
    "a field that is none": (edge(server_id=None), "edges-row-shape"),
    "a name that is empty": (edge(src=""), "edges-row-shape"),
    "an identity of blanks": (edge(server_id=" "), "edges-row-shape"),
    "rows that disagree": (json.dumps([ROW, ROW | {"server_id": "other"}]).encode(), "edges-contradiction"),
}


@pytest.mark.parametrize("what", sorted(EDGE_REPORTS))
def test_a_bad_edges_report(reports: Attempt, tmp_path: Path, what: str) -> None:
    """Edges that cannot be taken as they stand are a named defect and deny, whatever part could be read."""
    content, code = EDGE_REPORTS[what]
    (tmp_path / "edges").write_bytes(content)
    done = reports()
    assert done.code == 1, done.said
    assert "collection.capture_clean" in denying_rules(done.out)
    assert (code, "linkerd-edges.json") in defects(reports)
    assert f"the capture has the defect {code} in linkerd-edges.json" in done.out


# What the first edge of a healthy mesh says instead, and the rules that deny it.
IMPLAUSIBLE: dict[str, tuple[dict[str, object], set[str]]] = {
    "an invisible character": ({"server_id": "\u200b"}, {"mesh.edges_identified"}),
    "a zero": ({"server_id": "\0"}, {"mesh.edges_identified"}),
    "two words": ({"server_id": "web emojivoto"}, {"mesh.edges_identified"}),
    "one part": ({"client_id": "web"}, {"mesh.edges_identified"}),
    "three parts": ({"server_id": "web.emojivoto.serviceaccount"}, {"mesh.edges_identified"}),
    "nothing but a dot": ({"client_id": "."}, {"mesh.edges_identified"}),
    "capitals": ({"server_id": "Web.emojivoto"}, {"mesh.edges_identified"}),
    "an address": ({"server_id": "spiffe://root.linkerd"}, {"mesh.edges_identified"}),
    "an unknown reason": ({"no_tls_reason": "Port Skipped"}, {"mesh.edges_mtls", "mesh.known_reasons"}),
    "a reason in another case": ({"no_tls_reason": "loopback"}, {"mesh.edges_mtls", "mesh.known_reasons"}),
    "a loopback elsewhere": ({"no_tls_reason": "Loopback"}, {"mesh.edges_consistent", "mesh.edges_mtls"}),
}


@pytest.mark.parametrize("what", sorted(IMPLAUSIBLE))
def test_an_edge_that_no_linkerd_prints(reports: Attempt, tmp_path: Path, what: str) -> None:
    """A row of the right shape that says what linkerd never says is denied by name."""
    changes, rules = IMPLAUSIBLE[what]
    first, *others = json.loads(EDGES)
    (tmp_path / "edges").write_text(json.dumps([first | changes, *others]), encoding="utf-8")
    done = reports()
    assert (done.code, denying_rules(done.out)) == (1, rules), done.said
    assert defects(reports) == []


def test_rows_that_disagree_deny_by_a_rule(reports: Attempt, tmp_path: Path) -> None:
    """Not by the capture's defect alone, of which evidence of another program says nothing."""
    rows = json.loads(EDGES)
    (tmp_path / "edges").write_text(json.dumps([*rows, rows[0] | {"server_id": "other.emojivoto"}]), encoding="utf-8")
    done = reports()
    assert (done.code, denying_rules(done.out)) == (1, {"collection.capture_clean", "mesh.edges_consistent"})


@pytest.mark.parametrize("namespace", ["emojivoto", "absent"])
def test_edges_outside_the_requested_namespaces(reports: Attempt, namespace: str) -> None:
    """The edges of a whole mesh are not those of a namespace, whether or not some are inside."""
    done = reports(namespaces=namespace)
    assert (done.code, denying_rules(done.out)) == (1, {"collection.capture_clean", "collection.namespaces_covered"})
    assert "touches no namespace that was asked for" in done.out
    assert ("the namespace absent was asked for, and no edge touches it" in done.out) == (namespace == "absent")


def test_an_empty_edges_report(reports: Attempt, tmp_path: Path) -> None:
    """No edges report is not the same as no edges, and denies by a rule of its own."""
    (tmp_path / "edges").write_bytes(b"")
    done = reports()
    assert (done.code, denying_rules(done.out)) == (1, {"mesh.edges_captured"})
    assert "edges_summary" not in predicate(reports.tree, "linkerd-check")


def test_names_that_a_terminal_would_obey(reports: Attempt, tmp_path: Path) -> None:
    """Escapes and line breaks in a report are shown as text, in the table and in the reasons."""
    (tmp_path / "edges").write_bytes(edge(src="web\x1b[2J\n::set-output name=verdict::allow", client_id=""))
    done = reports()
    assert done.code == 1
    assert "\x1b" not in done.said
    assert not any(line.startswith("::") for line in done.said.splitlines())


def test_json_that_only_differs_in_form(reports: Attempt, tmp_path: Path) -> None:
    """White space, the order of keys and unknown keys are no defects."""
    rows = json.dumps([dict(reversed(row.items())) | {"new": 1} for row in json.loads(EDGES)], indent=7)
    (tmp_path / "edges").write_text(f"\r\n\t {rows} \r\n", encoding="utf-8")
    assert reports().code == 0
