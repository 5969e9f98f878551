"""Subjects agree with the predicates that they name, and the reports' digests with each other and with the disk."""

from __future__ import annotations

import hashlib
from collections.abc import Callable
from typing import Any

import pytest

from attestor.collection import LEGACY_TYPES, Opened
from attestor.statement import ATTESTATIONS
from attestor.verification import subjects
from attestor.verification.finding import Finding, State
from tests.unit.verification.conftest import Bodies, Changed

NOTHING = hashlib.sha256().hexdigest()
SHA = "2" * 40


def examined(opened: Opened, reports: list[tuple[str, str]] | None = None) -> dict[str, Finding]:
    found = list(subjects.examine(opened, reports or []))
    assert found[0].check == "subjects"
    assert len({finding.check for finding in found}) == len(found)
    return {finding.check: finding for finding in found}


def of_subjects(opened: Opened) -> tuple[State, str]:
    found = examined(opened)["subjects"]
    return found.state, found.detail


def subject(kind: str, digest: object) -> dict[str, Any]:
    return {"name": f"{ATTESTATIONS}{kind}", "digest": digest}


def sha256(text: str) -> dict[str, str]:
    return {"sha256": hashlib.sha256(text.encode()).hexdigest()}


def test_the_subjects_of_a_capture_agree(golden_collection: Opened) -> None:
    """Every one of them is that of its predicate."""
    count, references = len(golden_collection.subjects), len(golden_collection.back_references)
    assert of_subjects(golden_collection) == (
        State.OK,
        f"{count}, and {references} back references agree with the predicates they name",
    )


def test_back_references_are_counted(changed: Changed, golden_collection: Opened) -> None:
    """They are compared like subjects, and need not be there."""
    without = changed(back_references=())
    assert of_subjects(without)[1] == f"{len(without.subjects)} agree with the predicates they name"
    count = len(golden_collection.subjects)
    opened = changed(back_references=golden_collection.subjects[:2])
    assert of_subjects(opened) == (
        State.OK,
        f"{count}, and 2 back references agree with the predicates they name",
    )
    wrong = subject("git/v0.1/commithash:" + SHA, {"sha1": SHA})
    assert of_subjects(changed(back_references=(wrong,))) == (
        State.FAILED,
        f"the subject {wrong['name']} is in no predicate",
    )


def test_evidence_without_a_subject_is_about_nothing(changed: Changed) -> None:
    """The peer would match it with nothing."""
    assert of_subjects(changed(subjects=())) == (State.FAILED, "the statement has none, so it is about nothing")


def test_a_subject_stands_once(changed: Changed, golden_collection: Opened) -> None:
    """Two of one name may differ."""
    twice = (*golden_collection.subjects, golden_collection.subjects[0])
    assert of_subjects(changed(subjects=twice)) == (State.FAILED, "a subject is there twice")


@pytest.mark.parametrize(
    "odd",
    [
        {"digest": {"sha256": "x"}},
        {"name": "", "digest": {"sha256": "x"}},
        {"name": 1, "digest": {"sha256": "x"}},
        {"name": "urn:x"},
        {"name": "urn:x", "digest": {}},
        {"name": "urn:x", "digest": ["sha256"]},
        {"name": "urn:x", "digest": {"sha256": 1}},
        {"name": "urn:x", "digest": {"sha256": "x", "sha1": None}},
    ],
)
def test_a_subject_has_a_name_and_a_digest(changed: Changed, golden_collection: Opened, odd: dict[str, Any]) -> None:
    """Both of them are texts."""
    assert of_subjects(changed(subjects=(*golden_collection.subjects, odd))) == (
        State.FAILED,
        "a subject has no name or no digest",
    )


def test_a_subject_of_another_kind_is_left_alone(changed: Changed, golden_collection: Opened) -> None:
    """Others may add their own, whatever they say."""
    own = {"name": "urn:example:own", "digest": {"sha256": "x"}}
    state, _ = of_subjects(changed(subjects=(*golden_collection.subjects, own)))
    assert state is State.OK


