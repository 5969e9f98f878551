"""Kubeconfigs: which one is used, what of it linkerd sees, and what is said about one that cannot be used."""

from __future__ import annotations

import base64
from pathlib import Path
from typing import Any

import pytest
import yaml

from tests.integration.conftest import CHECK, Attempt, Fake

TOKEN = "tok-5c1e77aa90-canary"
Config = dict[str, Any]


def config(name: str = "prod", **user: object) -> Config:
    """Return a kubeconfig with one context, whose cluster and user have its name."""
    return {
        "apiVersion": "v1",
        "kind": "Config",
        "current-context": name,
        "contexts": [{"name": name, "context": {"cluster": name, "user": name}}],
        "clusters": [{"name": name, "cluster": {"server": f"https://{name}.example.org"}}],
        "users": [{"name": name, "user": user or {"token": TOKEN}}],
    }


@pytest.fixture
def write(tmp_path: Path) -> Fake:
    """Write a kubeconfig, or any text, to a file in a folder of its own."""

    def write(content: Config | str, name: str = "config") -> Path:
        path = tmp_path / "kube" / name
        path.parent.mkdir(exist_ok=True)
        path.write_text(content if isinstance(content, str) else yaml.safe_dump(content), encoding="utf-8")
        return path

    return write


@pytest.fixture
def live(attempt: Attempt, linkerd: Fake, tmp_path: Path) -> Attempt:
    """A run over a linkerd that is no replay, so that a kubeconfig is needed; it keeps what it was handed."""
    keep = f'cp "$KUBECONFIG" {tmp_path}/seen 2>&1; stat -c %a "$KUBECONFIG" > {tmp_path}/mode; env > {tmp_path}/env'
    attempt.options["linkerd-path"] = linkerd(check=f"{keep}; {CHECK}", version="echo edge-25.5.2")
    del attempt.options["allow-replay"]
    return attempt


def seen(attempt: Attempt) -> Config:
    """Return the kubeconfig that linkerd was handed."""
    found: Config = yaml.safe_load((attempt.tree.parent / "seen").read_text(encoding="utf-8"))
    return found


def test_only_the_chosen_context_reaches_linkerd(live: Attempt, write: Fake) -> None:
    """A linkerd gets one context with its cluster and user, in a file of mode 600, whatever else the kubeconfig holds."""
    content, other = config(), config("staging", token="tok-of-staging-0001")
    for plural in ("contexts", "clusters", "users"):
        content[plural] += other[plural]
    done = live(kubeconfig=write(content), context="staging")
    assert done.code == 0, done.said
    assert seen(live) == other
    assert (live.tree.parent / "mode").read_text(encoding="utf-8") == "600\n"


def test_standard_input(live: Attempt, write: Fake) -> None:
    """A hyphen reads the kubeconfig from standard input."""
    done = live(kubeconfig="-", stdin=write(config()).read_bytes())
    assert (done.code, seen(live)) == (0, config())


def test_relative_paths_become_absolute(live: Attempt, write: Fake) -> None:
    """A path in a kubeconfig is relative to that file's folder, and linkerd's copy lies elsewhere."""
    content = config(**{"client-certificate": "tls/c.pem", "client-key": "../k.pem", "tokenFile": "/run/token"})
    content["clusters"][0]["cluster"]["certificate-authority"] = "ca.pem"
    path = write(content)
    assert live(kubeconfig=path).code == 0
    found, folder = seen(live), path.parent
    assert found["clusters"][0]["cluster"]["certificate-authority"] == str(folder / "ca.pem")
    assert found["users"][0]["user"] == {
        "client-certificate": str(folder / "tls/c.pem"),
        "client-key": str(folder.parent / "k.pem"),
        "tokenFile": "/run/token",
    }


def test_a_list_of_files_is_merged(live: Attempt, write: Fake) -> None:
    """Of the files of $KUBECONFIG the first that names an entry wins, and one that is not there is left out."""
    first = {"contexts": [{"name": "prod", "context": {"cluster": "prod", "user": "mine"}}]}
    paths = ("/nowhere", write(first, "a"), write(config(), "b"), write(config("mine"), "c"))
    done = live(env={"KUBECONFIG": ":".join(map(str, paths))})
    assert done.code == 0, done.said
    found = seen(live)
    assert found["current-context"] == "prod"
    assert found["contexts"][0]["context"] == {"cluster": "prod", "user": "mine"}
    assert found["clusters"][0]["cluster"]["server"] == "https://prod.example.org"


