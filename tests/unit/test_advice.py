"""What a finding usually means and the command that shows it: by linkerd's reason, and safe to paste."""

from __future__ import annotations

import re

import pytest

from attestor import advice
from attestor.policies import catalogue
from attestor.verdict import Violation
from tests.conftest import ROOT
from tests.found import COUNTED, OWN, insecure

REASONS = re.findall(
    r'^\t"([^"]+)",$', (ROOT / "policy/mesh/known_reasons.rego").read_text(encoding="utf-8"), re.MULTILINE
)


def test_every_reason_of_linkerd_has_its_meaning() -> None:
    """The six words of the rule that knows them, and the one that the rule on mTLS writes where there is none."""
    assert set(advice._MEANINGS) == {*REASONS, "none"}
    assert len(REASONS) == 6


@pytest.mark.parametrize("reason", [*REASONS, "none"])
def test_an_insecure_edge_is_explained(reason: str) -> None:
    """The command names its namespace."""
    found = advice.of(insecure("web", "db", reason))
    assert found is not None
    assert found.lines() == [f"usually: {advice._MEANINGS[reason]}", f"shown by: {found.command}"]
    assert " shop" in found.command


def test_a_reason_that_nobody_knows_is_not_explained() -> None:
    """There is only the command."""
    found = advice.of(insecure("web", "db", "sunspots"))
    assert found is not None
    assert (found.meaning, found.lines()) == ("", ["shown by: linkerd viz edges deploy -n shop"])


def test_a_workload_that_calls_itself_a_reason_is_not_one() -> None:
    """Linkerd's word is the last of the sentence."""
    violation = insecure("x, linkerd's reason Loopback", "db", "Not HTTP")
    found = advice.of(violation)
    assert found is not None
    assert found.meaning == advice._MEANINGS["Not HTTP"]


def test_what_sums_up_has_the_command_for_all() -> None:
    """And no meaning of one reason."""
    assert advice.of(COUNTED) == advice.Advice("", "linkerd viz edges deploy -A")


def test_a_rule_of_ones_own_has_no_advice() -> None:
    """Its sentence is all that is known."""
    assert advice.of(OWN) is None


def test_advice_is_given_on_rules_that_there_are() -> None:
    """A rule that is renamed must not lose its advice silently."""
    assert set(advice._COMMANDS) <= catalogue.rules().keys()


@pytest.mark.parametrize("name", ["$(reboot)", "a;b", "-A", "a b", "", "`x`", "a\nb", "A", "a" * 300, "a'"])
def test_a_command_holds_only_names_of_kubernetes(name: str) -> None:
    """Somebody will paste it."""
    about = tuple(sorted({"src": name, "src_namespace": name, "dst": name, "dst_namespace": name}.items()))
    for reason in REASONS:
        message = f"x is not mTLS: client identity none, server identity none, linkerd's reason {reason}"
        found = advice.of(Violation(rule="mesh.edges_mtls", message=message, about=about))
        assert found is not None
        assert found.command == "linkerd viz edges deploy -A"


def of(rule: str, message: str = "x", **about: str) -> advice.Advice:
    found = advice.of(Violation(rule=rule, message=message, about=tuple(sorted(about.items()))))
    assert found is not None
    return found


def test_what_is_usual_is_told_by_rule() -> None:
    """Of a namespace where the finding has one; every rule with a meaning has a command."""
    assert set(advice._USUALLY) <= set(advice._COMMANDS)
    found = of("collection.workloads_covered", namespace="shop", src_namespace="shop", src="web")
    assert found.command == "linkerd viz stat deploy -n shop --unmeshed"
    assert found.lines()[0].startswith("usually: the pods were started before")
    assert of("collection.workloads_covered").command == "linkerd viz stat deploy -A --unmeshed"
    assert of("collection.links_alive", namespace="shop").command == "linkerd multicluster gateways"


def test_an_insecure_edge_between_pods_is_explained_by_its_reason() -> None:
    """And shown as one between pods, as its end may be no Deployment."""
    about = {"src_namespace": "shop", "src": "web", "dst_namespace": "data", "dst": "db"}
    message = "shop/web -> data/db is not mTLS, linkerd's reason Not Provided By Service Discovery"
    found = of("collection.pod_edges_mtls", message, **about)
    assert found == advice.Advice(
        advice._MEANINGS["Not Provided By Service Discovery"], "linkerd viz edges pod -n shop"
    )


@pytest.mark.parametrize("command", sorted(advice._OF_A_NAMESPACE))
def test_a_command_for_all_namespaces_says_so_once(command: str) -> None:
    """So that one can stand in its place."""
    assert command.count(" -A") == 1
