"""Targets: the readers of what a team judges by, and of what an earlier run signed."""

from __future__ import annotations

import functools
import hashlib
import io
import json
from collections.abc import Iterator
from dataclasses import replace
from datetime import date
from pathlib import Path
from typing import Any, cast

import yaml

from attestor import drift, report, strict_json
from attestor.compliance import MET, mapping, told
from attestor.compliance.judging import judged as judged_controls
from attestor.coverage.part import PARTS
from attestor.envelope import PAYLOAD_TYPE, Envelope
from attestor.errors import AttestorError, EvidenceError, SettingsError
from attestor.policies import EMBEDDED, OwnModule, Policy, baseline, catalogue, configuration, waivers
from attestor.policies.own import compiler, refusal, syntax
from attestor.report import Report
from attestor.statement import encode
from attestor.summary import Decision, Judge, comparison, statement
from attestor.summary.claim import opened
from attestor.verdict import Verdict, Violation
from attestor.verification.finding import State
from tests.fuzz import bases, judged, model
from tests.fuzz.readers import forged
from tests.fuzz.script import Script, edited

CONFIGURATION = b"""rules:
  mesh.required_namespaces: {level: deny, namespaces: [shop]}
  mesh.warning_budget: {level: warn, max: 0}
  mesh.minimum_edges: {namespaces: {shop: 2}}
  collection.tree_clean: {level: off}
exempt: {namespaces: [kube-system], workloads: ["shop/legacy-*"]}
clusters:
  prod-*: {rules: {mesh.warning_budget: {level: deny}}}
"""

WAIVERS = b"""- rule: mesh.edges_mtls
  selector: {source: emojivoto/vote-bot, destination: emojivoto/web}
  owner: team-voting
  reason: the bot is retired in January
  ticket: OPS-123
  expires: 2027-01-31
- {rule: mesh.own_service_accounts, selector: {namespace: "shop-*"}, owner: a, reason: b, expires: "2027-02-28"}
"""

CONTROLS = b"""frameworks:
- id: acme
  title: Ours
  needs: [collection.live_mesh]
  controls:
  - id: NET-1
    title: Nothing in plaintext
    statement: Workloads speak mTLS.
    rules: [mesh.edges_mtls, mesh.warning_budget]
    needs: [mesh.edges_present]
    parts: [traffic]
    parameters: {mesh.warning_budget: {max: 0}}
  - {id: NET-2, title: a, statement: b, not_shown: c}
"""

TREES = Path(__file__).parent / "trees.json"
"""What ``opa parse --format json`` of opa 1.19.0 prints of modules that have every form of a reference."""

CLUSTERS = ("", "prod-1", "dev")
HEALTHY = "0" * 64
_WILD = frozenset("[]{}!\\")


class _Held(type(Path())):  # type: ignore[misc]
    """A file that is nowhere but here: a disk would be most of the time that a try takes."""

    data = b""

    def open(self, *_: Any, **__: Any) -> io.BytesIO:
        return io.BytesIO(self.data)


def _written(data: bytes) -> Path:
    held = _Held("/held")
    held.data = data
    return cast("Path", held)


def _read(data: bytes) -> Any:
    return yaml.load(data, Loader=yaml.CSafeLoader)


def _known_errors(complaints: list[AttestorError]) -> bool:
    """Tell whether there are complaints, each of which is one about settings and says something."""
    assert all(isinstance(one, SettingsError) and one.problem for one in complaints)
    return bool(complaints)


def policy_config(data: bytes) -> None:
    """Any bytes as a configuration: whatever is taken lowers no rule of the floor, and says what another reader reads."""
    complaints: list[AttestorError] = []
    found = configuration.load(_written(data), complaints)
    for cluster in CLUSTERS:
        encode(found.config(cluster))
        levels = found.levels(cluster)
        assert levels.keys() == catalogue.levels().keys()
        assert {rule for rule, level in levels.items() if level == "floor"} == _floor(), "the floor is another"
        assert not found.off(cluster) & _floor()
    if not _known_errors(complaints):
        _as_another_reads_it(found, _read(data))


@functools.cache
def _floor() -> frozenset[str]:
    return frozenset(rule for rule in catalogue.rules() if catalogue.is_of_the_floor(rule))


