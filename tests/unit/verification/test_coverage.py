"""Coverage that follows from itself, and coverage that somebody with the key made up."""

from __future__ import annotations

import copy
import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

import jsonschema
import pytest

from attestor import collection
from attestor.coverage.authorization import derivation
from attestor.errors import GateError
from attestor.verification import coverage, examine, subjects
from attestor.verification.finding import State
from tests import covered
from tests.conftest import ROOT
from tests.worlds import UID, Counters, World

SCHEMA = json.loads((ROOT / "docs" / "predicates" / "mesh-coverage-v0.1.schema.json").read_bytes())


@pytest.fixture(scope="module")
def honest() -> dict[str, Any]:
    """The coverage of a healthy mesh, as it stands in a payload."""
    found = covered.opened(covered.coverage(Counters(world=World())))
    return copy.deepcopy(dict(found.bodies["coverage"]))


def test_honest_coverage_follows(honest: dict[str, Any]) -> None:
    """And says of which parts it is whole."""
    found = coverage.examine(honest)
    assert found.state is State.OK, found.detail
    assert "follows from 14 pods; complete: cluster, workloads" in found.detail


def test_it_fits_the_schema_by_another_validator(honest: dict[str, Any]) -> None:
    """The schema is one of draft 2020-12, whatever compiles it here."""
    jsonschema.Draft202012Validator.check_schema(SCHEMA)
    jsonschema.Draft202012Validator(SCHEMA).validate(honest)


def test_the_schema_of_the_package_is_that_of_the_documentation() -> None:
    """Byte for byte; `make docs` copies it."""
    assert coverage.SCHEMA.read_bytes() == (ROOT / "docs" / "predicates" / coverage.SCHEMA.name).read_bytes()


Forge = Callable[[dict[str, Any]], object]
FORGERIES: dict[str, tuple[Forge, str]] = {
    "part-missing": (lambda body: body.pop("traffic"), "traffic"),
    "part-unknown": (lambda body: body.update(more={}), "more"),
    "complete-with-reasons": (
        lambda body: body["links"]["reasons"].append({"code": "forbidden", "source": "", "detail": ""}),
        "links is complete, and gives reasons why not",
    ),
    "incomplete-without-reasons": (lambda body: body["links"].update(complete=False), "the other way round"),
    "reason-of-no-code": (
        lambda body: body["links"].update(complete=False, reasons=[{"code": "x", "source": "", "detail": ""}]),
        "code",
    ),
    "pod-hidden": (lambda body: body["workloads"]["pods"].pop(), "namespaces is not what its pods give"),
    "pod-of-another-state": (
        lambda body: body["workloads"]["pods"][0].update(state="opted-out"),
        "namespaces is not what its pods give",
    ),
    "namespace-that-does-not-take-part": (
        lambda body: body["workloads"]["namespaces"][1].update(takes_part=False),
        "namespaces is not what its pods give",
    ),
    "identity-hidden": (lambda body: body["identity"]["identities"].pop(), "identities is not what the pods give"),
    "port-closed": (
        lambda body: body["authorization"]["ports"][0].update(unauthenticated="denied"),
        "authorization.ports is not",
    ),
    "policy-hidden": (lambda body: body["authorization"]["objects"].clear(), "authorization.ports is not"),
    "number-as-text": (lambda body: body["workloads"]["pods"][0].update(host_network="no"), "host_network"),
}


@pytest.mark.parametrize("name", FORGERIES)
def test_what_does_not_follow_is_refused(name: str, honest: dict[str, Any]) -> None:
    """By the name of what is wrong."""
    forge, words = FORGERIES[name]
    body = copy.deepcopy(honest)
    forge(body)
    found = coverage.examine(body)
    assert found.state is State.FAILED
    assert words in found.detail
    assert found.detail.startswith("coverage")


def test_without_linkerds_configuration_no_identity_is_valid(honest: dict[str, Any]) -> None:
    """The trust domain stands there; identities that are called valid all the same are a contradiction."""
    body = copy.deepcopy(honest)
    del body["cluster"]["linkerd"]
    assert "identities is not what the pods give" in coverage.examine(body).detail
    for one in body["identity"]["identities"]:
        one["valid"] = False
    assert coverage.examine(body).state is State.OK


