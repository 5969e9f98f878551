"""The gate's answer is of exactly the expected shape, or there is none; there is no way around to an allow."""

from __future__ import annotations

import copy
import errno
import json
import shutil
from collections.abc import Callable, Iterator
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest

from attestor import collection, engine, gate, limits
from attestor.clock import rfc3339
from attestor.engine import Engine
from attestor.errors import GateError
from attestor.policies import EMBEDDED, Baseline, OwnModule, Policy, Section, Waiver, embedded
from attestor.verdict import Verdict, Violation, Waived
from tests import golden

RULES = gate.Expected(checked=frozenset({"mesh.a", "mesh.b"}))
NONE: dict[str, Any] = {"off": [], "warnings": [], "waived": [], "exempt": []}
ALLOW: dict[str, Any] = {"allow": True, "checked": ["mesh.b", "mesh.a"], "violations": []} | NONE
DENIAL: dict[str, Any] = {"rule": "mesh.a", "message": "2 edges are not secured", "about": {}}
DENY = ALLOW | {"allow": False, "violations": [DENIAL]}
NOW = datetime(2026, 11, 21, 12, 0, 0, tzinfo=UTC)


def answer(decision: object) -> bytes:
    expression = {"value": decision, "text": gate.QUERY, "location": {"row": 1, "col": 1}}
    return json.dumps({"result": [{"expressions": [expression]}]}).encode()


def test_an_allow_is_read() -> None:
    """Every rule was looked at, and none of them denies."""
    assert gate.parse(answer(ALLOW), RULES) == Verdict(allowed=True, checked=("mesh.a", "mesh.b"), violations=())


def test_a_denial_is_read_with_its_reasons_in_order() -> None:
    """Sorted by rule and sentence, so that the same evidence reads the same."""
    violations = [DENIAL | {"rule": "mesh.b", "message": "x"}, DENIAL | {"message": "z"}, DENIAL]
    verdict = gate.parse(answer(DENY | {"violations": violations}), RULES)
    assert not verdict.allowed
    assert verdict.violations == (
        Violation(rule="mesh.a", message="2 edges are not secured"),
        Violation(rule="mesh.a", message="z"),
        Violation(rule="mesh.b", message="x"),
    )


RESULT = json.loads(answer(ALLOW))["result"]
EXPRESSION = RESULT[0]["expressions"][0]


@pytest.mark.parametrize(
    "found",
    [
        {},
        [],
        None,
        True,
        "result",
        {"errors": [{"message": "x"}]},
        {"result": RESULT, "errors": []},
        {"result": RESULT, "warnings": []},
        {"result": None},
        {"result": True},
        {"result": {}},
        {"result": {"a": 1}},
        {"result": "x"},
        {"result": []},
        {"result": [None]},
        {"result": ["x"]},
        {"result": [{}]},
        {"result": [{"expressions": None}]},
        {"result": [{"expressions": []}]},
        {"result": [{"expressions": "x"}]},
        {"result": [{"expressions": {"a": 1}}]},
        {"result": [{"expressions": [None]}]},
        {"result": [{"expressions": [[]]}]},
        {"result": [{"expressions": [{}]}]},
        {"result": [{"expressions": [EXPRESSION, EXPRESSION]}]},
        {"result": [*RESULT, *RESULT]},
    ],
)
def test_an_answer_around_the_decision_of_another_shape_is_no_answer(found: object) -> None:
    """Undefined, errors beside a result, none, several, or something else entirely."""
    with pytest.raises(GateError, match="the gate has no certain answer"):
        gate.parse(json.dumps(found).encode(), RULES)


