"""What a kubeconfig's user must be allowed, and what of that is missing, asked of the cluster itself.

The list is what linkerd's own code asks for (linkerd2 ``pkg/healthcheck``, ``viz/pkg/healthcheck``, ``pkg/k8s``).
"""

from __future__ import annotations

from dataclasses import dataclass

from attestor.cluster.client import Client
from attestor.lenient import mapping

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


_CLUSTER = (
    ("namespaces", ""),
    ("nodes", ""),
    ("pods", ""),
    ("services", ""),
    ("clusterroles", "rbac.authorization.k8s.io"),
    ("clusterrolebindings", "rbac.authorization.k8s.io"),
    ("mutatingwebhookconfigurations", "admissionregistration.k8s.io"),
    ("validatingwebhookconfigurations", "admissionregistration.k8s.io"),
)
_SECRETS = (
    "linkerd-identity-issuer",
    "linkerd-proxy-injector-k8s-tls",
    "linkerd-sp-validator-k8s-tls",
    "linkerd-policy-validator-k8s-tls",
)
_EDGES = "linkerd viz edges"

NEEDED: tuple[Right, ...] = (
    *(Right(verb="list", resource=resource, group=group) for resource, group in _CLUSTER),
    Right(verb="get", resource="customresourcedefinitions", group="apiextensions.k8s.io"),
    Right(verb="get", resource="configmaps", namespace="linkerd", name="linkerd-config", needed_for="linkerd-version"),
    Right(verb="get", resource="configmaps", namespace="linkerd", name="linkerd-identity-trust-roots"),
    *(Right(verb="get", resource="secrets", namespace="linkerd", name=name) for name in _SECRETS),
    Right(verb="list", resource="serviceaccounts", namespace="linkerd"),
    Right(verb="list", resource="replicasets", group="apps", namespace="linkerd"),
    Right(verb="list", resource="pods", namespace="linkerd-viz", needed_for=_EDGES),
    Right(verb="get", resource="replicasets", group="apps", namespace="linkerd-viz", needed_for=_EDGES),
    Right(verb="create", resource="pods/portforward", namespace="linkerd-viz", needed_for=_EDGES),
    Right(verb="get", resource="secrets", namespace="linkerd-viz", name="tap-k8s-tls", needed_for="linkerd viz check"),
    Right(verb="list", resource="configmaps", namespace="linkerd-viz", needed_for="linkerd viz check"),
)


def missing(client: Client) -> list[Right]:
    """Return the rights of ``NEEDED`` that the cluster does not grant; raises ``NoAccess``."""
    return [right for right in NEEDED if not _granted(client, right)]


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
