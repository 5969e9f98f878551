"""The kubeconfig: merged as client-go merges it, cut down to one context, its secrets known."""

from __future__ import annotations

import base64
import json
from pathlib import Path
from typing import Any

import pytest
import yaml

from attestor import limits
from attestor.capture import kubeconfig as capture
from attestor.capture.kubeconfig import Kubeconfig, Source
from attestor.errors import SettingsError

FOLDER = Path("/kube")
CONFIG: dict[str, Any] = {
    "apiVersion": "v1",
    "kind": "Config",
    "current-context": "prod",
    "contexts": [
        {"name": "prod", "context": {"cluster": "c", "user": "u", "namespace": "n"}},
        {"name": "dev", "context": {"cluster": "d", "user": "v"}},
        {"name": "anonymous", "context": {"cluster": "c"}},
    ],
    "clusters": [
        {"name": "c", "cluster": {"server": "https://c.example.org", "certificate-authority": "ca.pem"}},
        {"name": "d", "cluster": {"server": "https://d.example.org", "certificate-authority-data": "QUJD"}},
    ],
    "users": [
        {"name": "u", "user": {"token": "hunter2-token", "client-key": "/abs/key.pem"}},
        {"name": "v", "user": {"client-certificate": "../cert.pem", "tokenFile": "t", "password": "hunter2-password"}},
    ],
}


def source(config: object = CONFIG, folder: Path = FOLDER, name: str = "config") -> Source:
    return Source(name=name, text=yaml.safe_dump(config).encode(), folder=folder)


def load(config: object = CONFIG, context: str = "") -> Kubeconfig:
    return capture.load([source(config)], context)


def with_user(user: object) -> dict[str, Any]:
    return CONFIG | {"users": [{"name": "u", "user": user}]}


def refusal(*sources: Source, context: str = "") -> SettingsError:
    with pytest.raises(SettingsError) as caught:
        capture.load(sources, context)
    return caught.value


def test_the_current_context_is_kept_and_nothing_else() -> None:
    """Linkerd sees one cluster and one user, and the argv needs no --context."""
    found = load()
    assert (found.context, found.server) == ("prod", "https://c.example.org")
    assert yaml.safe_load(found.to_bytes()) == {
        "apiVersion": "v1",
        "kind": "Config",
        "current-context": "prod",
        "contexts": [{"name": "prod", "context": {"cluster": "c", "user": "u", "namespace": "n"}}],
        "clusters": [
            {"name": "c", "cluster": {"server": "https://c.example.org", "certificate-authority": "/kube/ca.pem"}}
        ],
        "users": [{"name": "u", "user": {"token": "hunter2-token", "client-key": "/abs/key.pem"}}],
    }


def test_another_context_is_kept_where_it_is_asked_for() -> None:
    """Relative paths of its user mean the file's own folder."""
    found = load(context="dev")
    assert found.context == "dev"
    user = yaml.safe_load(found.to_bytes())["users"][0]["user"]
    assert (user["client-certificate"], user["tokenFile"]) == ("/cert.pem", "/kube/t")


def test_a_context_without_a_user_has_none() -> None:
    """An API server that asks nobody who they are."""
    assert load(context="anonymous").content["users"] == []


def test_of_several_files_the_first_that_names_an_entry_wins() -> None:
    """Each with paths of its own folder; the first current context counts."""
    first = {"contexts": CONFIG["contexts"][:1], "clusters": [{"name": "c", "cluster": {"server": "https://first"}}]}
    second = CONFIG | {"current-context": "dev"}
    found = capture.load([source(first, Path("/one")), source(second, Path("/two")), source(CONFIG)], "")
    assert found.context == "dev"
    found = capture.load([source(first, Path("/one")), source(second, Path("/two"))], "prod")
    assert found.server == "https://first"
    assert found.content["users"][0]["user"]["token"] == "hunter2-token"


def test_json_is_yaml_too() -> None:
    """Kubectl writes both."""
    found = capture.load([Source(name="x", text=json.dumps(CONFIG).encode(), folder=FOLDER)], "")
    assert found.server == "https://c.example.org"


EXEC = {
    "apiVersion": "client.authentication.k8s.io/v1",
    "command": "./bin/login",
    "args": ["get-token"],
    "env": [{"name": "PROFILE", "value": "prod"}, {"name": "LOGIN_SECRET", "value": "hunter2-exec"}, {"value": "x"}, 7],
}


def test_a_credential_plugin_is_named_with_the_variables_it_wants() -> None:
    """A command with a slash is a path of the file's folder; its secrets are secrets."""
    found = load(with_user({"exec": EXEC}))
    assert (found.exec_command, found.exec_variables) == ("/kube/bin/login", ("PROFILE", "LOGIN_SECRET"))
    assert "hunter2-exec" in found.secrets
    assert "prod" not in found.secrets
    assert load(with_user({"exec": {"command": "aws"}})).exec_command == "aws"
    assert load().exec_command == ""


@pytest.mark.parametrize("plugin", [None, 7, [], "x", {"command": "x", "env": 7}, {"command": "x", "env": {"a": 1}}])
def test_a_credential_plugin_of_another_shape_is_no_crash(plugin: object) -> None:
    """client-go will have its own word about it."""
    assert load(with_user({"exec": plugin})).exec_variables == ()


