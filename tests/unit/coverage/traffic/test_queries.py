"""The questions to Prometheus: each has what decides, and takes nothing into itself that it was not made for."""

from __future__ import annotations

import pytest

from attestor.coverage.traffic import queries

COUNTERS = ("inbound_http_authz_allow_total", "inbound_tcp_authz_allow_total")


def test_the_clock_is_asked_first() -> None:
    """All others are asked for its moment."""
    names = list(queries.by_name("1h"))
    assert names[0] == queries.CLOCK
    others = {queries.SEEN, queries.MASKED, queries.CERTIFICATES, queries.GATEWAYS}
    assert {*queries.QUESTIONS, *others} == set(names[1:])


@pytest.mark.parametrize("name", sorted(queries.QUESTIONS))
def test_a_counter_is_evidence_where_it_is_above_nothing(name: str) -> None:
    """Over the window, each of its metrics by itself."""
    question, text = queries.QUESTIONS[name], queries.by_name("90m")[name]
    assert text.startswith(f"sum by ({','.join(question.keeps)}) (")
    assert text.count("[90m]) > 0)") == text.count("max_over_time(") == len(question.counters)


@pytest.mark.parametrize("name", ["inbound_plaintext", "opaque", "unauthenticated"])
def test_what_is_let_in_is_neither_a_probe_nor_the_proxys_own_port(name: str) -> None:
    """Those are open to everybody, and a scrape is not the application's traffic."""
    text = queries.by_name("1h")[name]
    for counter in COUNTERS:
        start = text.index(counter)
        selector = text[start : text.index("}", start)]
        assert 'authz_name!="probe"' in selector
        assert 'target_port!="4191"' in selector


def test_every_word_for_tls_is_in_one_list() -> None:
    """Also one that nobody has seen yet: it counts as plaintext."""
    found = queries.by_name("1h")
    assert 'tls!~"true|opaque"' in found["inbound_plaintext"]
    assert 'tls="opaque"' in found["opaque"]
    assert 'tls="true",client_id=""' in found["unauthenticated"]


def test_what_is_sent_leaves_the_pod() -> None:
    """Without the peer, and with loopback, every proxy would be in it."""
    assert (
        'direction="outbound",peer="dst",tls!="true",no_tls_reason!="loopback"'
        in queries.by_name("1h")["outbound_plaintext"]
    )


def test_namespaces_are_part_of_every_question() -> None:
    """Of all that selects pods; each once, in order. A gateway of another cluster is in none."""
    for name, text in queries.by_name("1h", ["web", "shop", "web"]).items():
        selectors = text.count("{")
        assert text.count('namespace=~"shop|web"') == selectors
        assert selectors or name in {queries.CLOCK, queries.GATEWAYS}


@pytest.mark.parametrize("window", ["", "1", "h", "0h", "1h]", "1h30m", "10000h", "1w", "\uff11h", "1h\n", "-1h"])
def test_a_window_of_another_form_is_refused(window: str) -> None:
    """It stands in the query as it is."""
    with pytest.raises(ValueError, match="window"):
        queries.by_name(window)


@pytest.mark.parametrize("name", ["", "a b", 'a"}', "a|b", ".*", "-a", "a-", "A", "a" * 64, "é", "a\n"])
def test_what_is_no_name_of_a_namespace_is_refused(name: str) -> None:
    """It could select what was not asked for, or nothing."""
    with pytest.raises(ValueError, match="name of a namespace"):
        queries.by_name("1h", ["shop", name])


def test_both_names_of_the_certificates_end_are_asked_for() -> None:
    """Proxies before 2.227.0 have the one without a prefix."""
    assert "(control_)?identity_cert_expiration_timestamp_seconds" in queries.by_name("1h")[queries.CERTIFICATES]
