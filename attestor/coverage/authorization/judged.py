"""What an authorization lets in, what of it is not understood, and what is wrong with it.

Sources: linkerd2 ``policy-controller/k8s/index/src/inbound``: ``server_authorization.rs``, ``authorization_policy.rs``,
``meshtls_authentication.rs``, ``network_authentication.rs``, and ``policy_client_authz`` of ``index.rs``. The
controller ignores an authorization that is wrong as a whole, so that it lets nobody in.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from attestor.coverage.authorization import networks
from attestor.coverage.authorization.grants import EVERY, Grant
from attestor.coverage.authorization.index import Defect, Index, Object, refers_to, shown
from attestor.coverage.authorization.kinds import LINKERD
from attestor.coverage.authorization.networks import ANYWHERE, CLUSTER, Network
from attestor.coverage.authorization.selectors import NotUnderstood
from attestor.lenient import items, mapping, rows

_MESH, _NETWORK = "MeshTLSAuthentication", "NetworkAuthentication"

AUTHENTICATIONS: Mapping[str, str] = {_MESH: "meshtlsauthentications", _NETWORK: "networkauthentications"}
"""The kinds that a policy may refer to in another namespace, with their plurals."""


@dataclass(frozen=True, slots=True)
class Judged:
    """A grant where there is one; whether it may let in more than is known; and what is wrong."""

    grant: Grant | None = None
    doubtful: bool = False
    defects: tuple[Defect, ...] = ()


def _ignored(code: str, why: str, *, doubtful: bool = False) -> Judged:
    return Judged(None, doubtful, (Defect(code, why),))


def _guarded(judge: Callable[[Object, Index], Judged]) -> Callable[[Object, Index], Judged]:
    """Return a function for which what is not understood is a doubt."""

    def guarded(found: Object, index: Index) -> Judged:
        try:
            return judge(found, index)
        except NotUnderstood as error:
            return _ignored("not-understood", str(error), doubtful=True)

    return guarded


@_guarded
def server_authorization(found: Object, index: Index) -> Judged:
    """Judge the client of a ServerAuthorization. Without networks of its own it holds for the cluster's."""
    client = mapping(mapping(found["spec"]).get("client"))
    nets = networks.parse(client.get("networks")) or (CLUSTER,)
    if client.get("unauthenticated") is True:
        return Judged(Grant(None, nets))
    mesh = mapping(client.get("meshTLS"))
    if mesh.get("unauthenticatedTLS") is True:
        return Judged(Grant(None, nets))
    accounts = [_account(one, str(found["namespace"]), index) for one in rows(mesh.get("serviceAccounts"))]
    identities = [*_texts(mesh.get("identities"), index), *accounts]
    if not identities:
        return _ignored("selects-nothing", "it names no client")
    return Judged(Grant(tuple(identities), nets), defects=_too_wide(identities))


@_guarded
def authorization_policy(found: Object, index: Index) -> Judged:
    """Judge what an AuthorizationPolicy requires: all of it must hold, and where nothing is required, everybody may."""
    wanted = mapping(found["spec"]).get("requiredAuthenticationRefs")
    if not isinstance(wanted, list):
        raise NotUnderstood("requiredAuthenticationRefs is no list")
    who = [one for one in rows(wanted) if refers_to(one, _MESH) or refers_to(one, "ServiceAccount", "")]
    where = [one for one in rows(wanted) if refers_to(one, _NETWORK)]
    strange = [one for one in wanted if one not in who and one not in where]
    if len(who) > 1 or len(where) > 1:
        return _ignored("conflict", "it requires several authentications of one kind, and Linkerd ignores it")
    if strange:
        why = f"it requires the unknown {shown(mapping(strange[0]))}, and Linkerd ignores it"
        return _ignored("unknown-kind", why, doubtful=not who)
    return _required(found, index, who, where)