@pytest.mark.parametrize(
    ("user", "secret"),
    [
        ({"token": "hunter2-x"}, "hunter2-x"),
        ({"token": 12345678}, "12345678"),
        ({"password": "hunter2-x"}, "hunter2-x"),
        ({"client-key-data": base64.b64encode(b"key").decode()}, base64.b64encode(b"key").decode()),
        ({"auth-provider": {"name": "oidc", "config": {"id-token": "hunter2-x"}}}, "hunter2-x"),
        ({"auth-provider": {"config": {"refresh-token": "hunter2-x"}}}, "hunter2-x"),
        ({"auth-provider": {"config": {"client-secret": "hunter2-x"}}}, "hunter2-x"),
    ],
)
def test_a_users_secrets_are_known(user: dict[str, object], secret: str) -> None:
    """As they stand, and in base64."""
    found = load(with_user(user))
    assert secret in found.secrets
    assert base64.b64encode(secret.encode()).decode() in found.secrets


def test_the_files_own_text_is_a_secret_and_common_words_of_it_are_not() -> None:
    """A variable with the whole kubeconfig in it is masked; the name of a cluster or a server is not."""
    found = load()
    assert source().text.decode().strip() in found.secrets
    assert base64.b64encode(source().text).decode() in found.secrets
    assert not {"prod", "c", "https://c.example.org", "kind: Config"} & found.secrets


def test_a_kubeconfig_does_not_show_itself() -> None:
    """Neither its content nor its secrets are in a log line."""
    assert "hunter2" not in repr(load())
    assert "hunter2" not in repr(source())


@pytest.mark.parametrize(
    ("config", "context", "problem"),
    [
        (CONFIG, "typo", "has no context named 'typo', which --context asks for"),
        (CONFIG | {"current-context": "gone"}, "", "has no context named 'gone', which current-context asks for"),
        (CONFIG | {"current-context": ""}, "", "names no context (current-context is empty)"),
        (CONFIG | {"current-context": None}, "", "names no context (current-context is empty)"),
        (CONFIG | {"clusters": []}, "", "has no cluster named 'c', which context prod asks for"),
        (CONFIG | {"users": None}, "", "has no user named 'u', which context prod asks for"),
        (CONFIG | {"contexts": [{"name": "prod", "context": {}}]}, "", "names no cluster (context prod is empty)"),
        (CONFIG | {"contexts": {"prod": {}}}, "", "an entry under contexts that is not one"),
        (CONFIG | {"contexts": 7}, "", "an entry under contexts that is not one"),
        (CONFIG | {"contexts": True}, "", "an entry under contexts that is not one"),
        (CONFIG | {"clusters": ["c"]}, "", "an entry under clusters that is not one"),
        (CONFIG | {"users": [{"name": "u", "user": None}]}, "", "an entry under users that is not one"),
        (CONFIG | {"users": [{"name": "u"}]}, "", "an entry under users that is not one"),
        ([], "", "is not a kubeconfig"),
        ("text", "", "is not a kubeconfig"),
        (None, "", "is not a kubeconfig"),
    ],
)
def test_what_names_no_cluster_is_refused(config: object, context: str, problem: str) -> None:
    """With the name that is missing, and no secret of the file."""
    error = refusal(source(config), context=context)
    assert problem in error.problem
    assert "hunter2" not in "\n".join(error.lines())


def test_the_contexts_that_there_are_are_proposed() -> None:
    """The way out of a typo."""
    assert refusal(source(), context="typo").remedy == ("name one of its contexts with --context: anonymous, dev, prod")


@pytest.mark.parametrize(
    "text",
    [
        b"a: [",
        b"\x80abc",
        b"a: !!python/object/apply:os.system [id]",
        b"a: *missing",
        b"\x00",
        b"a: b: c",
        b"[" * 100_000,
        b"--- {}\n--- {}\n",
    ],
)
def test_what_is_not_one_yaml_document_is_refused(text: bytes) -> None:
    """Cut, of another encoding, with tags that would run code, or without end."""
    error = refusal(Source(name="config", text=text, folder=FOLDER))
    assert error.problem == "the kubeconfig config is not YAML"


def test_a_kubeconfig_beyond_any_size_is_refused() -> None:
    """It is another file."""
    error = refusal(Source(name="config", text=b" " * (limits.KUBECONFIG_BYTES + 1), folder=FOLDER))
    assert "is larger than" in error.problem


def test_a_file_is_read_with_its_folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Also where it was named by a relative path; the file it is, behind links, is what the tree leaves out."""
    (tmp_path / "real").mkdir()
    (tmp_path / "real" / "config").write_bytes(source().text)
    (tmp_path / "config").symlink_to("real/config")
    monkeypatch.chdir(tmp_path)
    read = capture.read_file(Path("config"))
    assert (read.text, read.folder) == (source().text, tmp_path)
    assert capture.load([read], "").files == (tmp_path / "real" / "config",)
    assert load().files == ()


@pytest.mark.parametrize(("name", "reason"), [("missing", "No such file"), (".", "Is a directory")])
def test_a_file_that_cannot_be_read_is_named(tmp_path: Path, name: str, reason: str) -> None:
    """With the reason."""
    with pytest.raises(SettingsError, match=f"cannot be read: {reason}"):
        capture.read_file(tmp_path / name)