@pytest.mark.parametrize(
    "decision",
    [
        None,
        True,
        [],
        "allow",
        {},
        ALLOW | {"more": 1},
        {key: ALLOW[key] for key in ("allow", "checked")},
        ALLOW | {"allow": "true"},
        ALLOW | {"allow": 1},
        ALLOW | {"allow": None},
        ALLOW | {"allow": {}},
        ALLOW | {"checked": []},
        ALLOW | {"checked": ["mesh.a"]},
        ALLOW | {"checked": ["mesh.a", "mesh.a"]},
        ALLOW | {"checked": ["mesh.a", "mesh.b", "mesh.b"]},
        ALLOW | {"checked": ["mesh.a", "mesh.b", "mesh.c"]},
        ALLOW | {"checked": ["mesh.a", 1]},
        ALLOW | {"checked": {"mesh.a": 1, "mesh.b": 1}},
        ALLOW | {"checked": "mesh.a"},
        ALLOW | {"violations": {}},
        ALLOW | {"violations": None},
        ALLOW | {"violations": [DENIAL]},
        ALLOW | {"allow": False},
        DENY | {"violations": ["no"]},
        DENY | {"violations": [{}]},
        DENY | {"violations": [{"rule": "mesh.a"}]},
        DENY | {"violations": [DENIAL | {"code": 1}]},
        DENY | {"violations": [DENIAL | {"rule": "mesh.c"}]},
        DENY | {"violations": [DENIAL | {"rule": None}]},
        DENY | {"violations": [DENIAL | {"rule": ["mesh.a"]}]},
        DENY | {"violations": [DENIAL | {"rule": {}}]},
        DENY | {"violations": [DENIAL | {"message": ""}]},
        DENY | {"violations": [DENIAL | {"message": 1}]},
    ],
)
def test_a_decision_of_another_shape_is_no_decision(decision: object) -> None:
    """A missing rule, a wrong type, a contradiction: none of them is an allow, and none is a denial."""
    with pytest.raises(GateError, match="the gate has no certain answer"):
        gate.parse(answer(decision), RULES)


WAIVER = Waiver(rule="mesh.a", selector={"check": "x"}, owner="o", reason="r", expires="2027-01-31", line=1)
OTHER = Waiver(rule="mesh.b", selector={"check": "x"}, owner="o", reason="r", expires="2027-01-31", line=9)
WITH = gate.Expected(
    checked=frozenset({"mesh.a", "mesh.b", "mesh.edges_mtls", "mesh.checks_pass"}),
    off=frozenset({"mesh.c"}),
    policy=Policy(waivers=(WAIVER, OTHER)),
)
BESIDE: dict[str, Any] = ALLOW | {"checked": sorted(WITH.checked), "off": ["mesh.c"]}
WAIVED: dict[str, Any] = DENIAL | {"waivers": [0]}


def test_what_does_not_deny_is_read() -> None:
    """Warnings, waived and exempt findings, and what is off; with what each finding is about, as far as it is text."""
    about = {"src": "web", "n": 7, "dst": None}
    found = BESIDE | {"warnings": [DENIAL], "waived": [WAIVED], "exempt": [DENIAL | {"rule": "mesh.b", "about": about}]}
    verdict = gate.parse(answer(found), WITH)
    denial = Violation(rule="mesh.a", message="2 edges are not secured")
    assert verdict == Verdict(
        allowed=True,
        checked=("mesh.a", "mesh.b", "mesh.checks_pass", "mesh.edges_mtls"),
        violations=(),
        warnings=(denial,),
        waived=(Waived(violation=denial, waivers=(WAIVER,)),),
        exempt=(Violation(rule="mesh.b", message="2 edges are not secured", about=(("src", "web"),)),),
        off=("mesh.c",),
        policy=WITH.policy,
    )


def test_of_the_floor_only_an_insecure_edge_is_waived() -> None:
    """The waiver must be one of its own rule."""
    waiver = Waiver(rule="mesh.edges_mtls", selector={}, owner="o", reason="r", expires="2027-01-31")
    expected = gate.Expected(checked=WITH.checked, off=WITH.off, policy=Policy(waivers=(waiver,)))
    verdict = gate.parse(answer(BESIDE | {"waived": [WAIVED | {"rule": "mesh.edges_mtls"}]}), expected)
    assert verdict.waived[0].waivers == (waiver,)