def test_every_subject_is_compared(changed: Changed, golden_collection: Opened) -> None:
    """Each of the capture's own fails with another digest, and is named."""
    for place, found in enumerate(golden_collection.subjects):
        others = [*golden_collection.subjects]
        others[place] = {**found, "digest": {"sha256": "0" * 64}}
        assert of_subjects(changed(subjects=tuple(others))) == (
            State.FAILED,
            f"the subject {found['name']} has another digest than its predicate",
        )


@pytest.mark.parametrize("kind", ["material/v0.3/tree:other", "product/v0.3/x", "linkerd-check/v0.1/cluster:other"])
def test_a_subject_that_its_predicate_does_not_have_is_refused(
    changed: Changed, golden_collection: Opened, kind: str
) -> None:
    """A name under a known type speaks of that predicate."""
    odd = subject(kind, {"sha256": NOTHING})
    assert of_subjects(changed(subjects=(*golden_collection.subjects, odd))) == (
        State.FAILED,
        f"the subject {odd['name']} is in no predicate",
    )


@pytest.mark.parametrize(
    ("name", "digest", "state"),
    [
        ("git/v0.1/commithash:", {"sha256": NOTHING}, State.OK),
        ("git/v0.1/commithash", {"sha256": NOTHING}, State.FAILED),
        ("git/v0.1/commithash:", {"sha256": "0" * 64}, State.FAILED),
    ],
)
def test_what_a_repository_lacks_has_the_digest_of_nothing(
    changed: Changed, golden_collection: Opened, name: str, digest: dict[str, str], state: State
) -> None:
    """So the peer writes it, with an empty word behind the colon."""
    found, _ = of_subjects(changed(subjects=(*golden_collection.subjects, subject(name, digest))))
    assert found is state


GIT = {
    "commithash": "1" * 40,
    "parenthashes": ["3" * 40, "", None],
    "authoremail": "ada@example.org",
    "committeremail": "grace@example.org",
    "branch": "main",
    "remotes": ["https://example.org/a.git"],
}


@pytest.mark.parametrize(
    ("word", "digest"),
    [
        ("commithash:" + "1" * 40, {"sha1": "1" * 40}),
        ("parenthash:" + "3" * 40, {"sha1": "3" * 40}),
        ("authoremail:ada@example.org", sha256("ada@example.org")),
        ("committeremail:grace@example.org", sha256("grace@example.org")),
        ("refnameshort:main", sha256("main")),
        ("remote:https://example.org/a.git", sha256("https://example.org/a.git")),
    ],
)
def test_the_words_of_git_are_subjects(changed: Changed, word: str, digest: dict[str, str]) -> None:
    """Commits by their own digest, words by theirs; by the older name of the type as well."""

    def edit(bodies: Bodies) -> None:
        bodies["git"] = dict(GIT)

    named = subject(f"git/v0.1/{word}", digest)
    assert of_subjects(changed(edit, subjects=(named,)))[0] is State.OK
    old = {"name": next(name for name in LEGACY_TYPES if "/git/" in name) + f"/{word}", "digest": digest}
    assert of_subjects(changed(edit, subjects=(old,)))[0] is State.OK
    wrong = {**old, "digest": {"sha256": "0" * 64}}
    assert of_subjects(changed(edit, subjects=(wrong,))) == (
        State.FAILED,
        f"the subject {named['name']} has another digest than its predicate",
    )


@pytest.mark.parametrize("value", [None, "", 1, []])
@pytest.mark.parametrize("field", ["authoremail", "committeremail", "branch", "commithash"])
def test_a_word_that_is_none_is_no_subject(changed: Changed, field: str, value: object) -> None:
    """It has no digest that a subject could have."""

    def edit(bodies: Bodies) -> None:
        bodies["git"] = GIT | {field: value}

    named = subject(f"git/v0.1/remote:{GIT['remotes'][0]}", sha256("https://example.org/a.git"))
    assert of_subjects(changed(edit, subjects=(named,), back_references=()))[0] is State.OK


