"""What injects proxies, and which namespaces it leaves out.

Source: linkerd2 ``charts/linkerd-control-plane/templates/proxy-injector-rbac.yaml``: by default the injector leaves out
kube-system, cert-manager and namespaces labelled config.linkerd.io/admission-webhooks: disabled.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from typing import Any

from attestor.coverage.authorization import selectors
from attestor.lenient import mapping, rows

_NAME = "kubernetes.io/metadata.name"


def build(
    found: Sequence[Mapping[str, Any]], namespaces: Iterable[Mapping[str, Any]], control_plane: str
) -> dict[str, Any]:
    """Return the injector of this control plane; raises ``NotUnderstood`` where its selector is not understood.

    ``found`` is what ``keep.webhook`` kept, ``namespaces`` are those of the scope as the predicate has them.
    """
    own = [one for one in found if one["control_plane"] in ("", control_plane)]
    if not own:
        return {"found": False}
    one = min(own, key=lambda kept: str(kept["name"]))
    hooks = rows(one["hooks"])
    if len(hooks) != 1:
        raise selectors.NotUnderstood(f"the injector's configuration {one['name']} has {len(hooks)} webhooks")
    of_namespace = mapping(hooks[0].get("namespaceSelector"))
    selector = selectors.parse(of_namespace)
    exempt = [str(named["name"]) for named in namespaces if not selector.matches(_labels(named))]
    return {
        "found": True,
        "name": str(one["name"]),
        "failure_policy": str(hooks[0].get("failurePolicy", "")),
        "namespace_selector": of_namespace,
        "object_selector": mapping(hooks[0].get("objectSelector")),
        "exempt_namespaces": sorted(exempt),
    }


def _labels(namespace: Mapping[str, Any]) -> Mapping[str, str]:
    """Return a namespace's labels, with the one that the API server gives each."""
    return {_NAME: str(namespace["name"]), **mapping(namespace.get("labels"))}
