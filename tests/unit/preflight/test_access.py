"""The two secrets of a run are read and tried, and known by every form that they may turn up in."""

from __future__ import annotations

import base64
from dataclasses import replace
from pathlib import Path

import pytest

from attestor import signing
from attestor.errors import AttestorError
from attestor.preflight import access
from attestor.preflight.access import Key
from attestor.settings import Settings
from tests.conftest import KeyPair
from tests.unit.preflight.conftest import Ask, problems

CONFIG = b"""apiVersion: v1
kind: Config
current-context: x
contexts: [{name: x, context: {cluster: c, user: u}}]
clusters: [{name: c, cluster: {server: https://c, certificate-authority: ca.pem}}]
users: [{name: u, user: {token: hunter2-token}}]
"""


def no_stdin() -> bytes:
    pytest.fail("standard input was read")


def load(settings: Settings, stdin: bytes | None = None) -> Key:
    complaints: list[AttestorError] = []
    found = access.signing_key(settings, (lambda: stdin) if stdin is not None else no_stdin, complaints)
    assert complaints == []
    assert found is not None
    return found


def refused(settings: Settings) -> AttestorError:
    complaints: list[AttestorError] = []
    assert access.signing_key(settings, no_stdin, complaints) is None
    (complaint,) = complaints
    return complaint


def test_a_key_from_a_file_is_tried_and_the_file_is_known(ask: Ask, key: KeyPair) -> None:
    """Its text and its base64 are secrets from here on."""
    found = load(ask())
    pem = key.private.read_bytes()
    assert (found.signer.keyid, found.files) == (key.keyid, (key.private.resolve(),))
    assert {pem.decode().strip(), base64.b64encode(pem).decode()} <= found.secrets
    assert pem.decode().splitlines()[1] not in repr(found)


def test_a_key_from_standard_input_is_no_file(ask: Ask, key: KeyPair) -> None:
    """It is read once."""
    found = load(ask(signing_key="-"), key.private.read_bytes())
    assert (found.signer.keyid, found.files) == (key.keyid, ())


@pytest.mark.parametrize("form", ["plain", "base64", "path"])
def test_a_key_from_its_variable(ask: Ask, key: KeyPair, form: str) -> None:
    """Its content, plain or base64, or the path of it."""
    pem = key.private.read_bytes()
    value = {"plain": pem.decode(), "base64": base64.b64encode(pem).decode(), "path": str(key.private)}[form]
    found = load(ask({"MESH_ATTESTOR_SIGNING_KEY": value}, signing_key=""))
    assert found.signer.keyid == key.keyid
    assert found.files == ((key.private.resolve(),) if form == "path" else ())


@pytest.mark.parametrize("ending", [b"", b"\n", b"\r\n", b"\nmore\n"])
@pytest.mark.parametrize("source", ["file", "variable"])
def test_the_passphrase_is_the_first_line(ask: Ask, tmp_path: Path, source: str, ending: bytes) -> None:
    """Of a file or of a variable; it is a secret, and its file is left out of the tree."""
    pem, signer = signing.generate(b"correct horse")
    (tmp_path / "locked.key").write_bytes(pem)
    (tmp_path / "passphrase").write_bytes(b"correct horse" + ending)
    if source == "file":
        settings = ask(signing_key=tmp_path / "locked.key", signing_key_passphrase_file=tmp_path / "passphrase")
    else:
        env = {"MESH_ATTESTOR_SIGNING_KEY_PASSPHRASE": "correct horse" + ending.decode()}
        settings = ask(env, signing_key=tmp_path / "locked.key")
    found = load(settings)
    assert found.signer.keyid == signer.keyid
    assert "correct horse" in found.secrets
    assert (tmp_path / "passphrase" in found.files) == (source == "file")


@pytest.mark.parametrize(("name", "reason"), [("missing", "No such file"), (".", "Is a directory")])
def test_a_key_file_that_cannot_be_read_is_named(ask: Ask, tmp_path: Path, name: str, reason: str) -> None:
    """With its path, which was given on the command line."""
    complaint = refused(ask(signing_key=tmp_path / name))
    assert complaint.problem.startswith(f"the signing key {tmp_path / name} cannot be read: {reason}")


def test_a_variable_that_is_no_key_and_no_path_is_not_shown(ask: Ask) -> None:
    """It may be a key in a form that nobody here knows."""
    complaint = refused(ask({"MESH_ATTESTOR_SIGNING_KEY": "hunter2-hex-of-some-key"}, signing_key=""))
    assert complaint.problem == "the signing key ($MESH_ATTESTOR_SIGNING_KEY) cannot be read: No such file or directory"
    assert "hunter2" not in "\n".join(complaint.lines())


