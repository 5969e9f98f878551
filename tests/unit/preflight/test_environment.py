"""linkerd sees the variables that the contract lists, and no others."""

from __future__ import annotations

import os
from collections.abc import Callable, Mapping
from dataclasses import replace
from pathlib import Path

import pytest
import yaml

from attestor.capture.kubeconfig import Kubeconfig
from attestor.settings import Settings
from tests.unit.preflight.test_tools import CONFIG, gather


def environment(settings: Settings, private: Path, config: Kubeconfig | None = None) -> Mapping[str, str]:
    toolbox, complaints = gather(settings, private, config)
    assert complaints == []
    return toolbox.surroundings.environment


OUTER = {
    "LANG": "C.UTF-8",
    "SSL_CERT_FILE": "/ca",
    "HTTPS_PROXY": "http://proxy",
    "https_proxy": "http://proxy",
    "no_proxy": "localhost",
    "KUBECONFIG": "/elsewhere",
    "HOME": "/root",
    "AWS_PROFILE": "prod",
    "MESH_ATTESTOR_SIGNING_KEY": "hunter2",
    "INPUT_TOKEN": "hunter2",
    "ACTIONS_RUNTIME_TOKEN": "hunter2",
    "KUBERNETES_SERVICE_HOST": "10.0.0.1",
    "KUBERNETES_SERVICE_PORT": "443",
    "LD_PRELOAD": "/evil.so",
    "TERM": "xterm",
}


def test_linkerd_sees_the_contracts_variables_and_no_others(named: Callable[..., Settings], private: Path) -> None:
    """Private folders for its home and its drafts; neither a key nor a token of the job."""
    found = environment(named(OUTER, in_cluster="true", cluster_name="prod"), private)
    path = found["PATH"].split(os.pathsep)
    assert path[0] == str(private / "bin")
    assert {name: value for name, value in found.items() if name != "PATH"} == {
        "LANG": "C.UTF-8",
        "SSL_CERT_FILE": "/ca",
        "HTTPS_PROXY": "http://proxy",
        "https_proxy": "http://proxy",
        "no_proxy": "localhost",
        "HOME": str(private / "home"),
        "TMPDIR": str(private / "tmp"),
        "LINKERD_CLUSTER_NAME": "prod",
        "KUBERNETES_SERVICE_HOST": "10.0.0.1",
        "KUBERNETES_SERVICE_PORT": "443",
    }
    assert {(private / name).stat().st_mode & 0o777 for name in ("home", "tmp")} == {0o700}


def test_the_pods_own_account_is_not_used_unasked(named: Callable[..., Settings], private: Path) -> None:
    """Without in-cluster, linkerd does not learn that this is a pod."""
    found = environment(named(OUTER), private)
    assert not [name for name in found if name.startswith("KUBERNETES_")]
    assert "LINKERD_CLUSTER_NAME" not in found


def test_the_kubeconfig_is_handed_over_in_a_private_file(named: Callable[..., Settings], private: Path) -> None:
    """Cut down to the one context; the variables that its plugin wants are passed."""
    config = replace(CONFIG, exec_command="sh", exec_variables=("AWS_PROFILE", "MESH_ATTESTOR_SIGNING_KEY"))
    found = environment(named(OUTER), private, config)
    assert found["KUBECONFIG"] == str(private / "kubeconfig")
    assert found["AWS_PROFILE"] == "prod"
    assert "MESH_ATTESTOR_SIGNING_KEY" not in found
    assert (private / "kubeconfig").stat().st_mode & 0o777 == 0o600
    assert yaml.safe_load((private / "kubeconfig").read_bytes()) == {"kind": "Config"}


def test_further_variables_are_passed_by_name(named: Callable[..., Settings], private: Path) -> None:
    """Those that are there, and never over what is fixed."""
    found = environment(named(OUTER, pass_environment="AWS_PROFILE,NOT_THERE,HOME,PATH,KUBECONFIG"), private)
    assert found["AWS_PROFILE"] == "prod"
    assert found["HOME"] == str(private / "home")
    assert "NOT_THERE" not in found
    assert "KUBECONFIG" not in found


@pytest.mark.parametrize("name", ["MESH_ATTESTOR_SIGNING_KEY", "INPUT_TOKEN", "ACTIONS_RUNTIME_TOKEN"])
def test_the_jobs_own_secrets_may_not_be_passed(named: Callable[..., Settings], private: Path, name: str) -> None:
    """Not even when they are asked for."""
    toolbox, complaints = gather(named(OUTER, pass_environment=name), private)
    assert complaints == [f"pass-environment may not name {name}"]
    assert name not in toolbox.surroundings.environment