def _as_another_reads_it(found: Policy, whole: Any) -> None:
    sections = [("*", whole), *(whole.get("clusters") or {}).items()]
    assert [section.clusters for section in found.sections] == [name for name, _ in sections]
    for section, (_, part) in zip(found.sections, sections, strict=True):
        assert {*part} <= {"rules", "exempt", "clusters"}
        rules = part.get("rules", {})
        assert {*rules} <= {*catalogue.rules()}
        assert not [name for name in rules if name in _floor() and "level" in rules[name]]
        levels = {name: given["level"] or "off" for name, given in rules.items() if "level" in given}
        assert {name: section.levels[name] for name in levels} == levels
        exempt = part.get("exempt", {})
        assert section.namespaces == tuple(exempt.get("namespaces", []))
        assert section.workloads == tuple(exempt.get("workloads", []))


def config_script(data: bytes) -> None:
    """A configuration, edited as the bytes say."""
    policy_config(_as_yaml(edited(_read(CONFIGURATION), Script(data))))


def waivers_file(data: bytes) -> None:
    """Any bytes as waivers: each that is taken names a rule that can be waived, whom it is for, who, why and until when."""
    complaints: list[AttestorError] = []
    found = waivers.load(_written(data), EMBEDDED, complaints)
    encode([waiver.to_dict() for waiver in found.waivers])
    for waiver in found.waivers:
        assert waiver.rule not in _floor() - {catalogue.WAIVABLE}
        assert waiver.owner.strip()
        assert waiver.reason.strip()
        assert date.fromisoformat(waiver.expires).isoformat() == waiver.expires
        assert waiver.selector
        assert {*waiver.selector} <= {*waivers.SELECTORS}
        assert all(text and not {*text} & _WILD for text in waiver.selector.values())
    if _known_errors(complaints):
        return
    listed = _read(data)
    assert [waiver.rule for waiver in found.waivers] == [entry["rule"] for entry in listed]
    assert [dict(waiver.selector) for waiver in found.waivers] == [entry["selector"] for entry in listed]
    assert {waiver.rule for waiver in found.waivers} <= {*catalogue.rules()}


def waivers_script(data: bytes) -> None:
    """Waivers, edited as the bytes say."""
    waivers_file(_as_yaml(edited(_read(WAIVERS), Script(data))))


def controls_file(data: bytes) -> None:
    """Any bytes as controls: each that is taken has its own id and names rules and parts that there are."""
    complaints: list[AttestorError] = []
    found = mapping.load(_written(data), EMBEDDED, complaints)
    ours = mapping.embedded()
    assert found.entries[: len(ours.entries)] == ours.entries
    if _known_errors(complaints):
        return
    own = found.entries[len(ours.entries) :]
    frameworks = _read(data)["frameworks"]
    assert [entry.id for entry in own] == [entry["id"] for part in frameworks for entry in part["controls"]]
    assert len({entry.id for entry in found.entries}) == len(found.entries)
    for entry in own:
        assert {*entry.rules, *entry.needs} <= {*catalogue.rules()}
        assert {*entry.parts} <= {*PARTS}
        assert entry.parameters.keys() <= {*entry.rules}
        assert entry.rules or entry.not_shown
    given = judged_controls(found, report_of(allowed=True))
    encode(told.values(found, given))
    assert not [control for control in given if control.status == MET and control.entry.not_shown]


def controls_script(data: bytes) -> None:
    """Controls, edited as the bytes say."""
    controls_file(_as_yaml(edited(_read(CONTROLS), Script(data))))


def _as_yaml(value: Any) -> bytes:
    """Return the document as JSON, which is YAML; a date stands in it as its text."""
    return json.dumps(value, default=str, ensure_ascii=False).encode("utf-8", "surrogatepass")


@functools.cache
def trees() -> list[dict[str, Any]]:
    """Return syntax trees of modules of every form."""
    found: list[dict[str, Any]] = json.loads(TREES.read_text(encoding="utf-8"))
    return found


def rego_tree(data: bytes) -> None:
    """Any bytes as opa's syntax tree: what is read of it sees each reference to the input and to other modules."""
    module = OwnModule(path="a.rego", data=b"")
    try:
        tree = strict_json.loads(data)
        found = syntax.read(module, tree)
    except (strict_json.NotJson, LookupError, TypeError, AttributeError, RecursionError):
        return  # which `compiler` makes a refusal of
    fields = {name: compiler.fields(name) for name in (refusal.PREDICATE, refusal.COLLECTION)}
    said = refusal.problems([found], catalogue.rules(), fields)
    assert all(said)
    refusal.rules([found])
    (whole,) = model.documents(data)
    names = {str(item.get("alias") or item["path"]["value"][-1]["value"]) for item in whole.get("imports") or []}
    try:
        mentioned = {word for rule in whole.get("rules") or [] for word in _words(_of_rule(rule))}
    except (AttributeError, TypeError, KeyError):
        return  # no tree that opa would print
    for word, seen in (("input", found.inputs), ("data", found.data)):
        assert seen or word in names or word not in mentioned, f"{word} is not seen"
    if found.known and not said:
        assert found.package[0] not in {"gate", "gate_own", "parameters", "system"}


