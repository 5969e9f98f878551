"""Everything is tried before the cluster is asked, and every complaint comes at once."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import pytest

from attestor import preflight
from attestor.errors import AttestorError, SettingsError
from attestor.preflight import Prepared
from attestor.settings import Settings
from tests.conftest import RECORDINGS, KeyPair
from tests.unit.preflight.conftest import Ask, problems

REPLAY = RECORDINGS / "healthy" / "linkerd"
CONFIG = """apiVersion: v1
current-context: x
contexts: [{name: x, context: {cluster: c, user: u}}]
clusters: [{name: c, cluster: {server: https://c}}]
users: [{name: u, user: {token: hunter2-token}}]
"""


def prepare(settings: Settings, private: Path, *before: AttestorError) -> Prepared:
    return preflight.prepare(settings, private, bytes, list(before))


def refused(settings: Settings, private: Path, *before: AttestorError) -> list[str]:
    with pytest.raises(SettingsError) as caught:
        prepare(settings, private, *before)
    return problems(caught.value.complaints)


def test_a_good_run_is_prepared(ask: Ask, private: Path, key: KeyPair, opa: Path, tree: Path) -> None:
    """Signer, engine, linkerd, what to leave out, and every secret that must not show up."""
    env = {"CI_TOKEN": "hunter2-token", "HOME": "/root"}
    found = prepare(ask(env, linkerd_path=REPLAY, allow_replay="true", opa=opa, trace="off"), private)
    assert (found.signer.keyid, found.engine.binary) == (key.keyid, opa.resolve())
    assert found.linkerd.replay
    assert found.left.paths[str(key.private.resolve())] == "the signing key, its passphrase or the kubeconfig"
    assert found.left.paths[str(tree / ".git")] == "the git predicate speaks for it"
    assert "hunter2-token" in found.secrets
    assert key.private.read_text(encoding="ascii").splitlines()[1] in found.secrets
    assert list(found.secrets) == sorted(set(found.secrets))
    assert "hunter2" not in repr(found)


def test_a_replay_needs_a_kubeconfig_where_it_is_not_allowed(ask: Ask, private: Path, opa: Path) -> None:
    """And a linkerd that is none needs one also where replays are."""
    assert refused(ask(linkerd_path=REPLAY, opa=opa, trace="off"), private) == ["there is no kubeconfig"]


def test_a_real_linkerd_needs_a_kubeconfig(ask: Ask, private: Path, opa: Path, fake: Callable[..., Path]) -> None:
    """Also where replays are allowed."""
    settings = ask(linkerd_path=fake("echo edge-1"), allow_replay="true", opa=opa, trace="off")
    assert refused(settings, private) == ["there is no kubeconfig"]


def test_the_kubeconfig_is_a_secret_and_left_out(
    ask: Ask, private: Path, opa: Path, tree: Path, fake: Callable[..., Path]
) -> None:
    """Under its own path, though its name says nothing."""
    (tree / "notes.txt").write_text(CONFIG, encoding="utf-8")
    settings = ask(linkerd_path=fake("echo edge-1"), kubeconfig=tree / "notes.txt", opa=opa, trace="off")
    found = prepare(settings, private)
    assert not found.linkerd.replay
    assert str(tree / "notes.txt") in found.left.paths
    assert "hunter2-token" in found.secrets
    assert "hunter2" not in repr(found)


def test_every_complaint_comes_at_once(ask: Ask, private: Path, tmp_path: Path) -> None:
    """Those of before first, then key, kubeconfig, linkerd, folder and opa."""
    settings = ask(
        signing_key=tmp_path / "no.key",
        kubeconfig=tmp_path / "no.config",
        linkerd_path=tmp_path / "no-linkerd",
        outfile="linkerd-check.json",
        opa=tmp_path / "no-opa",
        trace="off",
    )
    found = refused(settings, private, SettingsError("of before"))
    assert len(found) == 6
    for problem, word in zip(
        found, ["of before", "no.key", "no.config", "no-linkerd", "outfile", "no-opa"], strict=True
    ):
        assert word in problem


def test_a_complaint_of_before_is_enough(ask: Ask, private: Path, opa: Path) -> None:
    """A wrong option stops a run that is otherwise well, and linkerd is not asked."""
    settings = ask(linkerd_path=REPLAY, allow_replay="true", opa=opa, trace="off")
    assert refused(settings, private, SettingsError("of before")) == ["of before"]


def test_the_key_is_not_written_over(ask: Ask, private: Path, opa: Path, tree: Path, key: KeyPair) -> None:
    """An envelope of the key's own name would be its end."""
    (tree / "attestation.json").write_bytes(key.private.read_bytes())
    settings = ask(
        signing_key=tree / "attestation.json", linkerd_path=REPLAY, allow_replay="true", opa=opa, trace="off"
    )
    assert refused(settings, private) == [f"{tree / 'attestation.json'} would be overwritten"]
    assert (tree / "attestation.json").exists()