def test_a_repository_without_a_commit_has_the_commit_of_nothing(changed: Changed) -> None:
    """An empty one is no commit, whose digest it would have to be; nor is a number."""
    nothing = subject("git/v0.1/commithash:", {"sha256": NOTHING})
    empty = changed(lambda bodies: bodies["git"].update(commithash=""), subjects=(nothing,), back_references=())
    assert of_subjects(empty)[0] is State.OK
    seven = subject("git/v0.1/commithash:7", {"sha1": "7"})
    number = changed(lambda bodies: bodies["git"].update(commithash=7), subjects=(seven,), back_references=())
    assert of_subjects(number) == (State.FAILED, f"the subject {seven['name']} is in no predicate")


@pytest.mark.parametrize(
    ("success", "word"), [(True, "success"), (False, "fail"), (None, "fail"), ("true", "fail"), (1, "fail")]
)
def test_only_true_is_a_success(changed: Changed, success: object, word: str) -> None:
    """Whatever else stands there is a failure, as the subject says."""

    def edit(bodies: Bodies) -> None:
        bodies["linkerd-check"]["check_summary"]["overall_success"] = success

    named = subject(f"linkerd-check/v0.1/linkerd-overall:{word}", sha256(word))
    assert of_subjects(changed(edit, subjects=(named,)))[0] is State.OK


@pytest.mark.parametrize("kind", ["check", "edges"])
@pytest.mark.parametrize(("file", "digest"), [("x", None), (1, {"sha256": "0" * 64})])
def test_half_of_a_report_has_no_subject(changed: Changed, kind: str, file: object, digest: object) -> None:
    """A name without a digest is none, nor a digest without a name."""

    def edit(bodies: Bodies) -> None:
        bodies["linkerd-check"].update({f"{kind}_file": file, f"{kind}_digest_set": digest})

    named = subject(f"linkerd-check/v0.1/{kind}_file:{file}", {"sha256": "1" * 64})
    assert of_subjects(changed(edit, subjects=(named,), back_references=())) == (
        State.FAILED,
        f"the subject {named['name']} is in no predicate",
    )


@pytest.mark.parametrize("name", ["material", "product"])
def test_a_tree_without_a_root_has_no_subject(changed: Changed, name: str) -> None:
    """A root that is no text is none."""
    tree = subject(f"{name}/v0.3/tree:{name}s", {"sha256": "0" * 64})
    opened = changed(lambda bodies: bodies[name].update(merkleRoot=1), subjects=(tree,))
    assert of_subjects(opened) == (State.FAILED, f"the subject {tree['name']} is in no predicate")


KINDS = {
    "check": ("check_file", "check_digest_set", "check_report", "check_summary"),
    "edges": ("edges_file", "edges_digest_set", "edge_report", "edges_summary"),
}
AGREES = "its digest is that of the product of its name"
DIFFERS = "its digest is not that of the product of its name"


@pytest.mark.parametrize("kind", KINDS)
@pytest.mark.parametrize(
    "edit",
    [
        lambda body, kind: body.pop(f"{kind}_file"),
        lambda body, kind: body.pop(f"{kind}_digest_set"),
        lambda body, kind: body.update({f"{kind}_file": 1}),
        lambda body, kind: body.update({f"{kind}_file": "other.json"}),
        lambda body, kind: body.update({f"{kind}_digest_set": {}}),
        lambda body, kind: body.update({f"{kind}_digest_set": []}),
        lambda body, kind: body.update({f"{kind}_digest_set": {"sha256": "0" * 64}}),
        lambda body, kind: body.update({f"{kind}_file": "no.json", f"{kind}_digest_set": {"sha256": None}}),
    ],
)
def test_a_reports_digest_is_that_of_its_product(
    changed: Changed, kind: str, edit: Callable[[dict[str, Any], str], object]
) -> None:
    """Name and digest of each report stand in linkerd-check as among the products, and nothing less will do."""
    other = next(name for name in KINDS if name != kind)
    good = examined(changed())
    assert good[f"{kind} report"] == Finding(check=f"{kind} report", state=State.OK, detail=AGREES)
    found = examined(changed(lambda bodies: edit(bodies["linkerd-check"], kind)))
    assert found[f"{kind} report"] == Finding(check=f"{kind} report", state=State.FAILED, detail=DIFFERS)
    assert found[f"{other} report"].state is State.OK