FLOOR: dict[str, Any] = DENIAL | {"rule": "mesh.checks_pass"}
LIES: dict[str, dict[str, Any]] = {
    "floor-as-warning": {"warnings": [FLOOR]},
    "floor-as-exempt": {"exempt": [FLOOR]},
    "edge-as-warning": {"warnings": [DENIAL | {"rule": "mesh.edges_mtls"}]},
    "edge-as-exempt": {"exempt": [DENIAL | {"rule": "mesh.edges_mtls"}]},
    "floor-waived-by-another": {"waived": [FLOOR | {"waivers": [0]}]},
    "edge-waived-by-another": {"waived": [WAIVED | {"rule": "mesh.edges_mtls"}]},
    "waived-by-a-waiver-of-another-rule": {"waived": [WAIVED | {"waivers": [1]}]},
    "waived-by-one-of-each": {"waived": [WAIVED | {"waivers": [0, 1]}]},
    "waived-by-none": {"waived": [WAIVED | {"waivers": []}]},
    "waived-by-no-number": {"waived": [WAIVED | {"waivers": ["0"]}]},
    "waived-by-a-boolean": {"waived": [WAIVED | {"waivers": [False]}]},
    "waived-by-who-is-not-there": {"waived": [WAIVED | {"waivers": [2]}]},
    "waived-by-one-from-behind": {"waived": [WAIVED | {"waivers": [-1]}]},
    "waived-by-an-object": {"waived": [WAIVED | {"waivers": {"0": 0}}]},
    "waived-without-a-waiver": {"waived": [DENIAL]},
    "waived-as-object": {"waived": {}},
    "waived-as-text": {"waived": ["x"]},
    "warnings-as-null": {"warnings": None},
    "exempt-as-object": {"exempt": {"a": DENIAL}},
    "warning-without-about": {"warnings": [{"rule": "mesh.a", "message": "x"}]},
    "warning-about-a-list": {"warnings": [DENIAL | {"about": []}]},
    "warning-of-an-unknown-rule": {"warnings": [DENIAL | {"rule": "mesh.d"}]},
    "warning-of-a-rule-that-is-off": {"warnings": [DENIAL | {"rule": "mesh.c"}]},
    "exempt-without-a-message": {"exempt": [DENIAL | {"message": ""}]},
    "off-left-out": {"off": []},
    "off-of-another": {"off": ["mesh.a"]},
    "off-and-more": {"off": ["mesh.c", "mesh.d"]},
    "off-twice": {"off": ["mesh.c", "mesh.c"]},
    "off-as-null": {"off": None},
    "off-as-numbers": {"off": [1]},
    "off-and-looked-at": {"checked": [*sorted(WITH.checked), "mesh.c"], "off": []},
}


@pytest.mark.parametrize("case", sorted(LIES))
def test_an_exception_that_nobody_made_is_no_decision(case: str) -> None:
    """An engine that excepts the floor, or waives by what was not given, is not believed."""
    gate.parse(answer(BESIDE), WITH)
    with pytest.raises(GateError, match="the gate has no certain answer"):
        gate.parse(answer(BESIDE | LIES[case]), WITH)


@pytest.mark.parametrize("key", sorted(ALLOW))
def test_a_decision_lacks_nothing(key: str) -> None:
    """Also where what is missing would be empty."""
    with pytest.raises(GateError, match="not of the expected shape"):
        gate.parse(answer({name: found for name, found in ALLOW.items() if name != key}), RULES)


def test_what_is_off_for_a_cluster_is_expected_to_be(opa: Path, tmp_path: Path) -> None:
    """The real engine over a golden capture: levels by the cluster's name, which the evidence has."""
    opened = collection.opened(golden.statement().payload)
    off = Section(clusters="golden", levels={"mesh.versions_match": "off", "mesh.warning_budget": "warn"})
    real = engine.find(opa, tmp_path)
    verdict = gate.judge(opened, real, now=NOW, allow_replay=False, policy=Policy(sections=(off,)))
    assert "mesh.versions_match" in verdict.off
    assert "mesh.warning_budget" in verdict.checked
    other = replace(off, clusters="other")
    verdict = gate.judge(opened, real, now=NOW, allow_replay=False, policy=Policy(sections=(other,)))
    assert "mesh.versions_match" in verdict.checked
    assert "mesh.warning_budget" in verdict.off


