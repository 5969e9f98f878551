"""Of a predicate's own objects and pods the same follows again, for whoever verifies it."""

from __future__ import annotations

import json
import random
from typing import Any

import pytest

from attestor.coverage.authorization.derivation import build, derive
from attestor.coverage.authorization.kinds import KINDS, LINKERD
from attestor.coverage.authorization.selectors import Labels, Selector
from tests.unit.coverage.authorization.conftest import (
    allows,
    built,
    http,
    mesh,
    network,
    permits,
    pod,
    reference,
    route,
    server,
    unread,
)

NEEDS_OFFICE = reference("NetworkAuthentication", "office")
MANY = [
    server(),
    server("other", port=8080, accessPolicy="audit"),
    route(),
    mesh("clients", "*"),
    network("office", {"cidr": "10.0.0.0/8", "except": ["10.1.0.0/16"]}),
    allows(reference("Server", "web"), reference("MeshTLSAuthentication", "clients"), name="one"),
    allows(reference("HTTPRoute", "get"), reference("NetworkAuthentication", "office"), name="two"),
    permits(meshTLS={"serviceAccounts": [{"name": "api"}]}, networks=[{"cidr": "10.0.0.0/8"}]),
]


def coverage(*objects: dict[str, Any], reasons: list[dict[str, Any]] | None = None) -> dict[str, Any]:
    """A predicate as far as it matters, which has been written and read again."""
    found = built(*objects, reasons=reasons)
    body = {"authorization": {**found, "reasons": reasons or []}, "workloads": {"pods": [pod()]}}
    read: dict[str, Any] = json.loads(json.dumps(body))
    return read


@pytest.mark.parametrize("reasons", [[], unread("/apis/policy.linkerd.io/v1beta3/servers")])
def test_the_same_follows_again(reasons: list[dict[str, Any]]) -> None:
    """Also where a list was not whole."""
    found = coverage(*MANY, reasons=reasons)
    assert found["authorization"]["ports"]
    assert derive(found) == {key: found["authorization"][key] for key in ("ports", "unmatched")}


def test_the_order_of_the_objects_does_not_matter() -> None:
    """A list of a cluster has none."""
    assert built(*MANY) == built(*MANY[::-1])


def test_of_a_part_that_was_never_come_to_nothing_follows() -> None:
    """Its reason is about no source."""
    found = coverage()
    found["authorization"]["reasons"] = [{"code": "timed-out", "source": "", "detail": "late"}]
    assert derive(found) == {"ports": [], "unmatched": []}


STRANGE: list[Any] = [None, True, 5, 1.5, "", "x", "8" * 50, [], [[]], {}, {"name": []}, [None, 5, {}], {"kind": {}}]


def _places(value: Any) -> list[tuple[Any, Any]]:
    """Every place in a value below which something stands."""
    keys = value if isinstance(value, dict) else range(len(value)) if isinstance(value, list) else ()
    return [(value, key) for key in keys] + [place for key in keys for place in _places(value[key])]


@pytest.mark.parametrize("seed", range(40))
def test_no_spec_however_strange_is_a_fault(seed: int) -> None:
    """What a cluster without schemas holds, or a predicate claims, is judged, and a port has its row."""
    chosen = random.Random(seed)
    for _ in range(10):
        objects = json.loads(json.dumps(MANY))
        for _ in range(chosen.randint(1, 3)):
            holder, key = chosen.choice([place for one in objects for place in _places(one["spec"])])
            holder[key] = chosen.choice(STRANGE)
        found = build(objects, [pod()], [])
        assert 8080 in {row["port"] for row in found["ports"]}


WIDER = ("denied", "some", "audited", "allowed")


@pytest.mark.parametrize("seed", range(20))
def test_an_authorization_takes_nothing_away(seed: int) -> None:
    """Whatever else there is: with one more, a port is open as far as before, or further."""
    chosen = random.Random(seed)
    others = [one for one in MANY if one["kind"] != "Server" and chosen.random() < 0.5]
    more = allows(reference("Server", "web"), *chosen.choice(([], [NEEDS_OFFICE])), name="more")
    for policy in ("deny", "audit", "all-unauthenticated", "cluster-unauthenticated"):
        objects = [server(accessPolicy=policy), network("office", {"cidr": "192.0.2.0/24"}), *others]
        before, after = (http(*found)["unauthenticated"] for found in (objects, [*objects, more]))
        assert WIDER.index(before) <= WIDER.index(after)


@pytest.mark.parametrize(
    "plural", ["servers", "serverauthorizations", "authorizationpolicies", "networkauthentications", "httproutes"]
)
def test_what_was_not_read_is_never_denied(plural: str) -> None:
    """A list that is not whole, and the objects that it would have held, taken away."""
    seen = [one for one in MANY if one["kind"] != KINDS[LINKERD][plural] and one["name"] != "other"]
    found = http(*seen, reasons=unread(f"/apis/policy.linkerd.io/v1/{plural}"))
    assert found["unauthenticated"] == "unknown"


def test_many_pods_are_judged_without_asking_every_server(monkeypatch: pytest.MonkeyPatch) -> None:
    """Each pod asks the Servers that its labels lead to, and pods that are alike ask once."""
    asked = 0
    matches = Selector.matches

    def counted(self: Selector, labels: Labels) -> bool:
        nonlocal asked
        asked += 1
        return matches(self, labels)

    monkeypatch.setattr(Selector, "matches", counted)
    names = [f"d{number}" for number in range(200)]
    servers = [server(name, podSelector={"matchLabels": {"team": "all", "app": name}}) for name in names]
    pods = [
        pod(f"{name}-{number}", owner={"kind": "Deployment", "name": name}, labels={"team": "all", "app": name})
        for name in names
        for number in range(10)
    ]
    found = build(servers, pods, [])["ports"]
    assert {row["pods"] for row in found} == {10}
    assert {row["server"] for row in found if row["port"] == 8080} == set(names)
    assert asked == len(names)