def _of_rule(rule: Any) -> list[Any]:
    """Return what a rule says, without the name that it gives itself."""
    head = {key: value for key, value in rule["head"].items() if key not in {"name", "ref"}}
    inner = _of_rule({**rule["else"], "head": {"ref": [], **rule["else"]["head"]}}) if "else" in rule else []
    return [head, (rule["head"].get("ref") or [])[1:], rule.get("body"), *inner]


def _words(node: Any) -> Iterator[str]:
    """Yield the variables in a part of a tree: of a reference its terms, of a text nothing."""
    if isinstance(node, list):
        for item in node:
            yield from _words(item)
    elif isinstance(node, dict):
        if node.get("type") == "var":
            yield str(node.get("value"))
        elif node.get("type") == "ref" and isinstance(node.get("value"), list):
            yield from _words([term for term in node["value"] if term.get("type") != "string"])
        else:
            yield from _words(list(node.values()))


def rego_script(data: bytes) -> None:
    """A syntax tree, edited as the bytes say."""
    script = Script(data)
    tree = json.loads(json.dumps(trees()[script.number(len(trees()))]))
    rego_tree(json.dumps(edited(tree, script, 3)).encode("utf-8", "surrogatepass"))


def earlier(data: bytes) -> None:
    """A signed statement, edited as the bytes say, as the baseline: it is refused, or whatever is in it is compared."""
    complaints: list[AttestorError] = []
    signer = bases.signer()
    sealed = Envelope.sign(PAYLOAD_TYPE, forged(data), [signer]).to_bytes()
    found = baseline.load(_written(sealed), None, (signer.public,), bases.NOW, complaints)
    assert (found is None) == _known_errors(complaints)
    if found is None:
        return
    assert found.sha256 == hashlib.sha256(sealed).hexdigest()
    for old, new in ((found.opened, judged.healthy()), (judged.healthy(), found.opened)):
        changes = drift.between(old, new)
        encode(changes.to_dict())
        report.drift_table(changes, "Since")
    assert not drift.between(found.opened, found.opened).changed
    baseline.require_cluster(replace(EMBEDDED, baseline=found), "another", complaints)
    assert statement(decision(report_of(allowed=True), replace(EMBEDDED, baseline=found))).payload


def decision(found: Report, policy: Policy = EMBEDDED) -> Decision:
    """Return what is attested of a report, by ``policy``."""
    return Decision(report=found, moment=bases.NOW, policy=policy, allow_replay=False, judge=Judge(sha256=HEALTHY))


@functools.cache
def report_of(*, allowed: bool) -> Report:
    """Return a report on healthy evidence, with a verdict."""
    violations = () if allowed else (Violation(rule="mesh.edges_mtls", message="no"),)
    verdict = Verdict(allowed=allowed, checked=tuple(sorted(catalogue.rules())), violations=violations)
    return Report(
        opened=judged.healthy(), signers=(), envelope="attestation.json", envelope_sha256=HEALTHY, verdict=verdict
    )


def verdict(data: bytes) -> None:
    """Any bytes as a signed verdict: PASSED holds for no evidence that is denied, and for none but its own."""
    sealed = Envelope.sign(PAYLOAD_TYPE, data, [bases.signer()]).to_bytes()
    try:
        claim = opened(sealed, [bases.signer().public])
    except EvidenceError:
        return
    (whole,) = model.documents(data)
    assert claim.passed == (whole["predicate"]["verificationResult"] == "PASSED")
    assert [entry["digest"] for entry in whole["subject"]] == [{"sha256": claim.sha256}]
    for allowed in (True, False):
        about = report_of(allowed=allowed)
        findings = [
            *comparison.examine(claim, about, bases.NOW),
            comparison.judged_again(claim, about, EMBEDDED, allow_replay=False),
            *comparison.pinned(claim, EMBEDDED, allow_replay=False),
        ]
        if all(finding.state is State.OK for finding in findings):
            assert allowed, "PASSED, and it is denied"
            assert claim.sha256 == HEALTHY, "PASSED, and it is about another file"


def verdict_script(data: bytes) -> None:
    """A signed verdict on what was allowed, or denied, edited as the bytes say."""
    script = Script(data)
    base = statement(decision(report_of(allowed=script.number(2) == 0))).payload
    changed = edited(json.loads(base), script, 1 + script.number(3))
    verdict(json.dumps(changed, ensure_ascii=False).encode("utf-8", "surrogatepass"))