@pytest.mark.parametrize("data", [b"", b"null null", b"{", b'{"result": NaN}', b"\xff", b'{"result":1,"result":1}'])
def test_an_answer_that_is_not_json_is_no_answer(data: bytes) -> None:
    """Output that was cut, or that two readers could read in two ways."""
    with pytest.raises(GateError, match="the answer is not JSON"):
        gate.parse(data, RULES)


def test_a_policy_without_rules_allows_nothing() -> None:
    """Nothing looked at is nothing found, and no allow."""
    with pytest.raises(GateError):
        gate.parse(answer(ALLOW | {"checked": []}), gate.Expected(checked=frozenset()))


def test_the_input_holds_every_body_under_a_name_that_rego_can_say() -> None:
    """Bodies as they were signed; times over all of them; what the caller allows; and nothing else."""
    opened = collection.opened(golden.statement().payload)
    found = gate.gate_input(opened, NOW, allow_replay=True)
    bodies = {"environment", "git", "command_run", "linkerd_check"}
    assert set(found) == bodies | {"run", "config", "waivers"}
    assert found["linkerd_check"] is opened.linkerd_check
    last = opened.times["linkerd-check"][1]
    assert last is not None
    assert found["run"] == {
        "started": "2026-11-21T10:00:00Z",
        "finished": rfc3339(last),
        "now": "2026-11-21T12:00:00Z",
    }
    nothing: dict[str, object] = {"levels": {}, "parameters": {}, "exempt": {"namespaces": [], "workloads": []}}
    assert (found["config"], found["waivers"]) == ({"allow_replay": True, **nothing}, [])


def test_the_trees_are_for_rules_of_ones_own() -> None:
    """Their leaves are most of a large input, and no embedded rule speaks of them."""
    opened = collection.opened(golden.statement().payload)
    own = replace(EMBEDDED, own=(OwnModule(path="team.rego", data=b"package collection.team"),))
    found = gate.gate_input(opened, NOW, allow_replay=True, policy=own)
    assert (found["material"], found["product"]) == (opened.body("material"), opened.body("product"))
    for module in gate.modules(gate.policy_folder()):
        text = module.read_text(encoding="utf-8")
        assert "input.material" not in text
        assert "input.product" not in text


def test_the_input_holds_a_baseline_without_its_trees() -> None:
    """Under the same names, with the times of its own run."""
    opened = collection.opened(golden.statement().payload)
    earlier = replace(opened, times={"git": (NOW, NOW)})
    policy = Policy(baseline=Baseline(opened=earlier, sha256="b" * 64))
    found = gate.gate_input(opened, NOW, allow_replay=False, policy=policy)["baseline"]
    assert set(found) == {"environment", "git", "command_run", "linkerd_check", "run"}
    assert found["linkerd_check"] is earlier.linkerd_check
    assert found["run"] == {"started": "2026-11-21T12:00:00Z", "finished": "2026-11-21T12:00:00Z"}


@pytest.mark.parametrize(("text", "version"), [(b'deny["no"] { true }', "v0"), (b'deny contains "no"', "v1")])
def test_own_rules_are_judged_as_the_rego_that_they_are(text: bytes, version: str, opa: Path, tmp_path: Path) -> None:
    """The older one only where it is asked for."""
    opened = collection.opened(golden.statement().payload)
    module, made = OwnModule(path="a.rego", data=b"package acme.a\n\n" + text + b"\n"), engine.find(opa, tmp_path)
    policy = Policy(own=(module,), rego_version=version)
    verdict = gate.judge(opened, made, now=NOW, allow_replay=False, policy=policy)
    assert [violation.message for violation in verdict.violations] == ["no"]
    other = replace(policy, rego_version="v0" if version == "v1" else "v1")
    with pytest.raises(GateError):
        gate.judge(opened, made, now=NOW, allow_replay=False, policy=other)


