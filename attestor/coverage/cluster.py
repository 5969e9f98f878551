"""The part ``cluster``: which cluster this is, and what its mesh was told.

The names are those of linkerd's values (linkerd2 ``charts/linkerd-control-plane/values.yaml``).
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from attestor import strict_yaml
from attestor.lenient import mapping

_TEXTS = {
    "version": ("linkerdVersion",),
    "default_inbound_policy": ("proxy", "defaultInboundPolicy"),
    "issuer_scheme": ("identity", "issuer", "scheme"),
    "issuance_lifetime": ("identity", "issuer", "issuanceLifetime"),
    "skip_inbound_ports": ("proxyInit", "ignoreInboundPorts"),
    "skip_outbound_ports": ("proxyInit", "ignoreOutboundPorts"),
    "opaque_ports": ("proxy", "opaquePorts"),
}
_FLAGS = {"high_availability": ("highAvailability",), "cni": ("cniEnabled",), "external_ca": ("identity", "externalCA")}
_EITHER = {
    "proxy_version": (("proxy", "image", "version"), ("linkerdVersion",)),
    "trust_domain": (("identityTrustDomain",), ("clusterDomain",)),
}

ANCHORS = ("identityTrustAnchorsPEM",)
ISSUER = ("identity", "issuer", "tls", "crtPEM")


def values(config: Mapping[str, Any]) -> Mapping[str, Any]:
    """Return the values that the ConfigMap linkerd-config holds; raises ``ValueError`` where it holds none."""
    try:
        found = strict_yaml.load(str(mapping(config.get("data"))["values"]).encode())
    except (KeyError, strict_yaml.NotYaml) as error:
        message = "linkerd-config holds no values that can be read"
        raise ValueError(message) from error
    if not isinstance(found, dict) or not found:
        message = "linkerd-config holds no values"
        raise ValueError(message)
    return found


def at(found: Mapping[str, Any], path: tuple[str, ...]) -> Any:
    """Return the value at ``path``, or nothing."""
    value: Any = found
    for step in path:
        value = mapping(value).get(step)
    return value


def linkerd(found: Mapping[str, Any]) -> dict[str, Any]:
    """Return what of linkerd's values matters here; what is not there is absent."""
    told: dict[str, Any] = {name: at(found, path) for name, path in _TEXTS.items() if isinstance(at(found, path), str)}
    told |= {name: at(found, path) for name, path in _FLAGS.items() if isinstance(at(found, path), bool)}
    for name, paths in _EITHER.items():
        if text := next((at(found, path) for path in paths if at(found, path)), None):
            told[name] = str(text)
    return told | _tracing(found)


def _tracing(found: Mapping[str, Any]) -> dict[str, Any]:
    """Return where proxies send traces: of newer releases a section, of older ones a collector's address."""
    section = mapping(at(found, ("proxy", "tracing")))
    collector = at(section, ("collector", "endpoint")) or found.get("trace-collector-svc-addr") or ""
    if "enabled" not in section and not collector:
        return {}
    on = section.get("enabled") is True or ("enabled" not in section and bool(collector))
    return {"tracing": {"enabled": on, **({"collector": str(collector)} if collector else {})}}