MISSING = "cannot be read: No such file or directory"


@pytest.mark.parametrize(
    ("path", "reason"),
    [("nowhere", MISSING), ("", "cannot be read: Is a directory"), ("config/below", "cannot be read: Not a directory")],
)
def test_unreadable(live: Attempt, write: Fake, path: str, reason: str) -> None:
    """A file that is not there or cannot be read is named with the system's reason, as option and as variable."""
    place = write(config()).parent / path
    for said in (live.refused(kubeconfig=place), live.refused(env={"KUBECONFIG": f"{place}:{place}"})):
        assert f"the kubeconfig {place} {reason}" in said
        assert "there is no kubeconfig" not in said


WRONG = {
    "empty": ("", "is not a kubeconfig"),
    "only text": ("the kubeconfig is in the safe", "is not a kubeconfig"),
    "a list": ("- a\n- b\n", "is not a kubeconfig"),
    "not YAML": ("clusters: [\n", "is not YAML"),
    "not text": ("a: \x00\x01", "is not YAML"),
    "tabs": ("clusters:\n\t- name: a\n", "is not YAML"),
    "a tag of Python": ("!!python/object/apply:os.system ['true']", "is not YAML"),
    "no list of contexts": ("contexts: 5\n", "has an entry under contexts that is not one"),
    "a context that is none": ("contexts: [prod]\n", "has an entry under contexts that is not one"),
    "no contexts": (
        "apiVersion: v1\ncurrent-context: prod\n",
        "no context named 'prod', which current-context asks for",
    ),
    "no current context": (
        yaml.safe_dump(config() | {"current-context": ""}),
        "names no context (current-context is empty)",
    ),
    "no cluster": (yaml.safe_dump(config() | {"clusters": []}), "no cluster named 'prod', which context prod asks for"),
    "no user": (yaml.safe_dump(config() | {"users": []}), "no user named 'prod', which context prod asks for"),
}


@pytest.mark.parametrize("what", sorted(WRONG))
def test_what_is_no_kubeconfig_is_refused_by_what_it_is(live: Attempt, write: Fake, what: str) -> None:
    """What is wrong with a kubeconfig is said before anything is run."""
    content, reason = WRONG[what]
    said = live.refused(kubeconfig=write(content))
    assert reason in said
    assert TOKEN not in said


def test_an_unknown_context(live: Attempt, write: Fake) -> None:
    """A context that the file does not have is refused together with those that it has."""
    said = live.refused(kubeconfig=write(config()), context="production")
    assert "has no context named 'production', which --context asks for" in said
    assert "name one of its contexts with --context: prod" in said


@pytest.mark.parametrize("command", ["absent-login-plugin", "./bin/absent-login-plugin"])
def test_an_absent_login_plugin(live: Attempt, write: Fake, command: str) -> None:
    """A plugin that is not installed here is named before linkerd fails over it."""
    said = live.refused(kubeconfig=write(config(exec={"command": command, "args": ["get-token"]})))
    assert "to log in, and there is no such program here" in said
    assert "absent-login-plugin" in said


def test_the_variables_that_a_login_plugin_names_reach_it(live: Attempt, write: Fake) -> None:
    """What the kubeconfig's exec entry names is passed on, beside nothing else."""
    plugin = {"command": "true", "env": [{"name": "CLOUD_PROFILE", "value": "ci"}]}
    done = live(kubeconfig=write(config(exec=plugin)), env={"CLOUD_PROFILE": "ci", "CLOUD_OTHER": "no"})
    assert done.code == 0, done.said
    handed = (live.tree.parent / "env").read_text(encoding="utf-8")
    assert "CLOUD_PROFILE=ci\n" in handed
    assert "CLOUD_OTHER" not in handed


@pytest.mark.parametrize("form", ["plain", "base64"])
def test_a_kubeconfig_in_the_variable_of_paths_is_not_repeated(live: Attempt, write: Fake, form: str) -> None:
    """$KUBECONFIG holds paths; a kubeconfig in their place is refused without one line of it."""
    content = write(config()).read_bytes()
    value = content.decode() if form == "plain" else base64.b64encode(content).decode()
    said = live.refused(env={"KUBECONFIG": value})
    assert "$KUBECONFIG holds a kubeconfig itself" in said
    assert not any(part in said for part in (TOKEN, "example.org", value[:20], value[-20:]))