def test_the_run_is_from_the_first_time_to_the_last_whatever_their_spelling() -> None:
    """A time without a fraction is before one with, though its text sorts behind it."""
    opened = collection.opened(golden.statement().payload)
    half = NOW + timedelta(milliseconds=500)
    spans = {"git": (half, None), "product": (NOW, half), "material": (None, None)}
    timed = replace(opened, times=spans)
    run = gate.gate_input(timed, NOW, allow_replay=False)["run"]
    assert (run["started"], run["finished"]) == ("2026-11-21T12:00:00Z", "2026-11-21T12:00:00.5Z")
    untimed = replace(opened, times={"git": (None, None)})
    run = gate.gate_input(untimed, NOW, allow_replay=False)["run"]
    assert (run["started"], run["finished"]) == ("", "")


def test_the_policys_tests_are_not_loaded_and_the_entry_comes_first() -> None:
    """What is loaded are the entry and one module for each rule id."""
    loaded = gate.modules(gate.policy_folder())
    assert loaded[0].name == gate.ENTRY
    assert not [path for path in loaded if path.stem.endswith("_test")]
    ids = [gate.rule_id(path) for path in loaded[1:]]
    assert {"mesh.edges_mtls", "collection.live_mesh"} <= set(ids)
    assert len(ids) == len(set(ids))


@pytest.fixture
def judged_by(fake: Callable[..., Path], tmp_path: Path) -> Callable[[str], Verdict]:
    """Judge the golden capture by a program that stands in for opa."""

    def judge(body: str) -> Verdict:
        binary = fake(body, name="opa")
        stand_in = Engine(binary=binary, capabilities=tmp_path / "none.json", folder=tmp_path)
        opened = collection.opened(golden.statement().payload)
        return gate.judge(opened, stand_in, now=NOW, allow_replay=False)

    return judge


@pytest.mark.parametrize(
    ("body", "problem"),
    [
        ("cat > /dev/null; echo 'rego_type_error: x' >&2; echo second >&2; exit 2", "exit code 2: rego_type_error: x"),
        ("cat > /dev/null; echo '{\"errors\":[]}'; exit 1", 'exit code 1: {"errors":[]}'),
        (
            'cat > /dev/null; echo \'{"errors":[{"message":"first"},{"message":"second"}]}\'; exit 2',
            "exit code 2: first",
        ),
        ("cat > /dev/null; printf '\\377 broken' >&2; exit 2", "exit code 2: \ufffd broken"),
        ("cat > /dev/null; exit 1", "exit code 1: it printed nothing"),
        ("kill -KILL $$", "exit code 137"),
        ("cat > /dev/null", "not JSON: no JSON value"),
        ("cat > /dev/null; echo '{}'", "undefined, or reports errors"),
    ],
)
def test_an_engine_that_fails_gives_no_verdict(judged_by: Callable[[str], Verdict], body: str, problem: str) -> None:
    """A non-zero exit, a signal, silence and an empty answer are each named."""
    with pytest.raises(GateError) as caught:
        judged_by(body)
    assert problem in caught.value.problem


def test_an_engine_that_floods_gives_no_verdict(
    judged_by: Callable[[str], Verdict], monkeypatch: pytest.MonkeyPatch
) -> None:
    """Whatever goes wrong with the child is the gate's error."""
    monkeypatch.setattr(limits, "OPA_ANSWER_BYTES", 1000)
    with pytest.raises(GateError, match="printed more than 1000 bytes"):
        judged_by("cat > /dev/null; exec yes")


