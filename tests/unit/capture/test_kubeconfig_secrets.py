"""What is secret in a kubeconfig: by its field, by its option's name, or by its looks; and what is not."""

from __future__ import annotations

import base64
import errno
import os
import re
from pathlib import Path

import pytest

from attestor.capture import kubeconfig, kubeconfig_secrets
from attestor.errors import SettingsError

PEM = "-----BEGIN PRIVATE KEY-----\nMC4CAQAwBQYDK2Vw\n-----END PRIVATE KEY-----\n"
RANDOM = "a7K0123456789abcdef"


def of_user(**user: object) -> set[str]:
    return kubeconfig_secrets.values({"users": [{"name": "ada-of-prod", "user": user}]})


def test_secrets_of_a_user() -> None:
    """Its token and password, and its key, also without its base64; neither its name nor its certificate."""
    encoded = base64.b64encode(PEM.encode()).decode()
    found = of_user(**{
        "token": "t", "username": "ada", "password": 12345678, "client-key-data": encoded, "client-key": "/k",
        "client-certificate-data": "Q0VSVA==", "tokenFile": "/t", "as": "root",
    })  # fmt: skip
    assert found == {"t", "12345678", encoded, PEM}


def test_secrets_of_an_auth_provider() -> None:
    """Whatever calls itself one; not the place in an answer, and not the id."""
    config = {"access-token": "a", "refresh-token": "r", "client-secret": "c", "client-id": "i", "token-key": "{.x}"}
    assert of_user(**{"auth-provider": {"name": "oidc", "config": config}}) == {"a", "r", "c"}


@pytest.mark.parametrize(
    ("words", "expected"),
    [
        (["--client-secret", "hunter2"], {"hunter2"}),
        (["--token=hunter2"], {"hunter2"}),
        (["--server-id", RANDOM], {RANDOM}),
        ([RANDOM], {RANDOM}),
        (["--cluster-name", "prod-eu-central-1", "get-token"], set()),
        (["--token-file", "/run/token", "eks", "get-token"], set()),
        (["--token"], set()),
    ],
)
def test_arguments_of_a_login_program(words: list[str], expected: set[str]) -> None:
    """Those that an option calls a secret, and those that look like one."""
    assert of_user(exec={"command": "login", "args": words}) == expected


def test_variables_of_a_login_program() -> None:
    """As with arguments; a profile's name is none."""
    listed = [
        ("CLOUD_SECRET_KEY", "hunter2"),
        ("OTHER", RANDOM),
        ("AWS_PROFILE", "production"),
        ("REGION", "eu-west-1"),
    ]
    env = [{"name": name, "value": value} for name, value in listed]
    assert of_user(exec={"command": "login", "env": env}) == {"hunter2", RANDOM}


@pytest.mark.parametrize("field", ["server", "proxy-url"])
def test_passwords_in_addresses(field: str) -> None:
    """As they stand there, and as they are meant."""
    cluster = {field: "https://ada:hun%2Fter2@example.org:6443"}
    assert kubeconfig_secrets.values({"clusters": [{"cluster": cluster}]}) == {"hun%2Fter2", "hun/ter2"}


def test_named_files_are_read_as_far_as_they_are_there(tmp_path: Path) -> None:
    """A relative path means the kubeconfig's own folder."""
    (tmp_path / "token").write_text("hunter2", encoding="utf-8")
    document = {"users": [{"user": {"tokenFile": "token", "client-key": "/nowhere/key"}}]}
    files = kubeconfig_secrets.files(document, tmp_path)
    assert files == (tmp_path / "token", Path("/nowhere/key"))
    assert [kubeconfig_secrets.content(path) for path in files] == ["hunter2", ""]


@pytest.mark.parametrize("number", [errno.ENOENT, errno.EACCES, errno.EISDIR, errno.ENOTDIR])
def test_what_linkerd_cannot_read_either_holds_nothing(monkeypatch: pytest.MonkeyPatch, number: int) -> None:
    """A file that is not there, or that nobody without more rights may read or even look for."""
    refuse(monkeypatch, number)
    assert kubeconfig_secrets.content(Path("token")) == ""
    assert not kubeconfig_secrets.is_there(Path("token"))


@pytest.mark.parametrize("number", [errno.EMFILE, errno.ENOMEM, errno.EIO])
def test_what_only_this_process_could_not_read_is_an_error(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, number: int
) -> None:
    """Linkerd would read the secret a moment later, and nobody would know it for one."""
    refuse(monkeypatch, number)
    with pytest.raises(OSError, match=re.escape(os.strerror(number))):
        kubeconfig_secrets.content(Path("token"))
    text = b"users: [{name: ada, user: {tokenFile: token}}]\ncurrent-context: c\n"
    text += b"contexts: [{name: c, context: {cluster: m, user: ada}}]\nclusters: [{name: m, cluster: {server: a}}]"
    with pytest.raises(
        SettingsError, match="a file with a credential that the kubeconfig names cannot be read"
    ) as found:
        kubeconfig.load([kubeconfig.Source(name="it", text=text, folder=tmp_path)], "")
    assert os.strerror(number) in found.value.problem


def refuse(monkeypatch: pytest.MonkeyPatch, number: int) -> None:
    def refused(*_: object, **__: object) -> None:
        raise OSError(number, os.strerror(number))

    monkeypatch.setattr(Path, "open", refused)
    monkeypatch.setattr(Path, "is_file", refused)


@pytest.mark.parametrize(
    "document", [None, [], "x", {"users": "x"}, {"users": [1]}, {"users": [{"user": {"exec": 1}}]}]
)
def test_what_is_no_kubeconfig_has_no_secrets(document: object) -> None:
    """It is complained about elsewhere."""
    assert kubeconfig_secrets.values(document) == set()


def test_an_address_that_is_none_has_no_password() -> None:
    """As with a bracket too many."""
    assert kubeconfig_secrets.values({"clusters": [{"cluster": {"server": "https://[::1"}}]}) == set()
