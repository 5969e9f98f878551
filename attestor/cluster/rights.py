"""What a kubeconfig's user must be allowed, and what of that is missing, asked of the cluster itself.

``NEEDED`` is what linkerd's own code asks for (linkerd2 ``pkg/healthcheck``, ``viz/pkg/healthcheck``, ``pkg/k8s``), and
``coverage`` what this program asks for besides. ``deploy/rbac`` grants exactly these.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace

from attestor.cluster.client import Client
from attestor.coverage.authorization.kinds import KINDS
from attestor.lenient import mapping, rows

REVIEWS = "/apis/authorization.k8s.io/v1/selfsubjectaccessreviews"


@dataclass(frozen=True, slots=True, kw_only=True)
class Right:
    """One verb on one resource; ``needed_for`` says what is missing without it."""

    verb: str
    resource: str
    group: str = ""
    namespace: str = ""
    name: str = ""
    needed_for: str = "linkerd check"

    def __str__(self) -> str:
        what = f"{self.resource}.{self.group}" if self.group else self.resource
        named = f"{what}/{self.name}" if self.name else what
        return f"{self.verb} {named}" + (f" in namespace {self.namespace}" if self.namespace else "")


_ADMISSION = "admissionregistration.k8s.io"
_CLUSTER = (
    ("namespaces", ""),
    ("nodes", ""),
    ("pods", ""),
    ("services", ""),
    ("clusterroles", "rbac.authorization.k8s.io"),
    ("clusterrolebindings", "rbac.authorization.k8s.io"),
    ("mutatingwebhookconfigurations", _ADMISSION),
    ("validatingwebhookconfigurations", _ADMISSION),
)
_WEBHOOKS = (
    ("mutating", "linkerd-proxy-injector-webhook-config"),
    ("validating", "linkerd-sp-validator-webhook-config"),
    ("validating", "linkerd-policy-validator-webhook-config"),
)
_SECRETS = (
    "linkerd-identity-issuer",
    "linkerd-proxy-injector-k8s-tls",
    "linkerd-sp-validator-k8s-tls",
    "linkerd-policy-validator-k8s-tls",
)
_EDGES, _VIZ, _TAP = "linkerd viz edges", "linkerd viz check", "v1alpha1.tap.linkerd.io"

NEEDED: tuple[Right, ...] = (
    *(Right(verb="list", resource=resource, group=group) for resource, group in _CLUSTER),
    Right(verb="get", resource="namespaces", name="linkerd"),
    Right(verb="get", resource="customresourcedefinitions", group="apiextensions.k8s.io"),
    *(
        Right(verb="get", resource=f"{kind}webhookconfigurations", group=_ADMISSION, name=name)
        for kind, name in _WEBHOOKS
    ),
    Right(verb="get", resource="configmaps", namespace="linkerd", name="linkerd-config", needed_for="linkerd-version"),
    Right(verb="get", resource="configmaps", namespace="linkerd", name="linkerd-identity-trust-roots"),
    *(Right(verb="get", resource="secrets", namespace="linkerd", name=name) for name in _SECRETS),
    Right(verb="list", resource="serviceaccounts", namespace="linkerd"),
    Right(verb="list", resource="replicasets", group="apps", namespace="linkerd"),
    Right(verb="list", resource="pods", namespace="linkerd-viz", needed_for=_EDGES),
    Right(verb="get", resource="replicasets", group="apps", namespace="linkerd-viz", needed_for=_EDGES),
    Right(verb="create", resource="pods/portforward", namespace="linkerd-viz", needed_for=_EDGES),
    Right(verb="get", resource="secrets", namespace="linkerd-viz", name="tap-k8s-tls", needed_for=_VIZ),
    Right(verb="get", resource="apiservices", group="apiregistration.k8s.io", name=_TAP, needed_for=_VIZ),
    Right(verb="list", resource="configmaps", namespace="linkerd-viz", needed_for=_VIZ),
)


PROXY: tuple[Right, ...] = (
    Right(verb="list", resource="endpoints", needed_for="linkerd check --proxy"),
    Right(
        verb="get",
        resource="authorizationpolicies",
        group="policy.linkerd.io",
        name="prometheus-scrape",
        needed_for="linkerd viz check --proxy",
    ),
)
"""What ``check --proxy`` wants besides: the part ``linkerd`` of the coverage."""

_WORKLOADS = (
    ("pods", ""),
    ("deployments", "apps"),
    ("statefulsets", "apps"),
    ("daemonsets", "apps"),
    ("cronjobs", "batch"),
)
_AUTHORIZATION = (
    *((plural, group) for group, kinds in KINDS.items() for plural in kinds),
    ("networkpolicies", "networking.k8s.io"),
)
_EXTERNAL = ("externalworkloads", "workload.linkerd.io")
_PARTS = {"workloads": _WORKLOADS, "authorization": _AUTHORIZATION, "identity": (_EXTERNAL,)}
_INJECTOR = "mutatingwebhookconfigurations"
_OPTIONAL = frozenset({*KINDS, _EXTERNAL[1], "multicluster.linkerd.io"})
"""Groups that a cluster may be without; then nothing of them is asked for."""


def coverage(namespaces: Sequence[str] = (), prometheus_url: str = "") -> tuple[Right, ...]:
    """Return what the coverage of these namespaces, or of all, asks for itself, by the part that needs it."""
    inside = [
        Right(verb="list", resource=resource, group=group, needed_for=_part(part))
        for part, lists in _PARTS.items()
        for resource, group in lists
    ]
    return (
        Right(verb="get", resource="namespaces", name="kube-system", needed_for=_part("cluster")),
        *_of_mesh(),
        *_named(namespaces),
        *(replace(right, namespace=name) for name in namespaces or ("",) for right in inside),
        Right(verb="list", resource=_INJECTOR, group=_ADMISSION, needed_for=_part("authorization")),
        Right(verb="list", resource="links", group="multicluster.linkerd.io", needed_for=_part("links")),
        *(() if prometheus_url else _FORWARD),
    )


def _part(name: str) -> str:
    return f"the part {name} of the coverage"


def _of_mesh() -> Iterable[Right]:
    for name, part in (("linkerd-config", "cluster"), ("linkerd-identity-trust-roots", "identity")):
        yield Right(verb="get", resource="configmaps", namespace="linkerd", name=name, needed_for=_part(part))
    yield Right(verb="list", resource="events", namespace="linkerd", needed_for=_part("identity"))


def _named(namespaces: Sequence[str]) -> list[Right]:
    """Return the rights to the namespaces themselves: each by its name, or all of them by a list."""
    named = [Right(verb="get", resource="namespaces", name=name, needed_for=_part("workloads")) for name in namespaces]
    return named or [Right(verb="list", resource="namespaces", needed_for=_part("workloads"))]


_FORWARD = (
    Right(verb="list", resource="pods", namespace="linkerd-viz", needed_for=_part("traffic")),
    Right(verb="get", resource="pods/portforward", namespace="linkerd-viz", needed_for=_part("traffic")),
    Right(verb="create", resource="pods/portforward", namespace="linkerd-viz", needed_for=_part("traffic")),
)


def needed(client: Client, *, covered: bool, namespaces: Sequence[str], prometheus_url: str) -> Sequence[Right]:
    """Return what a run needs; for its coverage only what is asked of the groups that the cluster has."""
    if not covered:
        return NEEDED
    served = {str(group.get("name")) for group in rows(client.get("/apis").get("groups"))}
    asked = [*PROXY, *coverage(namespaces, prometheus_url)]
    return [*NEEDED, *(right for right in asked if right.group in served or right.group not in _OPTIONAL)]


def missing(client: Client, wanted: Iterable[Right] = NEEDED) -> list[Right]:
    """Return the rights of ``wanted`` that the cluster does not grant; raises ``NoAccess``."""
    return [right for right in wanted if not _granted(client, right)]


def _granted(client: Client, right: Right) -> bool:
    resource, _, subresource = right.resource.partition("/")
    attributes = {"verb": right.verb, "group": right.group, "resource": resource, "subresource": subresource}
    attributes |= {"namespace": right.namespace, "name": right.name}
    review = {
        "apiVersion": "authorization.k8s.io/v1",
        "kind": "SelfSubjectAccessReview",
        "spec": {"resourceAttributes": {key: value for key, value in attributes.items() if value}},
    }
    return mapping(client.create(REVIEWS, review).get("status")).get("allowed") is True