def test_several_collections_are_judged_by_one_call_in_their_order(opa: Path, tmp_path: Path) -> None:
    """Each by its own evidence, with the time and the allowance that all have in common."""
    healthy = collection.opened(golden.statement().payload)
    insecure = collection.opened(golden.statement("insecure-edge").payload)
    made = engine.find(opa, tmp_path)
    verdicts = gate.judge_all([healthy, insecure, healthy], made, now=NOW, allow_replay=True)
    one_by_one = [gate.judge(opened, made, now=NOW, allow_replay=True) for opened in (healthy, insecure, healthy)]
    assert verdicts == one_by_one
    assert [verdict.allowed for verdict in verdicts] == [True, False, True]
    assert gate.judge_all([], made, now=NOW, allow_replay=True) == []


def test_several_collections_are_judged_by_the_policy_of_one(opa: Path, tmp_path: Path) -> None:
    """Its levels and its rules of one's own decide about each, and the verdict says by what it was decided."""
    nameless = collection.opened(golden.statement().payload)
    body = {name: value for name, value in nameless.linkerd_check.items() if name != "cluster_name"}
    nameless = replace(nameless, bodies={**nameless.bodies, "linkerd-check": body})
    module = OwnModule(
        path="a.rego", data=b'package acme.a\n\nimport rego.v1\n\ndeny contains "no" if input.edge_report\n'
    )
    off = Section(clusters="", levels={"mesh.versions_match": "off"})
    made = engine.find(opa, tmp_path)
    policy = Policy(sections=(off,), own=(module,))
    (verdict,) = gate.judge_all([nameless], made, now=NOW, allow_replay=False, policy=policy)
    assert [violation.rule for violation in verdict.violations] == ["acme.a"]
    assert "mesh.versions_match" in verdict.off
    assert verdict.policy.own_ids == {"acme.a"}
    assert verdict.policy.sections == (off,)
    assert verdict == gate.judge(nameless, made, now=NOW, allow_replay=False, policy=policy)


def test_a_replay_is_allowed_only_where_it_is_asked_for(opa: Path, tmp_path: Path) -> None:
    """By one call as by several."""
    opened = collection.opened(golden.statement().payload)
    bodies: dict[str, Any] = copy.deepcopy(dict(opened.bodies))
    bodies["command-run"]["capture"]["linkerd"]["replay"] = True
    replay, made = replace(opened, bodies=bodies), engine.find(opa, tmp_path)
    for allowed in (True, False):
        assert gate.judge(replay, made, now=NOW, allow_replay=allowed).allowed is allowed
        assert [verdict.allowed for verdict in gate.judge_all([replay], made, now=NOW, allow_replay=allowed)] == [
            allowed
        ]


def test_as_many_decisions_as_collections(fake: Callable[..., Path], tmp_path: Path) -> None:
    """One too few or too many is no certain answer, and the opa that gave it saw every document and the time."""
    opened = collection.opened(golden.statement().payload)
    (tmp_path / "answer").write_bytes(answer([ALLOW]))
    binary = fake('cat > "$HOME/input"; cat "$HOME/answer"', name="opa")
    stand_in = Engine(binary=binary, capabilities=tmp_path / "none.json", folder=tmp_path)
    with pytest.raises(GateError, match="there are 1 decisions on 2 collections"):
        gate.judge_all([opened, opened], stand_in, now=NOW, allow_replay=False)
    seen = json.loads((tmp_path / "input").read_bytes())
    assert [document["run"]["now"] for document in seen["documents"]] == ["2026-11-21T12:00:00Z"] * 2
    (tmp_path / "answer").write_bytes(answer(ALLOW))
    with pytest.raises(GateError, match="there is no list of decisions"):
        gate.judge_all([opened], stand_in, now=NOW, allow_replay=False)
    (tmp_path / "answer").write_bytes(answer([ALLOW]))
    with pytest.raises(GateError, match="the decision is by 2 rules"):
        gate.judge_all([opened], stand_in, now=NOW, allow_replay=False)


