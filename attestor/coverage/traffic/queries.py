"""The questions to Prometheus, by name. Every one is an instant query; the window stands in the query itself.

What the labels say was seen on real proxies (linkerd2-proxy 2.366.0, edge-26.8.3; tests/fixtures/worlds):

* Inbound, the allow counters decide, not the connections: those count probes and what policy refused, too, and lose
  what is short. ``authz_name="probe"`` is a probe's path, open to all; port 4191 is the proxy's own, where Prometheus
  scrapes. ``tls="opaque"`` is TLS of the application: not readable, and nobody checked who was there.
* Outbound, ``tcp_open_total`` decides: the gauge loses an idle plaintext HTTP connection after some seconds.
  ``no_tls_reason="loopback"`` stands for what never leaves the pod.
* A value above 0 is evidence, a series is not: a failed handshake leaves ``tls="true"`` with the value 0.

**Why ``max_over_time(X[W]) > 0``** and not ``(X unless X offset W) or increase(X[W]) > 0``, which would show only what
came within the window: the second misses real plaintext. A proxy that restarts counts from nothing; when its counter is
back where it was (one request before, one after), nothing has increased and nothing is new. It also misses the one
request of a pod that ended within the window. The first shows all that any proxy counted whose page was read in the
window, so it never misses. Its price: an allow counter, which a proxy never drops, shows plaintext of long ago until
that proxy restarts, which is how one starts anew. ``increase()`` alone misses the first request of every series.

Functions of the counters of two metrics are joined by ``or`` after ``> 0``: over a pattern of names Prometheus refuses
the whole query where two series differ only in their name.
"""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from types import MappingProxyType

CLOCK = "clock"
"""Asked first, for the time by Prometheus' own clock, at which all others are asked."""
SEEN = "seen"
"""Of which pods there is any series."""
MASKED = "masked"
"""Of which pods a label took the place of one by which a proxy says what it counts.

The viz extension's Prometheus makes a label of every label of a pod; where a series has one of that name itself, its
own is renamed ``exported_…`` (Prometheus' documentation, ``honor_labels``). A pod labelled ``tls: "true"`` would so
hide all of its plaintext.
"""
CERTIFICATES = "certificates"
GATEWAYS = "gateways"
"""Whether gateways of linked clusters answer (linkerd2 ``multicluster/service-mirror/metrics.go``)."""
CERTIFICATE_NAMES = "(control_)?identity_cert_expiration_timestamp_seconds"
"""The name since linkerd2-proxy 2.227.0, and, without the prefix, before (linkerd2-proxy commit 31d7464ef)."""

_WINDOW = re.compile(r"[1-9][0-9]{0,3}[smhd]", re.ASCII)
_LABEL = re.compile(r"[a-z0-9]([-a-z0-9]{0,61}[a-z0-9])?", re.ASCII)
_SERVED = 'authz_name!="probe",target_port!="4191"'
_WHO = ("namespace", "pod")
_PORT = (*_WHO, "target_port")
_LET_IN = ("srv_kind", "srv_name", "authz_name")


@dataclass(frozen=True, slots=True, kw_only=True)
class Question:
    """One list of the part: counters with these labels, summed by those that are kept, of which some must be there."""

    counters: tuple[str, ...]
    where: str
    keeps: tuple[str, ...]
    needs: tuple[str, ...] = _PORT


_DECIDING = ("tls", "no_tls_reason", "direction", "peer", "client_id", "server_id", "authz_name", "target_port")
_ALLOWED = ("inbound_http_authz_allow_total", "inbound_tcp_authz_allow_total")
_DENIED = ("inbound_http_authz_deny_total", "inbound_tcp_authz_deny_total")

QUESTIONS: Mapping[str, Question] = MappingProxyType(
    {
        "inbound_plaintext": Question(
            counters=_ALLOWED,
            where=f'tls!~"true|opaque",{_SERVED}',
            keeps=(*_PORT, "tls", "no_tls_reason", *_LET_IN),
        ),
        "outbound_plaintext": Question(
            counters=("tcp_open_total",),
            where='direction="outbound",peer="dst",tls!="true",no_tls_reason!="loopback"',
            keeps=(
                *_WHO, "dst_namespace", "dst_pod", "dst_service", "dst_control_plane_ns", "target_ip", "target_port",
                "tls", "no_tls_reason",
            ),
        ),
        "opaque": Question(
            counters=_ALLOWED, where=f'tls="opaque",{_SERVED}', keeps=(*_PORT, "tls", "sni", "no_tls_reason", *_LET_IN)
        ),
        "unauthenticated": Question(counters=_ALLOWED, where=f'tls="true",client_id="",{_SERVED}', keeps=_PORT),
        "denied": Question(counters=_DENIED, where="", keeps=(*_PORT, "tls", "no_tls_reason")),
        "clients": Question(
            counters=("tcp_open_total",),
            where='direction="inbound",peer="src",tls="true",client_id!=""',
            keeps=("client_id",),
            needs=("client_id",),
        ),
        "servers": Question(
            counters=("tcp_open_total",),
            where='direction="outbound",peer="dst",tls="true",server_id!=""',
            keeps=("server_id",),
            needs=("server_id",),
        ),
    }
)  # fmt: skip
"""The lists of the part that hold series."""


def by_name(window: str, namespaces: Sequence[str] = ()) -> dict[str, str]:
    """Return every query by its name, ``CLOCK`` first; no namespaces means all of them.

    Raises ``ValueError`` for a window that is not a number with s, m, h or d, and for what is no name of a namespace
    (RFC 1123): both stand in the query as they are.
    """
    if not _WINDOW.fullmatch(window):
        raise ValueError("the window is not of the form 30m, 1h or 2d")
    if wrong := [name for name in namespaces if not _LABEL.fullmatch(name)]:
        raise ValueError(f"{wrong[0]!r} is not the name of a namespace")
    within = 'namespace=~"' + "|".join(sorted(set(namespaces))) + '"' if namespaces else ""
    found = {CLOCK: "vector(time())"}
    found |= {name: _counted(question, window, within) for name, question in QUESTIONS.items()}
    certificates = _selected(f'__name__=~"{CERTIFICATE_NAMES}"', within)
    any_series = _selected(f'__name__=~"tcp_open_total|tcp_open_connections|{CERTIFICATE_NAMES}"', within)
    found[CERTIFICATES] = f"max by (namespace,pod) ({certificates})"
    found[GATEWAYS] = "min by (target_cluster_name) (gateway_alive)"
    found[MASKED] = _masked(within)
    found[SEEN] = f"count by (namespace,pod) ({any_series})"
    return found


def _counted(question: Question, window: str, within: str) -> str:
    selected = _selected(question.where, within)
    above = [f"(max_over_time({name}{selected}[{window}]) > 0)" for name in question.counters]
    return f"sum by ({','.join(question.keeps)}) ({' or '.join(above)})"


def _masked(within: str) -> str:
    names = f'__name__=~"{"|".join((*_ALLOWED, *_DENIED, "tcp_open_total"))}"'
    selected = [_selected(names, f'exported_{label}!=""', within) for label in _DECIDING]
    return f"count by (namespace,pod) ({' or '.join(selected)})"


def _selected(*matchers: str) -> str:
    return "{" + ",".join(filter(None, matchers)) + "}"