def _required(
    found: Object, index: Index, who: Sequence[Mapping[str, Any]], where: Sequence[Mapping[str, Any]]
) -> Judged:
    namespace = str(found["namespace"])
    for one in (*who, *where):
        kind = _NETWORK if one in where else _MESH
        if refers_to(one, kind) and _referred(one, kind, namespace, index) is None:
            place = str(one.get("namespace") or namespace)
            if index.unread(LINKERD, kind, place):
                return Judged(None, doubtful=not who)
            return _ignored("no-such-authentication", f"there is no {shown(one)} in namespace {place}")
    identities = _identities(who[0], namespace, index) if who else None
    nets = _networks(where[0], namespace, index) if where else ANYWHERE
    if identities == () or nets == ():
        return _ignored(
            "no-such-authentication", "an authentication that it requires names nobody, or is not understood"
        )
    return Judged(Grant(identities, nets))


def references(found: Object) -> Iterator[tuple[str, str, str]]:
    """Return kind, namespace and name of each authentication that an AuthorizationPolicy refers to."""
    for one in rows(mapping(found["spec"]).get("requiredAuthenticationRefs")):
        for kind in AUTHENTICATIONS:
            if refers_to(one, kind):
                yield kind, str(one.get("namespace") or found["namespace"]), str(one.get("name"))


def _referred(one: Mapping[str, Any], kind: str, namespace: str, index: Index) -> Object | None:
    """Return an authentication, which may be of another namespace."""
    return index.named(kind, str(one.get("namespace") or namespace), str(one.get("name")))


def _identities(one: Mapping[str, Any], namespace: str, index: Index) -> tuple[str, ...]:
    if not refers_to(one, _MESH):
        return (_account(one, namespace, index),)
    found = _referred(one, _MESH, namespace, index)
    grant = mesh_authentication(found, index).grant if found is not None else None
    return (grant.identities or ()) if grant is not None else ()


def _networks(one: Mapping[str, Any], namespace: str, index: Index) -> tuple[Network, ...]:
    found = _referred(one, _NETWORK, namespace, index)
    judged = network_authentication(found, index) if found is not None else Judged()
    if judged.doubtful:
        raise NotUnderstood(f"the {shown(one)} that it requires is not understood")
    return judged.grant.networks if judged.grant is not None else ()


@_guarded
def mesh_authentication(found: Object, index: Index) -> Judged:
    """Judge a MeshTLSAuthentication: identities, service accounts, and whole namespaces."""
    spec, namespace = mapping(found["spec"]), str(found["namespace"])
    identities = _texts(spec.get("identities"), index)
    for one in rows(spec.get("identityRefs")):
        if refers_to(one, "ServiceAccount", ""):
            identities.append(_account(one, namespace, index))
        elif refers_to(one, "Namespace", ""):
            identities.append(index.service_account(str(one.get("name")), EVERY))
        else:
            return _ignored("unknown-kind", f"it refers to the unknown {shown(one)}, and Linkerd ignores it")
    if not identities:
        return _ignored("selects-nothing", "it names no identity, and Linkerd ignores it")
    return Judged(Grant(tuple(identities)), defects=_too_wide(identities))


@_guarded
def network_authentication(found: Object, _index: Index) -> Judged:
    """Judge a NetworkAuthentication."""
    nets = networks.parse(mapping(found["spec"]).get("networks"))
    if not nets:
        return _ignored("selects-nothing", "it names no network, and Linkerd ignores it")
    return Judged(Grant(None, nets))


def _account(one: Mapping[str, Any], namespace: str, index: Index) -> str:
    return index.service_account(str(one.get("namespace") or namespace), str(one.get("name")))


def _texts(found: object, index: Index) -> list[str]:
    if not all(isinstance(one, str) for one in items(found)):
        raise NotUnderstood("an identity is no text")
    return [index.pattern(one) for one in items(found)]


def _too_wide(identities: Sequence[str]) -> tuple[Defect, ...]:
    why = "it names every identity of the mesh, also those of workloads that come later"
    return (Defect("every-identity", why),) if EVERY in identities else ()