def test_the_cluster_is_a_subject() -> None:
    """Evidence about one cluster can be looked up by its UID, and by no other."""
    statement = covered.statement(covered.coverage(Counters(world=World())))
    opened = collection.opened(statement.payload)
    named = [subject["name"] for subject in opened.subjects if "mesh-coverage" in subject["name"]]
    assert named == [f"urn:mesh-attestor:mesh-coverage:v0.1/cluster-uid:{UID}"]
    assert next(subjects.examine(opened, [])).state is State.OK
    other = statement.payload.replace(f"cluster-uid:{UID}".encode(), b"cluster-uid:another")
    found = next(subjects.examine(collection.opened(other), []))
    assert (found.state, "is in no predicate" in found.detail) == (State.FAILED, True)


def test_a_whole_collection_with_coverage_holds() -> None:
    """Every check of the six predicates, and the one on the seventh."""
    opened = covered.opened(covered.coverage(Counters(world=World())))
    later = max(finished for _, finished in opened.times.values() if finished)
    findings = examine(opened, [], later)
    assert [finding for finding in findings if finding.state is not State.OK] == []
    assert [finding.check for finding in findings].count("coverage") == 1


@pytest.mark.parametrize("content", [None, "{"])
def test_without_its_schema_nothing_is_certain(
    content: str | None, honest: dict[str, Any], tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """An installation that is not whole examines nothing."""
    if content is not None:
        (tmp_path / "schema").write_text(content, encoding="utf-8")
    monkeypatch.setattr(coverage, "SCHEMA", tmp_path / "schema")
    coverage._validator.cache_clear()
    with pytest.raises(GateError, match="the schema of the coverage is not there"):
        coverage.examine(honest)
    coverage._validator.cache_clear()


@pytest.mark.parametrize(
    "spec", [{"podSelector": 7}, {"port": []}, {"podSelector": {"matchLabels": {"a": []}}}, {"x": None}]
)
@pytest.mark.parametrize("kind", ["Server", "AuthorizationPolicy", "MeshTLSAuthentication", "HTTPRoute", "Unheard"])
def test_objects_of_any_shape_are_no_fault(kind: str, spec: dict[str, Any], honest: dict[str, Any]) -> None:
    """Their specs are whatever the API server once took: they are a contradiction, or they are understood."""
    body = copy.deepcopy(honest)
    one = {"api": "policy.linkerd.io/v1beta3", "kind": kind, "namespace": "emojivoto", "name": "odd", "spec": spec}
    body["authorization"]["objects"].append(one)
    assert coverage.examine(body).check == "coverage"


def test_what_cannot_be_derived_is_refused(honest: dict[str, Any], monkeypatch: pytest.MonkeyPatch) -> None:
    """By a finding, not by a fault of the program."""

    def broken(_: object) -> None:
        raise KeyError

    monkeypatch.setattr(derivation, "derive", broken)
    found = coverage.examine(honest)
    assert (found.state, found.detail) == (State.FAILED, "nothing can be concluded from its objects: KeyError")


@pytest.mark.parametrize("labels", [{"Name": "x", "Type": "y"}, {"app": "a", "App": "b"}, {"CMD": ""}])
def test_a_label_may_have_any_name(labels: dict[str, str]) -> None:
    """Also that of a field of the other predicates in another case: labels are the cluster's, and no reader's fields."""
    world = World()
    world.pod("emojivoto", "web")["metadata"]["labels"].update(labels)
    found = covered.opened(covered.coverage(Counters(world=world))).bodies["coverage"]
    assert coverage.examine(found).state is State.OK
    (pod,) = [
        pod for pod in found["workloads"]["pods"] if pod["owner"]["name"] == "web" and pod["namespace"] == "emojivoto"
    ]
    assert labels.items() <= pod["labels"].items()


def test_a_field_of_the_coverage_in_another_case_is_refused(honest: dict[str, Any]) -> None:
    """Its schema closes every object but the cluster's own."""
    body = copy.deepcopy(honest)
    body["workloads"]["Complete"] = True
    assert coverage.examine(body).state is State.FAILED