@pytest.mark.parametrize("kind", KINDS)
def test_a_report_that_is_not_there_cannot_be_checked(changed: Changed, kind: str) -> None:
    """Only where nothing of it is: neither its name nor its digest, rows or summary."""

    def keep(kept: str) -> Opened:
        def edit(bodies: Bodies) -> None:
            for key in KINDS[kind]:
                if key != kept:
                    del bodies["linkerd-check"][key]

        return changed(edit)

    assert examined(keep("")).get(f"{kind} report") == Finding(
        check=f"{kind} report", state=State.UNCHECKED, detail="not in the evidence"
    )
    for key in KINDS[kind]:
        assert examined(keep(key))[f"{kind} report"].state is State.FAILED


def test_a_product_that_lacks_the_report_differs(changed: Changed) -> None:
    """There is no leaf of its name."""
    found = examined(changed(lambda bodies: bodies["product"].update(leaves=[])))
    assert [found[f"{kind} report"].detail for kind in ("check", "edges")] == [DIFFERS, DIFFERS]


def on_disk(opened: Opened, name: str, digest: str) -> tuple[State, str]:
    found = examined(opened, [(name, digest)])[f"file {name}"]
    return found.state, found.detail


def test_a_file_on_disk_is_compared_with_the_report_of_its_name(golden_collection: Opened) -> None:
    """Or, where it was renamed, with every report."""
    body = golden_collection.linkerd_check
    check, edges = body["check_digest_set"]["sha256"], body["edges_digest_set"]["sha256"]
    same = (State.OK, "is, byte for byte, a report of the evidence")
    assert on_disk(golden_collection, "linkerd-check.json", check) == same
    assert on_disk(golden_collection, "linkerd-edges.json", edges) == same
    assert on_disk(golden_collection, "renamed.json", edges) == same
    another = (State.FAILED, "is another than the report of the evidence")
    assert on_disk(golden_collection, "linkerd-check.json", edges) == another
    assert on_disk(golden_collection, "linkerd-check.json", "0" * 64) == another
    assert on_disk(golden_collection, "renamed.json", "0" * 64) == (State.FAILED, "is no report of the evidence")


def test_a_report_in_a_folder_is_known_by_its_last_name(changed: Changed, golden_collection: Opened) -> None:
    """The peer records paths as they were given."""
    digest = golden_collection.linkerd_check["check_digest_set"]["sha256"]

    def edit(bodies: Bodies) -> None:
        bodies["linkerd-check"]["check_file"] = "a/b/check.json"
        for leaf in bodies["product"]["leaves"]:
            if leaf["path"] == "linkerd-check.json":
                leaf["path"] = "a/b/check.json"

    opened = changed(edit)
    assert on_disk(opened, "check.json", "0" * 64) == (State.FAILED, "is another than the report of the evidence")
    assert on_disk(opened, "check.json", digest)[0] is State.OK


def test_a_report_that_contradicts_the_product_vouches_for_no_file(changed: Changed) -> None:
    """What failed is no report to compare with."""
    opened = changed(lambda bodies: bodies["linkerd-check"].update(check_digest_set={"sha256": "0" * 64}))
    assert on_disk(opened, "linkerd-check.json", "0" * 64) == (State.FAILED, "is no report of the evidence")
