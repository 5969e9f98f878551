"""Which version of Linkerd a mesh runs, as its control plane's own configuration says."""

from __future__ import annotations

from attestor import strict_yaml
from attestor.cluster.client import Client, Forbidden, NotThere, Unauthorized
from attestor.cluster.credentials import NoAccess
from attestor.errors import CaptureError
from attestor.lenient import mapping
from attestor.settings import TAG

NAMESPACE = "linkerd"
CONFIG = "linkerd-config"
RIGHT = f"get configmaps/{CONFIG} in namespace {NAMESPACE}"

_WAY_OUT = "name the CLI yourself: linkerd-version with the mesh's tag, such as edge-25.5.2, or linkerd-path"


def version(client: Client) -> str:
    """Return the tag of the release that the mesh runs; raises ``CaptureError`` where it cannot be known."""
    try:
        found = client.get(f"/api/v1/namespaces/{NAMESPACE}/configmaps/{CONFIG}")
    except NoAccess as error:
        raise unknown(error) from error
    try:
        values = mapping(strict_yaml.load(str(mapping(found.get("data")).get("values", "")).encode()))
    except strict_yaml.NotYaml:
        values = {}
    said = str(values.get("linkerdVersion", ""))
    if not TAG.fullmatch(said):
        raise CaptureError(
            f"the mesh's ConfigMap {CONFIG} names no release of Linkerd",
            cause="it was installed from a build of one's own, or by something that keeps its version elsewhere",
            remedy=_WAY_OUT,
        )
    return said


def unknown(error: NoAccess) -> CaptureError:
    """Return why the mesh's version is not known, the right that is missing, and the way out."""
    causes = {
        Forbidden: (f"the kubeconfig's user may not {RIGHT}", f"grant the right to {RIGHT}; or "),
        Unauthorized: ("its token or certificate has expired, or is another cluster's", "log in again; or "),
        NotThere: (f"there is no Linkerd control plane in namespace {NAMESPACE}", "check the context; or "),
    }
    cause, remedy = causes.get(type(error), ("the server cannot be reached from here", "check the network; or "))
    return CaptureError(
        f"linkerd-version is auto, and the mesh's version cannot be asked for ({RIGHT}): {error}",
        cause=cause,
        remedy=remedy + _WAY_OUT,
    )
