"""Settings are read once, checked, and every complaint about them comes at once."""

from __future__ import annotations

import base64
from collections.abc import Mapping
from pathlib import Path

import pytest

from attestor.errors import AttestorError
from attestor.given import Given, from_value
from attestor.settings import Settings, parse

PEM = b"-----BEGIN PRIVATE KEY-----\nMC4=\n-----END PRIVATE KEY-----\n"
KUBECONFIG = b"apiVersion: v1\nkind: Config\n"
HERE = Path("/here")


def read(given: Mapping[str, str], env: Mapping[str, str] | None = None, here: Path = HERE) -> Settings:
    complaints: list[AttestorError] = []
    settings = parse({"signing-key": "k.pem", **given}, env or {}, here, complaints)
    assert complaints == []
    return settings


def complaints(given: Mapping[str, str], env: Mapping[str, str] | None = None) -> list[str]:
    found: list[AttestorError] = []
    parse({"signing-key": "k.pem", **given}, env or {}, HERE, found)
    return [error.problem for error in found]


def test_the_defaults_are_the_contracts() -> None:
    """Nothing but a key has to be given."""
    found = read({})
    assert (found.cluster, found.context, found.namespaces, found.step) == ("", "", (), "linkerd-mesh-check")
    assert (found.in_cluster, found.allow_replay, found.enforces, found.trace) == (False, False, True, "auto")
    assert (found.timeout, found.wait, found.kubeconfig, found.passphrase) == (1200.0, "", (), None)
    assert (found.working_directory, found.outfile) == (HERE, HERE / "attestation.json")
    assert (found.linkerd_path, found.opa, found.linkerd_extensions, found.pass_environment) == (None, None, (), ())
    assert found.signing_key == Given(name="the signing key", path="k.pem")


def test_the_environment_fills_in_what_no_option_gives() -> None:
    """An option wins over its variable."""
    env = {"LINKERD_CLUSTER_NAME": "prod", "KUBECONFIG": "a::b", "MESH_ATTESTOR_SIGNING_KEY_PASSPHRASE": "horse"}
    found = read({}, env)
    assert found.cluster == "prod"
    assert [source.path for source in found.kubeconfig] == ["a", "b"]
    assert found.passphrase == Given(name="the passphrase", content=b"horse")
    assert found.environment is env
    given = {"cluster-name": "dev", "kubeconfig": "c", "signing-key-passphrase-file": "p"}
    assert read(given, env).cluster == "dev"
    assert [source.path for source in read(given, env).kubeconfig] == ["c"]
    assert read(given, env).passphrase == Given(name="the passphrase file", path="p")


def test_in_cluster_reads_no_kubeconfig_of_the_environment() -> None:
    """The pod's own account was asked for; both at once is a complaint."""
    assert read({"in-cluster": "true"}, {"KUBECONFIG": "a"}).kubeconfig == ()
    assert complaints({"in-cluster": "true", "kubeconfig": "a"}) == ["in-cluster and kubeconfig exclude each other"]


def test_the_signing_key_comes_from_its_variable_where_no_option_names_one() -> None:
    """Neither is a complaint; its content is not shown by the settings."""
    settings = read({"signing-key": ""}, {"MESH_ATTESTOR_SIGNING_KEY": PEM.decode()})
    assert settings.signing_key is not None
    assert settings.signing_key.content == PEM
    assert "MC4=" not in repr(settings)
    assert complaints({"signing-key": ""}) == ["there is no signing key"]


@pytest.mark.parametrize(
    ("value", "content"),
    [
        (PEM, PEM),
        (PEM.replace(b"\n", b"\r\n"), PEM.replace(b"\n", b"\r\n")),
        (base64.b64encode(PEM), PEM),
        (base64.encodebytes(PEM * 3), PEM * 3),
        (base64.b64encode(KUBECONFIG), KUBECONFIG),
        (KUBECONFIG, KUBECONFIG),
    ],
)
def test_a_value_of_the_environment_may_be_the_content(value: bytes, content: bytes) -> None:
    """Plain, or base64 in one line or several."""
    assert from_value("it", value.decode()) == Given(name="it", content=content)


@pytest.mark.parametrize("value", ["key.pem", "/run/secrets/key", "abcd", "YWJj", "ключ", "-", "~/key"])
def test_any_other_value_of_the_environment_is_a_path_that_is_not_shown(value: str) -> None:
    """It was meant to hold a secret, and may be one in a form that is not known here."""
    assert from_value("it", value) == Given(name="it", path=value, quiet=True)


@pytest.mark.parametrize("spelling", ["true", "True", "TRUE"])
def test_yamls_spellings_of_true_are_taken(spelling: str) -> None:
    """The three of the core schema."""
    assert read({"allow-replay": spelling}).allow_replay is True


def test_report_mode_enforces_nothing() -> None:
    """A denial is told and does not fail the job."""
    assert read({"mode": "report"}).enforces is False


def test_paths_are_absolute_and_relative_to_where_they_were_given(tmp_path: Path) -> None:
    """The envelope to the working directory, the rest to the folder of the call."""
    (tmp_path / "real").mkdir()
    (tmp_path / "link").symlink_to("real")
    given = {"working-directory": "link", "outfile": "out/a.json", "opa": "bin/opa", "linkerd-path": "bin/linkerd"}
    found = read(given, here=tmp_path)
    assert found.working_directory == tmp_path / "real"
    assert found.outfile == tmp_path / "real" / "out" / "a.json"
    assert (found.opa, found.linkerd_path) == (tmp_path / "bin" / "opa", tmp_path / "bin" / "linkerd")


def test_an_envelopes_own_link_is_not_followed_but_its_folders_are(tmp_path: Path) -> None:
    """A link of that name is replaced, not written through."""
    (tmp_path / "real").mkdir()
    (tmp_path / "folder").symlink_to("real")
    (tmp_path / "real" / "a.json").symlink_to("/etc/passwd")
    assert read({"outfile": "folder/a.json"}, here=tmp_path).outfile == tmp_path / "real" / "a.json"


def test_an_extension_keeps_the_name_of_its_link(tmp_path: Path) -> None:
    """Linkerd runs it by that name, not by the one of the file behind it."""
    (tmp_path / "viz-2.1").write_bytes(b"")
    (tmp_path / "linkerd-viz").symlink_to("viz-2.1")
    found = read({"linkerd-extensions": "linkerd-viz, /opt/linkerd-smi"}, here=tmp_path)
    assert found.linkerd_extensions == (tmp_path / "linkerd-viz", Path("/opt/linkerd-smi"))


def test_variables_to_pass_are_sorted_and_each_stands_once() -> None:
    """Names only."""
    assert read({"pass-environment": "B, A B"}).pass_environment == ("A", "B")
