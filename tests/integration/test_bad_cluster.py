"""Which cluster is looked at: never none, never one by accident."""

from __future__ import annotations

from pathlib import Path

import pytest

from tests.integration.conftest import CHECK, Attempt, Fake

POD = {"KUBERNETES_SERVICE_HOST": "10.0.0.1", "KUBERNETES_SERVICE_PORT": "443"}


@pytest.fixture
def live(attempt: Attempt, linkerd: Fake, tmp_path: Path) -> Attempt:
    """A run over a linkerd that is no replay and keeps its environment."""
    attempt.options["linkerd-path"] = linkerd(check=f"env > {tmp_path}/env; {CHECK}", version="echo edge-25.5.2")
    del attempt.options["allow-replay"]
    return attempt


def test_no_kubeconfig_at_all(live: Attempt) -> None:
    """Without a kubeconfig a real linkerd is not run: it would fall back to the home folder or the pod."""
    said = live.refused()
    assert "there is no kubeconfig" in said
    assert "~/.kube/config is not read on its own" in said


def test_a_permitted_replay_that_is_none(live: Attempt) -> None:
    """allow-replay spares the kubeconfig only where linkerd calls itself a replay; nothing but its version is asked."""
    done = live(allow_replay="true")
    assert done.code == 2, done.said
    assert "there is no kubeconfig" in done.err
    assert live.asked() == ["version --client --short"]


def test_in_cluster_outside_a_pod(live: Attempt) -> None:
    """in-cluster on a machine that is no pod is refused."""
    assert "in-cluster is set, and this is not a pod" in live.refused(in_cluster="true")


def test_in_cluster_with_a_kubeconfig(live: Attempt) -> None:
    """Two ways to one cluster are one too many."""
    said = live.refused(in_cluster="true", kubeconfig="/nowhere", env=POD)
    assert "in-cluster and kubeconfig exclude each other" in said


def test_in_cluster(live: Attempt, tmp_path: Path) -> None:
    """In a pod linkerd gets the pod's own variables and no kubeconfig, not even the one of the environment."""
    done = live(in_cluster="true", env=POD | {"KUBECONFIG": "/nowhere"})
    assert done.code == 0, done.said
    handed = (tmp_path / "env").read_text(encoding="utf-8")
    assert "KUBERNETES_SERVICE_HOST=10.0.0.1\n" in handed
    assert "KUBECONFIG" not in handed


def test_a_pod_that_was_not_asked_for(attempt: Attempt, linkerd: Fake, tmp_path: Path) -> None:
    """Without in-cluster linkerd does not learn that it runs in a pod."""
    done = attempt(linkerd_path=linkerd(check=f"env > {tmp_path}/env; {CHECK}"), env=POD)
    assert done.code == 0, done.said
    assert "KUBERNETES" not in (tmp_path / "env").read_text(encoding="utf-8")


def test_two_secrets_on_one_standard_input(live: Attempt) -> None:
    """Standard input is one text: two options that read it are refused."""
    for name in ("kubeconfig", "signing-key-passphrase-file"):
        assert "only one option can read standard input" in live.refused(f"--{name}=-", signing_key="-")
