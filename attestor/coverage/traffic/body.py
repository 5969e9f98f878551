"""The part ``traffic`` of the coverage, from Prometheus' answers and the pods that should be in them."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import Any

from attestor.clock import rfc3339
from attestor.coverage.part import Part
from attestor.coverage.traffic import rows
from attestor.coverage.traffic.observed import Observed
from attestor.coverage.traffic.queries import CERTIFICATES, MASKED, QUESTIONS, SEEN
from attestor.coverage.traffic.rows import Complaints, NotUnderstood, Rows

CONTROL_PLANE_PORTS = frozenset({"8080", "8086", "8090"})
"""Identity, destination and policy: a proxy asks there before it has a certificate; TLS without a client is normal."""
_WHO = ("namespace", "pod")


def build(observed: Observed, pods: Iterable[Mapping[str, Any]], control_plane: str) -> Part:
    """Return the part. ``pods`` are those of the predicate, ``control_plane`` is the namespace of the control plane."""
    complaints = Complaints()
    series = {name: _series(observed, name, complaints) for name in QUESTIONS}
    series["unauthenticated"] = [
        row for row in series["unauthenticated"] if not _is_control_plane(row["labels"], control_plane)
    ]
    body: dict[str, object] = {"window": observed.window, "queries": dict(observed.queries)}
    body |= series
    body["certificates"] = _certificates(observed, complaints)
    body["silent"] = _silent(observed, pods, complaints)
    _masked(observed, complaints)
    if observed.prometheus:
        body["prometheus"] = observed.prometheus
    if observed.at:
        body["at"] = rfc3339(observed.at)
    reasons = (*observed.reasons, *complaints.reasons())
    return Part(span=observed.span, sources=observed.sources, reasons=reasons, body=body)


def _series(observed: Observed, name: str, complaints: Complaints) -> list[dict[str, Any]]:
    question = QUESTIONS[name]
    found = []
    for labels, value in rows.bounded(_read(observed, name, question.needs, complaints), name, complaints):
        if foreign := sorted(set(labels) - set(question.keeps)):
            complaints.add("not-understood", name, f"a series has the label {foreign[0]}, which was not asked for")
        try:
            found.append({"labels": labels, "value": rows.count(value)})
        except NotUnderstood as error:
            complaints.add("not-understood", name, str(error))
    return found


def _certificates(observed: Observed, complaints: Complaints) -> list[dict[str, str]]:
    found = []
    for labels, value in rows.bounded(_read(observed, CERTIFICATES, _WHO, complaints), CERTIFICATES, complaints):
        try:
            found.append({name: labels.get(name, "") for name in _WHO} | {"expires": rows.moment(value)})
        except NotUnderstood as error:
            complaints.add("not-understood", CERTIFICATES, str(error))
    return found


def _silent(observed: Observed, pods: Iterable[Mapping[str, Any]], complaints: Complaints) -> list[str]:
    """Return the covered, running pods that Prometheus does not know; none where that could not be asked."""
    if SEEN not in observed.answers:
        return []
    known = {(labels.get("namespace"), labels.get("pod")) for labels, _ in _read(observed, SEEN, _WHO, complaints)}
    expected = [pod for pod in pods if pod["state"] == "covered" and pod["phase"] == "Running"]
    if expected and not known:
        complaints.add("not-installed", SEEN, "this Prometheus has no series of any proxy, and there are proxies")
    silent = [pod for pod in expected if (pod["namespace"], pod["name"]) not in known]
    for pod in silent:
        if _is_misnamed(pod):
            detail = f"a label of the pod {pod['namespace']}/{pod['name']} gives its series to another pod"
            complaints.add("not-understood", SEEN, detail)
    return sorted(f"{pod['namespace']}/{pod['name']}" for pod in silent)


def _is_misnamed(pod: Mapping[str, Any]) -> bool:
    """Tell whether the viz extension's Prometheus names the pod by labels of its own choice (see ``MASKED``)."""
    labels = pod.get("labels") or {}
    own = {"namespace": pod["namespace"], "pod": pod["name"]}
    return any(labels.get(name, value) != value for name, value in own.items())


def _masked(observed: Observed, complaints: Complaints) -> None:
    for labels, _ in _read(observed, MASKED, _WHO, complaints):
        pod = f"{labels.get('namespace', '')}/{labels.get('pod', '')}"
        complaints.add("not-understood", MASKED, f"a label of the pod {pod} hides what its proxy says")


def _read(observed: Observed, name: str, needs: Iterable[str], complaints: Complaints) -> Rows:
    return rows.read(observed.answers.get(name, ()), name, tuple(needs), complaints)


def _is_control_plane(labels: Mapping[str, str], control_plane: str) -> bool:
    return labels.get("namespace") == control_plane and labels.get("target_port") in CONTROL_PLANE_PORTS
