"""The part ``identity``: whom the mesh believes, who issues, and whether the identities in use are of its form."""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping, Sequence
from typing import Any

from attestor.coverage import certificates
from attestor.coverage.certificates import Bundles
from attestor.lenient import mapping

UNSEEN = {
    "kubernetes.io/tls": "the issuer is in a Secret of type kubernetes.io/tls, as cert-manager keeps it, and no Secret "
    "is read",
}
_NO_ISSUER = "linkerd-config names no certificate of the issuer"


def anchors(config_map: Mapping[str, Any]) -> str:
    """Return the PEM of the ConfigMap linkerd-identity-trust-roots; raises ``ValueError`` where it holds none."""
    found = mapping(config_map.get("data")).get("ca-bundle.crt")
    if not found or not isinstance(found, str):
        message = "linkerd-identity-trust-roots holds no ca-bundle.crt"
        raise ValueError(message)
    return found


def trusted(pem: str) -> list[dict[str, Any]]:
    """Return the certificates of a bundle as evidence has them; raises ``ValueError``."""
    return [certificates.described(found) for found in certificates.parsed(pem)]


def issuer(pem: object, anchors_pem: str, scheme: str) -> dict[str, Any]:
    """Return what is known of the issuer's certificate, or why nothing is; raises ``ValueError``."""
    if not isinstance(pem, str) or not pem.strip():
        return {"issuer_unseen": UNSEEN.get(scheme, _NO_ISSUER)}
    found = certificates.parsed(pem)[0]
    roots = certificates.parsed(anchors_pem) if anchors_pem else []
    return {"issuer": certificates.described(found), "issuer_chains": certificates.chains(found, roots)}


def copies(pods: Sequence[Mapping[str, Any]], bundles: Bundles, anchors_pem: str) -> list[dict[str, Any]]:
    """Return the sets of anchors that proxies were started with, and whether each is that of the ConfigMap."""
    meant = bundles.digest(anchors_pem) if anchors_pem else ""
    counts: Counter[str] = Counter()
    examples: dict[str, str] = {}
    for pod in pods:
        digest = pod.get("trust_anchors_sha256")
        if digest and pod["state"] == "covered":
            counts[digest] += 1
            examples.setdefault(digest, f"{pod['namespace']}/{pod['name']}")
    return [
        {
            "sha256": digest,
            "anchors": list(bundles.members[digest]),
            "pods": count,
            "example": examples[digest],
            "agrees": digest == meant,
        }
        for digest, count in sorted(counts.items())
    ]


def in_use(pods: Sequence[Mapping[str, Any]], control_plane: str, trust_domain: str) -> list[dict[str, Any]]:
    """Return the identities that the proxies of covered pods ask for, each once; one that is not told is empty."""
    seen = Counter(
        (str(pod.get("identity", "")), pod["namespace"], pod["service_account"])
        for pod in pods
        if pod["state"] == "covered"
    )
    suffix = f"serviceaccount.identity.{control_plane}.{trust_domain}"
    return [
        {
            "identity": identity,
            "namespace": namespace,
            "service_account": account,
            "pods": count,
            "valid": bool(trust_domain) and identity == f"{account}.{namespace}.{suffix}",
        }
        for (identity, namespace, account), count in sorted(seen.items())
    ]


def keep_external(item: Mapping[str, Any]) -> dict[str, str]:
    """Return what is kept of an ExternalWorkload."""
    meta, tls = item["metadata"], mapping(mapping(item.get("spec")).get("meshTLS"))
    named = {"namespace": str(meta["namespace"]), "name": str(meta["name"])}
    return named | {"identity": str(tls.get("identity", "")), "server_name": str(tls.get("serverName", ""))}


def keep_event(item: Mapping[str, Any]) -> str:
    """Return when an event was last seen, in RFC 3339, or nothing."""
    series = mapping(item.get("series")).get("lastObservedTime")
    return str(item.get("lastTimestamp") or series or item.get("eventTime") or "")