def test_a_key_beyond_any_size_is_refused(ask: Ask, tmp_path: Path) -> None:
    """It is another file; a device without end is not read to its end."""
    (tmp_path / "big").write_bytes(b"x" * (1024 * 1024 + 1))
    assert "is larger than" in refused(ask(signing_key=tmp_path / "big")).problem
    assert "is larger than" in refused(ask(signing_key="/dev/zero")).problem


def test_without_a_key_there_is_nothing_to_say_here(ask: Ask) -> None:
    """The settings have complained already."""
    complaints: list[AttestorError] = []
    assert access.signing_key(replace(ask(), signing_key=None), no_stdin, complaints) is None
    assert complaints == []


def test_a_kubeconfig_from_a_file_means_its_own_folder(ask: Ask, tmp_path: Path) -> None:
    """And the file is left out of the tree."""
    (tmp_path / "config").write_bytes(CONFIG)
    complaints: list[AttestorError] = []
    found = access.kubeconfig(ask(kubeconfig=tmp_path / "config"), no_stdin, complaints)
    assert complaints == []
    assert found is not None
    assert found.files == (tmp_path / "config",)
    assert found.content["clusters"][0]["cluster"]["certificate-authority"] == str(tmp_path / "ca.pem")
    assert "hunter2-token" in found.secrets


def test_a_kubeconfig_from_standard_input_means_the_tree(ask: Ask, tree: Path) -> None:
    """There is no other folder that its paths could mean."""
    found = access.kubeconfig(ask(kubeconfig="-"), lambda: CONFIG, [])
    assert found is not None
    assert found.files == ()
    assert found.content["clusters"][0]["cluster"]["certificate-authority"] == str(tree / "ca.pem")


def test_several_kubeconfigs_of_the_variable_are_merged(ask: Ask, tmp_path: Path) -> None:
    """Those that are not there are passed over as kubectl does, unless none is there."""
    (tmp_path / "one").write_bytes(CONFIG)
    (tmp_path / "two").write_bytes(CONFIG.replace(b"current-context: x", b"current-context: y"))
    listed = f"{tmp_path / 'missing'}:{tmp_path / 'one'}:{tmp_path / 'two'}"
    found = access.kubeconfig(ask({"KUBECONFIG": listed}), no_stdin, [])
    assert found is not None
    assert (found.context, found.files) == ("x", (tmp_path / "one", tmp_path / "two"))
    complaints: list[AttestorError] = []
    assert access.kubeconfig(ask({"KUBECONFIG": str(tmp_path / "missing")}), no_stdin, complaints) is None
    assert "cannot be read: No such file" in problems(complaints)[0]


def test_without_a_kubeconfig_there_is_none(ask: Ask) -> None:
    """Whether that will do is said elsewhere."""
    complaints: list[AttestorError] = []
    assert access.kubeconfig(ask(), no_stdin, complaints) is None
    assert complaints == []


def test_a_context_that_is_not_there_is_a_complaint(ask: Ask, tmp_path: Path) -> None:
    """With the ones that are."""
    (tmp_path / "config").write_bytes(CONFIG)
    complaints: list[AttestorError] = []
    assert access.kubeconfig(ask(kubeconfig=tmp_path / "config", context="typo"), no_stdin, complaints) is None
    assert complaints[0].remedy.endswith("with --context: x")


def test_a_kubeconfig_in_the_variable_itself_is_not_echoed(ask: Ask) -> None:
    """The variable holds paths; with colons in it, a kubeconfig looks like several."""
    complaints: list[AttestorError] = []
    assert access.kubeconfig(ask({"KUBECONFIG": CONFIG.decode()}), no_stdin, complaints) is None
    said = "\n".join(complaints[0].lines())
    assert said.startswith("$KUBECONFIG holds a kubeconfig itself")
    assert "hunter2" not in said


def test_a_kubeconfig_of_the_list_that_cannot_be_read_is_a_complaint(ask: Ask, tmp_path: Path) -> None:
    """Only one that is not there is passed over."""
    (tmp_path / "one").write_bytes(CONFIG)
    complaints: list[AttestorError] = []
    assert access.kubeconfig(ask({"KUBECONFIG": f"{tmp_path / 'one'}:{tmp_path}"}), no_stdin, complaints) is None
    assert "Is a directory" in problems(complaints)[0]
