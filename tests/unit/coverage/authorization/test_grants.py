"""What several grants let in together, and what the default inbound policies mean."""

from __future__ import annotations

import pytest

from attestor.coverage.authorization import networks
from attestor.coverage.authorization.grants import EVERY, Grant, Rules, access, of_default
from attestor.coverage.authorization.selectors import NotUnderstood

ANYBODY, AUDIT = Grant(None), Grant(None, audit=True)
OFFICE = Grant(None, networks.parse([{"cidr": "10.0.0.0/8"}]))
API, ALL = Grant(("api",)), Grant((EVERY,))


@pytest.mark.parametrize(
    ("policy", "said", "identities", "more"),
    [
        ("all-unauthenticated", "allowed", ["*"], {}),
        ("all-authenticated", "denied", ["*"], {}),
        ("cluster-unauthenticated", "some", [], {"networks": ["cluster"]}),
        ("cluster-authenticated", "denied", ["*"], {}),
        ("audit", "audited", ["*"], {}),
        ("deny", "denied", [], {}),
    ],
)
def test_a_default_policy_lets_in(policy: str, said: str, identities: list[str], more: dict[str, object]) -> None:
    """The six that the controller and the proxy know."""
    assert access(Rules(grants=of_default(policy))) == {"unauthenticated": said, "identities": identities, **more}


@pytest.mark.parametrize("policy", ["", "all-tls-unauthenticated", "DENY", "allow"])
def test_another_default_policy_is_not_understood(policy: str) -> None:
    """It does not count as deny."""
    with pytest.raises(NotUnderstood):
        of_default(policy)


@pytest.mark.parametrize(
    ("policy", "said"),
    [
        ("all-unauthenticated", "denied"),
        ("cluster-unauthenticated", "denied"),
        ("audit", "audited"),
        ("deny", "denied"),
    ],
)
def test_a_port_may_require_identity(policy: str, said: str) -> None:
    """Of the defaults that let everybody in, only the mesh is left; audit lets everybody in as before."""
    assert access(Rules(grants=of_default(policy, identified=True)))["unauthenticated"] == said


@pytest.mark.parametrize(
    ("rules", "said", "identities"),
    [
        (Rules(), "denied", []),
        (Rules(doubtful=True), "unknown", []),
        (Rules(grants=(API, Grant(("web", "api")))), "denied", ["api", "web"]),
        (Rules(grants=(API, ALL)), "denied", ["*"]),
        (Rules(grants=(ANYBODY, API)), "allowed", ["*"]),
        (Rules(grants=(ANYBODY,), doubtful=True), "allowed", ["*"]),
        (Rules(grants=(AUDIT, ANYBODY)), "allowed", ["*"]),
        (Rules(grants=(AUDIT, API)), "audited", ["*"]),
        (Rules(grants=(AUDIT, OFFICE)), "audited", ["*"]),
        (Rules(grants=(OFFICE, API)), "some", ["api"]),
        (Rules(grants=(OFFICE,), doubtful=True), "unknown", []),
        (Rules(grants=(API,), routes={"HTTPRoute/get": (ANYBODY,)}), "some", ["api"]),
        (Rules(grants=(API,), routes={"HTTPRoute/get": (Grant(("web",)),)}), "denied", ["api", "web"]),
    ],
)
def test_grants_add_up(rules: Rules, said: str, identities: list[str]) -> None:
    """One is enough; a route only adds; and where there may be more, nothing is denied for certain."""
    found = access(rules)
    assert (found["unauthenticated"], found["identities"]) == (said, identities)


def test_what_lets_some_in_is_named() -> None:
    """Networks of the whole port, and routes."""
    found = access(Rules(grants=(OFFICE,), routes={"HTTPRoute/b": (ANYBODY,), "HTTPRoute/a": (OFFICE,)}))
    assert (found["networks"], found["routes"]) == (["10.0.0.0/8"], ["HTTPRoute/a", "HTTPRoute/b"])