def test_the_policy_of_an_installed_package_comes_first(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """It lies in the package there, and beside it in a checkout."""
    package = tmp_path / "site" / "attestor"
    for folder in (package / "policy", package.parent / "policy"):
        folder.mkdir(parents=True)
        (folder / gate.ENTRY).write_text("package gate", encoding="ascii")
    monkeypatch.setattr(embedded, "__file__", str(package / "policies" / "embedded.py"))
    assert gate.policy_folder() == package / "policy"
    (package / "policy" / gate.ENTRY).unlink()
    assert gate.policy_folder() == package.parent / "policy"


def test_of_a_long_complaint_the_beginning_is_told(judged_by: Callable[[str], Verdict]) -> None:
    """Three hundred characters of its first line."""
    with pytest.raises(GateError) as caught:
        judged_by("cat > /dev/null; head -c 301 /dev/zero | tr '\\0' x >&2; exit 2")
    assert caught.value.problem == f"the gate has no certain answer: opa ended with exit code 2: {'x' * 300}"


def test_an_answer_that_decides_nothing_is_told_in_one_sentence(judged_by: Callable[[str], Verdict]) -> None:
    """Without a complaint of opa's there is none in it."""
    with pytest.raises(GateError) as caught:
        judged_by("cat > /dev/null; echo '{}'")
    assert caught.value.problem == "the gate has no certain answer: the answer is undefined, or reports errors"


@pytest.mark.parametrize("family", embedded.FAMILIES)
def test_rules_that_cannot_be_listed_are_no_gate(tmp_path: Path, monkeypatch: pytest.MonkeyPatch, family: str) -> None:
    """Without its rules a family would deny nothing: a folder that may not be read is not an empty one."""
    policy = shutil.copytree(gate.policy_folder(), tmp_path / "policy")
    iterdir = Path.iterdir

    def refuse(self: Path) -> Iterator[Path]:
        if self.name == family:
            raise PermissionError(errno.EACCES, "Permission denied")
        return iterdir(self)

    monkeypatch.setattr(Path, "iterdir", refuse)
    with pytest.raises(GateError, match="the embedded rules cannot be read: Permission denied"):
        gate.modules(policy)


@pytest.mark.parametrize("family", embedded.FAMILIES)
def test_a_family_without_rules_is_no_gate(tmp_path: Path, family: str) -> None:
    """An installation that lost a folder's files allows nothing."""
    policy = shutil.copytree(gate.policy_folder(), tmp_path / "policy")
    for path in (policy / family).glob("*.rego"):
        path.unlink()
    with pytest.raises(GateError, match=f"there are no rules in {family}"):
        gate.modules(policy)


def test_no_policy_is_no_gate(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Neither inside the package nor beside it."""
    monkeypatch.setattr(embedded, "__file__", str(tmp_path / "attestor" / "policies" / "embedded.py"))
    with pytest.raises(GateError, match="they are not there"):
        gate.policy_folder()


def test_a_message_is_cut_behind_its_last_character_that_may_be() -> None:
    """One that is as long as it may be stays whole, and one that is longer by one says so."""
    most = limits.MESSAGE_CHARACTERS
    denial = {"rule": "mesh.a", "about": {}}
    for text, told in (("x" * most, "x" * most), ("x" * most + "y", "x" * most + "… and 1 more characters")):
        verdict = gate.parse(answer(DENY | {"violations": [denial | {"message": text}]}), RULES)
        assert [violation.message for violation in verdict.violations] == [told]


def test_a_policy_that_switches_the_floor_off_is_no_allow(opa: Path, tmp_path: Path) -> None:
    """No file can say so; where a policy said it all the same, the rule is loaded, and the answer is by one too many."""
    opened = collection.opened(golden.statement().payload)
    policy = Policy(sections=(Section(clusters="*", levels={"mesh.edges_mtls": "off"}),))
    with pytest.raises(GateError, match="the decision is by"):
        gate.judge(opened, engine.find(opa, tmp_path), now=NOW, allow_replay=True, policy=policy)
    with pytest.raises(GateError, match="the decision is by"):
        gate.judge_all([opened], engine.find(opa, tmp_path), now=NOW, allow_replay=True, policy=policy)
