"""Without a linkerd that is there, the mesh is asked for its version and that release is installed, by digest."""

from __future__ import annotations

import hashlib
from collections.abc import Iterator
from pathlib import Path

import pytest

from attestor.install import lock, release
from tests import web
from tests.integration.conftest import Attempt, Fake
from tests.integration.test_recordings import predicate
from tests.unit.cluster.conftest import kubeconfig_of
from tests.web import Site, body, document

CONFIG = "/api/v1/namespaces/linkerd/configmaps/linkerd-config"
ENV = {"PATH": "/usr/bin:/bin", "NO_PROXY": "127.0.0.1", "no_proxy": "127.0.0.1"}
TAG = "edge-26.8.3"


@pytest.fixture
def site() -> Iterator[Site]:
    with web.served() as found:
        found.put(CONFIG, document({"data": {"values": f"linkerdVersion: {TAG}\n"}}))
        yield found


@pytest.fixture
def config(site: Site, tmp_path: Path) -> Path:
    path = tmp_path / "kubeconfig"
    path.write_text(kubeconfig_of(site.url, {"token": "t"}), encoding="utf-8")
    return path


@pytest.fixture
def cli(linkerd: Fake) -> bytes:
    """What the mirror serves: a linkerd that replays."""
    return linkerd().read_bytes()


def test_the_meshs_release_is_installed_and_run(
    attempt: Attempt, site: Site, config: Path, tmp_path: Path, cli: bytes
) -> None:
    """The evidence says which one, and that its digest was given."""
    site.put(f"/mirror/{TAG}/{release.file_name(TAG, lock.this_platform())}", body(cli))
    digest = hashlib.sha256(cli).hexdigest()
    options: dict[str, str | Path | None] = {
        "linkerd_url": f"{site.url}/mirror/",
        "linkerd_sha256": digest,
        "kubeconfig": config,
    }
    env = ENV | {"RUNNER_TEMP": str(tmp_path)}
    done = attempt(linkerd_path=None, env=env, **options)  # type: ignore[arg-type]
    assert done.code == 0, done.said
    found = predicate(attempt.tree, "command-run")["capture"]["linkerd"]
    assert (found["sha256"], found["pinned"]) == (digest, True)
    assert found["source"] == f"release {TAG}, digest given as linkerd-sha256"
    assert f"the mesh runs {TAG}" in done.err
    asked = len(site.asked)
    assert attempt(linkerd_path=None, env=env, **options).code == 0  # type: ignore[arg-type]
    assert site.asked[asked:] == [CONFIG]


def test_a_forbidden_question_is_a_capture_that_failed(attempt: Attempt, site: Site, config: Path) -> None:
    """Exit code 3, with the right that is missing and the option that needs none."""
    site.put(CONFIG, document({"message": "configmaps is forbidden"}, status=403))
    done = attempt(linkerd_path=None, kubeconfig=config, env=ENV)
    assert done.code == 3, done.said
    assert "get configmaps/linkerd-config in namespace linkerd" in done.err
    assert "linkerd-version" in done.err
    assert not (attempt.tree / "attestation.json").exists()


def test_a_mesh_out_of_reach_is_one_too(attempt: Attempt, tmp_path: Path) -> None:
    """Also where auto was written out."""
    config = tmp_path / "kubeconfig"
    config.write_text(kubeconfig_of("https://127.0.0.1:1"), encoding="utf-8")
    done = attempt(linkerd_path=None, kubeconfig=config, linkerd_version="auto", env=ENV)
    assert done.code == 3, done.said
    assert "cannot be reached" in done.err


def test_nothing_is_asked_while_a_setting_is_wrong(attempt: Attempt, site: Site, config: Path) -> None:
    """Every complaint at once, and none of them the cluster's."""
    attempt.refused(linkerd_path=None, kubeconfig=config, mode="maybe", env=ENV)
    assert site.asked == []


def test_a_linkerd_that_is_there_must_have_the_digest_that_was_given(attempt: Attempt, cli: bytes) -> None:
    """Then it is pinned; another is refused."""
    digest = hashlib.sha256(cli).hexdigest()
    assert attempt(linkerd_sha256=digest).code == 0
    assert predicate(attempt.tree, "command-run")["capture"]["linkerd"]["pinned"] is True
    (attempt.tree / "attestation.json").unlink()
    attempt.calls.unlink()
    done = attempt(linkerd_sha256="0" * 64)
    assert done.code == 2
    assert "not that of linkerd-sha256" in done.err


@pytest.mark.parametrize(
    ("option", "value"),
    [
        ("linkerd_version", "latest"),
        ("linkerd_version", "../x"),
        ("linkerd_sha256", "abc"),
        ("linkerd_url", "http://m/"),
    ],
)
def test_what_cannot_be_meant_is_refused(attempt: Attempt, option: str, value: str) -> None:
    """Before anything is asked or run."""
    options: dict[str, str | Path | None] = {option: value}
    assert option.replace("_", "-") in attempt.refused(**options)  # type: ignore[arg-type]
