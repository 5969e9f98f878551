"""Which version of a kind is read, and which lists are known not to be whole."""

from __future__ import annotations

import pytest

from attestor.coverage.authorization.kinds import GATEWAY, LINKERD, Unread, newest
from tests.unit.coverage.authorization.conftest import unread


@pytest.mark.parametrize(
    ("versions", "chosen"),
    [
        (["v1alpha1", "v1beta1", "v1beta3", "v1beta2"], "v1beta3"),
        (["v1beta1", "v1", "v2alpha1"], "v1"),
        (["v1beta9", "v1beta10"], "v1beta10"),
        (["v1alpha1"], "v1alpha1"),
        (["v1alpha2", "strange"], "v1alpha2"),
    ],
)
def test_the_newest_version_is_read(versions: list[str], chosen: str) -> None:
    """Stable ones go before betas, betas before alphas, each by number."""
    assert newest(versions) == chosen


@pytest.mark.parametrize(
    ("path", "seen"),
    [
        ("/apis", {"servers", "routes", "elsewhere"}),
        ("/apis/policy.linkerd.io/v1beta3", {"servers", "elsewhere"}),
        ("/apis/policy.linkerd.io/v1beta3/servers", {"servers", "elsewhere"}),
        ("/apis/policy.linkerd.io/v1beta3/namespaces/shop/servers", {"servers"}),
        ("/apis/gateway.networking.k8s.io/v1/httproutes", {"routes"}),
        ("/apis/networking.k8s.io/v1/networkpolicies", set()),
    ],
)
def test_what_failed_tells_what_may_be_missing(path: str, seen: set[str]) -> None:
    """A list for one namespace is missing there; discovery is missing everywhere."""
    found = Unread(unread(path))
    asked = {
        "servers": found(LINKERD, "Server", "shop"),
        "elsewhere": found(LINKERD, "Server", "bank"),
        "routes": found(GATEWAY, "HTTPRoute", "shop"),
    }
    assert {name for name, missing in asked.items() if missing} == seen


def test_what_is_not_installed_is_not_missing() -> None:
    """A group that is not served has no objects."""
    assert not Unread(unread("/apis", "not-installed"))(LINKERD, "Server", "shop")
